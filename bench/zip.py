"""A zip of many results: how soon its first byte comes, and what the web process grows by meanwhile.

    ./run bench zip [SWAPS]

On a site of its own with 300 swaps, each with three pictures of its own of about 1.5 MB. Limits: first byte
within 1 s, at most 30 MB more of resident memory. A second download is read slowly, as over a thin line.
"""

from __future__ import annotations

import re
import sys
import tempfile
import threading
import time
from pathlib import Path
from zipfile import ZipFile

import numpy as np
from PIL import Image

from tests.running import Browser, Site, running_site

FIRST_BYTE, GROWTH = 1.0, 30.0
MAKE = """
import shutil
from pathlib import Path
from django.conf import settings
from django.utils import timezone
from swaps import pictures, storage
from swaps.models import By, Photo, Swap, User
ada = User.objects.get(username="ada")
photo = pictures.keep_upload(Path({file!r}), team=ada.team, by=By(ada))
media = Path(settings.STORAGES["default"]["OPTIONS"]["location"])
def copy(n):
    key = storage.new_key()
    shutil.copytree(media / photo.key, media / key)
    return Photo(team=ada.team, owner=ada, kind="result", key=key, sha256=f"{{n:064}}", format=photo.format,
                 width=photo.width, height=photo.height, bytes=photo.bytes, colour=photo.colour)
photos = Photo.objects.bulk_create(copy(n) for n in range(3 * {count}))
now = timezone.now()
swaps = Swap.objects.bulk_create(
    Swap(team=ada.team, maker=ada, provider="local", status="succeeded", title=f"Swap {{n}}", finished_at=now,
         source=photos[3 * n], target=photos[3 * n + 1], result=photos[3 * n + 2])
    for n in range({count})
)
answer = [str(swap.pk) for swap in swaps]
"""


def resident(site: Site) -> float:
    """MB of resident memory of the largest web process."""
    found = [0.0]
    for pid in site.descendants():
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        kilobytes = re.search(r"VmRSS:\s+(\d+)", status)
        if b"granian" in command and kilobytes:
            found.append(int(kilobytes[1]) / 1024)
    return max(found)


class Watch:
    """The highest memory of the web process while it looks."""

    def __init__(self, site: Site) -> None:
        self.site, self.highest, self.over = site, resident(site), threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self.over.wait(0.02):
            self.highest = max(self.highest, resident(self.site))

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()


def download(
    browser: Browser, ids: list[str], into: Path, *, pause: float = 0
) -> tuple[float, float]:
    """Seconds to the first byte and to the last."""
    form = {"id": ids, **browser.token("/")}
    start = time.perf_counter()
    answer = browser.session.post(
        f"{browser.site.url}/swaps/download", data=form, stream=True, timeout=120
    )
    answer.raise_for_status()
    first = None
    with into.open("wb") as file:
        for chunk in answer.iter_content(1 << 20):
            first = first or time.perf_counter() - start
            file.write(chunk)
            time.sleep(pause)
    assert first is not None
    return first, time.perf_counter() - start


def main(arguments: list[str]) -> None:
    count = int(arguments[0]) if arguments else 300
    with tempfile.TemporaryDirectory() as name, running_site(Path(name)) as site:
        folder = Path(name)
        noise = np.random.default_rng(1).normal(128, 20, (1200, 1600, 3)).clip(0, 255)
        Image.fromarray(noise.astype(np.uint8)).save(folder / "picture.jpg", quality=80)
        ids = site.shell(MAKE.format(file=str(folder / "picture.jpg"), count=count))
        browser = Browser(site)
        download(browser, ids[:1], folder / "warm.zip")
        worst_first, worst_growth = 0.0, 0.0
        print(f"{'reader':8} {'swaps':>6} {'MB':>8} {'first byte':>11} {'all':>8} {'growth':>9}")
        for reader, pause in (("quick", 0.0), ("slow", 0.01)):
            before, file = resident(site), folder / "swaps.zip"
            with Watch(site) as watch:
                first, took = download(browser, ids, file, pause=pause)
            with ZipFile(file) as archive:
                assert len(archive.namelist()) == 3 * count + 1
            growth = watch.highest - before
            worst_first, worst_growth = max(worst_first, first), max(worst_growth, growth)
            size = file.stat().st_size / 1024 / 1024
            print(f"{reader:8} {count:6} {size:8.0f} {first:9.2f} s {took:6.1f} s {growth:6.1f} MB")
    print(f"First byte {worst_first:.2f} s (limit {FIRST_BYTE:.0f} s), ", end="")
    print(f"growth {worst_growth:.1f} MB (limit {GROWTH:.0f} MB)")
    sys.exit(worst_first > FIRST_BYTE or worst_growth > GROWTH)


if __name__ == "__main__":
    main(sys.argv[1:])
