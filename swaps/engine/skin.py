"""Which pixels look like the skin of a person's own cheeks: keeps hair out of the mask and the light.

Conventions: `…_log` is log light (h, w, 3); opponent values are lightness (the mean of the three),
red − green and blue − green.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Floats, Ints, floats

_TOLERANCE = floats([0.45, 0.16, 0.16])  # shading goes further than colour
_ABOVE = floats([1.2, 0.16, 0.16])  # what is lighter, and no other colour, is skin that shines
_SOFTNESS = 0.5  # of the tolerance
_ENDS = (6, 94)  # percentiles of a cheek that still count as its skin


@dataclass(frozen=True)
class Skin:
    """The range of opponent values (3,) of one person's skin in one picture."""

    low: Floats
    high: Floats

    def distances(self, picture_log: Floats) -> Floats:
        """How far each pixel lies beyond the range in lightness and in colour (h, w, 2), in
        tolerances; 0 inside."""
        values = opponent(picture_log)
        beyond = np.maximum((self.low - values) / _TOLERANCE, (values - self.high) / _ABOVE)
        colour = np.maximum(beyond[..., 1], beyond[..., 2])
        return floats(np.maximum(np.stack([beyond[..., 0], colour], axis=2), 0))

    def likeness(self, picture_log: Floats, *, blur: float, tolerance: float = 1.0) -> Floats:
        """How much each pixel is like this skin (h, w), 0–1; `blur` in pixels smooths the answer."""
        distance = self.distances(picture_log).max(axis=2)
        likeness = np.clip((tolerance + _SOFTNESS - distance) / _SOFTNESS, 0, 1)
        return floats(cv2.GaussianBlur(floats(likeness), (0, 0), max(0.6, blur)))


def learn_skin(picture_log: Floats, *, vertices: Floats, cheeks: Sequence[Ints]) -> Skin:
    """The skin at the cheeks (groups of indices into `vertices` (n, ≥ 2), in the picture's pixels)."""
    values = opponent(picture_log)
    samples = [_inside(values, vertices[cheek, :2]) for cheek in cheeks]
    # Each cheek by itself: one may lie in the light and be much smaller than the other.
    ends = [np.percentile(one, _ENDS, axis=0) for one in samples]
    return Skin(
        low=floats(np.min([low for low, _ in ends], axis=0)),
        high=floats(np.max([high for _, high in ends], axis=0)),
    )


def opponent(picture_log: Floats) -> Floats:
    """Log light as lightness, red − green, blue − green, in the same shape (…, 3)."""
    red, green, blue = picture_log[..., 0], picture_log[..., 1], picture_log[..., 2]
    return np.stack([(red + green + blue) / 3, red - green, blue - green], axis=-1)


def from_opponent(values: Floats) -> Floats:
    """The inverse of `opponent`."""
    light, red, blue = values[..., 0], values[..., 1], values[..., 2]
    green = light - (red + blue) / 3
    return np.stack([green + red, green, green + blue], axis=-1)


def _inside(values: Floats, outline: Floats) -> Floats:
    hull = cv2.convexHull(np.round(outline).astype(np.int32))
    inside = np.zeros(values.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, hull, 1)
    picked = values[inside > 0]
    return picked if len(picked) else values.reshape(-1, 3)
