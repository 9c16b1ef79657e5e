"""PURE: a piece of a picture that was changed elsewhere, set back into it so that no seam shows. Pillow alone.

decoding.py calls this with decoded pictures. What comes back may have another size, was compressed
anew, and has often shifted colours a little. It is measured on reduced copies and laid in band by band, so
that no second large picture is ever held.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageMath

Box = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in whole pixels of the picture, x1 and y1 exclusive."""
Sides = tuple[bool, bool, bool, bool]
"""Of a box: left, top, right, bottom."""

# How far the height of what came back may be off, for its width: services round to multiples of 8 or 16.
SHAPE_OFF, ROUNDED_BY = 0.03, 12
BAND_PIXELS = 1_000_000
# The longer side of the copies on which it is measured.
COPY_SIDE = 192
# The cells along each side of the grid on which colours are corrected, and how its inside is found.
CELLS = 16
ROUNDS, OVERSHOOT = 40, 1.7
# A larger difference at the border, in grey levels, is no shift of colours, but something else there.
MOST_SHIFT = 24
# The soft edge, as a share of the piece's shorter side. It lies outside the face's least margin (framing.py).
EDGE = 0.035
# Differences in grey levels, after the correction: up to the first it is noise, from the second on a change.
NOISE, CHANGE = 4, 10
# In pixels of the copy: what is finer is grain, or lost by scaling, and no change.
GRAIN = 1.5
# How far around a change the taking over fades, as a share of the copy's longer side.
AROUND = 0.02
# The oval in which everything is taken over, against the face's box.
OVAL = 1.1


class Misshapen(ValueError):
    """What came back has another shape than what went out."""


class Piece:
    """What came back for *box*, scaled to its size and kept in a file of the folder *scratch*.

    *image* (RGB or RGBA) is used up. Raises Misshapen.
    """

    def __init__(self, image: Image.Image, *, box: Box, scratch: Path) -> None:
        self.box = box
        self.size = (box[2] - box[0], box[3] - box[1])
        if not _fits(image.size, self.size):
            raise Misshapen(f"{image.size} came back for {self.size}")
        self.file = scratch / "piece"
        if image.mode != "RGB":
            # Scaling something see-through would copy all of it each time.
            see_through, image = image, image.convert("RGB")
            see_through.close()
        self.copy = _reduced(image, _copy_size(self.size), (0, 0, *image.size))
        with self.file.open("wb") as kept:
            for top, bottom in self._spans():
                kept.write(_scaled(image, self.size, top, bottom).tobytes())
        image.close()

    def set_back(self, picture: Image.Image, *, face: Sequence[float]) -> None:
        """Lay it into *picture* (RGB or RGBA, changed in place, alpha kept); *face* is the face's box there.

        Outside the box, and in it wherever nothing but noise came back, the picture stays as it is, bit
        for bit. Colours follow the picture at the border (the membrane of Pérez et al. 2003, Poisson
        image editing, on a coarse grid), and what was changed is laid in with a soft edge.
        """
        before = _reduced(picture, self.copy.size, self.box)
        inner = _inner_sides(self.box, picture.size)
        shift = [
            _shift(*pair, inner) for pair in zip(before.split(), self.copy.split(), strict=True)
        ]
        mask = _mask(before, _shifted(self.copy, shift), self._in_copy(face))
        left, upper = self.box[:2]
        for (top, bottom), piece in self._bands():
            wide, high = piece.size
            grids = [_scaled(grid, self.size, top, bottom) for grid in shift]
            taken = ImageChops.multiply(
                _scaled(mask, self.size, top, bottom), _edge(self.size, inner, top, bottom)
            )
            at = (left, upper + top, left + wide, upper + top + high)
            _lay(_shifted(piece, grids), picture, at, taken)
        self.file.unlink()

    def _spans(self) -> Iterator[tuple[int, int]]:
        wide, high = self.size
        step = max(1, BAND_PIXELS // wide)
        for top in range(0, high, step):
            yield top, min(top + step, high)

    def _bands(self) -> Iterator[tuple[tuple[int, int], Image.Image]]:
        wide = self.size[0]
        with self.file.open("rb") as kept:
            for top, bottom in self._spans():
                rows = kept.read(3 * wide * (bottom - top))
                yield (top, bottom), Image.frombytes("RGB", (wide, bottom - top), rows)

    def _in_copy(self, face: Sequence[float]) -> list[float]:
        """A box of the picture in pixels of the copy."""
        across, down = (few / many for few, many in zip(self.copy.size, self.size, strict=True))
        x0, y0, x1, y1 = face
        left, top = self.box[:2]
        return [(x0 - left) * across, (y0 - top) * down, (x1 - left) * across, (y1 - top) * down]


def _fits(came: tuple[int, int], went: tuple[int, int]) -> bool:
    off = abs(came[1] - came[0] * went[1] / went[0])
    return off <= max(SHAPE_OFF * came[1], ROUNDED_BY)


def _copy_size(size: tuple[int, int]) -> tuple[int, int]:
    factor = min(1.0, COPY_SIDE / max(size))
    return (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))


def _reduced(image: Image.Image, size: tuple[int, int], box: Box) -> Image.Image:
    """What is in *box* in a copy of *size*, RGB: channel by channel, as with alpha the whole would be copied."""
    way = Image.Resampling.BILINEAR
    return Image.merge(
        "RGB", [image.getchannel(channel).resize(size, way, box=box) for channel in "RGB"]
    )


def _inner_sides(box: Box, size: tuple[int, int]) -> Sides:
    """Where the picture goes on beyond the box."""
    return (box[0] > 0, box[1] > 0, box[2] < size[0], box[3] < size[1])


