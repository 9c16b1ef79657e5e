"""Worker and web server are killed again and again while swaps are made: what is lost, stuck, or paid twice.

    ./run bench kills [KILLS [SWAPS]]

SIGKILL at random moments, of the worker, the web server, or the one process that serves its requests. The
service takes 10 s for a swap and calls back once: where nobody listens, the callback is lost. Some of the
swaps are in flight at a time, so that kills hit all steps: asking, waiting, being called back, fetching.
"""

# ruff: noqa: S311 (it picks victims, and guards nothing)

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from bench._hosted import ASK, Api, hosted_api, hosted_site, rows, states
from tests.running import Site
from tests.samples import picture_bytes

LEASE, DEADLINE, IN_FLIGHT = 10, 120, 40
# A worker takes a few seconds to start, and the sweep looks every ten.
STUCK_AFTER = 2 * LEASE
# As the site's own supervisor, but it never thinks that five deaths a minute are too many.
REVIVER = (
    "from faceswap_site import supervisor;"
    "supervisor.MAX_DEATHS = 10**6;"
    "raise SystemExit(supervisor.main([]))"
)
STUCK = """
SELECT max((julianday('now') - julianday(lease_until)) * 86400)
FROM swaps_swap WHERE lease IS NOT NULL AND status IN ('running', 'fetching')
"""


def victims(site: Site) -> dict[str, list[int]]:
    """Processes by what they are."""
    found: dict[str, list[int]] = {"worker": [], "web": []}
    for pid in site.descendants():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            continue
        for name, mark in (("worker", b"ox_worker"), ("web", b"granian")):
            if mark in command and b"supervisor" not in command:
                found[name].append(pid)
    return {name: pids for name, pids in found.items() if pids}


def kill_one(site: Site) -> str:
    alive = victims(site)
    if not alive:
        return ""
    name = random.choice(sorted(alive))
    try:
        os.kill(random.choice(alive[name]), signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return name


def work_and_kill(site: Site, kills: int, many: int) -> tuple[dict[str, int], float]:
    """Until everything has ended: who was killed how often, and the longest that a lease was over."""
    killed = {"worker": 0, "web": 0}
    longest, due = 0.0, time.monotonic() + 3
    deadline = time.monotonic() + 900
    while time.monotonic() < deadline:
        found = states(site)
        if found.get("succeeded", 0) + found.get("failed", 0) == many:
            break
        ((late,),) = rows(site, STUCK)
        longest = max(longest, float(str(late or 0)))
        if time.monotonic() >= due and sum(killed.values()) < kills:
            if name := kill_one(site):
                killed[name] += 1
            due = time.monotonic() + random.uniform(0.2, 2.5)
        time.sleep(0.2)
    return killed, longest


def report(site: Site, api: Api, many: int, killed: dict[str, int], longest: float) -> bool:
    found = states(site)
    count = {
        name: int(str(rows(site, f"SELECT count(*) FROM {query}")[0][0]))  # noqa: S608 (our own words)
        for name, query in {
            "uncertain": "swaps_attempt WHERE uncertain",
            "results": "swaps_photo WHERE kind = 'result'",
            "dropped": "swaps_attempt WHERE outcome = 'lost' AND cost IS NOT NULL",
        }.items()
    }
    billed = int(str(api.record()["swaps_billed"]))
    lost = many - found.get("succeeded", 0)
    doubled = count["results"] - found.get("succeeded", 0)
    print(f"killed: worker {killed['worker']} times, web {killed['web']} times")
    print(f"{'lost':28} {lost:6}   (limit 0) {found}")
    print(f"{'longest after a lease ended':28} {longest:6.1f} s (limit {STUCK_AFTER} s)")
    print(f"{'doubled results':28} {doubled:6}   (limit 0)")
    print(f"{'answers lost on the way':28} {count['uncertain']:6}")
    print(f"{'paid for more than once':28} {billed - many:6}   (limit {count['uncertain']})")
    print(f"{'paid for and dropped':28} {count['dropped']:6}")
    return (
        lost == 0 and longest <= STUCK_AFTER and doubled == 0
        and billed - many <= count["uncertain"]
    )  # fmt: skip


def main(arguments: list[str]) -> None:
    kills = int(arguments[0]) if arguments else 50
    many = int(arguments[1]) if len(arguments) > 1 else 200
    seed = random.randrange(10**6)
    random.seed(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [str(folder / f"{one}.jpg") for one in ("face", "photo")]
        for file, colour in zip(files, ("#a06040", "#4060a0"), strict=True):
            Path(file).write_bytes(picture_bytes((1000, 1000), colour=colour))
        environment = {
            "MAX_IN_FLIGHT": str(IN_FLIGHT), "LEASE_SECONDS": str(LEASE),
            "SWAP_DEADLINE": str(DEADLINE), "HOSTED_MODE": "callback",
        }  # fmt: skip
        options = ["--seconds", "10", "--size", "1000x1000", "--format", "jpg"]
        command = (sys.executable, "-c", REVIVER)
        with (
            hosted_api(*options) as api,
            hosted_site(folder, api, command=command, **environment) as site,
        ):
            site.shell(ASK.format(files=files, many=many))
            print(f"{kills} kills, {many} swaps, {IN_FLIGHT} in flight, seed {seed}", flush=True)
            killed, longest = work_and_kill(site, kills, many)
            sys.exit(not report(site, api, many, killed, longest))


if __name__ == "__main__":
    main(sys.argv[1:])
