"""Choosing a face for the hosted service: one of several, whose crop is all that the service gets to see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.fakes.hosted import HostedApi
from tests.portraits import group, own_portraits
from tests.running import Site, running_site
from tests.samples import PASSWORD


@pytest.fixture(scope="module")
def api() -> Iterator[HostedApi]:
    with HostedApi() as api:
        yield api


@pytest.fixture(scope="module")
def hosted_site(api: HostedApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        tmp_path_factory.mktemp("hosted-faces"),
        is_public=True,
        **api.environment,
    ) as site:
        yield site


@pytest.fixture
def page(browser: Browser, hosted_site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=hosted_site.url)
    page = context.new_page()
    page.goto("/new/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("/new/")
    yield page
    context.close()


def test_of_several_faces_one_is_chosen_and_sent(
    page: Page, api: HostedApi, tmp_path: Path
) -> None:
    page.locator("#source-file").set_input_files(own_portraits(tmp_path, "hosted")[0])
    page.locator("#target-file").set_input_files(group(tmp_path, "hosted"))
    photo = page.get_by_role("radiogroup", name="Which face is replaced")
    expect(photo).to_be_visible(timeout=60_000)
    photo.get_by_role("radio", name="Face 2 of 3, from the left").check(force=True)
    expect(page.get_by_text("Face 2 of 3 will be replaced.")).to_be_visible()
    expect(page.get_by_text("The hosted service replaces one face a swap.")).to_be_visible()
    expect(page.get_by_label("All faces")).to_be_hidden()
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=60_000)
    found = page.request.get(f"{page.url.rstrip('/')}.json").json()
    crop = api.fetches[-1].size
    assert crop[0] < 0.7 * found["image_width"]
    assert found["image_width"] > found["image_height"]
