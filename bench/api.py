"""The API: a synchronous call against the shell, questions after tasks a second, and what waiting callers cost.

    ./run bench api [swap | tasks | waiting]

- swap: a synchronous call on two pictures of 1 megapixel from loopback, by turns with the same swap by
  `./run manage swap` in a process that has loaded its models: at most 1.3 times as long.
- tasks: 200 questions a second at /face/tasks for 30 s, from 8 connections: p95 at most 50 ms.
- waiting: 40 synchronous callers wait on a provider that holds: the gallery's p95, of a full page, at most 1.5
  times what it is while nothing is in flight, and the web server grows by at most 60 MB (PSS).
"""
# ruff: noqa: E402 (the settings have to be told of the folder before anything reads them)

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from io import BytesIO, StringIO
from pathlib import Path

import django

FOLDER = tempfile.TemporaryDirectory(prefix="bench-api-")
os.environ.update(DATA_DIR=FOLDER.name, DJANGO_SETTINGS_MODULE="faceswap_site.settings")
os.environ.pop("DATABASE_URL", None)
django.setup()

from django.core.management import call_command
from PIL import Image, ImageOps

from bench._hosted import held, hosted_api, hosted_site, states
from swaps.views.gallery import PAGE
from tests.http.peers import Peer, ok, peer
from tests.portraits import portraits
from tests.running import Browser, Site, running_site, wait_for

ROUNDS, MOST_TIMES = 12, 1.3
RATE, SECONDS, CONNECTIONS, MOST_MS = 200, 30, 8, 50
CALLERS, LOOKS, MOST_SLOWER, MOST_MB = 40, 150, 1.5, 60


def p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def megapixel(file: Path) -> bytes:
    """The portrait as a JPEG of 1000 × 1000 pixels."""
    with Image.open(file) as portrait:
        written = BytesIO()
        ImageOps.fit(portrait.convert("RGB"), (1000, 1000)).save(written, "JPEG", quality=92)
    return written.getvalue()


class Pictures:
    """Two portraits, elsewhere and as files; every time of other bytes, so that nothing is known already."""

    def __init__(self) -> None:
        files = portraits(Path(FOLDER.name))[:2]
        self.bytes = dict(zip(("face", "photo"), map(megapixel, files), strict=True))
        self.peer: Peer

    def answer(self, connection: object, head: bytes) -> None:
        name, _, number = head.split()[1].decode().strip("/").partition("-")
        connection.sendall(ok(self.bytes[name] + number.encode()))  # type: ignore[attr-defined]

    def body(self, number: int, **fields: object) -> dict[str, object]:
        return {
            "source_image_url": self.peer.url(f"/face-{number}"),
            "target_image_url": self.peer.url(f"/photo-{number}"),
            **fields,
        }

    def files(self, number: int) -> list[str]:
        found = []
        for name, data in self.bytes.items():
            file = Path(FOLDER.name) / f"{name}-{number}.jpg"
            file.write_bytes(data + f"s{number}".encode())
            found.append(str(file))
        return found


@contextmanager
def pictures() -> Iterator[Pictures]:
    made = Pictures()
    with peer(made.answer) as made.peer:
        yield made


class Program:
    """A program with a connection to the site that stays open."""

    def __init__(self, site: Site, token: str) -> None:
        self.connection = HTTPConnection("127.0.0.1", site.port, timeout=300)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(self, path: str, body: object) -> tuple[int, dict[str, object]]:
        self.connection.request("POST", path, json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())


@contextmanager
def site_for(there: Pictures) -> Iterator[Site]:
    """A site with the embedded engine, which may fetch those pictures."""
    with (
        tempfile.TemporaryDirectory() as name,
        running_site(Path(name), OUTBOUND_ALLOW=there.peer.address) as site,
    ):
        yield site


def bench_swap() -> bool:
    """By turns, so that a busy machine is busy for both."""
    call_command("migrate", verbosity=0)
    by = dict[str, list[float]](shell=[], call=[])
    with pictures() as there, site_for(there) as site:
        program = Program(site, site.make_token("bench")[0])
        for number in range(ROUNDS + 1):
            files = [*there.files(number), "-o", f"{FOLDER.name}/result-{number}.jpg"]
            start = time.perf_counter()
            call_command("swap", *files, stdout=StringIO())
            middle = time.perf_counter()
            status, answer = program.post("/face/swap", there.body(number))
            end = time.perf_counter()
            assert status == 200, answer
            # The first of each loads the models.
            if number:
                by["shell"].append(middle - start)
                by["call"].append(end - middle)
    shell, call = (statistics.median(times) for times in by.values())
    pairs = statistics.median(c / s for s, c in zip(*by.values(), strict=True))
    print(
        f"shell command {shell:6.3f} s, synchronous call {call:6.3f} s: {pairs:.2f} times",
        flush=True,
    )
    return bool(pairs <= MOST_TIMES)


