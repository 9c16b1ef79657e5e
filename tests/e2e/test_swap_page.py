"""The swap's page in a real browser: the star, zoom and pan, views, keys, swipes and what hangs beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_whole_way import make_swap
from tests.portraits import portraits

pytestmark = pytest.mark.usefixtures("faults")


@pytest.fixture
def done(page: Page, tmp_path: Path) -> Page:
    source, target, *_ = portraits(tmp_path)
    make_swap(page, source, target, title="On the light table")
    return page


def test_the_star_is_lit_by_a_click_and_by_its_key(done: Page) -> None:
    star = done.get_by_role("button", name="Favourite")
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    expect(star).to_be_focused()
    done.keyboard.press("f")
    expect(star).to_have_attribute("aria-pressed", "false")
    done.reload()
    expect(star).to_have_attribute("aria-pressed", "false")
