"""Axe over every page, light and dark; touch targets, a zoomed page, and motion that is not wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.running import Site

Hang = Callable[[str, int], None]
PAGES = (
    "/",
    "/?q=axe&status=succeeded",
    "/?q=nothing-of-this-name",
    "/new/",
    "/trash/",
    "/team/",
    "/settings/tokens/",
    "/api/",
    "/accounts/password/",
    "/nothing-here/",
)
SWAPS = """
from swaps.models import Swap
done = Swap.objects.filter(title="axe 000").latest("pk")
for status, code, said in (("failed", "no_face", "We found no face in the Photo."), ("canceled", "", "")):
    Swap.objects.get_or_create(
        title=f"axe {status}", defaults=dict(
            team=done.team, maker=done.maker, provider="local", source=done.source, target=done.target,
            status=status, error_code=code, error_message=said, error_picture="target" if code else "",
        ),
    )
titles = ("axe 000", "axe failed", "axe canceled")
answer = [str(Swap.objects.filter(title=title).latest("pk").pk) for title in titles]
"""


@pytest.fixture
def swaps(site: Site, hang: Hang) -> list[str]:
    """A finished swap, one that failed and one that was cancelled."""
    hang("axe", 3)
    found: list[str] = site.shell(SWAPS)
    return [f"/swaps/{one}/" for one in found]


# What is measured halfway from dark to light is in no page that anybody sees.
TRANSITIONS_ENDED = """
() => Promise.allSettled(
  document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished)
).then(() => null)
"""


def complaints(page: Page) -> list[str]:
    """What axe has to say of the page, each with its place."""
    page.evaluate(TRANSITIONS_ENDED)
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(page: Page, swaps: list[str], scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    found = {}
    for path in (*PAGES, *swaps):
        page.goto(path)
        found[path] = complaints(page)
    assert {path: said for path, said in found.items() if said} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_log_in_page(browser: Browser, site: Site, scheme: Any) -> None:
    context = browser.new_context(base_url=site.url, color_scheme=scheme)
    page = context.new_page()
    page.goto("/accounts/login/")
    assert complaints(page) == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_something_is_open(
    page: Page, swaps: list[str], scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto("/?q=axe")
    page.locator("#main").focus()
    page.keyboard.press("?")
    assert complaints(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert complaints(page) == []
    page.get_by_role("button", name="ada: your account").click()
    assert complaints(page) == []


# Links within a sentence may be as small as its letters.
TOO_SMALL = """
const touched = "a, button, input, select, summary, label:has(input)";
const excused = ".visually-hidden, .skip, p, td, label input, input[type=range]";
[...document.querySelectorAll(touched)]
  .filter((one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }))
  .filter((one) => !one.closest(".visually-hidden, .skip, p, td") && !one.matches(excused))
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => box.width && (box.height < 43.5 || box.width < 43.5))
  .map(([one, box]) => `${one.outerHTML.slice(0, 120)} ${Math.round(box.width)}×${Math.round(box.height)}`)
"""


@pytest.fixture
def phone(browser: Browser, browser_context_args: dict[str, Any]) -> Iterator[Page]:
    context = browser.new_context(
        **{**browser_context_args, "viewport": {"width": 390, "height": 844}},
        has_touch=True,
        is_mobile=True,
    )
    yield context.new_page()
    context.close()


def test_what_a_finger_has_to_hit_is_large_enough(phone: Page, swaps: list[str]) -> None:
    found = {}
    for path in (*PAGES, *swaps):
        phone.goto(path)
        found[path] = phone.evaluate(TOO_SMALL)
    assert {path: said for path, said in found.items() if said} == {}


def test_a_page_zoomed_to_twice_its_size_does_not_scroll_sideways(
    page: Page, swaps: list[str]
) -> None:
    # Zoom of 200 % on a window of 1280 pixels leaves 640 of the page's own; on a phone it leaves 320.
    for width in (640, 320):
        page.set_viewport_size({"width": width, "height": 500})
        for path in (*PAGES, *swaps):
            page.goto(path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_who_wants_no_motion_gets_none(page: Page, swaps: list[str]) -> None:
    page.emulate_media(reduced_motion="reduce")
    for path in (*PAGES, *swaps):
        page.goto(path)
        assert page.evaluate("document.getAnimations().length") == 0, path
