"""The same person twice: two tabs, a log-out in one of them, a double click without JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.e2e.test_whole_way import expect_state, fill
from tests.portraits import portraits
from tests.running import Site
from tests.samples import PASSWORD

OF_ADA = "from swaps.models import Swap; answer = Swap.objects.count()"


@pytest.fixture
def faces(tmp_path: Path) -> tuple[Path, Path]:
    source, target, *_ = portraits(tmp_path)
    return source, target


def send(page: Page) -> None:
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("**/swaps/*/")


def expect_done(page: Page) -> None:
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)


def test_two_tabs_with_the_same_pictures_make_two_swaps(
    page: Page, faces: tuple[Path, Path]
) -> None:
    fill(page, *faces)
    other = page.context.new_page()
    other.goto(page.url)
    for role in ("source", "target"):
        expect_state(other, role, "ready")
    send(page)
    send(other)
    assert page.url != other.url
    expect_done(page)
    expect_done(other)


def act_by_form(page: Page, action: str) -> None:
    """Press what this tab still shows, or would show: its form is sent as it stands, and answered."""
    with page.expect_navigation():
        page.evaluate(
            "action => { const form = document.createElement('form'); form.method = 'post';"
            " form.action = location.pathname + action;"
            " form.append(document.querySelector('[name=csrfmiddlewaretoken]').cloneNode());"
            " document.body.append(form); form.submit(); }",
            action,
        )


@pytest.mark.parametrize("action", ["cancel", "retry", "delete", "title"])
def test_what_is_deleted_in_one_tab_and_wanted_in_the_other_is_a_sentence(
    page: Page, faces: tuple[Path, Path], action: str
) -> None:
    fill(page, *faces)
    send(page)
    expect_done(page)
    other = page.context.new_page()
    other.goto(page.url)
    act_by_form(page, "delete")
    page.wait_for_url("/")
    act_by_form(other, action)
    expect(other.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_cancelling_twice_is_a_sentence(page: Page, faces: tuple[Path, Path]) -> None:
    fill(page, *faces)
    send(page)
    address = page.url
    other = page.context.new_page()
    other.goto(address)
    for tab in (page, other):
        act_by_form(tab, "cancel")
    assert other.url == address
    expect(other.get_by_text("This swap had already ended.")).to_be_visible()


def log_in(page: Page) -> None:
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_log_out_in_another_tab_keeps_what_was_uploaded_and_written(
    browser: Browser, site: Site, faces: tuple[Path, Path]
) -> None:
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/new/")
    log_in(page)
    page.wait_for_url("**/new/**")
    fill(page, *faces)
    page.get_by_label("Title").fill("Kept words")
    other = context.new_page()
    other.goto("/")
    other.get_by_role("button", name="your account").click()
    other.get_by_role("button", name="Log out").click()
    other.wait_for_url("**/accounts/login/**")
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("**/accounts/login/**")
    log_in(page)
    page.wait_for_url("**/new/**")
    for role in ("source", "target"):
        expect_state(page, role, "ready")
    expect(page.get_by_label("Title")).to_have_value("Kept words")
    send(page)
    expect_done(page)
    context.close()


def test_a_double_click_without_javascript_makes_one_swap(
    browser: Browser, site: Site, session_of_ada: Any, faces: tuple[Path, Path]
) -> None:
    before = site.shell(OF_ADA)
    context = browser.new_context(
        base_url=site.url, storage_state=session_of_ada, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/new/")
    page.locator("#source-file").set_input_files(faces[0])
    page.locator("#target-file").set_input_files(faces[1])
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).dblclick()
    page.wait_for_url("**/swaps/*/", timeout=120_000)
    expect_done(page)
    assert site.shell(OF_ADA) == before + 1
    context.close()


def test_back_and_swap_again_makes_another_one(page: Page, faces: tuple[Path, Path]) -> None:
    fill(page, *faces)
    send(page)
    first = page.url
    expect_done(page)
    page.go_back()
    for role in ("source", "target"):
        expect_state(page, role, "ready")
    page.get_by_label("Title").fill("Another one")
    send(page)
    assert page.url != first


def test_a_lost_connection_is_said_and_the_line_goes_when_it_is_back(
    page: Page, faces: tuple[Path, Path]
) -> None:
    def cut(route: Route) -> None:
        route.abort()

    page.route("**/stage", cut)
    fill(page, *faces)
    send(page)
    line = page.get_by_text("The connection is lost. Trying again …")
    expect(line).to_be_visible()
    page.unroute("**/stage")
    expect(line).to_have_count(0, timeout=15_000)
    expect_done(page)
