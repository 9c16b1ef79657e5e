"""The swap's page in a real browser: the star, zoom and pan, views, keys, swipes and what hangs beside it."""

from __future__ import annotations

import gzip
import re
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from tests.portraits import own_portraits
from tests.running import Site

pytestmark = pytest.mark.usefixtures("faults")
KeepLooks = Callable[[str], None]

# One swap that the site made, as the first of three versions of the pair.
VERSIONS = """
from swaps.models import Swap, User
ada = User.objects.get(username="ada")
made = Swap.objects.latest("created_at")
Swap.objects.filter(pk=made.pk).update(title="Light table: first", maker=ada)
same = dict(team=made.team, maker=ada, provider="local", status="succeeded")
same |= dict(source=made.source, target=made.target, result=made.result)
answer = [str(made.pk)]
for name in ("second", "third"):
    answer.append(str(Swap.objects.create(title=f"Light table: {name}", **same).pk))
"""


@pytest.fixture(scope="module")
def versions(site: Site, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The ids of three results of one pair, the oldest first."""
    folder = tmp_path_factory.mktemp("pair")
    source, target = own_portraits(folder, "light table")
    site.manage("swap", str(source), str(target), "-o", str(folder / "result.jpg"))
    ids: list[str] = site.shell(VERSIONS)
    return ids


@pytest.fixture
def swap_page(page: Page, versions: list[str]) -> Page:
    """The page of the middle one, with the filter that finds all three."""
    page.goto(f"/swaps/{versions[1]}/?q=light+table")
    return page


def transforms(page: Page) -> list[str]:
    """How each picture is moved and enlarged."""
    found: list[str] = page.locator("zoom-stage figure img:not(.full)").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).transform)"
    )
    return found


def seen(page: Page) -> dict[str, float]:
    """What the stage shows: zoom, x and y."""
    found: dict[str, float] = page.locator("zoom-stage").evaluate(
        "({ zoom, x, y }) => ({ zoom, x, y })"
    )
    return found


def box_of(page: Page, selector: str) -> dict[str, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return dict(box)  # type: ignore[arg-type]


def point(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place on the picture, given in shares of it."""
    box = box_of(page, "figure.after")
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def zoom_in(page: Page, *, steps: int = 3) -> None:
    for _ in range(steps):
        page.keyboard.press("+")
    expect(page.locator("zoom-stage")).to_have_attribute("data-zoomed", "")
    # The glide is over once the pictures are where they belong.
    page.wait_for_function(
        """() => { const s = document.querySelector("zoom-stage");
        return [...s.querySelectorAll("figure img:not(.full)")].every((one) =>
          Math.abs(new DOMMatrix(getComputedStyle(one).transform).a - s.zoom) < 0.01) }"""
    )


def test_the_star_is_lit_by_a_click_and_by_its_key(swap_page: Page) -> None:
    star = swap_page.get_by_role("button", name="Favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    swap_page.keyboard.press("f")
    expect(star).to_have_attribute("aria-pressed", "false")
    swap_page.reload()
    expect(star).to_have_attribute("aria-pressed", "false")


def test_the_wheel_zooms_at_the_pointer_and_into_both_pictures_alike(
    swap_page: Page, keep_looks: KeepLooks
) -> None:
    swap_page.mouse.move(*point(swap_page, 0.25, 0.5))
    swap_page.mouse.wheel(0, -500)
    now = seen(swap_page)
    assert now["zoom"] == pytest.approx(2.718, abs=0.01)
    # What was under the pointer still is: (0.25 - x) / zoom is where that is in the picture.
    assert (0.25 - now["x"]) / now["zoom"] == pytest.approx(0.25, abs=0.01)
    before, after = transforms(swap_page)
    assert before == after != "none"
    expect(swap_page.locator("figure .full")).to_have_count(2)
    expect(swap_page.locator("figure .full").first).to_have_attribute("src", re.compile("/full$"))
    keep_looks("swap-zoomed")


@pytest.mark.parametrize("view", ["view-slider", "view-side", "view-difference"])
def test_both_pictures_show_the_same_place_in_every_view(swap_page: Page, view: str) -> None:
    swap_page.locator(f"#{view}").check(force=True)
    zoom_in(swap_page)
    swap_page.mouse.move(*point(swap_page, 0.8, 0.3))
    swap_page.mouse.down()
    swap_page.mouse.move(*point(swap_page, 0.6, 0.2), steps=4)
    swap_page.mouse.up()
    now = seen(swap_page)
    assert now["x"] == pytest.approx((1 - now["zoom"]) / 2 - 0.2, abs=0.01)
    assert now["y"] == pytest.approx((1 - now["zoom"]) / 2 - 0.1, abs=0.01)
    before, after = transforms(swap_page)
    assert before == after != "none"


def test_the_picture_never_leaves_the_stage(swap_page: Page) -> None:
    zoom_in(swap_page)
    swap_page.locator(".table").focus()
    for _ in range(40):
        swap_page.keyboard.press("ArrowRight")
        swap_page.keyboard.press("ArrowDown")
    now = seen(swap_page)
    assert now["x"] == now["y"] == pytest.approx(1 - now["zoom"])
    swap_page.keyboard.press("0")
    assert seen(swap_page) == {"zoom": 1, "x": 0, "y": 0}


def test_the_line_still_moves_by_its_handle_while_zoomed(swap_page: Page) -> None:
    zoom_in(swap_page)
    still = seen(swap_page)
    swap_page.mouse.move(*point(swap_page, 0.5, 0.5))
    swap_page.mouse.down()
    swap_page.mouse.move(*point(swap_page, 0.3, 0.5), steps=4)
    swap_page.mouse.up()
    slider = swap_page.get_by_label("Compare before and after")
    expect(slider).to_have_attribute("aria-valuetext", "30 % before, 70 % after")
    assert seen(swap_page) == still


def test_a_double_click_goes_to_real_pixels_and_back_and_leaves_the_line(swap_page: Page) -> None:
    label = swap_page.locator(".percent")
    fit = label.inner_text()
    assert fit != "100 %"
    swap_page.mouse.dblclick(*point(swap_page, 0.3, 0.3))
    expect(label).to_have_text("100 %")
    slider = swap_page.get_by_label("Compare before and after")
    expect(slider).to_have_attribute("aria-valuetext", "50 % before, 50 % after")
    swap_page.mouse.dblclick(*point(swap_page, 0.7, 0.3))
    expect(label).to_have_text(fit)


def test_the_buttons_zoom_and_the_percentage_is_said_once(swap_page: Page) -> None:
    said = swap_page.locator("#announcer")
    for _ in range(2):
        swap_page.get_by_role("button", name="Zoom in").click()
    expect(said).to_have_text(f"Zoom {swap_page.locator('.percent').inner_text()}")
    swap_page.get_by_role("button", name="Zoom out").click()
    assert seen(swap_page)["zoom"] == pytest.approx(1.5)
    swap_page.get_by_role("button", name="Fit").click()
    expect(said).to_have_text("The whole picture")


def test_the_wheel_scrolls_the_page_where_there_is_nothing_to_zoom_out_of(swap_page: Page) -> None:
    swap_page.mouse.move(*point(swap_page, 0.5, 0.5))
    swap_page.mouse.wheel(0, 200)
    swap_page.wait_for_function("() => scrollY > 0")
    assert seen(swap_page)["zoom"] == 1


def test_the_difference_is_black_where_the_pictures_are_the_same(
    swap_page: Page, versions: list[str], keep_looks: KeepLooks
) -> None:
    """Against another version, which has the very same pixels, there is no difference at all."""
    swap_page.goto(f"/swaps/{versions[1]}/?beside={versions[0]}")
    swap_page.keyboard.press("3")
    assert brightest(swap_page) == 0
    swap_page.goto(f"/swaps/{versions[1]}/")
    swap_page.keyboard.press("3")
    expect(swap_page.get_by_text("four times as bright")).to_be_visible()
    assert brightest(swap_page) > 100
    keep_looks("swap-difference")


def brightest(page: Page) -> int:
    """The brightest value on the picture as it is seen, away from its rounded corners."""
    page.wait_for_function(
        "() => [...document.querySelectorAll('figure img')].every((one) => one.complete && one.naturalWidth)"
    )
    box = box_of(page, "before-after")
    clip = {
        "x": box["x"] + 20, "y": box["y"] + 20, "width": box["width"] - 40, "height": box["height"] - 40,
    }  # fmt: skip
    shot = page.screenshot(clip=clip)  # type: ignore[arg-type]
    with Image.open(BytesIO(shot)) as image:
        return max(most for _, most in image.convert("RGB").getextrema())  # type: ignore[misc]


def test_the_view_is_remembered_from_swap_to_swap(swap_page: Page) -> None:
    swap_page.keyboard.press("2")
    expect(swap_page.locator("#view-side")).to_be_checked()
    swap_page.keyboard.press("j")
    swap_page.wait_for_load_state()
    expect(swap_page.get_by_label("Title")).to_have_value("Light table: first")
    expect(swap_page.locator("#view-side")).to_be_checked()


def test_the_difference_is_not_remembered_as_a_new_result_would_be_black(swap_page: Page) -> None:
    swap_page.keyboard.press("2")
    swap_page.keyboard.press("3")
    swap_page.keyboard.press("j")
    swap_page.wait_for_load_state()
    expect(swap_page.get_by_label("Title")).to_have_value("Light table: first")
    expect(swap_page.locator("#view-side")).to_be_checked()


def test_keys_lead_to_the_neighbours_within_the_filter(swap_page: Page) -> None:
    title = swap_page.get_by_label("Title")
    for key, reached in (
        ("j", "first"), ("k", "second"), ("ArrowLeft", "third"), ("ArrowRight", "second"),
    ):  # fmt: skip
        swap_page.keyboard.press(key)
        expect(title).to_have_value(f"Light table: {reached}")
        assert swap_page.url.endswith("/?q=light+table")
    swap_page.keyboard.press("b")
    swap_page.wait_for_url("**/?q=light+table")
    expect(swap_page.get_by_role("heading", name="Gallery")).to_be_attached()


def test_arrows_belong_to_the_line_and_to_the_title_while_these_have_the_focus(
    swap_page: Page,
) -> None:
    address = swap_page.url
    slider = swap_page.get_by_label("Compare before and after")
    slider.press("ArrowRight")
    expect(slider).to_have_value("51")
    swap_page.get_by_label("Title").press("ArrowLeft")
    swap_page.get_by_label("Title").press("j")
    assert swap_page.url == address


def test_the_keys_of_the_page_are_listed(swap_page: Page, keep_looks: KeepLooks) -> None:
    swap_page.keyboard.press("?")
    listed = swap_page.get_by_role("dialog", name="Keys")
    for words in ("Next swap", "Slider, side by side, difference", "Favourite", "Download"):
        expect(listed).to_contain_text(words)
    keep_looks("swap-keys")


def test_d_downloads(swap_page: Page) -> None:
    with swap_page.expect_download() as started:
        swap_page.keyboard.press("d")
    assert started.value.suggested_filename.startswith("light-table-second-")


def test_delete_puts_into_the_trash(page: Page, site: Site, versions: list[str]) -> None:
    gone = site.shell(
        "from swaps.models import Swap\n"
        f"one = Swap.objects.get(pk='{versions[0]}')\n"
        "answer = str(Swap.objects.create(team=one.team, maker=one.maker, provider='local', "
        "status='canceled', title='Not for long').pk)"
    )
    page.goto(f"/swaps/{gone}/")
    page.keyboard.press("#")
    page.wait_for_url("**/")
    expect(page.get_by_role("heading", name="Gallery")).to_be_attached()
    assert page.request.get(f"/swaps/{gone}/").status == 404


def test_another_version_is_laid_beside_and_taken_away(
    swap_page: Page, keep_looks: KeepLooks
) -> None:
    strip = swap_page.get_by_role("region", name="Versions of this pair")
    expect(strip.get_by_role("listitem")).to_have_count(3)
    expect(strip.locator("[aria-current=page]")).to_contain_text("This one")
    strip.get_by_role("link", name="Lay it beside this result").first.click()
    expect(swap_page.locator("#view-side")).to_be_checked()
    expect(swap_page.locator("figure.before")).to_contain_text("Light table: third")
    keep_looks("swap-beside")
    strip.get_by_role("link", name="Take it away").click()
    expect(swap_page.locator("figure.before")).to_contain_text("Before")
    assert swap_page.url.endswith("/?q=light+table")


def test_a_button_let_go_elsewhere_holds_nothing(swap_page: Page) -> None:
    swap_page.locator("#view-side").check(force=True)
    swap_page.mouse.move(*point(swap_page, 0.5, 0.5))
    swap_page.mouse.down()
    swap_page.mouse.move(5, 300)
    swap_page.mouse.up()
    zoom_in(swap_page)
    still = seen(swap_page)
    swap_page.mouse.move(*point(swap_page, 0.3, 0.3))
    swap_page.mouse.move(*point(swap_page, 0.7, 0.7))
    assert seen(swap_page) == still


def test_without_script_there_are_two_views_and_plain_links(
    browser: Browser, browser_context_args: dict[str, Any], versions: list[str]
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/swaps/{versions[1]}/?q=light+table")
    expect(page.get_by_text("Slider", exact=True)).to_be_hidden()
    expect(page.get_by_role("button", name="Zoom in")).to_be_hidden()
    for side in ("before", "after"):
        expect(page.locator(f"figure.{side} img")).to_be_visible()
    page.get_by_text("Difference", exact=True).click()
    expect(page.get_by_text("four times as bright")).to_be_visible()
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Favourite").click()
    page.get_by_role("link", name="Next swap").click()
    page.wait_for_url(f"**/swaps/{versions[0]}/?q=light+table")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_use_every_view(
    swap_page: Page, scheme: Literal["light", "dark"], versions: list[str]
) -> None:
    swap_page.emulate_media(color_scheme=scheme)
    for query in ("", f"?beside={versions[0]}"):
        swap_page.goto(f"/swaps/{versions[1]}/{query}")
        for key in "123":
            swap_page.keyboard.press(key)
            found = Axe().run(swap_page)
            assert found.violations_count == 0, found.generate_report()


def test_styles_and_scripts_stay_light(page: Page, versions: list[str]) -> None:
    """In bytes as a server sends them, compressed."""
    weights: dict[str, int] = {}

    def weigh(response: Response) -> None:
        if response.request.resource_type in {"stylesheet", "script"}:
            weights[response.url] = len(gzip.compress(response.body()))

    page.on("response", weigh)
    page.goto(f"/swaps/{versions[1]}/", wait_until="networkidle")
    assert len(weights) > 10
    assert sum(weights.values()) < 45_000, weights


# --- On a touch screen ---------------------------------------------------------------------------


@pytest.fixture
def phone(
    browser: Browser, browser_context_args: dict[str, Any], versions: list[str]
) -> Iterator[Page]:
    context = browser.new_context(
        **{**browser_context_args, "viewport": {"width": 390, "height": 844}},
        has_touch=True,
        is_mobile=True,
    )
    page = context.new_page()
    page.goto(f"/swaps/{versions[1]}/?q=light+table")
    yield page
    context.close()


class Fingers:
    """Fingers on the screen. Their clock is their own, so that a slow machine makes no slow gesture."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)
        self.now = time.time()

    def do(self, kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(places)]
        self.now += 0.02
        self.session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": points, "timestamp": self.now},
        )


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """One finger, from one place on the picture to another, in shares of it."""
    fingers = Fingers(page)
    (x, y), (to_x, to_y) = point(page, *start), point(page, *end)
    fingers.do("touchStart", (x, y))
    for step in (0.25, 0.5, 0.75, 1):
        fingers.do("touchMove", (x + (to_x - x) * step, y + (to_y - y) * step))
    fingers.do("touchEnd")


def pinch(page: Page, *, spread: float) -> None:
    """Two fingers on the middle of the picture, which go apart by *spread* times."""
    fingers = Fingers(page)
    for kind, apart in (("touchStart", 0.1), ("touchMove", 0.1 * spread)):
        fingers.do(kind, *(point(page, 0.5 + way * apart, 0.5) for way in (-1, 1)))
    fingers.do("touchEnd")


def test_a_swipe_leads_to_the_neighbours(phone: Page) -> None:
    title = phone.get_by_label("Title")
    drag(phone, (0.95, 0.3), (0.3, 0.32))
    expect(title).to_have_value("Light table: first")
    drag(phone, (0.05, 0.3), (0.7, 0.32))
    expect(title).to_have_value("Light table: second")


def test_a_finger_on_the_line_moves_the_line(phone: Page) -> None:
    address = phone.url
    drag(phone, (0.5, 0.5), (0.1, 0.5))
    slider = phone.get_by_label("Compare before and after")
    expect(slider).to_have_attribute("aria-valuetext", "10 % before, 90 % after")
    phone.touchscreen.tap(*point(phone, 0.8, 0.5))
    expect(slider).to_have_attribute("aria-valuetext", "80 % before, 20 % after")
    assert phone.url == address


def test_a_pinch_zooms_and_a_finger_then_pans_and_does_not_swipe(phone: Page) -> None:
    address = phone.url
    pinch(phone, spread=3)
    now = seen(phone)
    assert now["zoom"] == pytest.approx(3, abs=0.05)
    assert now["x"] == pytest.approx(-1, abs=0.05)
    before, after = transforms(phone)
    assert before == after != "none"
    drag(phone, (0.9, 0.3), (0.3, 0.3))
    assert seen(phone)["x"] == pytest.approx(-1.6, abs=0.05)
    assert phone.url == address


def test_a_double_tap_zooms(phone: Page) -> None:
    fingers, place = Fingers(phone), point(phone, 0.2, 0.2)
    for _ in range(2):
        fingers.do("touchStart", place)
        fingers.do("touchEnd")
    expect(phone.locator("zoom-stage")).to_have_attribute("data-zoomed", "")
    expect(phone.locator(".percent")).to_have_text("100 %")