def _scaled(image: Image.Image, size: tuple[int, int], top: int, bottom: int) -> Image.Image:
    """The rows from *top* to *bottom* of *image* scaled to *size*."""
    down = image.height / size[1]
    part = (0.0, top * down, float(image.width), min(bottom * down, image.height))
    # Masks and grids are to be smooth, without the ringing that keeps pictures sharp.
    is_picture = image.mode == "RGB"
    way = Image.Resampling.LANCZOS if is_picture else Image.Resampling.BICUBIC
    return image.resize((size[0], bottom - top), way, box=part)


# --- Colours ---------------------------------------------------------------------------------------


def _shift(before: Image.Image, after: Image.Image, inner: Sides) -> Image.Image:
    """What is to be added to one channel of *after*: a coarse grid of grey levels, mode F.

    Along the sides where the picture goes on it is what the two differ by; inside it is smooth.
    """
    difference = ImageChops.subtract(before, after, 1, 128).convert("F")
    coarse = difference.resize((CELLS, CELLS), Image.Resampling.BOX)
    found = [value - 128 for value in array("f", coarse.tobytes())]
    known = {at: found[at] for at in _along(inner) if abs(found[at]) <= MOST_SHIFT}
    grid = Image.new("F", (CELLS, CELLS))
    grid.putdata(_membrane(known))
    return grid


def _along(inner: Sides) -> Iterator[int]:
    """The cells of the grid at those sides."""
    last = CELLS - 1
    for at in range(CELLS * CELLS):
        row, column = divmod(at, CELLS)
        at_side = (column == 0, row == 0, column == last, row == last)
        if any(is_at and is_inner for is_at, is_inner in zip(at_side, inner, strict=True)):
            yield at


def _membrane(known: dict[int, float]) -> list[float]:
    """Laplace's equation on the grid by successive over-relaxation; free at sides where nothing is known."""
    start = sum(known.values()) / len(known) if known else 0.0
    values = [known.get(at, start) for at in range(CELLS * CELLS)]
    free = [(at, _beside(at)) for at in range(CELLS * CELLS) if at not in known]
    for _ in range(ROUNDS if known else 0):
        for at, beside in free:
            mean = sum(values[one] for one in beside) / len(beside)
            values[at] += OVERSHOOT * (mean - values[at])
    return values


def _beside(at: int) -> list[int]:
    row, column = divmod(at, CELLS)
    near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
    inside = range(CELLS)
    return [down * CELLS + across for down, across in near if down in inside and across in inside]


def _shifted(image: Image.Image, grids: Sequence[Image.Image]) -> Image.Image:
    """An RGB image with to each channel its grid added, scaled to it."""
    channels = [
        ImageMath.lambda_eval(
            # Turned into bytes it would be cut off, not rounded.
            lambda both: both["convert"](both["channel"] + both["more"] + 0.5, "L"),
            channel=channel.convert("F"),
            more=grid.resize(image.size, Image.Resampling.BICUBIC),
        )
        for channel, grid in zip(image.split(), grids, strict=True)
    ]
    return Image.merge("RGB", channels)


# --- Where it is laid in ---------------------------------------------------------------------------


def _mask(before: Image.Image, after: Image.Image, face: Sequence[float]) -> Image.Image:
    """Where *after* is taken (mode L): in the face's oval, and around whatever else was changed."""
    grainless = ImageFilter.GaussianBlur(GRAIN)
    apart = ImageChops.difference(before.filter(grainless), after.filter(grainless))
    red, green, blue = apart.split()
    most = ImageChops.lighter(red, ImageChops.lighter(green, blue))
    around = max(1, round(AROUND * max(before.size)))
    changed = most.point([_rise(level) for level in range(256)]).filter(
        # Twice as far as it fades, so that it is whole where the change is.
        ImageFilter.MaxFilter(4 * around + 1)
    )
    oval = Image.new("L", before.size)
    ImageDraw.Draw(oval).ellipse(_grown(face), fill=255)
    return ImageChops.lighter(changed, oval).filter(ImageFilter.GaussianBlur(around))


def _rise(level: int) -> int:
    return round(255 * min(1.0, max(0.0, (level - NOISE) / (CHANGE - NOISE))))


def _grown(face: Sequence[float]) -> list[float]:
    x0, y0, x1, y1 = face
    across, down = (OVAL - 1) / 2 * (x1 - x0), (OVAL - 1) / 2 * (y1 - y0)
    return [x0 - across, y0 - down, x1 + across, y1 + down]


def _edge(size: tuple[int, int], inner: Sides, top: int, bottom: int) -> Image.Image:
    """Rows of the soft edge (mode L) of a piece of *size*: it fades at the sides where the picture goes on."""
    wide, high = size
    deep = max(2.0, EDGE * min(size))
    across = Image.new("L", (wide, 1))
    across.putdata([_ramp(at, wide, deep, inner[0], inner[2]) for at in range(wide)])
    down = Image.new("L", (1, bottom - top))
    down.putdata([_ramp(at, high, deep, inner[1], inner[3]) for at in range(top, bottom)])
    band = (wide, bottom - top)
    return ImageChops.multiply(across.resize(band), down.resize(band))


def _ramp(at: int, length: int, deep: float, begins: bool, ends: bool) -> int:  # noqa: FBT001 (a side each)
    from_sides = [
        1.0,
        *([at / deep] if begins else []),
        *([(length - 1 - at) / deep] if ends else []),
    ]
    near = min(from_sides)
    return round(255 * near * near * (3 - 2 * near))


def _lay(piece: Image.Image, picture: Image.Image, at: Box, taken: Image.Image) -> None:
    was = picture.crop(at)
    mixed = Image.composite(piece, was.convert("RGB"), taken)
    if was.mode == "RGBA":
        mixed.putalpha(was.getchannel("A"))
    picture.paste(mixed, at)
