"""The hosted service pauses, the admin sees it wherever she is, has it looked at, and lets it go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.fakes import behaviours as b
from tests.fakes.hosted import TOKEN, HostedApi
from tests.portraits import own_portraits
from tests.running import Site, running_site, wait_for
from tests.samples import PASSWORD

PROVIDER = "/admin/swaps/providerstate/"


@pytest.fixture(scope="module")
def api() -> Iterator[HostedApi]:
    with HostedApi() as api:
        yield api


@pytest.fixture(scope="module")
def hosted_site(api: HostedApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        tmp_path_factory.mktemp("hosted"),
        is_public=True,
        RETRY_BASE_SECONDS="0",
        **api.environment,
    ) as site:
        yield site


@pytest.fixture
def page(browser: Browser, hosted_site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=hosted_site.url)
    page = context.new_page()
    page.goto(PROVIDER)
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url(PROVIDER)
    yield page
    context.close()


def ask(page: Page, files: list[Path]) -> None:
    page.goto("/new/")
    for role, file in zip(("source", "target"), files, strict=True):
        page.locator(f"#{role}-file").set_input_files(file)
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    page.wait_for_url("/swaps/*/")


def violations(page: Page) -> list[Any]:
    return list(Axe().run(page).response["violations"])


def test_a_pause_is_seen_on_every_page_and_ends_with_a_button(
    page: Page,
    api: HostedApi,
    tmp_path: Path,
    faults: list[str],
    keep_looks: Callable[[str], None],
) -> None:
    api.token = "another"
    ask(page, own_portraits(tmp_path, "paused", side=480)[:2])
    expect(page.locator("#progress")).to_contain_text("paused", timeout=120_000)
    keep_looks("swap-paused")
    # Pages remember for a moment that all was well.
    wait_for(lambda: page.goto("/") and page.get_by_text("No swaps are made").is_visible())
    for address in ("/", "/new/", "/team/", "/admin/"):
        page.goto(address)
        expect(page.get_by_text("No swaps are made")).to_be_visible()
    keep_looks("admin-paused")
    page.get_by_role("link", name="Provider", exact=True).last.click()
    expect(page.get_by_role("heading", name="Paused since")).to_be_visible()
    page.get_by_role("button", name="Run the checks").click()
    expect(page.locator(".findings .is-ill")).to_contain_text("Provider: failed")
    assert violations(page) == []
    keep_looks("provider-paused")
    api.token = TOKEN
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("It goes on")).to_be_visible()
    expect(page.get_by_role("heading", name="Paused since")).to_have_count(0)
    page.goto("/")
    page.locator(".gallery a").first.click()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)


def test_the_page_tells_numbers_money_and_what_the_checks_find(
    page: Page,
    api: HostedApi,
    tmp_path: Path,
    faults: list[str],
    keep_looks: Callable[[str], None],
) -> None:
    files = own_portraits(tmp_path, "numbers", side=480)[:2]
    ask(page, files)
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)
    api.next(b.disabled())
    ask(page, files)
    expect(page.locator("#stage[data-status=failed]")).to_be_visible(timeout=120_000)
    keep_looks("swap-declined")
    page.goto(PROVIDER)
    page.get_by_role("button", name="Run the checks").click()
    expect(page.locator(".findings")).to_be_visible()
    expect(page.locator(".findings .is-ill")).to_have_count(0)
    expect(page.get_by_text("Set (never shown)")).to_be_visible()
    expect(page.get_by_role("region", name="Spent by person")).to_contain_text("ada")
    assert TOKEN not in page.content()
    assert violations(page) == []
    keep_looks("provider")
