"""Faces, photos and results side by side as one picture, to look at; for `engine`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench._engine_pairs import Identity, Pair
from swaps.engine.arrays import Rgb
from swaps.engine.landmarks import Face

CELL, LABEL, GAP = 300, 22, 10
_PAPER, _INK, _BAD = "#f4f4f2", "#202020", "#b00020"
_AROUND = 1.7  # how much of a portrait is shown, against the face
_HIGHEST = 65_000  # pixels; JPEG knows no more


class ContactSheet:
    """Rows of Face, Photo and Result; only small pictures of them are kept."""

    def __init__(self) -> None:
        self._rows: list[Image.Image] = []

    def add(self, pair: Pair) -> None:
        """One more row. Portraits are shown around the face, groups whole."""
        row = Image.new("RGB", (3 * CELL + 2 * GAP, CELL + LABEL), _PAPER)
        draw = ImageDraw.Draw(row)
        cells = (
            (f"Face {pair.source.name}", pair.source.rgb, pair.source.faces, _INK),
            (f"Photo {pair.target.name}", pair.target.rgb, pair.target.faces, _INK),
            (_result_label(pair), pair.result_rgb, pair.target.faces, _colour(pair)),
        )
        for number, (label, rgb, faces, ink) in enumerate(cells):
            left = number * (CELL + GAP)
            draw.text((left + 2, 2), label, fill=ink, font=ImageFont.load_default(14))
            if rgb is not None:
                small = _small(rgb, faces)
                row.paste(small, (left + (CELL - small.width) // 2, LABEL))
        self._rows.append(row)

    def write(self, file: Path) -> None:
        """The rows as a JPEG, in as many columns as make it about square."""
        wide, high = 3 * CELL + 5 * GAP, CELL + LABEL + GAP
        columns = max(1, round(math.sqrt(len(self._rows) * high / wide)))
        columns = max(columns, math.ceil(len(self._rows) * high / _HIGHEST))
        deep = math.ceil(len(self._rows) / columns)
        sheet = Image.new("RGB", (columns * wide, deep * high), _PAPER)
        for number, row in enumerate(self._rows):
            column, line = divmod(number, deep)
            sheet.paste(row, (column * wide + GAP, line * high + GAP // 2))
        sheet.save(file, "JPEG", quality=90)


def _small(rgb: Rgb, faces: Iterable[Face]) -> Image.Image:
    """The picture (H, W, 3), uint8 RGB, or the square around its only face, within a cell."""
    image = Image.fromarray(np.ascontiguousarray(rgb))
    only, *others = faces
    if not others:
        x0, y0, x1, y1 = only.box
        half = _AROUND * only.size / 2
        across, down = (x0 + x1) / 2, (y0 + y1) / 2 - 0.1 * only.size
        image = image.crop(
            (
                max(0, round(across - half)),
                max(0, round(down - half)),
                min(image.width, round(across + half)),
                min(image.height, round(down + half)),
            )
        )
    image.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    return image


def _result_label(pair: Pair) -> str:
    if pair.refusal:
        return "Result: refused"
    told = _told(pair)
    near = ", ".join(f"{one.to_source:.2f}" for one in told)
    if not told:
        return "Result"
    far = f", {told[0].to_target:.2f} from Photo" if len(told) == 1 else ""
    return f"Result: {near} from Face{far}"


def _colour(pair: Pair) -> str:
    lost = any(not one.is_source or not one.is_nearest for one in _told(pair))
    return _BAD if lost or pair.refusal else _INK


def _told(pair: Pair) -> list[Identity]:
    return [one.identity for one in pair.faces if one.identity and not one.repeated]
