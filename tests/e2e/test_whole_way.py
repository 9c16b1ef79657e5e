"""The whole way in a real browser: two pictures, one swap, before and after."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pillow_heif import register_heif_opener
from playwright.sync_api import Browser, Page, Route, expect

from tests.portraits import own_portraits, portraits
from tests.running import running_site, wait_for
from tests.samples import PASSWORD, picture_bytes

KeepLooks = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("faults")


@pytest.fixture
def faces(tmp_path: Path) -> tuple[Path, Path]:
    source, target, *_ = portraits(tmp_path)
    return source, target


def field(role: str) -> str:
    return f'picture-field[data-role="{role}"]'


def expect_state(page: Page, role: str, state: str) -> None:
    expect(page.locator(f'{field(role)}[data-state="{state}"]')).to_be_attached()


def fill(page: Page, source: Path, target: Path) -> None:
    page.goto("/new/")
    page.locator("#source-file").set_input_files(source)
    page.locator("#target-file").set_input_files(target)
    for role in ("source", "target"):
        expect_state(page, role, "ready")


def make_swap(page: Page, source: Path, target: Path, *, title: str = "") -> None:
    fill(page, source, target)
    page.get_by_label("Title").fill(title)
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#stage[data-status=succeeded], #stage[data-status=failed]")).to_be_visible(
        timeout=120_000
    )


def test_from_two_files_to_before_and_after(
    page: Page, faces: tuple[Path, Path], keep_looks: KeepLooks
) -> None:
    page.goto("/new/")
    keep_looks("new-empty")
    fill(page, *faces)
    keep_looks("new-ready")
    make_swap(page, *faces, title="Evening light")
    expect(page.locator("before-after")).to_be_visible()
    expect(page).to_have_title(re.compile("Evening light"))
    keep_looks("swap-done")
    page.get_by_text("Details").click()
    page.get_by_text("Side by side", exact=True).click()
    keep_looks("swap-side-by-side")
    page.goto("/")
    expect(page.get_by_role("img", name="Evening light")).to_be_visible()
    keep_looks("gallery")


def test_the_slider_follows_keys_and_clicks(page: Page, faces: tuple[Path, Path]) -> None:
    make_swap(page, *faces)
    slider = page.get_by_label("Compare before and after")
    slider.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "0 % before, 100 % after")
    for _ in range(3):
        slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "3 % before, 97 % after")
    box = page.locator("before-after").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.25, box["y"] + box["height"] / 2)
    expect(slider).to_have_attribute("aria-valuetext", "25 % before, 75 % after")


def test_the_button_says_why_it_is_off(page: Page, faces: tuple[Path, Path]) -> None:
    page.goto("/new/")
    why = page.locator("#why")
    expect(why).to_have_text("Choose a Face and a Photo.")
    page.locator("#source-file").set_input_files(faces[0])
    expect(why).to_have_text("Choose a Photo.")
    page.locator("#target-file").set_input_files(faces[1])
    expect(why).to_have_text("Confirm that you may use the pictures.")
    page.get_by_label("I may use").check()
    expect(why).to_have_text("")


def test_two_dropped_files_fill_both_fields(page: Page) -> None:
    page.goto("/new/")
    page.evaluate(
        """([one, two]) => {
          const data = new DataTransfer();
          for (const [name, bytes] of [["one.png", one], ["two.png", two]])
            data.items.add(new File([Uint8Array.from(bytes)], name, { type: "image/png" }));
          document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }""",
        [list(picture_bytes(colour=c, file_format="PNG")) for c in ("#335577", "#775533")],
    )
    for role in ("source", "target"):
        expect_state(page, role, "ready")


def test_a_pasted_picture_fills_the_first_free_field(page: Page) -> None:
    page.goto("/new/")
    page.evaluate(
        """(bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(bytes)], "pasted.png", { type: "image/png" }));
          document.body.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
        }""",
        list(picture_bytes(file_format="PNG")),
    )
    expect_state(page, "source", "ready")
    expect_state(page, "target", "empty")


def test_the_two_pictures_can_be_exchanged(page: Page, faces: tuple[Path, Path]) -> None:
    fill(page, *faces)
    ids = [page.locator(f'[name="{role}_photo"][type=hidden]') for role in ("source", "target")]
    before = [one.input_value() for one in ids]
    page.get_by_role("button", name="Exchange").click()
    assert [one.input_value() for one in ids] == before[::-1]


def test_a_recent_picture_can_be_chosen_again(page: Page, faces: tuple[Path, Path]) -> None:
    fill(page, *faces)
    page.reload()
    page.locator('.recent input[name="source_photo"]').first.check(force=True)
    expect_state(page, "source", "ready")


def test_a_file_that_is_no_picture_gets_its_sentence_in_the_field(
    page: Page, tmp_path: Path, faces: tuple[Path, Path], keep_looks: KeepLooks, faults: list[str]
) -> None:
    words = tmp_path / "words.jpg"
    words.write_text("no picture")
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    page.locator("#target-file").set_input_files(words)
    expect(page.locator("#target-problem")).to_contain_text("not a picture that can be opened here")
    expect_state(page, "source", "ready")
    keep_looks("new-problem")
    # The browser logs every answer of 400; that one was asked for.
    faults[:] = [said for said in faults if "400" not in said and "blob:" not in said]


def test_a_picture_that_the_browser_cannot_show_is_shown_by_the_site(
    page: Page, tmp_path: Path, faults: list[str]
) -> None:
    register_heif_opener()
    heic = tmp_path / "phone.heic"
    Image.new("RGB", (300, 200), "#335577").save(heic)
    page.goto("/new/")
    page.locator("#source-file").set_input_files(heic)
    expect_state(page, "source", "ready")
    preview = page.locator(f"{field('source')} .preview")
    expect(preview).to_have_attribute("src", re.compile("/photos/.*/1280"))
    expect(preview).to_be_visible()


def test_a_photo_without_a_face_says_what_to_do(
    page: Page, tmp_path: Path, faces: tuple[Path, Path], keep_looks: KeepLooks
) -> None:
    blank = tmp_path / "blank.jpg"
    blank.write_bytes(picture_bytes((600, 400)))
    make_swap(page, faces[0], blank)
    expect(page.get_by_role("alert")).to_contain_text("We found no face in the Photo.")
    keep_looks("swap-failed")
    page.get_by_role("link", name="Another Photo").click()
    expect_state(page, "source", "ready")


def test_a_swap_is_deleted_at_once_as_it_can_be_undone(
    page: Page, faces: tuple[Path, Path]
) -> None:
    make_swap(page, *faces, title="Not for long")
    address = page.url
    page.get_by_role("button", name="Delete").click()
    page.wait_for_url("/")
    answer = page.request.get(address)
    assert answer.status == 404


def test_without_javascript_the_plain_form_makes_a_swap(
    browser: Browser,
    browser_context_args: dict[str, object],
    faces: tuple[Path, Path],
    keep_looks: KeepLooks,
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    page.locator("#target-file").set_input_files(faces[1])
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.get_by_role("link", name="Download")).to_be_visible(timeout=120_000)
    context.close()


def test_pages_without_a_session(browser: Browser, tmp_path: Path) -> None:
    """Set-up, log-in and errors, as a newcomer meets them."""
    with running_site(tmp_path, from_nothing=True, DJANGO_SUPERUSER_USERNAME="") as fresh:
        page = browser.new_page(base_url=fresh.url)
        page.goto("/")
        page.get_by_label("Set-up code").fill((fresh.data / "setup_code").read_text())
        page.get_by_label("Username").fill("ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password again").fill(PASSWORD)
        page.get_by_role("button", name="Make the account").click()
        page.wait_for_url("/new/")
        page.get_by_role("button", name="ada: your account").click()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("/accounts/login/")
        page.close()


def test_the_other_pages(page: Page, keep_looks: KeepLooks, faults: list[str]) -> None:
    for name, path in (("password", "/accounts/password/"), ("not-found", "/nothing/")):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        keep_looks(name)
    faults[:] = [said for said in faults if "404" not in said]


def test_a_picture_that_is_chosen_before_the_scripts_are_there_is_taken(
    page: Page, tmp_path: Path, faults: list[str]
) -> None:
    held: list[Route] = []
    page.route("**/js/picture-field*", lambda route: held.append(route))  # noqa: PLW0108 (it is marked)
    page.goto("/new/", wait_until="commit")
    page.locator("#source-file").set_input_files(own_portraits(tmp_path, "early", side=480)[0])
    wait_for(lambda: page.evaluate("true") and held, what="the script to be asked for")
    for route in held:
        route.continue_()
    field = page.locator("picture-field[data-role=source]")
    expect(field).to_have_attribute("data-state", "ready", timeout=30_000)
