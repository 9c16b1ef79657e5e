"""Glasses on a face: where their frames lie, and what they enclose; used for both pictures.

Conventions: pictures are uint8 RGB (h, w, 3), maps float32 (h, w), 0–1. Inside, everything is
measured on a small patch of the canonical mesh's front: x right, y down, `_PIXELS` for a
centimetre, as log light of blue: of skin there is least in it, so that gold and silver differ.
"""

import functools
import itertools
from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Doubles, Floats, Ints, Rgb, floats
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light

_PIXELS = 16  # of the patch, for one centimetre of the canonical mesh
_LEFT, _RIGHT, _LOW, _HIGH = -8.0, 8.0, -3.0, 6.4  # the patch, in centimetres of the mesh
# The vertices that place the patch: the middle of the face, where glasses sit.
_FIT_ASIDE, _FIT_LOW, _FIT_HIGH = 6.5, -1.5, 6.0
_SIDES = (-1, 1)  # the picture's left and right
_EYE = (3.15, 2.1)  # about the middle of a lens, aside and up
_NEAREST, _FARTHEST = 1.0, 4.7  # from there its rim is looked for
_ANGLES = 48
# Lenses that are tried: middles from `_EYE` (outwards, up), half widths and heights, and exponents
# of Lamé's curve, from an ellipse to a rounded rectangle.
_OUTWARDS, _UPWARDS = (-0.2, 0.1, 0.4, 0.7, 1.0), (-0.6, -0.3, 0.0, 0.3, 0.6)
_HALF_WIDTHS, _HALF_HEIGHTS = np.arange(1.7, 3.4, 0.3), np.arange(1.2, 2.8, 0.3)
_EXPONENTS = (2.0, 3.5)
# And around the likeliest of them.
_FINER = np.array(list(itertools.product(*[(-0.15, 0.0, 0.15)] * 4, (0.0, 0.8))))
_UNLIKE = 2  # pixels by which the rims of both lenses may differ from mirror images, and from Lamé
_FREE = 3  # pixels by which a rim may differ from the curve it was found by
_WIDTHS = (1, 2, 3, 4, 6, 8, 10)  # of a rim, in pixels
_BESIDE = 2  # pixels on both sides that a line is compared with, one pixel apart
_ROUGH = 1.5  # how much a line's own unevenness counts against it
_HALF_STRONG = 0.15  # log light; lines count by how sure they are, not by how strong
_SLOPES = (-4, -3, -2, -1, -0.5, 0, 0.5, 1, 2, 3, 4)
_ALONG = 3  # steps before and after along which a line has to go on
_STEP, _STEP_COST = 2, 0.03  # pixels from one column to the next, and what their square costs
_WEAKER = 25  # percentile of a rim's strengths
_FOUND = 0.32  # strength at that percentile
_PIECE = 0.3  # and in the mean, of a bridge or a temple piece
_ABOVE, _BELOW = 32, 8  # pixels from a rim's inmost or outmost point within which they lie
_LEAST = 4  # pixels across
# Of its width, and in pixels of the picture: how much wider a frame is drawn, and cut out.
_MARGIN, _SHADOW = 0.4, 1.6


@dataclass(frozen=True)
class Glasses:
    """`frames` (h, w): rims, bridge and temple pieces; `lenses` (h, w): what the rims enclose.

    `hidden` (h, w): the frames with their blur and shadow.
    """

    frames: Floats
    lenses: Floats
    hidden: Bools


@dataclass(frozen=True)
class _Line:
    """Points (n, 2) in pixels of the patch, the strength at each, and one width for all."""

    points: Doubles
    strengths: Floats
    width: float


def find_glasses(picture_rgb: Rgb, *, vertices: Floats, canonical: Canonical) -> Glasses | None:
    """The glasses that a face wears, or None: a picture (h, w, 3), vertices (≥ 468, ≥ 2) in it.

    Two rims are looked for around the eyes, one the other's mirror image: Lamé curves along thin
    lines that are lighter or darker than both their sides, then closed paths of least cost beside
    them (Viterbi 1967). Wrinkles, lids and brows stand out as much, but end. Glasses without rims
    have no such line and are not found.
    """
    patch, picture_from_patch = _patch(picture_rgb, vertices=vertices, canonical=canonical)
    rims = _rims(patch)
    if not rims:
        return None
    pieces = [piece for piece in _pieces(patch, rims) if piece.strengths.mean() > _PIECE]
    return _drawn(
        picture_rgb.shape[:2],
        rims=[_in_picture(rim, picture_from_patch) for rim in rims],
        pieces=[_in_picture(piece, picture_from_patch) for piece in pieces],
    )


