"""The faces of a picture before the swap: found, marked, chosen by mouse, finger and keys, and then replaced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.e2e.test_accessibility import TOO_SMALL, complaints
from tests.e2e.test_whole_way import expect_state, field
from tests.portraits import group, own_portraits
from tests.running import wait_for
from tests.samples import picture_bytes

KeepLooks = Callable[[str], None]
pytestmark = pytest.mark.usefixtures("faults")
FACE, PHOTO = field("source"), field("target")


@pytest.fixture
def three(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Three people in a row, the largest on the left."""
    return group(tmp_path, request.node.name)


@pytest.fixture
def one(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return own_portraits(tmp_path, request.node.name)[1]


def open_form(page: Page, *, face: Path | None = None, photo: Path | None = None) -> None:
    """The form with these pictures, and their faces found."""
    page.goto("/new/")
    for role, file in (("source", face), ("target", photo)):
        if file:
            page.locator(f"#{role}-file").set_input_files(file)
            expect_found(page, role)


def expect_found(page: Page, role: str) -> None:
    expect_state(page, role, "ready")
    expect(page.locator(f"{field(role)} .looking")).to_be_hidden(timeout=30_000)
    expect(page.locator(f"{field(role)} .face").first).to_be_visible()


def mark(page: Page, number: int, *, of: str, count: int = 3) -> Locator:
    """What is chosen by: of the Face a radio button, of the Photo a checkbox."""
    role: Any = "radio" if of == FACE else "checkbox"
    return page.locator(of).get_by_role(role, name=f"Face {number} of {count}, from the left")


def line(page: Page, of: str) -> Locator:
    return page.locator(f"{of} .line")


def swap(page: Page) -> None:
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)


# --- Where they are -----------------------------------------------------------------------------------

# The middle of every ring, in shares of the picture itself, whatever shape the field has.
MIDDLES = """
preview => {
  const box = preview.getBoundingClientRect();
  const scale = Math.min(box.width / preview.naturalWidth, box.height / preview.naturalHeight);
  const [width, height] = [preview.naturalWidth * scale, preview.naturalHeight * scale];
  const [left, top] = [box.x + (box.width - width) / 2, box.y + (box.height - height) / 2];
  return [...preview.closest("face-picker").querySelectorAll(".ring")].map((ring) => {
    const own = ring.getBoundingClientRect();
    return [(own.x + own.width / 2 - left) / width, (own.y + own.height / 2 - top) / height];
  });
}
"""


@pytest.mark.parametrize("heights", [(620, 540, 460), (260, 300, 260), (900,), (460, 540, 620)])
def test_every_face_is_marked_where_it_is_at_any_width(
    page: Page, tmp_path: Path, heights: tuple[int, ...]
) -> None:
    photo = group(tmp_path, f"marked {heights}", heights=heights)
    open_form(page, photo=photo)
    asked = "performance.getEntriesByType('resource').findLast((one) => one.name.includes('faces.json')).name"
    found = page.request.get(page.evaluate(asked)).json()
    size = np.array([found["width"], found["height"]])
    middles = [np.reshape(face["box"], (2, 2)).mean(axis=0) / size for face in found["faces"]]
    assert len(middles) == len(heights)
    for width in (1440, 820, 390):
        page.set_viewport_size({"width": width, "height": 900})
        drawn = page.locator(f"{PHOTO} .preview").evaluate(MIDDLES)
        np.testing.assert_allclose(drawn, middles, atol=0.006, err_msg=f"{width} px")


def test_one_face_is_only_marked(page: Page, one: Path) -> None:
    open_form(page, face=one)
    expect(line(page, FACE)).to_have_text("This face will be taken.")
    expect(page.locator(f"{FACE} .face input")).to_have_count(0)
    expect(page.locator("[name=source_face]")).to_have_value("")


