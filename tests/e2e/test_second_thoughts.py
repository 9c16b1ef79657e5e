"""What people do when they hesitate, and what networks do to them."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.test_whole_way import expect_state, fill, make_swap
from tests.portraits import portraits
from tests.running import Site
from tests.samples import PASSWORD

MANY = """
from swaps.models import Swap, User
ada = User.objects.get(username="ada")
Swap.objects.bulk_create(
    Swap(team=ada.team, maker=ada, provider="local", status="canceled", title="One of many")
    for _ in range(70)
)
answer = 70
"""


@pytest.fixture
def faces(tmp_path: Path) -> tuple[Path, Path]:
    source, target, *_ = portraits(tmp_path)
    return source, target


def test_a_file_that_is_refused_stays_refused_when_an_earlier_one_arrives(
    page: Page, tmp_path: Path, faces: tuple[Path, Path]
) -> None:
    empty = tmp_path / "empty.jpg"
    empty.touch()

    def never_answer(route: Route) -> None:
        """The upload stays on its way."""

    page.route("**/photos/", never_answer)
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    expect_state(page, "source", "uploading")
    page.locator("#source-file").set_input_files(empty)
    expect(page.locator("#source-problem")).to_contain_text("This file is empty")
    page.unroute("**/photos/")
    page.locator("#target-file").set_input_files(faces[1])
    expect_state(page, "target", "ready")
    expect_state(page, "source", "problem")


def test_an_upload_that_was_cut_off_can_be_tried_again(
    page: Page, faces: tuple[Path, Path]
) -> None:
    page.route("**/photos/", lambda route: route.abort())
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    expect(page.locator("#source-problem")).to_contain_text("The upload was cut off")
    page.unroute("**/photos/")
    page.get_by_role("button", name="Try again").click()
    expect_state(page, "source", "ready")


def test_reload_and_back_bring_the_pictures_back(page: Page, faces: tuple[Path, Path]) -> None:
    fill(page, *faces)
    page.reload()
    for role in ("source", "target"):
        expect_state(page, role, "ready")
    page.goto("/")
    page.go_back()
    for role in ("source", "target"):
        expect_state(page, role, "ready")


def test_a_second_click_sends_nothing(page: Page, faces: tuple[Path, Path]) -> None:
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    fill(page, *faces)
    sent.clear()
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).dblclick()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)
    assert len(sent) == 1


def test_a_question_without_an_answer_is_asked_again(page: Page, faces: tuple[Path, Path]) -> None:
    failed: list[str] = []

    def fail_once(route: Route) -> None:
        if failed:
            route.continue_()
        else:
            failed.append(route.request.url)
            route.fulfill(status=502, body="the site restarts")

    page.route("**/stage", fail_once)
    make_swap(page, *faces)
    assert failed
    expect(page.locator("before-after")).to_be_visible()


def test_a_session_that_ends_while_a_picture_is_chosen_loses_nothing(
    page: Page, site: Site, tmp_path: Path, faces: tuple[Path, Path]
) -> None:
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    expect_state(page, "source", "ready")
    page.context.clear_cookies()
    page.locator("#target-file").set_input_files(faces[1])
    expect(page.locator("#target-problem")).to_contain_text("Log in again in another tab")
    other = page.context.new_page()
    other.goto("/accounts/login/")
    other.get_by_label("Username").fill("ada")
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Log in").click()
    other.wait_for_url("/")
    page.get_by_role("button", name="Try again").click()
    expect_state(page, "target", "ready")
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)


def test_a_swap_that_ends_while_the_gallery_is_open_shows_itself(
    page: Page, faces: tuple[Path, Path]
) -> None:
    gallery = page.context.new_page()
    page.route("**/stage", lambda route: route.abort())
    fill(page, *faces)
    page.get_by_label("Title").fill("Shows itself")
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("**/swaps/*/")
    gallery.goto("/")
    card = gallery.locator(".card-link", has_text="Shows itself").first
    expect(card).to_be_visible()
    expect(card.locator(".badge")).to_have_count(0, timeout=20_000)
    gallery.close()


def test_scrolling_on_without_a_session_leads_to_the_log_in(page: Page, site: Site) -> None:
    site.shell(MANY)
    page.goto("/?q=One+of+many")
    expect(page.locator(".swap-card")).to_have_count(60)
    page.context.clear_cookies()
    page.locator(".older").scroll_into_view_if_needed()
    page.wait_for_url("**/accounts/login/**")


def test_scrolling_on_brings_what_is_older(page: Page, site: Site) -> None:
    site.shell(MANY.replace("One of many", "Another of many"))
    page.goto("/?q=Another")
    page.locator(".older").scroll_into_view_if_needed()
    expect(page.locator(".swap-card")).to_have_count(70)
    expect(page.locator(".older")).to_have_count(0)
