"""The gallery in a real browser: choosing by mouse, finger and keys, the original, and the place one left."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.usefixtures("faults")
Hang = Callable[[str, int], None]
KeepLooks = Callable[[str], None]


def card(page: Page, number: int) -> Locator:
    return page.locator(".swap-card").nth(number)


def middle(one: Locator) -> tuple[float, float]:
    box = one.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def expect_chosen(page: Page, count: int) -> None:
    if count:
        expect(page.locator("[data-count]")).to_have_text(f"{count} chosen")
    else:
        expect(page.locator("#selection")).to_be_hidden()


def test_a_range_is_chosen_with_shift_and_downloaded(
    page: Page, hang: Hang, tmp_path: Path, keep_looks: KeepLooks
) -> None:
    hang("Range", 8)
    page.goto("/?q=Range")
    card(page, 1).hover()
    card(page, 1).get_by_role("checkbox").check()
    card(page, 4).locator(".card-link").click(modifiers=["Shift"])
    expect_chosen(page, 4)
    keep_looks("gallery-chosen")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download").click()
    file = tmp_path / "swaps.zip"
    caught.value.save_as(file)
    with ZipFile(file) as archive:
        assert len(archive.namelist()) == 4 * 3 + 1


def test_a_frame_drawn_with_the_mouse_chooses_what_it_touches(page: Page, hang: Hang) -> None:
    hang("Frame", 12)
    page.goto("/?q=Frame")
    start, end = middle(card(page, 0)), middle(card(page, 2))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    expect_chosen(page, 3)
    assert "/swaps/" not in page.url
    page.keyboard.press("Escape")
    expect_chosen(page, 0)


def test_deleted_swaps_come_back_to_where_they_hung(page: Page, hang: Hang) -> None:
    hang("Gone", 6)
    page.goto("/?q=Gone")
    names = page.locator(".swap-card .name")
    before = names.all_text_contents()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    expect_chosen(page, 2)
    page.keyboard.press("#")
    expect(page.get_by_text("2 swaps are in the trash.")).to_be_visible()
    expect(names).to_have_text([before[0], *before[3:]])
    page.keyboard.press("u")
    expect(names).to_have_text(before)
    page.reload()
    expect(names).to_have_text(before)


def test_the_trash_gives_back_and_empties(page: Page, hang: Hang, keep_looks: KeepLooks) -> None:
    hang("Waste", 3)
    page.goto("/?q=Waste")
    page.locator("#main").focus()
    page.keyboard.press("a")
    page.keyboard.press("Delete")
    expect(page.get_by_text("3 swaps are in the trash.")).to_be_visible()
    page.goto("/trash/")
    keep_looks("trash")
    page.get_by_role("button", name="Put back Waste 001").click()
    expect(page.get_by_text("Waste 001")).to_have_count(0)
    page.get_by_role("button", name="Delete all for good").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("The trash is empty.")).to_be_visible()
    page.goto("/?q=Waste")
    expect(page.locator(".swap-card")).to_have_count(1)


def test_keys_lead_from_card_to_card_and_are_listed(page: Page, hang: Hang) -> None:
    hang("Keys", 9)
    page.goto("/?q=Keys")
    page.keyboard.press("ArrowRight")
    expect(card(page, 0).locator(".card-link")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(card(page, 1).locator(".card-link")).to_be_focused()
    page.keyboard.press("ArrowDown")
    first_row = page.evaluate(
        "[...document.querySelectorAll('.swap-card')].filter((c, _, a) => c.offsetTop === a[0].offsetTop).length"
    )
    below = page.evaluate(
        "[...document.querySelectorAll('.swap-card')].indexOf(document.activeElement.closest('.swap-card'))"
    )
    assert below >= first_row
    page.keyboard.press("ArrowUp")
    expect(card(page, 1).locator(".card-link")).to_be_focused()
    page.keyboard.press("f")
    expect(card(page, 1).locator(".favourite button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("/")
    expect(page.get_by_label("Title")).to_be_focused()
    page.keyboard.type("x?")
    expect(page.get_by_label("Title")).to_have_value(re.compile(r"^x\?"))
    expect(page.locator("#keys-dialog")).to_be_hidden()
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Choose all that are shown")
    page.keyboard.press("Escape")
    card(page, 3).locator(".card-link").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/swaps/**")


def test_the_original_shows_under_the_mouse_and_the_focus(page: Page, hang: Hang) -> None:
    hang("Original", 3)
    page.goto("/?q=Original")
    shows = re.compile("shows-original")
    link = card(page, 0).locator(".card-link")
    link.hover()
    expect(link).to_have_class(shows)
    page.mouse.move(5, 300)
    expect(link).not_to_have_class(shows)
    page.keyboard.press("ArrowRight")
    expect(link).to_have_class(shows)
    page.keyboard.press("ArrowRight")
    expect(link).not_to_have_class(shows)


def test_one_comes_back_to_where_one_left(page: Page, hang: Hang) -> None:
    hang("Place", 130)
    page.goto("/?q=Place")
    cards = page.locator(".swap-card")
    page.get_by_role("link", name="Older").scroll_into_view_if_needed()
    expect(cards).to_have_count(120)
    wanted = page.get_by_role("link", name="Place 025")
    wanted.scroll_into_view_if_needed()
    top = wanted.bounding_box()
    wanted.click()
    page.wait_for_url("**/swaps/**")
    page.go_back()
    expect(cards).to_have_count(120)
    expect(wanted).to_be_in_viewport()
    assert top is not None
    here = wanted.bounding_box()
    assert here is not None
    assert abs(here["y"] - top["y"]) < 2


def test_a_finger_that_stays_sees_the_original_and_then_chooses(
    browser: Browser, browser_context_args: dict[str, object], hang: Hang
) -> None:
    hang("Finger", 4)
    phone = {**browser_context_args, "viewport": {"width": 390, "height": 844}, "has_touch": True}
    context = browser.new_context(**phone, is_mobile=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/?q=Finger")
    # Below the filter, the second card would be out of reach.
    card(page, 0).evaluate("(one) => scrollBy(0, one.getBoundingClientRect().top - 64)")
    touch = context.new_cdp_session(page)
    x, y = middle(card(page, 0).locator(".picture"))

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]},
        )

    send("touchStart", (x, y))
    expect(card(page, 0).locator(".card-link")).to_have_class(re.compile("shows-original"))
    expect_chosen(page, 1)
    below = card(page, 1).bounding_box()
    assert below is not None
    send("touchMove", (x, below["y"] + 40))
    expect_chosen(page, 2)
    send("touchEnd")
    expect(card(page, 0).locator(".card-link")).not_to_have_class(re.compile("shows-original"))
    card(page, 1).locator(".card-link").tap()
    expect_chosen(page, 1)
    assert "/swaps/" not in page.url
    context.close()


def test_without_javascript_many_are_chosen_by_their_boxes(
    browser: Browser, browser_context_args: dict[str, object], hang: Hang
) -> None:
    hang("Plain", 3)
    context = browser.new_context(**browser_context_args, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto("/?q=Plain")
    for number in range(2):
        card(page, number).get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("2 swaps are in the trash.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".swap-card")).to_have_count(3)
    context.close()


MEASURE_MOVES = """window.moved = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });"""


def test_nothing_moves_while_pictures_load(page: Page, hang: Hang) -> None:
    hang("Still", 40)
    page.add_init_script(MEASURE_MOVES)
    page.goto("/?q=Still")
    page.wait_for_function(
        "[...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).every((i) => i.complete)"
    )
    assert page.evaluate("window.moved") < 0.01


def test_nothing_moves_while_the_page_itself_arrives_slowly(page: Page, hang: Hang) -> None:
    hang("Slow", 40)
    page.add_init_script(MEASURE_MOVES)
    network = page.context.new_cdp_session(page)
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": 40_000, "uploadThroughput": 40_000},
    )
    page.goto("/?q=Slow", wait_until="domcontentloaded")
    expect(page.locator(".swap-card").first).to_be_visible()
    assert page.evaluate("window.moved") < 0.01
