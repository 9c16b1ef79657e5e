"""Where faces may be: BlazeFace over the whole picture, and over parts of it where faces are small.

Conventions: boxes are (x0, y0, x1, y1) in pixels of the picture given, eyes (2, 2), first the one
that is on the picture's left when the face is upright.
"""

import cmath
import math
from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Floats, Rgb, floats
from swaps.engine.crop import shrunk
from swaps.engine.models import Net

_INPUT = 128
_WHOLE_SIDE = 256  # least longest side of the copy for the first pass, which sees 128 pixels of it
_OTHERWISE = 60  # degrees: a face that lies in another way
_MIN_SCORE = 0.5
# A face on its head scores up to 0.8 as an upright one whose eyes are its mouth, and upright from
# 0.83 on.
_LIKELY, _SURE = 0.7, 0.82
SAME_FACE = 0.5  # intersection over the smaller box
_TILES = (2, 4, 8)  # how many to the longest side
_USUAL = 4  # all that is looked at thoroughly is looked at in these, too
_SMALL = 0.3  # of a tile
# From one tile to the next: they share as much as the largest faces that are their task.
_STRIDE = 76
_LARGE = 0.2  # of the longest side: below that the whole-frame pass is unsure


@dataclass(frozen=True)
class Detection:
    """A place where a face may be; `landmarks` decides."""

    box: tuple[float, float, float, float]
    eyes: Floats
    score: float

    @property
    def size(self) -> float:
        """The longer side of the box, in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])


def detect_faces(photo_rgb: Rgb, *, detector: Net, thorough: bool = False) -> list[list[Detection]]:
    """Possible faces, the largest first, of each the ways in which it could lie, the best scored first.
    Takes uint8 RGB (H, W, 3).

    BlazeFace, Bazarevsky et al. 2019, short range: of the frame it sees faces that fill a fifth of
    it or more. The whole frame is one pass; only when that finds nothing large, or where *thorough*
    asks for small faces beside large ones, follow one with a margin and tiles.
    """
    height, width = photo_rgb.shape[:2]
    side = max(height, width)
    times = 1 << max(0, int(np.log2(side / _WHOLE_SIDE)))
    times = min(times, height, width)
    found = whole = [
        _scaled(one, times) for one in _whole(shrunk(photo_rgb, times=times), detector=detector)
    ]
    if thorough or not any(one.size >= _LARGE * side for one in found):
        found = whole + _closer_looks(photo_rgb, found=whole, detector=detector, thorough=thorough)
    places = merge(found)
    if thorough and any(one.score >= _SURE for one in places):
        # Beside what is surely a face, what a tile alone takes for one is often a badge or a knot.
        places = [one for one in places if one.score >= _LIKELY or _is_among(one, whole)]
    return [_ways(best, found) for best in places]


def merge(found: list[Detection]) -> list[Detection]:
    """One detection a face, the best scored of those that overlap; the largest first."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda item: -item.score):
        if not _is_among(one, kept):
            kept.append(one)
    return sorted(kept, key=lambda item: -item.size)


def _ways(best: Detection, found: list[Detection]) -> list[Detection]:
    others = [
        one
        for one in found
        if one.score < best.score
        and overlap(one.box, best.box) >= SAME_FACE
        and abs(_tilt(one, best)) > _OTHERWISE
    ]
    return [best, *sorted(others, key=lambda one: -one.score)]


def _tilt(one: Detection, other: Detection) -> float:
    """By how many degrees the line of the eyes differs, -180 to 180."""
    lines = [complex(*(face.eyes[1] - face.eyes[0]).tolist()) for face in (one, other)]
    return math.degrees(cmath.phase(lines[0] * lines[1].conjugate()))


