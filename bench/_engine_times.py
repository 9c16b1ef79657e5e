"""How long swaps take against opening and saving the same files, and what processes need; for `engine`.

Seconds differ from machine to machine, so the figures are ratios, taken turn by turn in one run. A whole swap is
from two files' bytes to one's; the floor is the same without the swap: both decoded, the photo encoded.
"""

from __future__ import annotations

import json
import math
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import numpy as np
from PIL import Image

from bench._engine_child import swap_files
from bench._stages import Stages
from swaps import images
from swaps.engine.arrays import Rgb
from swaps.engine.models import Models

ROUNDS, STAGE_ROUNDS, COLD_STARTS, BESIDE_ROUNDS, SWAPS_EACH = 7, 3, 5, 5, 5


@dataclass(frozen=True)
class Files:
    """A face and a photo as JPEG files of one size."""

    face: Path
    photo: Path


@dataclass(frozen=True)
class Speed:
    """Medians in seconds, and the median of the pairs' ratios."""

    swap: float
    floor: float
    ratio: float


def written_pairs(pictures: list[Rgb], *, megapixels: float, into: Path) -> list[Files]:
    """Up to three pairs of *pictures*, (H, W, 3) uint8 RGB each, of so many megapixels each, in *into*."""
    files = []
    for number, rgb in enumerate(pictures[:3]):
        scale = math.sqrt(megapixels * 1e6 / (rgb.shape[0] * rgb.shape[1]))
        size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
        scaled = Image.fromarray(rgb).resize(size, Image.Resampling.LANCZOS)
        files.append(into / f"{megapixels:g}-{number}.jpg")
        files[-1].write_bytes(images.encode(np.asarray(scaled), alpha=None))
    return [Files(files[at - 1], files[at]) for at in range(len(files))]


def speed(pairs: list[Files], *, models: Models) -> Speed:
    """Whole swaps and their floors, turn by turn, so that whatever else the machine does falls on both."""
    swaps, floors, ratios = [], [], []
    for pair in pairs:
        face, photo = pair.face.read_bytes(), pair.photo.read_bytes()
        swap_files(face, photo, models=models)
        plain, whole = partial(_open_and_save, face, photo), _swap(face, photo, models)
        taken = [(_seconds(plain), _seconds(whole)) for _ in range(ROUNDS)]
        floor, swap = (statistics.median(column) for column in zip(*taken, strict=True))
        floors.append(floor)
        swaps.append(swap)
        ratios.append(statistics.median(one / other for other, one in taken))
    return Speed(statistics.median(swaps), statistics.median(floors), statistics.median(ratios))


def stages(pair: Files, *, models: Models) -> Stages:
    """Where the time of one pair's swaps goes, summed over `STAGE_ROUNDS`."""
    found = Stages()
    work = _swap(pair.face.read_bytes(), pair.photo.read_bytes(), models)
    work()
    for _ in range(STAGE_ROUNDS):
        found.watch(work)
    return found


def peak_memory(pairs: list[Files], *, threads: int) -> tuple[float, float]:
    """Megabytes of a process with the models loaded, and at most in a swap: the largest of all *pairs*."""
    said = [_told(_child(threads, "memory", pair.face, pair.photo)) for pair in pairs]
    return max(one["loaded"] for one in said), max(one["peak"] for one in said)


def cold_start(*, threads: int) -> float:
    """Seconds from nothing imported to models opened, in a new process; the system has cached the files."""
    return statistics.median(_told(_child(threads, "cold"))["seconds"] for _ in range(COLD_STARTS))


def two_beside_one(pair: Files, *, threads: int) -> tuple[float, float, float]:
    """Whole swaps a second of one process and of two at once, turn by turn, and the median of the ratios."""
    taken = [
        (
            _swaps_a_second(pair, processes=1, threads=threads),
            _swaps_a_second(pair, processes=2, threads=threads),
        )
        for _ in range(BESIDE_ROUNDS)
    ]
    one, two = (statistics.median(column) for column in zip(*taken, strict=True))
    return one, two, statistics.median(more / alone for alone, more in taken)


def _swaps_a_second(pair: Files, *, processes: int, threads: int) -> float:
    """Of so many processes that begin together."""
    running = [
        _child(threads, "swaps", pair.face, pair.photo, SWAPS_EACH) for _ in range(processes)
    ]
    for one in running:
        _pipe(one.stdout).readline()
    for one in running:
        _pipe(one.stdin).write("go\n")
        _pipe(one.stdin).flush()
    slowest = max(_told(one)["seconds"] for one in running)
    return processes * SWAPS_EACH / slowest


def _open_and_save(face: bytes, photo: bytes) -> bytes:
    images.decode(face)
    image, alpha = images.decode(photo)
    return images.encode(np.asarray(image), alpha=alpha)


def _swap(face: bytes, photo: bytes, models: Models) -> Callable[[], bytes]:
    return partial(swap_files, face, photo, models=models)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _child(threads: int, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench._engine_child", str(threads), *map(str, arguments)]
    return subprocess.Popen(  # noqa: S603 (our own module)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def _told(child: subprocess.Popen[str]) -> dict[str, float]:
    said, _ = child.communicate()
    if child.returncode:
        message = f"a process of the bench ended with {child.returncode}: {child.args!r}"
        raise RuntimeError(message)
    answer: dict[str, float] = json.loads(said.splitlines()[-1])
    return answer


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe
