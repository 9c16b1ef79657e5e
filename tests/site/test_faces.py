"""A real worker finds the faces of what was uploaded, beside everything else that it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.portraits import own_portraits
from tests.running import Browser, running_site, wait_for

pytestmark = pytest.mark.once


def test_a_running_worker_finds_the_faces_of_an_upload(tmp_path: Path) -> None:
    (file, _) = own_portraits(tmp_path, "faces")
    with running_site(tmp_path) as site:
        browser = Browser(site)
        address = f"{site.url}/photos/{browser.upload(file)}/faces.json"
        found = wait_for(
            lambda: (
                (answer := browser.session.get(address, timeout=30).json())["state"] == "found"
                and answer
            ),
            what="the faces of an upload",
        )
    assert len(found["faces"]) == 1
    assert found["faces"][0]["usable"]


def test_a_worker_without_the_engines_model_serves_all_the_same(tmp_path: Path) -> None:
    with running_site(tmp_path, FACE_LANDMARKER_MODEL=str(tmp_path / "missing.task")) as site:
        wait_for(lambda: "step=warm_up" in site.log.read_text(), what="a word of the worker's")
        assert site.answers()
        assert site.process.poll() is None
