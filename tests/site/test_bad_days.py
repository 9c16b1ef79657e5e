"""Bad days of a running site: no room on a disk, a database that is locked or away. All of it really happens."""

from __future__ import annotations

import errno
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import pytest

from tests.portraits import portraits
from tests.postgres import Postgres
from tests.running import TOKEN, Browser, Site, running_site, wait_for, worker_of
from tests.samples import picture_bytes

pytestmark = pytest.mark.once

MOUNT, UNMOUNT = shutil.which("mount") or "mount", shutil.which("umount") or "umount"
FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
HOLD = """
import sqlite3, sys
rows = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=10)
rows.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
rows.execute("COMMIT")
"""


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[None]:
    """A disk of that size in the place of *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [MOUNT, "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "none", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run([UNMOUNT, "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left; the file that holds it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as handle:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    handle.write(b"\0" * size)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
    return filler


def kept(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob("*") if path.is_file())


def send_file(browser: Browser, data: bytes) -> tuple[int, dict[str, dict[str, str]]]:
    token = browser.token("/new/")
    answer = browser.session.post(
        f"{browser.site.url}/photos/", files={"file": ("a.jpg", data)}, data=token, timeout=60
    )
    return answer.status_code, answer.json()


def state_of(browser: Browser, address: str) -> str:
    answer = browser.session.get(address.rstrip("/") + ".json", timeout=60)
    return answer.json()["status"] if answer.ok else str(answer.status_code)


def ask_for_swap(browser: Browser, photos: list[str], **more: str) -> str:
    """The address of a new swap's page."""
    form = {"source_photo": photos[0], "target_photo": photos[1], "consent": "on", **more}
    form |= browser.token("/new/")
    page = browser.session.post(f"{browser.site.url}/new/", data=form, timeout=60)
    assert page.ok, page.text
    return page.url


def ends_well(browser: Browser, address: str, *, seconds: float = 60) -> None:
    wait_for(
        lambda: state_of(browser, address) == "succeeded",
        seconds=seconds,
        what="the swap to succeed",
    )


@pytest.mark.parametrize("full", ["media", "tmp"])
def test_an_upload_that_finds_no_room_says_so_and_leaves_nothing(tmp_path: Path, full: str) -> None:
    disk = tmp_path / "data" / full
    with small_disk(disk, megabytes=8), running_site(tmp_path) as site:
        browser = Browser(site)
        filler = fill(disk)
        before = kept(site.data / "media") + kept(site.data / "tmp")
        status, answer = send_file(browser, picture_bytes((900, 700)))
        assert status == 507
        assert "disk is full" in answer["error"]["message"]
        form = {"consent": "on", "title": "Kept words", **browser.token("/new/")}
        files = {role: ("a.jpg", picture_bytes((900, 700), colour=colour)) for role, colour in
                 (("source", "#123456"), ("target", "#654321"))}  # fmt: skip
        page = browser.session.post(f"{site.url}/new/", data=form, files=files, timeout=60)
        assert page.status_code == 507
        assert page.text.count("disk is full, so this picture could not be stored") == 2
        assert "Kept words" in page.text
        # The server lets go of what it received after it has answered.
        wait_for(
            lambda: kept(site.data / "media") + kept(site.data / "tmp") == before,
            what="nothing to be left",
        )
        filler.unlink()
        assert send_file(browser, picture_bytes((900, 700)))[0] == 201


def test_a_result_that_finds_no_room_waits_and_comes_by_itself(tmp_path: Path) -> None:
    disk = tmp_path / "data" / "media"
    with small_disk(disk, megabytes=8), running_site(tmp_path) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        filler = fill(disk)
        before = kept(disk)
        address = ask_for_swap(browser, photos)
        wait_for(
            lambda: "so this swap waits" in unescape(browser.session.get(address, timeout=60).text),
            what="the reason why it waits",
        )
        assert state_of(browser, address) == "queued"
        assert kept(disk) == before
        filler.unlink()
        ends_well(browser, address)


def test_a_full_disk_under_the_database_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with small_disk(data, megabytes=48), running_site(tmp_path) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        address = ask_for_swap(browser, photos)
        filler = fill(data)
        assert browser.session.get(f"{site.url}/", timeout=60).status_code == 200
        status, _ = send_file(browser, picture_bytes((900, 700)))
        assert status == 507
        wait_for(lambda: browser.session.get(f"{site.url}/healthz", timeout=60).status_code == 503)
        filler.unlink()
        ends_well(browser, address, seconds=90)
        assert send_file(browser, picture_bytes((900, 700)))[0] == 201
        assert site.process.poll() is None


@contextmanager
def locked(site: Site) -> Iterator[None]:
    """Another process holds the database for itself."""
    command = [sys.executable, "-c", HOLD, str(site.data / "db.sqlite3")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline() == "held\n"
        try:
            yield
        finally:
            holder.stdin.close()
            holder.wait(timeout=20)


@pytest.mark.sqlite
def test_a_locked_database_is_said_in_time_and_nothing_that_was_sent_is_lost(
    tmp_path: Path,
) -> None:
    with running_site(tmp_path) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        earlier = ask_for_swap(browser, photos)
        form = {
            "source_photo": photos[0], "target_photo": photos[1], "consent": "on", "title": "Kept <b>",
            **browser.token("/new/"),
        }  # fmt: skip
        key = re.search(
            r'name="form_key" value="([^"]+)', browser.session.get(f"{site.url}/new/").text
        )
        assert key
        form["form_key"] = key[1]
        with locked(site):
            start = time.monotonic()
            assert browser.session.get(f"{site.url}/", timeout=60).status_code == 200
            page = browser.session.post(f"{site.url}/new/", data=form, timeout=60)
            waited = time.monotonic() - start
            # Whoever holds it does so for ten seconds.
            wait_for(lambda: time.monotonic() - start > 10, seconds=15)
        assert page.status_code == 503
        assert int(page.headers["Retry-After"]) > 0
        assert 4 < waited < 9
        again = {unescape(name): unescape(value) for name, value in FIELD.findall(page.text)}
        assert again["title"] == "Kept <b>"
        again["csrfmiddlewaretoken"] = TOKEN.search(page.text)[1]  # type: ignore[index]
        twice = {
            browser.session.post(f"{site.url}/new/", data=again, timeout=60).url for _ in range(2)
        }
        assert len(twice) == 1
        for address in (earlier, *twice):
            ends_well(browser, address)


def test_a_database_that_is_away_for_twenty_seconds(tmp_path: Path, postgres: Postgres) -> None:
    with running_site(tmp_path, DATABASE_URL=postgres.new_database(), LEASE_SECONDS="4") as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        addresses = [ask_for_swap(browser, photos) for _ in range(3)]
        running = site.descendants()
        postgres.stop(signal.SIGINT)
        start = time.monotonic()
        try:
            page = browser.session.get(f"{site.url}/", timeout=60)
            assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
            assert 'http-equiv="refresh"' in page.text
            told = browser.session.get(f"{addresses[0].rstrip('/')}.json", timeout=60)
            assert (told.status_code, told.json()["error"]["code"]) == (503, "unavailable")
            health = browser.session.get(f"{site.url}/healthz", timeout=60)
            assert (health.status_code, health.json()["database"]["ok"]) == (503, False)
            assert time.monotonic() - start < 15
            wait_for(lambda: time.monotonic() - start > 20, seconds=25)
        finally:
            postgres.start()
        for address in addresses:
            ends_well(browser, address, seconds=90)
        assert running <= site.descendants()


def test_a_worker_that_is_started_while_the_database_is_away_comes_to_work(
    tmp_path: Path, postgres: Postgres
) -> None:
    with running_site(tmp_path, DATABASE_URL=postgres.new_database()) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        postgres.stop(signal.SIGINT)
        try:
            started = time.monotonic()
            os.kill(worker_of(site), signal.SIGKILL)
            wait_for(lambda: time.monotonic() - started > 20, seconds=25)
            assert site.process.poll() is None, site.log.read_text()
        finally:
            postgres.start()
        ends_well(browser, ask_for_swap(browser, photos), seconds=90)
