"""Cutting a face out of a photo at a chosen scale, and the way back; used for both pictures.

Conventions: `crop_from_photo` is (2, 3), pixel centres at whole numbers; `corner` is the (x, y) of
the crop's first pixel in the photo and may be negative.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Doubles, Floats, Rgb, floats

MARGIN = 0.04  # around a face, as a share of its size
_NEAR = 1.5  # times


@dataclass(frozen=True)
class Crop:
    """A region of a photo, resized to `rgb` (h, w, 3); `extent` (w, h) in pixels of the photo."""

    rgb: Rgb
    crop_from_photo: Doubles
    corner: tuple[int, int]
    extent: tuple[int, int]

    @property
    def scale(self) -> float:
        """Pixels of the crop for one of the photo."""
        return float(self.crop_from_photo[0, 0])

    def from_photo(self, points: Floats) -> Floats:
        """Points (n, 2) or (n, 3) of the photo in the crop's pixels; depth is scaled alike."""
        flat = points[:, :2] @ self.crop_from_photo[:, :2].T + self.crop_from_photo[:, 2]
        return floats(np.column_stack([flat, points[:, 2:] * self.scale]))


def cut(photo_rgb: Rgb, *, points: Floats, margin: float, scale: float) -> Crop:
    """The box around `points` (n, ≥ 2) and `margin` pixels more, shrunk by area to `scale` (≤ 1).

    What lies outside the photo repeats its edge.
    """
    low = np.floor(points[:, :2].min(axis=0) - margin).astype(int)
    high = np.ceil(points[:, :2].max(axis=0) + margin).astype(int) + 1
    x0, y0 = low.tolist()
    times = max(1, int(1 / scale))
    wide, high_ = (-(-length // times) * times for length in (high - low).tolist())
    region_rgb = _region(photo_rgb, corner=(x0, y0), extent=(wide, high_))
    if scale < 1.0:
        size = (max(1, math.ceil(wide * scale)), max(1, math.ceil(high_ * scale)))
        region_rgb = shrunk_to(region_rgb, size=size)
    across = region_rgb.shape[1] / wide
    down = region_rgb.shape[0] / high_
    crop_from_photo = np.array(
        [
            [across, 0.0, across * (0.5 - x0) - 0.5],
            [0.0, down, down * (0.5 - y0) - 0.5],
        ]
    )
    return Crop(region_rgb, crop_from_photo, (x0, y0), (wide, high_))


def shrunk_to(picture_rgb: Rgb, *, size: tuple[int, int]) -> Rgb:
    """The picture at a smaller (width, height), from its whole: no single pixels are sampled.

    What is left over (see `shrunk`) counts for none: give it sides of a whole number of times.
    """
    ratios = picture_rgb.shape[1] / size[0], picture_rgb.shape[0] / size[1]
    small_rgb = shrunk(picture_rgb, times=max(1, int(min(ratios))))
    # Linear sampling touches every pixel up to here, at a fifth of the cost.
    near = small_rgb.shape[1] < _NEAR * size[0] and small_rgb.shape[0] < _NEAR * size[1]
    how = cv2.INTER_LINEAR if near else cv2.INTER_AREA
    return np.asarray(cv2.resize(small_rgb, size, interpolation=how), np.uint8)


def shrunk(picture_rgb: Rgb, *, times: int) -> Rgb:
    """The means of squares of `times` pixels, as a picture; what is left over at the right and below
    is not in it. Many times faster than shrinking by a fraction, most where `times` is even."""
    while times > 1:
        step = 2 if times % 2 == 0 else times
        height, width = picture_rgb.shape[0] // step, picture_rgb.shape[1] // step
        whole_rgb = picture_rgb[: height * step, : width * step]
        smaller = cv2.resize(whole_rgb, (width, height), interpolation=cv2.INTER_AREA)
        picture_rgb = np.asarray(smaller, np.uint8)
        times //= step
    return picture_rgb


def _region(photo_rgb: Rgb, *, corner: tuple[int, int], extent: tuple[int, int]) -> Rgb:
    height, width = photo_rgb.shape[:2]
    (x0, y0), (wide, high) = corner, extent
    x1, y1 = x0 + wide, y0 + high
    inside = photo_rgb[max(0, y0) : max(0, min(height, y1)), max(0, x0) : max(0, min(width, x1))]
    before = (max(0, -y0), max(0, -x0))
    after = (max(0, y1 - height), max(0, x1 - width))
    if before == after == (0, 0):
        return inside
    padded = cv2.copyMakeBorder(
        inside, before[0], after[0], before[1], after[1], cv2.BORDER_REPLICATE
    )
    return np.asarray(padded, np.uint8)


def hull_area(points: Floats, *, shape: tuple[int, ...]) -> Bools:
    """The convex hull of points (n, ≥ 2) as an area (h, w), never empty."""
    area = np.zeros(shape[:2], np.uint8)
    flat = np.clip(np.round(points[:, :2]), 0, [shape[1] - 1, shape[0] - 1]).astype(np.int32)
    cv2.fillConvexPoly(area, cv2.convexHull(flat), 1)
    return area > 0
