"""The whole site on PostgreSQL, which an operator may choose instead of SQLite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portraits import portraits
from tests.running import Browser, running_site

pytestmark = pytest.mark.once


def test_a_swap_goes_the_whole_way_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    with running_site(tmp_path, DATABASE_URL=postgres_url) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        assert browser.swap(photos[0], photos[1])[1] == "succeeded"
        health = browser.session.get(f"{site.url}/healthz", timeout=30).json()
        assert not (site.data / "db.sqlite3").exists()
    assert health["status"] == "ok", health
