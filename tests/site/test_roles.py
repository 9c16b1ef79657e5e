"""Web and worker apart: on machines or in containers of their own, over one PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.portraits import portraits
from tests.running import Browser, running_site, wait_for
from tests.samples import ROOT

pytestmark = pytest.mark.once

SUPERVISOR = [sys.executable, "-m", "faceswap_site.supervisor"]


def commands_below(pid: int) -> list[str]:
    """The commands of a process's children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{child}/cmdline").read_text() for child in children]


def test_a_worker_apart_waits_for_the_web_side_and_does_its_swaps(
    tmp_path: Path, postgres_url: str
) -> None:
    log = tmp_path / "worker.log"
    with running_site(tmp_path, command=[*SUPERVISOR, "web"], DATABASE_URL=postgres_url) as site:
        assert not [one for one in commands_below(site.process.pid) if "ox_worker" in one]
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        with log.open("w") as handle:
            worker = subprocess.Popen(
                [*SUPERVISOR, "worker"],
                cwd=ROOT, env=site.environment, stdout=handle, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            assert browser.swap(photos[0], photos[1])[1] == "succeeded"
            assert not [one for one in commands_below(worker.pid) if "granian" in one]
        finally:
            worker.terminate()
            assert worker.wait(timeout=15) == 0
    assert "The worker starts." in log.read_text()


def test_a_worker_begins_only_once_the_database_is_up_to_date(
    tmp_path: Path, postgres_url: str
) -> None:
    log = tmp_path / "worker.log"
    with log.open("w") as handle:
        worker = subprocess.Popen(
            [*SUPERVISOR, "worker"],
            cwd=ROOT, stdout=handle, stderr=subprocess.STDOUT,
            env={**os.environ, "DATABASE_URL": postgres_url, "DATA_DIR": str(tmp_path / "data")},
        )  # fmt: skip
    try:
        wait_for(lambda: any("await_upgrade" in one for one in commands_below(worker.pid)))
        assert "The worker starts." not in log.read_text()
        with running_site(
            tmp_path, command=[*SUPERVISOR, "web"], DATABASE_URL=postgres_url
        ) as site:
            wait_for(lambda: "The worker starts." in log.read_text(), what="the worker to start")
            assert site.answers()
    finally:
        worker.terminate()
        assert worker.wait(timeout=15) == 0


def test_what_cannot_be_served_is_a_sentence() -> None:
    done = subprocess.run(
        [*SUPERVISOR, "queue"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "say web, worker, or nothing for both" in done.stderr
