"""Previews of a 12-megapixel JPEG: the site's own way beside the plain one, in the same run.

    ./run bench previews [FILE …]

Plain is Pillow's full decode, the turn that EXIF asks for, and a thumbnail for each size. Ours is
`previews` of swaps/decoding.py. Without FILEs: a picture with a camera's noise, turned and not, and the
portraits beside the project, enlarged. The verdict is over the median of each picture's ratios.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps

from bench._hostile_files import noise
from swaps import decoding, images
from tests.samples import shared_faces

WIDTH, HEIGHT = 4000, 3000
ROUNDS, LEAST = 7, 2.4


def plain(file: Path, into: Path) -> None:
    with Image.open(file) as image:
        image.load()
        upright = ImageOps.exif_transpose(image)
        for size in images.PREVIEW_SIZES:
            preview = upright.copy()
            preview.thumbnail((size, size), Image.Resampling.LANCZOS)
            preview.save(into / f"{size}.webp", "WEBP", quality=decoding.PREVIEW_QUALITY)


def ours(file: Path, into: Path) -> None:
    with Image.open(file) as image:
        decoding.previews(image, into)


def pictures(folder: Path) -> list[Path]:
    """Generated ones; never kept."""
    turned = Image.Exif()
    turned[0x0112] = 6
    made = {"noise": noise(WIDTH, HEIGHT), "noise-turned": noise(WIDTH, HEIGHT)}
    for name, face in list(shared_faces().items())[:3]:
        made[name] = Image.open(face).convert("RGB").resize((HEIGHT, WIDTH))
    for name, image in made.items():
        exif = turned if name.endswith("turned") else Image.Exif()
        image.save(folder / f"{name}.jpg", quality=90, exif=exif)
    return [folder / f"{name}.jpg" for name in made]


def seconds(way: Callable[[Path, Path], None], file: Path, into: Path) -> float:
    start = time.perf_counter()
    way(file, into)
    return time.perf_counter() - start


def main(arguments: list[str]) -> int:
    print(f"{'picture':28} {'plain ms':>9} {'ours ms':>8} {'times as fast':>14}")
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in [Path(given) for given in arguments] or pictures(folder):
            # Turn by turn, so that whatever else the machine does falls on both.
            pairs = [
                (seconds(plain, file, folder), seconds(ours, file, folder)) for _ in range(ROUNDS)
            ]
            slow, quick = (statistics.median(column) for column in zip(*pairs, strict=True))
            ratios.append(statistics.median(one / other for one, other in pairs))
            print(f"{file.stem:28} {1000 * slow:9.0f} {1000 * quick:8.0f} {ratios[-1]:14.2f}")
    held = min(ratios) >= LEAST
    print(f"\nslowest ratio {min(ratios):.2f}, at least {LEAST} asked for")
    print("verdict: " + ("held" if held else "NOT held"))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
