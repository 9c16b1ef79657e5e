"""The whole way in a real browser where the pictures lie in a bucket: they come from another host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.portraits import portraits
from tests.running import Site, running_site
from tests.samples import PASSWORD
from tests.seaweed import KEY, KEY_ID, Seaweed

pytestmark = [pytest.mark.s3]


@pytest.fixture
def bucket_site(seaweed: Seaweed, tmp_path: Path) -> Iterator[Site]:
    with running_site(
        tmp_path,
        S3_BUCKET=seaweed.new_bucket(),
        S3_ENDPOINT_URL=seaweed.url,
        S3_PUBLIC_ENDPOINT_URL=seaweed.public_url,
        AWS_ACCESS_KEY_ID=KEY_ID,
        AWS_SECRET_ACCESS_KEY=KEY,
    ) as site:
        yield site


def test_pictures_come_from_the_bucket_under_the_sites_own_policy(
    browser: Browser, bucket_site: Site, seaweed: Seaweed, tmp_path: Path
) -> None:
    page = browser.new_context(base_url=bucket_site.url).new_page()
    said: list[str] = []
    page.on("console", lambda one: said.append(one.text) if one.type == "error" else None)
    source, target, *_ = portraits(tmp_path)
    page.goto("/new/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.locator("#source-file").set_input_files(source)
    page.locator("#target-file").set_input_files(target)
    page.get_by_label("I may use").check()
    page.get_by_role("button", name="Swap", exact=True).click()
    expect(page.locator("#stage[data-status=succeeded]")).to_be_visible(timeout=120_000)
    wait_until_shown(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    assert download.value.url.startswith(seaweed.public_url)
    assert download.value.path().stat().st_size > 1000
    page.goto("/")
    wait_until_shown(page)
    assert said == []


def wait_until_shown(page: Page) -> None:
    """Every picture of the page is there, pixels and all."""
    page.wait_for_function(
        "() => document.images.length && [...document.images].every(i => i.complete && i.naturalWidth)"
    )
