"""From a callback to the visible result, while callbacks keep coming; and what pages take meanwhile.

    ./run bench callbacks

Two loads: 20 callbacks a second for JPEGs of 512 × 512, and one a second for PNGs of 4 megapixels with a
camera's noise. 95 % of the results have to be visible within a second, and 95 % of the callbacks answered
within 50 ms, as whoever sends them sees it. Meanwhile the gallery is asked for again and again: its 95th
percentile may be three times that of the idle site.
"""

from __future__ import annotations

import io
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from bench._hosted import ASK, TOKEN, Api, hosted_site, rows
from tests.fakes import behaviours
from tests.fakes.hosted import HostedApi
from tests.fakes.records import Task
from tests.running import Browser, Site, wait_for
from tests.samples import picture_bytes

MOST_SECONDS, MOST_TIMES, MOST_ANSWER = 1.0, 3.0, 0.05
LOOKS, PAUSE = 60, 0.2


@dataclass(frozen=True)
class Load:
    name: str
    a_second: float
    many: int
    side: int
    format: str


LOADS = (
    Load("512 px JPEG", 20, 300, 512, "JPEG"),
    Load("4 MP PNG", 1, 25, 2000, "PNG"),
)


def noisy(side: int, file_format: str) -> bytes:
    """A picture with a gradient and a camera's noise, which compresses as badly as a photograph."""
    random = np.random.default_rng(1)
    across = np.linspace(40, 200, side)[None, :, None] + np.linspace(0, 40, side)[:, None, None]
    pixels = across + random.normal(0, 3, (side, side, 3))
    written = io.BytesIO()
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(written, file_format)
    return written.getvalue()


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Looker:
    """Asks for the gallery's first page, over and over, in the background or for a number of times."""

    def __init__(self, site: Site) -> None:
        self.browser, self.site = Browser(site), site
        self.taken: list[float] = []
        self.stopped = threading.Event()

    def look(self) -> None:
        start = time.perf_counter()
        self.browser.session.get(self.site.url, timeout=60).raise_for_status()
        self.taken.append(time.perf_counter() - start)

    def look_on(self) -> None:
        while not self.stopped.wait(PAUSE):
            self.look()


def call_back(api: HostedApi, tasks: Sequence[Task], load: Load) -> dict[str, float]:
    """Send the callbacks at the load's pace; when each was sent, by task_id."""
    sent: dict[str, float] = {}
    start = time.monotonic()
    for number, task in enumerate(tasks):
        time.sleep(max(0.0, start + number / load.a_second - time.monotonic()))
        sent[task.id] = time.time()
        threading.Thread(target=api.call_back, args=[task], daemon=True).start()
    return sent


def visible(site: Site) -> dict[str, float]:
    """When each result was there, by the service's task_id, in Unix seconds."""
    query = (
        "SELECT task_id, (julianday(finished_at) - 2440587.5) * 86400 FROM swaps_attempt "
        "WHERE outcome = 'succeeded'"
    )
    return {str(task): float(str(at)) for task, at in rows(site, query)}


def run(load: Load) -> bool:
    data = noisy(load.side, load.format)
    with tempfile.TemporaryDirectory() as name, HostedApi(token=TOKEN) as api:
        folder = Path(name)
        api.settings.fetches_pictures = False
        api.settings.result_format = "jpg" if load.format == "JPEG" else "png"
        api.settings.make_result = lambda _: data
        api.always(behaviours.silent())
        files = [str(folder / f"{one}.jpg") for one in ("face", "photo")]
        for file, colour in zip(files, ("#a06040", "#4060a0"), strict=True):
            Path(file).write_bytes(picture_bytes((512, 512), colour=colour))
        environment = {"MAX_IN_FLIGHT": str(load.many), "POLL_SECONDS": "600"}
        environment |= {"SWAP_DEADLINE": "3600", "WORKER_PROCESSES": "2"}
        with hosted_site(folder, Api(api.url), **environment) as site:
            site.shell(ASK.format(files=files, many=load.many))
            taken = "SELECT count(*) FROM swaps_attempt WHERE task_id != ''"
            wait_for(
                lambda: rows(site, taken) == [(load.many,)], seconds=120, what="all to be taken"
            )
            idle, busy = Looker(site), Looker(site)
            for _ in range(LOOKS):
                idle.look()
            threading.Thread(target=busy.look_on, daemon=True).start()
            sent = call_back(api, list(api.tasks.values()), load)
            wait_for(lambda: len(visible(site)) == load.many, seconds=120, what="all results")
            busy.stopped.set()
            latencies = [at - sent[task] for task, at in visible(site).items()]
    median, most = statistics.median(latencies), percentile(latencies, 0.95)
    answered = percentile([delivery.seconds for delivery in api.callbacks], 0.95)
    pages = percentile(idle.taken, 0.95), percentile(busy.taken, 0.95)
    print(
        f"{load.name:12} {load.a_second:5.0f}/s {load.many:6} {len(data) / 1e6:6.2f} MB {median:8.2f} s "
        f"{most:8.2f} s {max(latencies):8.2f} s {1000 * answered:8.1f} ms "
        f"{1000 * pages[0]:8.1f} ms {1000 * pages[1]:8.1f} ms {pages[1] / pages[0]:6.2f}",
        flush=True,
    )
    return most < MOST_SECONDS and answered < MOST_ANSWER and pages[1] <= MOST_TIMES * pages[0]


def main(arguments: list[str]) -> None:
    print(
        f"{'results':12} {'callbacks':>7} {'many':>4} {'each':>9} {'median':>10} {'95 %':>10} "
        f"{'slowest':>10} {'answered':>11} {'page idle':>11} {'page busy':>11} {'ratio':>6}"
    )
    kept = [run(load) for load in LOADS]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main(sys.argv[1:])
