"""Many swaps at once on a hosted service: how soon all are stored and visible, and what the worker holds.

    ./run bench hosted [SWAPS]

The service takes 10 s for each swap and all are in flight together; results are JPEGs of 1 megapixel. With
callbacks all have to be there within 10 s + 1.5 × (their measured processing time ÷ 2 cores), by polling
within twice that, and the worker may hold 250 MB. The processing time is the attempts': from the moment at
which a worker took up an answer until its result was stored and visible, while both cores were busy.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from bench._hosted import ASK, Watcher, hosted_api, hosted_site, rows, states
from tests.running import wait_for
from tests.samples import picture_bytes

SERVICE_SECONDS, CORES, MOST_MEMORY = 10, 2, 250
PROCESSED = """
SELECT count(*), sum((julianday(finished_at) - julianday(answered_at)) * 86400)
FROM swaps_attempt WHERE outcome = 'succeeded'
"""


def run(mode: str, many: int) -> bool:
    """One table line; whether it kept its limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [str(folder / f"{one}.jpg") for one in ("face", "photo")]
        for file, colour in zip(files, ("#a06040", "#4060a0"), strict=True):
            Path(file).write_bytes(picture_bytes((1000, 1000), colour=colour))
        options = ["--seconds", str(SERVICE_SECONDS), "--size", "1000x1000", "--format", "jpg"]
        environment = {"HOSTED_MODE": mode, "MAX_IN_FLIGHT": str(many), "WORKER_PROCESSES": "2"}
        with (
            hosted_api(*options) as api,
            hosted_site(folder, api, **environment) as site,
            Watcher(site) as watcher,
        ):
            site.shell(ASK.format(files=files, many=many))
            ((first,),) = rows(site, "SELECT min(julianday(created_at)) FROM swaps_swap")
            wait_for(
                lambda: states(site).get("succeeded", 0) + states(site).get("failed", 0) == many,
                seconds=600, what=f"all to end: {states(site)}",
            )  # fmt: skip
            ((last,),) = rows(site, "SELECT max(julianday(finished_at)) FROM swaps_swap")
            ((done, processing),) = rows(site, PROCESSED)
            billed = api.record()["swaps_billed"]
    taken = (float(str(last)) - float(str(first))) * 86400
    limit = SERVICE_SECONDS + 1.5 * float(str(processing)) / CORES
    limit *= 1 if mode == "callback" else 2
    print(
        f"{mode:9} {done:>5} {billed:>6} {taken:8.1f} s {float(str(processing)):9.1f} s {limit:8.1f} s "
        f"{taken / limit:6.2f} {watcher.whole:7.0f} MB {watcher.largest:7.0f} MB",
        flush=True,
    )
    return done == many == billed and taken <= limit and watcher.whole <= MOST_MEMORY


def main(arguments: list[str]) -> None:
    many = int(arguments[0]) if arguments else 200
    started = time.strftime("%H:%M:%S")
    print(f"{many} swaps, {started}. Worker: all of its processes; its largest one.")
    print(
        f"{'mode':9} {'done':>5} {'billed':>6} {'taken':>10} {'processing':>11} {'limit':>10} "
        f"{'share':>6} {'worker':>10} {'largest':>10}"
    )
    kept = [run(mode, many) for mode in ("callback", "async")]
    sys.exit(not all(kept))


if __name__ == "__main__":
    main(sys.argv[1:])