def bench_tasks() -> bool:
    """At a steady rate: who is late has to catch up, so that a slow answer delays those after it."""
    with pictures() as there, site_for(there) as site:
        token = site.make_token("bench")[0]
        _, answer = Program(site, token).post("/face/swap", there.body(1))
        question = {"action": "retrieve", "id": answer["task_id"]}
        started = time.perf_counter() + 0.2

        def ask(lane: int) -> list[float]:
            program, taken = Program(site, token), []
            for number in range(lane, RATE * SECONDS, CONNECTIONS):
                due = started + number / RATE
                time.sleep(max(0.0, due - time.perf_counter()))
                status, _ = program.post("/face/tasks", question)
                assert status == 200
                # From when it was due: waiting for one's turn counts.
                taken.append((time.perf_counter() - due) * 1000)
            return taken

        with ThreadPoolExecutor(CONNECTIONS) as lanes:
            all_taken = [one for lane in lanes.map(ask, range(CONNECTIONS)) for one in lane]
        seconds = time.perf_counter() - started
    rate = len(all_taken) / seconds
    print(
        f"/face/tasks: {rate:.0f} a second for {seconds:.0f} s, p50 {statistics.median(all_taken):.1f} ms, "
        f"p95 {p95(all_taken):.1f} ms, slowest {max(all_taken):.0f} ms",
        flush=True,
    )
    return rate >= RATE * 0.98 and p95(all_taken) <= MOST_MS


def web_memory(site: Site) -> float:
    """MB of the web server's processes, shared pages counted in parts."""
    found = 0.0
    for pid in site.descendants():
        command = Path(f"/proc/{pid}/cmdline")
        if command.exists() and b"granian" in command.read_bytes():
            found += held(pid)
    return found


def looks(browser: Browser) -> list[float]:
    taken = []
    for _ in range(LOOKS):
        start = time.perf_counter()
        assert browser.session.get(f"{browser.site.url}/", timeout=60).status_code == 200
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def bench_waiting() -> bool:
    """The gallery's first page is full: first of swaps that are done, then of these and of those waited for."""
    with (
        pictures() as there,
        tempfile.TemporaryDirectory() as name,
        hosted_api() as api,
        hosted_site(
            Path(name), api,
            HOSTED_MODE="async", MAX_IN_FLIGHT=str(PAGE), OUTBOUND_ALLOW=f"{api.address},{there.peer.address}",
        ) as site,
    ):  # fmt: skip
        token, browser = site.make_token("bench")[0], Browser(site)
        for number in range(PAGE):
            Program(site, token).post("/face/swap", there.body(number, **{"async": True}))
        wait_for_swaps(site, PAGE, "succeeded")
        # No swap is answered any more before the bench is over.
        api.always("late", seconds=300)
        looks(browser)
        idle, before = looks(browser), web_memory(site)
        for number in range(PAGE, PAGE + CALLERS):
            threading.Thread(target=wait_in_vain, args=[site, token, there.body(number)]).start()
        wait_for_swaps(site, CALLERS, "running")
        waiting, after = looks(browser), web_memory(site)
    slower = p95(waiting) / p95(idle)
    print(
        f"gallery p95: idle {p95(idle):.1f} ms, with {CALLERS} callers waiting {p95(waiting):.1f} ms: "
        f"{slower:.2f} times; web server {before:.0f} → {after:.0f} MB: {after - before:+.0f} MB",
        flush=True,
    )
    return slower <= MOST_SLOWER and after - before <= MOST_MB


def wait_in_vain(site: Site, token: str, body: dict[str, object]) -> None:
    """As a caller whose site is stopped while she waits."""
    with suppress(OSError, HTTPException):
        Program(site, token).post("/face/swap", {**body, "timeout": 250})


def wait_for_swaps(site: Site, many: int, status: str) -> None:
    wait_for(
        lambda: states(site).get(status) == many, seconds=120, what=f"{many} swaps to be {status}"
    )


BENCHES = {"swap": bench_swap, "tasks": bench_tasks, "waiting": bench_waiting}


def main(arguments: list[str]) -> None:
    chosen = arguments or list(BENCHES)
    kept = [BENCHES[name]() for name in chosen]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main(sys.argv[1:])
