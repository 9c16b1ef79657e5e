"""Faces for tests: a real one that everybody may use, and a second person derived from it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data

from tests.samples import shared_faces


def astronaut() -> Image.Image:
    """Eileen Collins, by NASA (public domain); scikit-image ships the picture."""
    return Image.fromarray(data.astronaut()[:, 60:400])  # type: ignore[no-untyped-call]


def other_person() -> Image.Image:
    """Somebody else: the same portrait mirrored, narrower in the jaw, relit and of another tint."""
    rgb = np.ascontiguousarray(np.asarray(astronaut())[:, ::-1])
    height, width = rgb.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    below = np.clip((y - 110) / 60, 0, 1) * np.exp(-(((y - 170) / 60) ** 2))
    centre = width - 164
    narrower = x + (x - centre) * 0.16 * below
    moved = cv2.remap(rgb, narrower, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = np.linspace(0.75, 1.1, width, dtype=np.float32)[None, :, None]
    tint = np.array([0.92, 0.86, 0.8], np.float32)
    return Image.fromarray(np.clip(moved * light * tint, 0, 255).astype(np.uint8))


def portraits(folder: Path) -> list[Path]:
    """Files with one face each: the portraits beside the project, or the two that always are."""
    found = [file for name, file in shared_faces().items() if name.startswith("f")]
    if found:
        return found
    files = [folder / "astronaut.jpg", folder / "other_person.jpg"]
    for file, image in zip(files, (astronaut(), other_person()), strict=True):
        image.save(file, quality=95)
    return files


def own_portraits(folder: Path, name: str, *, side: int = 1024) -> list[Path]:
    """Two portraits that no other *name* gets, at most *side* pixels wide and high."""
    files = []
    for number, portrait in enumerate(portraits(folder)[:2]):
        with Image.open(portrait) as image:
            image.thumbnail((side, side))
            mark = zlib.crc32(f"{name} {number}".encode()).to_bytes(4)
            image.putpixel((0, 0), tuple(mark[:3]))
            files.append(folder / f"{name}-{number}.png")
            image.save(files[-1])
    return files


def heads(folder: Path) -> list[Path]:
    """Portraits that a face fills to some two thirds of their height."""
    files = portraits(folder)
    if files[0].parent == folder:
        for file in files:
            with Image.open(file) as portrait:
                portrait.crop((88, 45, 253, 210)).save(file, quality=95)
    return files


def group(folder: Path, name: str, *, heights: Sequence[int] = (620, 540, 460)) -> Path:
    """A photo of its own of several people in a row, from left to right so high, each 40 pixels apart."""
    faces = heads(folder)
    row = []
    for number, height in enumerate(heights):
        with Image.open(faces[number % len(faces)]) as portrait:
            row.append(
                portrait.convert("RGB").resize((height * portrait.width // portrait.height, height))
            )
    gap = 40
    size = (sum(one.width for one in row) + gap * (len(row) + 1), max(heights) + 2 * gap)
    photo = Image.new("RGB", size, "#848c96")
    left = gap
    for one in row:
        photo.paste(one, (left, size[1] - gap - one.height))
        left += one.width + gap
    mark = zlib.crc32(name.encode()).to_bytes(4)
    photo.putpixel((0, 0), tuple(mark[:3]))
    photo.save(folder / f"{name}.png")
    return folder / f"{name}.png"
