"""A site in front of a hosted service of ours, both as processes: for the benches of that."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.running import SUPERVISOR, Site, running_site
from tests.samples import ROOT

TOKEN = "bench-token"  # noqa: S105 (of the fake)

ASK = """
from pathlib import Path
from django.conf import settings
from swaps import pictures, submission
from swaps.models import SITE, Photo, User
ada = User.objects.get(username="ada")
face, photo = [pictures.keep_upload(Path(file), team=ada.team, by=SITE) for file in {files}]
for _ in range({many}):
    submission.request_swap(maker=ada, source=face, target=photo, by=SITE)
answer = True
"""


@dataclass
class Api:
    """The service, and what it remembers."""

    url: str

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    def record(self) -> dict[str, object]:
        with urllib.request.urlopen(f"{self.url}/_fake/record", timeout=60) as answer:  # noqa: S310 (loopback)
            found: dict[str, object] = json.load(answer)
        return found

    def always(self, behaviour: str, **arguments: object) -> None:
        """From here on every swap is odd in that way."""
        told = json.dumps({"behaviour": behaviour, "arguments": arguments}).encode()
        urllib.request.urlopen(f"{self.url}/_fake/always", told, timeout=60).close()  # noqa: S310 (loopback)


@contextmanager
def hosted_api(*options: str) -> Iterator[Api]:
    """The fake as a process of its own, with its command line's *options*."""
    command = [sys.executable, "-m", "tests.fakes.hosted", "--token", TOKEN, "--no-fetch", *options]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert process.stdout is not None
    try:
        yield Api(process.stdout.readline().split()[-1])
    finally:
        process.kill()
        process.wait()


@contextmanager
def hosted_site(
    folder: Path, api: Api, command: Sequence[str] = SUPERVISOR, **environment: str
) -> Iterator[Site]:
    """A site on SQLite whose swaps that service makes; it can be called back unless told otherwise."""
    told = {
        "ACEDATACLOUD_API_TOKEN": TOKEN,
        "ACEDATACLOUD_API_BASE_URL": api.url,
        "OUTBOUND_ALLOW": api.address,
        **environment,
    }
    with running_site(
        folder, is_public=True, from_nothing=True, command=command, deaf_to=None, **told
    ) as site:
        yield site


def rows(site: Site, query: str) -> list[tuple[object, ...]]:
    """Read straight from the site's database: a shell takes seconds to start."""
    path = f"file:{site.data / 'db.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(path, uri=True, timeout=30)) as connection:
        return connection.execute(query).fetchall()


def states(site: Site) -> dict[str, int]:
    """How many swaps stand where."""
    found = rows(site, "SELECT status, count(*) FROM swaps_swap GROUP BY status")
    return {str(status): int(str(count)) for status, count in found}


@dataclass
class Watcher:
    """Looks at what the worker's processes hold in memory, from the start to the end of the block.

    `whole` is all of it, `largest` the largest process; both in MB at their peaks. Shared pages are counted
    once (PSS).
    """

    site: Site
    whole: float = 0
    largest: float = 0
    pause: float = 0.25
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watcher:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self.pause):
            sizes = [held(pid) for pid in worker_processes(self.site)]
            self.whole = max(self.whole, sum(sizes))
            self.largest = max(self.largest, *sizes, 0)


def worker_processes(site: Site) -> list[int]:
    """The worker and all that it started."""
    found = []
    for pid in site.descendants():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        if b"ox_worker" in command or b"swaps.decoding" in command:
            found.append(pid)
    return found


def held(pid: int) -> float:
    """MB in memory, shared pages counted in parts; 0 for a process that is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"Pss:\s+(\d+)", text)
    return int(found[1]) / 1024 if found else 0
