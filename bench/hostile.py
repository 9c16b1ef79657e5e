"""Hostile uploads, one after another, against a running site: how long each takes and what it costs.

    ./run bench hostile [COUNT]

COUNT files at least (default 300) are made from a fixed seed. The memory is that of the web server
with all its children, as the sum of their PSS (shared pages counted once), sampled every 20 ms.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from bench._hostile_files import every_file
from tests.running import Browser, Site, running_site

SLOWEST, LARGEST, FEWEST = 5.0, 400.0, 300


class Memory:
    """The sum of the web server's and its children's PSS, in MB, and its peak since it was reset."""

    def __init__(self, site: Site) -> None:
        self.site, self.peak, self.highest = site, 0.0, 0.0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.ended.wait(0.02):
            now = self.now()
            self.peak, self.highest = max(self.peak, now), max(self.highest, now)

    def now(self) -> float:
        return sum(_pss(pid) for pid in self.site.descendants() if _is_of_the_web(pid))


def _is_of_the_web(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    return b"granian" in command or b"swaps.decoding" in command


def _pss(pid: int) -> float:
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def send(browser: Browser, token: dict[str, str], data: bytes) -> tuple[int, str, float]:
    """The status, the sentence of a refusal, and the seconds it took."""
    start = time.perf_counter()
    answer = browser.session.post(
        f"{browser.site.url}/photos/", files={"file": ("upload.jpg", data)}, data=token, timeout=150
    )
    seconds = time.perf_counter() - start
    said = answer.json() if "json" in answer.headers["Content-Type"] else {}
    return answer.status_code, said.get("error", {}).get("message", ""), seconds


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else FEWEST
    statuses: Counter[int] = Counter()
    rows = []
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        browser = Browser(site)
        token = browser.token("/new/")
        memory = Memory(site)
        idle = memory.now()
        for name, data in every_file(count):
            memory.peak = 0.0
            status, said, seconds = send(browser, token, data)
            statuses[status] += 1
            rows.append((seconds, memory.peak, status, name, said))
        memory.ended.set()
        memory.thread.join()
        serves = site.answers("/") and site.process.poll() is None
        left = [path.name for path in (site.data / "tmp").iterdir()]
    print(f"{'seconds':>8} {'MB':>5} {'status':>6}  what (the slowest and the largest)")
    shown = sorted(rows, reverse=True)[:12] + sorted(rows, key=lambda row: -row[1])[:12]
    for seconds, peak, status, name, said in dict.fromkeys(shown):
        print(f"{seconds:8.2f} {peak:5.0f} {status:6}  {name}: {said[:60]}")
    slowest, largest = max(row[0] for row in rows), memory.highest
    faults = sum(number for status, number in statuses.items() if status >= 500)
    print(f"\n{len(rows)} files; answers: {dict(sorted(statuses.items()))}")
    print(f"slowest {slowest:.2f} s (at most {SLOWEST:.0f}); ", end="")
    print(f"peak {largest:.0f} MB PSS (at most {LARGEST:.0f}), idle {idle:.0f} MB")
    print(f"5xx: {faults}; left in tmp: {len(left)}; still serves: {serves}")
    fine = slowest <= SLOWEST and largest <= LARGEST and not faults and not left and serves
    print("verdict: " + ("held" if fine and len(rows) >= FEWEST else "NOT held"))
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