def _in_picture(line: _Line, picture_from_patch: Doubles) -> _Line:
    scale = float(np.sqrt(abs(np.linalg.det(picture_from_patch[:, :2]))))
    points = line.points @ picture_from_patch[:, :2].T + picture_from_patch[:, 2]
    return _Line(points, line.strengths, line.width * scale)


def _drawn(shape: tuple[int, ...], *, rims: list[_Line], pieces: list[_Line]) -> Glasses:
    """The lines, in pixels of the picture, as areas of its `shape` (h, w)."""
    frames, hidden, lenses = (np.zeros(shape, np.uint8) for _ in range(3))
    for line in (*rims, *pieces):
        closed = any(line is rim for rim in rims)
        fixed = [np.round(line.points * 16).astype(np.int32)]
        for area, margin in ((frames, _MARGIN), (hidden, _SHADOW)):
            thickness = max(1, round(line.width * (1 + margin) + margin))
            cv2.polylines(area, fixed, closed, 255, thickness, cv2.LINE_AA, 4)
        if closed:
            cv2.fillPoly(lenses, fixed, 255, cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(frames, (0, 0), 0.8)
    unit = np.float32(1 / 255)
    return Glasses(floats(soft) * unit, floats(lenses) * unit, hidden > 0)


def _patch(picture_rgb: Rgb, *, vertices: Floats, canonical: Canonical) -> tuple[Floats, Doubles]:
    """The patch's blue in log light (h, w), and `picture_from_patch` (2, 3)."""
    places = canonical.vertices
    picked = (np.abs(places[:, 0]) < _FIT_ASIDE) & (places[:, 1] > _FIT_LOW)
    picked &= places[:, 1] < _FIT_HIGH
    known = np.column_stack([_flat(places[picked, :2].astype(np.float64)), np.ones(picked.sum())])
    wanted = vertices[: len(places)][picked, :2].astype(np.float64)
    picture_from_patch: Doubles = np.asarray(
        np.linalg.lstsq(known, wanted, rcond=None)[0].T, np.float64
    )
    size = (round((_RIGHT - _LEFT) * _PIXELS), round((_HIGH - _LOW) * _PIXELS))
    # Sampled twice as finely and shrunk by area: single samples would alias.
    picture_from_fine = picture_from_patch @ [[0.5, 0, -0.25], [0, 0.5, -0.25], [0, 0, 1]]
    fine_rgb = cv2.warpAffine(
        picture_rgb,
        picture_from_fine,
        (2 * size[0], 2 * size[1]),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    patch_rgb = cv2.resize(fine_rgb, size, interpolation=cv2.INTER_AREA)
    return floats(log_light(np.asarray(patch_rgb, np.uint8))[..., 2]), picture_from_patch


def _flat(centimetres: Doubles) -> Doubles:
    """Places on the mesh's front (…, 2), y up, in pixels of the patch."""
    return (centimetres * [1, -1] + [-_LEFT, _HIGH]) * _PIXELS


def _angles() -> Doubles:
    """Around a lens: 0 is outwards, a quarter is up."""
    return np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False, dtype=np.float64)


def _around(side: int, radii: Doubles) -> Doubles:
    """Places (…, angles, 2) at `radii` (…, angles or 1) centimetres around a lens; -1 is left."""
    x = side * (_EYE[0] + radii * np.cos(_angles()))
    y = _EYE[1] + radii * np.sin(_angles())
    return _flat(np.stack([x, y], axis=-1))


def _rims(patch: Floats) -> list[_Line]:
    """The rims around the left and the right eye, or none."""
    radii = np.arange(round((_FARTHEST - _NEAREST) * _PIXELS)) / _PIXELS + _NEAREST
    places = floats(np.hstack([_around(side, radii[:, None]) for side in _SIDES]))
    unrolled = cv2.remap(
        patch,
        np.ascontiguousarray(places[..., 0]),
        np.ascontiguousarray(places[..., 1]),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    sure, widths = _lines(floats(unrolled))
    seen = [_going_on(one, closed=True) for one in np.hsplit(sure, 2)]
    tolerant = [cv2.dilate(one, np.ones((2 * _UNLIKE + 1, 1), np.uint8)) for one in seen]
    columns = np.arange(_ANGLES)
    below = np.sin(_angles()) < 0.1  # above them are brows
    weights = np.where(below, np.float32(1), np.float32(0.5))
    lenses, curves = _lenses()
    best = ((tolerant[0] + tolerant[1])[curves, columns] @ weights).argmax()
    rims = []
    for side, strengths, tolerated, width in zip(
        _SIDES, seen, tolerant, np.hsplit(widths, 2), strict=True
    ):
        if np.percentile(tolerated[curves[best], columns][below], _WEAKER) < _FOUND:
            return []
        finer = _steps_of_radius(lenses[best] + _FINER)
        curve = finer[(strengths[finer, columns] @ weights).argmax()]
        rows = np.clip(curve + np.arange(-_FREE, _FREE + 1)[:, None], 0, len(radii) - 1)
        path = rows[_path(strengths[rows, columns], closed=True), columns]
        along = strengths[path, columns]
        if np.percentile(along[below], _WEAKER) < _FOUND:
            return []
        usual = float(np.median(width[path, columns][along >= np.median(along)]))
        rims.append(_Line(_around(side, radii[path]), along, usual))
    return rims


@functools.cache
def _lenses() -> tuple[Doubles, Ints]:
    """The lenses that are tried (n, 5), as above, and their rims as steps of radius (n, angles)."""
    lenses = np.array(
        list(itertools.product(_OUTWARDS, _UPWARDS, _HALF_WIDTHS, _HALF_HEIGHTS, _EXPONENTS))
    )
    outwards, upwards, wide, high, _ = lenses.T
    reach = np.hypot(np.abs(outwards) + wide, np.abs(upwards) + high)
    within = (wide - np.abs(outwards) > _NEAREST) & (high - np.abs(upwards) > _NEAREST)
    lenses = lenses[within & (reach < _FARTHEST)]
    return lenses, _steps_of_radius(lenses)


def _steps_of_radius(lenses: Doubles) -> Ints:
    """Lamé curves (n, 5) as pixels beyond the nearest radius at each angle (n, angles)."""
    outwards, upwards, wide, high, power = lenses.T[:, :, None]
    across, along = np.cos(_angles()), np.sin(_angles())
    inside, outside = np.zeros((len(lenses), _ANGLES)), np.full((len(lenses), _ANGLES), 6.0)
    for _ in range(8):  # halves what is left of 6 cm down to less than a pixel
        radii = (inside + outside) / 2
        within = np.abs((radii * across - outwards) / wide) ** power
        within += np.abs((radii * along - upwards) / high) ** power
        inside, outside = np.where(within < 1, radii, inside), np.where(within < 1, outside, radii)
    most = round((_FARTHEST - _NEAREST) * _PIXELS) - 1
    return np.clip(np.round((inside - _NEAREST) * _PIXELS), 0, most).astype(np.int32)


def _lines(profiles: Floats) -> tuple[Floats, Ints]:
    """How surely a line crosses each column (n, m) at each place, 0–1, and its width in pixels.

    A line is lighter or darker than both its sides, and even across.
    """
    count = len(profiles)
    sums = [
        np.vstack([np.zeros((1, profiles.shape[1])), np.cumsum(one, axis=0)])
        for one in (profiles.astype(np.float64), profiles.astype(np.float64) ** 2)
    ]
    places = np.arange(count)

    def mean(which: int, low: int, high: int) -> Floats:
        first, last = np.clip(places + low, 0, count), np.clip(places + high, 0, count)
        summed = sums[which][last] - sums[which][first]
        return floats(summed / np.maximum(last - first, 1)[:, None])

    best = np.zeros((len(_WIDTHS), *profiles.shape), np.float32)
    for strengths, width in zip(best, _WIDTHS, strict=True):
        low, high = -(width // 2), width - width // 2
        line = mean(0, low, high)
        uneven = np.sqrt(np.maximum(mean(1, low, high) - line**2, 0))
        one, other = mean(0, low - 1 - _BESIDE, low - 1), mean(0, high + 1, high + 1 + _BESIDE)
        apart = np.maximum(line - np.maximum(one, other), np.minimum(one, other) - line)
        inner = slice(1 + _BESIDE - low, count - high - _BESIDE)
        strengths[inner] = np.maximum(apart - _ROUGH * uneven, 0)[inner]
    widest = best.argmax(axis=0)
    sure = best.max(axis=0)
    sure = floats(sure / (sure + np.float32(_HALF_STRONG)))
    return sure, np.array(_WIDTHS, np.int32)[widest]


def _going_on(sure: Floats, *, closed: bool) -> Floats:
    """The mean (n, m) along the slope on which it is largest: noise and hairs do not go on.

    `closed` columns begin anew at their end.
    """
    mode = cv2.BORDER_WRAP if closed else cv2.BORDER_REPLICATE
    wide = cv2.copyMakeBorder(sure, 0, 0, _ALONG, _ALONG, mode)
    reach = round(max(_SLOPES) * _ALONG)
    best = np.zeros_like(sure)
    for slope in _SLOPES:
        kernel = np.zeros((2 * reach + 1, 2 * _ALONG + 1), np.float32)
        for step in range(-_ALONG, _ALONG + 1):
            kernel[reach + round(slope * step), _ALONG + step] = 1 / (2 * _ALONG + 1)
        along = cv2.filter2D(wide, cv2.CV_32F, kernel, borderType=cv2.BORDER_CONSTANT)
        best = np.maximum(best, along[:, _ALONG:-_ALONG])
    return floats(best)


def _path(strengths: Floats, *, closed: bool) -> Ints:
    """The strongest path: a place (m,) for each column of `strengths` (n, m)."""
    count, columns = strengths.shape
    # A closed path has settled after half a round.
    order = range(-(columns // 2) if closed else 0, columns)
    cost = _STEP_COST * np.arange(-_STEP, _STEP + 1) ** 2
    best, came = np.zeros(count), []
    for column in order:
        before = np.full(count + 2 * _STEP, -1e9)
        before[_STEP : _STEP + count] = best
        ways = np.lib.stride_tricks.sliding_window_view(before, len(cost)) - cost
        came.append(ways.argmax(axis=1))
        best = ways.max(axis=1) + strengths[:, column % columns]
    place, path = int(best.argmax()), np.zeros(columns, np.int32)
    for column, choice in zip(order[::-1], came[::-1], strict=True):
        if column >= 0:
            path[column] = place
        place += int(choice[place]) - _STEP
    return path


def _pieces(patch: Floats, rims: list[_Line]) -> list[_Line]:
    """What may be a bridge between the rims, and temple pieces outside them."""
    left, right = (rim.points for rim in rims)
    inner, other = left[left[:, 0].argmax()], right[right[:, 0].argmin()]
    outer, last = left[left[:, 0].argmin()], right[right[:, 0].argmax()]
    edge = patch.shape[1]
    spans = (
        (inner[0], other[0] + 2, (inner[1], other[1])),
        (0, outer[0] + 2, (outer[1],)),
        (last[0], edge, (last[1],)),
    )
    return [
        _piece(patch, columns=np.arange(max(0, int(start)), min(edge, int(end))), heights=heights)
        for start, end, heights in spans
        if min(edge, int(end)) - max(0, int(start)) >= _LEAST
    ]


def _piece(patch: Floats, *, columns: Ints, heights: tuple[float, ...]) -> _Line:
    """The strongest line through columns of the patch, near or above the `heights` of rims."""
    top = max(0, int(min(heights)) - _ABOVE)
    bottom = min(len(patch), int(max(heights)) + _BELOW)
    sure, widths = _lines(floats(patch[top:bottom, columns]))
    strengths = _going_on(sure, closed=False)
    path = _path(strengths, closed=False)
    at = np.arange(len(columns))
    points = np.column_stack([columns, path + top]).astype(np.float64)
    return _Line(points, strengths[path, at], float(np.median(widths[path, at])))