def overlap(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> float:
    """Intersection over the SMALLER box, 0–1: half a face found in a tile is the same face."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return max(0.0, wide) * max(0.0, high) / max(min(areas), 1e-6)


def _whole(copy_rgb: Rgb, *, detector: Net) -> list[Detection]:
    """One pass; and where it is in doubt one upside down, which knows what stands on its head."""
    height, width = copy_rgb.shape[:2]
    side = max(height, width)
    found = _pass(copy_rgb, corner=(0, 0), side=side, detector=detector)
    if found and max(one.score for one in found) >= _SURE:
        return found
    turned_rgb = np.ascontiguousarray(copy_rgb[::-1, ::-1])
    for one in _pass(turned_rgb, corner=(0, 0), side=side, detector=detector):
        x0, y0, x1, y1 = one.box
        box = (width - x1, height - y1, width - x0, height - y0)
        found.append(Detection(box, floats([width, height]) - one.eyes, one.score))
    return found


def _is_among(one: Detection, others: list[Detection]) -> bool:
    return any(overlap(one.box, other.box) >= SAME_FACE for other in others)


def _closer_looks(
    photo_rgb: Rgb, *, found: list[Detection], detector: Net, thorough: bool
) -> list[Detection]:
    """What a pass with a margin finds, for a face that fills the frame, and tiles, for small ones.

    A small face barely seen is seen better in smaller tiles, and where one is there are others;
    *thorough* looks for them.
    """
    closer: list[Detection] = []
    for parts in (1, *_TILES):
        looks = _level(photo_rgb, parts=parts, detector=detector)
        closer += looks
        if thorough:
            likely = [one for one in merge(found + closer) if one.score >= _LIKELY]
            smallest = min((one.size for one in likely), default=0)
            done = parts >= _USUAL and smallest >= _SMALL * max(photo_rgb.shape[:2]) / parts
        else:
            done = any(one.score >= _LIKELY for one in looks)
        if done:
            break
    return closer


def _level(photo_rgb: Rgb, *, parts: int, detector: Net) -> list[Detection]:
    """Search a copy in tiles, so many to its longest side; with one, the copy amid nothing."""
    height, width = photo_rgb.shape[:2]
    scale = min(1.0, parts * _INPUT / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    copy_rgb = np.asarray(cv2.resize(photo_rgb, size, interpolation=cv2.INTER_AREA), np.uint8)
    if parts == 1:
        corners, side = [(-size[0] // 2, -size[1] // 2)], 2 * max(size)
    else:
        corners = [(left, top) for top in _steps(size[1]) for left in _steps(size[0])]
        side = _INPUT
    looks = (_pass(copy_rgb, corner=corner, side=side, detector=detector) for corner in corners)
    return [_scaled(one, width / size[0]) for look in looks for one in look]


def _steps(length: int) -> list[int]:
    """Where tiles begin along a side of a level, so that each face lies whole in one of them."""
    count = 1 + max(0, math.ceil((length - _INPUT) / _STRIDE))
    return [round(at) for at in np.linspace(0, max(0, length - _INPUT), count)]


def _pass(copy_rgb: Rgb, *, corner: tuple[int, int], side: int, detector: Net) -> list[Detection]:
    """Search the square of `side` pixels at `corner`; it may reach beyond the picture."""
    left, top = corner
    inside_rgb = copy_rgb[max(0, top) : top + side, max(0, left) : left + side]
    scale = _INPUT / side
    size = (
        max(1, round(inside_rgb.shape[1] * scale)),
        max(1, round(inside_rgb.shape[0] * scale)),
    )
    small_rgb = cv2.resize(inside_rgb, size, interpolation=cv2.INTER_AREA)
    batch = np.zeros((1, _INPUT, _INPUT, 3), np.float32)
    x = round(max(0, -left) * scale)
    y = round(max(0, -top) * scale)
    batch[0, y : y + size[1], x : x + size[0]] = (
        small_rgb[: _INPUT - y, : _INPUT - x] / np.float32(127.5) - 1
    )
    regressors, scores = detector.run(batch)
    return _decode(regressors[0], scores[0, :, 0], corner=corner, scale=scale)


def _decode(
    regressors: Floats, scores: Floats, *, corner: tuple[int, int], scale: float
) -> list[Detection]:
    chances = 1.0 / (1.0 + np.exp(-np.clip(scores, -80, 80)))
    found: list[Detection] = []
    shift = floats(corner)
    for index in np.flatnonzero(chances >= _MIN_SCORE):
        centre = (regressors[index, :2] + _ANCHORS[index]) / scale + shift
        half = regressors[index, 2:4] / (2 * scale)
        eyes = (regressors[index, 4:8].reshape(2, 2) + _ANCHORS[index]) / scale + shift
        x0, y0 = (centre - half).tolist()
        x1, y1 = (centre + half).tolist()
        found.append(Detection((x0, y0, x1, y1), floats(eyes), float(chances[index])))
    return merge(found)


def _scaled(one: Detection, factor: float) -> Detection:
    x0, y0, x1, y1 = one.box
    box = (x0 * factor, y0 * factor, x1 * factor, y1 * factor)
    return Detection(box, floats(one.eyes * factor), one.score)


def _anchors() -> Floats:
    """The 896 anchor centres in input pixels: two a cell of the 16 × 16 grid, six of the 8 × 8."""
    centres = []
    for cells, each in ((16, 2), (8, 6)):
        y, x = np.mgrid[0:cells, 0:cells]
        grid = (np.stack([x, y], axis=2).reshape(-1, 2) + 0.5) * (_INPUT / cells)
        centres.append(np.repeat(grid, each, axis=0))
    return floats(np.concatenate(centres))


_ANCHORS = _anchors()