MOVED = """
window.moved = 0; new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.moved += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_nothing_moves_while_faces_are_looked_for_and_found(
    page: Page, three: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(MOVED)
    open_form(page, face=three, photo=three)
    assert page.evaluate("window.moved") < 0.01


# --- Choosing -----------------------------------------------------------------------------------------


def test_the_face_takes_exactly_one_and_the_largest_unless_told_otherwise(
    page: Page, three: Path
) -> None:
    open_form(page, face=three)
    expect(page.locator(FACE).get_by_role("radiogroup", name="Which face is taken")).to_be_visible()
    expect(mark(page, 1, of=FACE)).to_be_checked()
    expect(line(page, FACE)).to_have_text("Face 1 of 3 will be taken.")
    mark(page, 3, of=FACE).click()
    expect(mark(page, 1, of=FACE)).not_to_be_checked()
    expect(line(page, FACE)).to_have_text("Face 3 of 3 will be taken.")
    expect(page.locator("[name=source_face]")).to_have_value(re.compile(r"^\d+,\d+$"))


def test_the_photo_takes_one_several_or_all(page: Page, three: Path) -> None:
    open_form(page, photo=three)
    chosen = page.locator("[name=target_faces]")
    everyone = page.get_by_role("checkbox", name="All faces")
    expect(mark(page, 1, of=PHOTO)).to_be_checked()
    expect(line(page, PHOTO)).to_have_text("Face 1 of 3 will be replaced.")
    mark(page, 3, of=PHOTO).click()
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")
    expect(chosen).to_have_value(re.compile(r"^\d+,\d+;\d+,\d+$"))
    everyone.check()
    expect(line(page, PHOTO)).to_have_text("All 3 faces will be replaced.")
    expect(chosen).to_have_value("all")
    mark(page, 2, of=PHOTO).click()
    expect(everyone).not_to_be_checked()
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


def test_a_photo_of_which_no_face_is_chosen_says_so_and_the_button_waits(
    page: Page, one: Path, three: Path
) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 1, of=PHOTO).click()
    expect(line(page, PHOTO)).to_have_text("No face is chosen. Choose at least one.")
    expect(page.locator("#why")).to_have_text("Choose a face in the Photo.")
    page.get_by_role("button", name="Swap", exact=True).click(force=True)
    expect(mark(page, 1, of=PHOTO)).to_be_focused()


def test_faces_are_chosen_by_keys(page: Page, three: Path) -> None:
    open_form(page, face=three, photo=three)
    page.locator("#source-file").focus()
    page.keyboard.press("Tab")
    expect(mark(page, 1, of=FACE)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(mark(page, 2, of=FACE)).to_be_checked()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowLeft")
    expect(line(page, FACE)).to_have_text("Face 3 of 3 will be taken.")
    page.locator("#target-file").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(mark(page, 2, of=PHOTO)).to_be_focused()
    expect(mark(page, 2, of=PHOTO)).not_to_be_checked()
    page.keyboard.press("Space")
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    size = {"width": 390, "height": 844}
    context = browser.new_context(
        **{**browser_context_args, "viewport": size}, has_touch=True, is_mobile=True
    )
    yield context.new_page()
    context.close()


def test_a_finger_reaches_small_faces_that_stand_close(phone: Page, tmp_path: Path) -> None:
    # On a phone each is some 25 pixels wide.
    photo = group(tmp_path, "close", heights=(230, 200, 200, 200, 200, 200))
    open_form(phone, photo=photo)
    assert phone.evaluate(TOO_SMALL) == []
    assert phone.locator(f"{PHOTO} .face").count() == 6
    for number in range(2, 7):
        ring = phone.locator(f"{PHOTO} .ring").nth(number - 1)
        ring.evaluate("ring => ring.scrollIntoView({ block: 'center' })")
        box = ring.bounding_box()
        assert box
        phone.touchscreen.tap(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.3)
        chosen = phone.locator(PHOTO).get_by_role("checkbox", name=f"Face {number} of 6")
        expect(chosen).to_be_checked()
    expect(line(phone, PHOTO)).to_have_text("All 6 faces will be replaced.")


GROWN = """
[...document.querySelectorAll('.plate')].map((plate) => [
  plate.offsetHeight, parseInt(getComputedStyle(plate).getPropertyValue('--plate')),
]).filter(([height, room]) => height > room)
"""


@pytest.mark.parametrize("width", [1440, 820, 390])
def test_that_others_can_be_chosen_is_said_until_one_is(
    page: Page, three: Path, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_form(page, face=three, photo=three)
    assert page.evaluate(GROWN) == []
    for of, words in (
        (FACE, "Choose another on the picture."),
        (PHOTO, "Choose others on the picture."),
    ):
        hint = page.locator(f"{of} [aria-live=polite] .hint")
        expect(hint).to_have_text(words)
        mark(page, 2, of=of).click()
        expect(hint).to_have_text("")


# --- What speaks against them -------------------------------------------------------------------------


def test_a_face_that_is_of_no_use_is_marked_and_says_why(page: Page, tmp_path: Path) -> None:
    photo = group(tmp_path, "small", heights=(110, 62))
    open_form(page, photo=photo)
    small = mark(page, 2, of=PHOTO, count=2)
    expect(small).to_have_attribute("aria-disabled", "true")
    expect(small).to_have_accessible_description(re.compile("too small to be swapped"))
    small.click(force=True)
    expect(small).not_to_be_checked()
    expect(page.locator(f"{PHOTO} .warned")).to_contain_text("Face 2: This face is too small")
    expect(line(page, PHOTO)).to_have_text("Face 1 of 2 will be replaced.")
    expect(page.locator(f"{PHOTO} .all")).to_be_hidden()
    assert complaints(page) == []


def test_of_all_faces_those_that_stay_are_named_with_the_reason_and_first(
    page: Page, tmp_path: Path
) -> None:
    photo = group(tmp_path, "one stays", heights=(620, 100, 62))
    open_form(page, photo=photo)
    page.get_by_role("checkbox", name="All faces").check()
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")
    said = page.locator(f"{PHOTO} .warned li")
    expect(said.first).to_have_text(re.compile(r"^Face 3 stays: it is only \d\d px\.$"))
    expect(said.nth(1)).to_contain_text("Face 2: This face is small")


def test_a_warning_is_said_politely_and_holds_up_nothing(
    page: Page, one: Path, tmp_path: Path
) -> None:
    small = group(tmp_path, "one small", heights=(100,))
    open_form(page, face=one, photo=small)
    said = page.locator(f"{PHOTO} [aria-live=polite]", has_text="This face is small")
    expect(said).to_be_visible()
    page.get_by_label("I may use").check()
    expect(page.get_by_role("button", name="Swap", exact=True)).to_have_attribute(
        "aria-disabled", "false"
    )


def test_a_picture_without_a_face_says_what_to_do(page: Page, tmp_path: Path) -> None:
    blank = tmp_path / "wall.jpg"
    blank.write_bytes(picture_bytes((640, 420), colour="#708090"))
    page.goto("/new/")
    page.locator("#target-file").set_input_files(blank)
    expect(page.locator(f"{PHOTO} .warned")).to_have_text(
        re.compile("We found no face in the Photo. Choose one where"), timeout=30_000
    )
    assert complaints(page) == []


def test_a_search_that_takes_too_long_ends_with_a_sentence(page: Page, one: Path) -> None:
    page.route("**/faces.json*", lambda route: route.fulfill(json={"state": "looking"}))
    page.clock.install()
    page.goto("/new/")
    page.locator("#source-file").set_input_files(one)
    expect(page.locator(f"{FACE} .looking")).to_be_visible()
    page.clock.run_for(40_000)
    expect(line(page, FACE)).to_contain_text("You can swap all the same.")


def test_of_a_picture_by_link_nothing_is_said_before_it_is_here(page: Page, three: Path) -> None:
    open_form(page, photo=three)
    page.locator(f"{PHOTO} .by-link summary").click()
    page.locator("#target-url").fill("https://example.org/photo.jpg")
    page.locator("#target-url").press("Enter")
    expect_state(page, "target", "ready")
    expect(page.locator(f"{PHOTO} .face")).to_have_count(0)
    for said in (".looking", ".warned", ".all"):
        expect(page.locator(f"{PHOTO} {said}")).to_be_hidden()
    expect(line(page, PHOTO)).to_have_text("")
    expect(page.locator("[name=target_faces]")).to_have_value("")


def test_the_faces_of_a_picture_that_was_replaced_are_not_drawn(
    page: Page, one: Path, three: Path
) -> None:
    held: list[Route] = []
    page.route("**/faces.json*", lambda route: held.append(route))  # noqa: PLW0108 (it is marked)
    page.goto("/new/")
    page.locator("#source-file").set_input_files(three)
    wait_for(lambda: page.evaluate("true") and held, what="the faces to be asked for")
    page.unroute("**/faces.json*")
    page.locator("#source-file").set_input_files(one)
    expect_found(page, "source")
    expect(line(page, FACE)).to_have_text("This face will be taken.")
    expect(page.locator(f"{FACE} .face")).to_have_count(1)


# --- What is chosen stays chosen ----------------------------------------------------------------------


def test_a_choice_survives_a_reload(page: Page, three: Path) -> None:
    open_form(page, face=three, photo=three)
    mark(page, 2, of=FACE).click()
    mark(page, 3, of=PHOTO).click()
    page.reload()
    for role in ("source", "target"):
        expect_found(page, role)
    expect(line(page, FACE)).to_have_text("Face 2 of 3 will be taken.")
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


def test_exchanged_pictures_take_their_choices_along(page: Page, one: Path, three: Path) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 1, of=PHOTO).click()
    for number in (2, 3):
        mark(page, number, of=PHOTO).click()
    page.get_by_role("button", name="Exchange").click()
    # Of several the Face can take the first alone.
    expect(line(page, FACE)).to_have_text("Face 2 of 3 will be taken.")
    expect(line(page, PHOTO)).to_have_text("This face will be replaced.")
    page.get_by_role("button", name="Exchange").click()
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


def test_all_faces_are_still_meant_after_an_exchange_there_and_back(
    page: Page, one: Path, three: Path
) -> None:
    open_form(page, face=one, photo=three)
    page.get_by_role("checkbox", name="All faces").check()
    page.get_by_role("button", name="Exchange").click()
    expect(line(page, FACE)).to_have_text("Face 1 of 3 will be taken.")
    page.get_by_role("button", name="Exchange").click()
    expect(line(page, PHOTO)).to_have_text("All 3 faces will be replaced.")


def test_what_the_server_sends_back_keeps_the_choice(
    page: Page, one: Path, three: Path, faults: list[str]
) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 2, of=PHOTO).click()
    # As the form is sent where no script looks at it first: without a word of consent.
    page.evaluate("document.getElementById('new-swap').submit()")
    expect(page.get_by_text("Please confirm that you may use")).to_be_visible()
    expect_found(page, "target")
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")
    # The browser logs every answer of 400; that one was asked for.
    faults[:] = [said for said in faults if "400" not in said]


def test_several_chosen_faces_are_replaced_and_no_other(page: Page, one: Path, three: Path) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 3, of=PHOTO).click()
    swap(page)
    address = page.get_by_role("link", name="Download").get_attribute("href")
    assert address
    result = Image.open(BytesIO(page.request.get(address).body())).convert("RGB")
    with Image.open(three) as photo:
        before = np.asarray(photo.convert("RGB"), int)
    # Each stands in the middle of a part of her own; the result's JPEG changes the others by less than a level.
    parts = np.split(np.abs(np.asarray(result, int) - before).mean(axis=(0, 2)), (680, 1260))
    assert [part.mean() > 2 for part in parts] == [True, False, True]
    page.get_by_role("link", name="Choose other faces").click()
    for role in ("source", "target"):
        expect_found(page, role)
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")
    page.go_back()
    page.get_by_role("link", name="Another Face").click()
    expect_found(page, "target")
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


def test_back_from_the_swap_brings_the_choice_back(page: Page, one: Path, three: Path) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 3, of=PHOTO).click()
    swap(page)
    page.go_back()
    expect_found(page, "target")
    expect(line(page, PHOTO)).to_have_text("2 of 3 faces will be replaced.")


# --- For everybody's eyes -----------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_faces_are_marked(page: Page, three: Path, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    open_form(page, face=three, photo=three)
    assert complaints(page) == []


def test_chosen_and_not_chosen_differ_without_colour(page: Page, three: Path) -> None:
    open_form(page, photo=three)
    for number, is_chosen in ((1, True), (2, False)):
        tick = page.locator(f"{PHOTO} .face").nth(number - 1).locator(".badge svg")
        expect(tick).to_be_visible(visible=is_chosen)


def test_who_wants_no_motion_gets_none_when_faces_appear(page: Page, three: Path) -> None:
    page.emulate_media(reduced_motion="reduce")
    open_form(page, photo=three)
    assert page.evaluate("document.getAnimations().length") == 0


def test_how_it_looks(page: Page, three: Path, one: Path, keep_looks: KeepLooks) -> None:
    open_form(page, face=one, photo=three)
    mark(page, 3, of=PHOTO).click()
    keep_looks("new-faces")
