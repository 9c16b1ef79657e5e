"""From an upload to its faces, on a site of its own whose worker is idle.

    ./run bench faces [FOLDER]

FOLDER holds portraits (default: ../shared/faces; without any, scikit-image's astronaut and a second
person derived from her). Each is enlarged or shrunk to 2 megapixels, uploaded a few times as different
files, and asked for as the page does. Counted is from when the upload's answer came; beside it, from
when its sending began. The verdict is over the median of each picture, and is one about an idle
machine: the worker gives way to all else that runs on it.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from tests.portraits import portraits
from tests.running import Browser, running_site, wait_for

PIXELS, ROUNDS, MOST_SECONDS = 2_000_000, 5, 0.3
WORKS = "from swaps import health; answer = health.worker_was_heard_of()"


def variant(file: Path, into: Path, number: int) -> Path:
    """The picture at 2 megapixels; another file for every *number*."""
    with Image.open(file) as image:
        scale = (PIXELS / (image.width * image.height)) ** 0.5
        size = (round(image.width * scale), round(image.height * scale))
        enlarged = image.convert("RGB").resize(size)
    to = into / f"{file.stem}-{number}.jpg"
    enlarged.save(to, quality=92, comment=f"{number}")
    return to


def measured(browser: Browser, file: Path) -> tuple[float, float, int]:
    """Seconds from the upload's answer and from its beginning to its faces, and how many there are."""
    start = time.perf_counter()
    address = f"{browser.site.url}/photos/{browser.upload(file)}/faces.json"
    arrived = time.perf_counter()
    while (found := browser.session.get(address, timeout=30).json())["state"] == "looking":
        time.sleep(0.005)
    now = time.perf_counter()
    return now - arrived, now - start, len(found["faces"])


def main(arguments: list[str]) -> int:
    medians = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        given = sorted(Path(arguments[0]).glob("*.jpg")) if arguments else []
        with running_site(folder) as site:
            browser = Browser(site)
            wait_for(lambda: site.shell(WORKS), what="the worker's first task")
            print(
                f"{'picture':28} {'faces':>5} {'first s':>8} {'median s':>9} {'slowest s':>10}",
                end="",
            )
            print(f" {'with the upload s':>18}")
            for file in given or portraits(folder):
                rows = [
                    measured(browser, variant(file, folder, number)) for number in range(ROUNDS)
                ]
                after, whole, faces = zip(*rows, strict=True)
                medians.append(statistics.median(after))
                print(f"{file.stem:28} {faces[0]:5} {after[0]:8.3f} {medians[-1]:9.3f}", end="")
                print(f" {max(after):10.3f} {statistics.median(whole):18.3f}")
    held = max(medians) <= MOST_SECONDS
    print(f"\nslowest median {max(medians):.3f} s, at most {MOST_SECONDS} asked for; ", end="")
    print(f"load of the machine {os.getloadavg()[0]:.1f}")
    print("verdict: " + ("held" if held else "NOT held"))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
