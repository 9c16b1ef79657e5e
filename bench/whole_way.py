"""From *Swap* to the stored result, as a browser would ask for it; and what the processes hold in memory.

    ./run bench whole_way [FOLDER]

FOLDER holds portraits (default: ../shared/faces; without any, scikit-image's astronaut and a second
person derived from her). Every ordered pair of the first four is swapped once, on a site of its own.
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from itertools import permutations
from pathlib import Path

from tests.portraits import portraits
from tests.running import Browser, Site, running_site


def resident(site: Site) -> dict[str, float]:
    """MB of resident memory, by what the process is."""
    found: dict[str, float] = {}
    for pid in site.descendants():
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
        name = "web" if "granian" in command else "worker"
        status = Path(f"/proc/{pid}/status").read_text()
        kilobytes = re.search(r"VmRSS:\s+(\d+)", status)
        if kilobytes:
            found[name] = max(found.get(name, 0.0), int(kilobytes[1]) / 1024)
    return found


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = sorted(Path(arguments[0]).glob("*.jpg")) if arguments else []
        files = (given or portraits(Path(folder)))[:4]
        with running_site(Path(folder)) as site:
            idle = resident(site)
            browser = Browser(site)
            photos = {file.stem: browser.upload(file) for file in files}
            taken = []
            print(f"{'Face':26} {'Photo':26} {'state':10} seconds")
            for face, photo in permutations(photos, 2):
                seconds, state = browser.swap(photos[face], photos[photo])
                taken.append(seconds)
                print(f"{face:26} {photo:26} {state:10} {seconds:7.2f}")
            busy = resident(site)
        print(f"\nfrom Swap to result: first {taken[0]:.2f} s, ", end="")
        print(f"median {statistics.median(taken):.2f} s, slowest {max(taken):.2f} s")
        for name in ("web", "worker"):
            print(
                f"{name}, largest process: {idle[name]:.0f} MB idle, {busy[name]:.0f} MB afterwards"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
