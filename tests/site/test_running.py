"""The site as a whole: it starts, it ends, it survives."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.portraits import portraits
from tests.running import Browser, Site, free_port, running_site, wait_for
from tests.samples import ROOT

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests that leave it running."""
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def worker_of(site: Site) -> int:
    return next((pid for pid in site.descendants() if "ox_worker" in command_of(pid)), 0)


def web_process_of(site: Site) -> int:
    """The process that runs Django: granian's youngest."""
    return max(pid for pid in site.descendants() if "granian" in command_of(pid))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_everything_and_leaves_no_process(tmp_path: Path, number: int) -> None:
    with running_site(tmp_path) as site:
        started = site.descendants()
        assert len(started) >= 3
        site.process.send_signal(number)
        assert site.process.wait(timeout=10) == 0
        assert not [pid for pid in started if is_alive(pid)]


def test_the_worker_gives_way_to_the_web_server(site: Site) -> None:
    worker = wait_for(lambda: worker_of(site), what="a worker")
    web = web_process_of(site)
    nicenesses = os.getpriority(os.PRIO_PROCESS, worker), os.getpriority(os.PRIO_PROCESS, web)
    assert nicenesses == (10, 0)


@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="This kernel knows no autogroups."
)
def test_it_gives_way_on_a_kernel_that_shares_by_sessions(site: Site) -> None:
    worker = wait_for(lambda: worker_of(site), what="a worker")
    assert Path(f"/proc/{worker}/autogroup").read_text().split()[-2:] == ["nice", "10"]


def test_a_background_job_of_a_shell_hears_the_interrupt_too(tmp_path: Path) -> None:
    with running_site(tmp_path, deaf_to=signal.SIGINT) as site:
        site.process.send_signal(signal.SIGINT)
        assert site.process.wait(timeout=10) == 0


def test_what_nohup_started_outlives_its_terminal(tmp_path: Path) -> None:
    with running_site(tmp_path, deaf_to=signal.SIGHUP) as site:
        site.process.send_signal(signal.SIGHUP)
        assert site.answers()
        assert site.process.poll() is None


def test_a_worker_that_dies_is_started_again(site: Site) -> None:
    worker = wait_for(lambda: worker_of(site), what="the worker")
    os.kill(worker, signal.SIGKILL)
    again = wait_for(lambda: worker_of(site) not in (0, worker) and worker_of(site))
    assert again != worker


def test_a_web_server_that_dies_is_started_again(site: Site) -> None:
    first = min(pid for pid in site.descendants() if "granian" in command_of(pid))
    os.killpg(first, signal.SIGKILL)
    wait_for(lambda: not is_alive(first))
    wait_for(site.answers, what="the site to answer again")


def test_a_port_in_use_is_a_sentence(site: Site, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "faceswap_site.supervisor"],
        cwd=ROOT, env={**site.environment, "DATA_DIR": str(other)},
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "is in use. Stop what uses it, or choose another" in done.stderr


def test_a_second_start_keeps_accounts_and_key(tmp_path: Path) -> None:
    with running_site(tmp_path, from_nothing=True) as first:
        key = (first.data / "secret_key").read_text()
    with running_site(tmp_path) as second:
        assert (second.data / "secret_key").read_text() == key
        names = second.shell(
            "from swaps.models import User; answer = list(User.objects.values_list('username'))"
        )
    assert names == [["ada"]]


def test_a_signal_during_the_preparation_ends_everything(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "faceswap_site.supervisor"],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(tmp_path), "PORT": str(free_port())}, text=True,
    )  # fmt: skip
    site = Site(0, tmp_path, process, tmp_path / "log", {})
    preparing = wait_for(
        lambda: [pid for pid in site.descendants() if "prepare" in command_of(pid)]
    )
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    assert not [pid for pid in preparing if is_alive(pid)]


def test_one_swap_from_the_shell_needs_no_site_before_it(tmp_path: Path) -> None:
    source, target = portraits(tmp_path)[:2]
    done = subprocess.run(
        [sys.executable, "manage.py", "swap", source, target, "-o", tmp_path / "result.jpg"],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(tmp_path / "fresh")},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "result.jpg").exists()


def test_the_secret_key_is_readable_by_its_owner_alone(site: Site) -> None:
    assert (site.data / "secret_key").stat().st_mode & 0o777 == 0o600


REQUEST = """
from contextlib import closing
from pathlib import Path
from swaps import pictures, submission
from swaps.models import SITE, By, User
ada = User.objects.get()
source, target = (pictures.keep_upload(Path(p), team=ada.team, by=By(ada)) for p in {files!r})
answer = str(submission.request_swap(maker=ada, source=source, target=target, by=SITE).pk)
"""
LOOK = """
from swaps.models import Photo, Swap
swap = Swap.objects.get()
outcomes = list(swap.attempts.values_list("outcome", flat=True))
answer = [swap.status, outcomes, Photo.objects.filter(kind="result").count()]
"""


@pytest.mark.sqlite
def test_a_swap_whose_worker_is_killed_in_the_middle_still_finishes_once(tmp_path: Path) -> None:
    files = [str(file) for file in portraits(tmp_path)[:2]]
    with running_site(tmp_path, LEASE_SECONDS="3") as site:
        site.shell(REQUEST.format(files=files))
        wait_for(lambda: status_in(site) == "running", what="a swap in work")
        os.kill(worker_of(site), signal.SIGKILL)
        ended = wait_for(lambda: ended_of(site), seconds=60, what="the swap to end")
    assert ended == ["succeeded", ["lost", "succeeded"], 1]


def status_in(site: Site) -> str:
    """Read straight from the file: a swap is in work for half a second, less than a shell takes to start."""
    with closing(sqlite3.connect(site.data / "db.sqlite3")) as rows:
        status: str = rows.execute("SELECT status FROM swaps_swap").fetchone()[0]
        return status


def ended_of(site: Site) -> list[Any] | None:
    look: list[Any] = site.shell(LOOK)
    return look if look[0] not in {"queued", "running", "fetching"} else None


def test_the_web_process_never_loads_the_engine_and_stays_small(site: Site, tmp_path: Path) -> None:
    browser = Browser(site)
    photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
    assert browser.swap(photos[0], photos[1])[1] == "succeeded"
    status = Path(f"/proc/{web_process_of(site)}/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    assert int(resident.split()[1]) < 120 * 1024
    mapped = Path(f"/proc/{web_process_of(site)}/maps").read_text()
    assert not [name for name in ("numpy", "cv2", "ai_edge_litert") if name in mapped]
