"""Which pixels look like the skin of a person's own cheeks: keeps hair out of mask and light.

Conventions: `…_log` is log light (h, w, 3); opponent values (h, w, 3) are lightness (the mean of
the three), red − green and blue − green.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Floats, Ints, floats, smoothed, smoothstep

# Tolerances beyond the range: shading goes further than colour, and what is lighter, but of no
# other colour, is skin that shines.
_BELOW = floats([0.45, 0.16, 0.16])
_ABOVE = floats([1.2, 0.16, 0.16])
_SOFTNESS = 0.5
# Distances at which something begins to be hair, and certainly is: by all, and by colour alone.
_HAIRY = (1.1, 1.8)
_DYED = (1.9, 2.9)
_ENDS = (6, 94)  # percentiles of a cheek that still count as its skin
_OPPONENT = np.array([[1 / 3, 1 / 3, 1 / 3], [1, -1, 0], [0, -1, 1]])
_FROM_OPPONENT = np.linalg.inv(_OPPONENT)


@dataclass(frozen=True)
class Distance:
    """How far each pixel lies beyond a skin's range, in tolerances, 0 inside: maps (h, w)."""

    light: Floats
    colour: Floats

    @property
    def whole(self) -> Floats:
        """The greater of both."""
        return np.maximum(self.light, self.colour)

    @property
    def hairy(self) -> Floats:
        """How sure it is that this is no skin (h, w), 0–1."""
        return smoothstep(self.whole, *_HAIRY)

    @property
    def dyed(self) -> Floats:
        """How sure that is by colour alone, which lashes and shadows share with the skin."""
        return smoothstep(self.colour, *_DYED)

    def likeness(self, *, blur: float, tolerance: float = 1.0) -> Floats:
        """How much each pixel is skin (h, w), 0–1; `blur` in pixels smooths the answer."""
        likeness = np.clip((tolerance + _SOFTNESS - self.whole) / np.float32(_SOFTNESS), 0, 1)
        return smoothed(floats(likeness), blur=max(0.6, blur))


@dataclass(frozen=True)
class Skin:
    """The range of opponent values (3,) of one person's skin in one picture."""

    low: Floats
    high: Floats

    def distance(self, picture_log: Floats) -> Distance:
        """Compare a log light picture with this skin."""
        light, red, blue = cv2.split(opponent(picture_log))
        beyond = [
            np.maximum((low - values) / below, (values - high) / above)
            for values, low, high, below, above in zip(
                (light, red, blue), self.low, self.high, _BELOW, _ABOVE, strict=True
            )
        ]
        zero = np.float32(0)
        return Distance(
            light=floats(np.maximum(beyond[0], zero)),
            colour=floats(np.maximum(np.maximum(beyond[1], beyond[2]), zero)),
        )


def learn_skin(picture_log: Floats, *, vertices: Floats, cheeks: Sequence[Ints]) -> Skin:
    """The skin at cheeks: groups of indices into `vertices` (n, ≥ 2) in the picture's pixels."""
    values = opponent(picture_log)
    samples = [_inside(values, vertices[cheek, :2]) for cheek in cheeks]
    # Each cheek by itself: one may lie in the light and be much smaller than the other.
    ends = [np.percentile(one, _ENDS, axis=0) for one in samples]
    return Skin(
        low=floats(np.min([low for low, _ in ends], axis=0)),
        high=floats(np.max([high for _, high in ends], axis=0)),
    )


def opponent(picture_log: Floats) -> Floats:
    """Log light (h, w, 3) as lightness, red − green, blue − green."""
    return floats(cv2.transform(picture_log, _OPPONENT))


def lightness(picture_log: Floats) -> Floats:
    """The first of the opponent values alone, (h, w)."""
    return floats(cv2.transform(picture_log, _OPPONENT[:1]))


def from_opponent(values: Floats) -> Floats:
    """The inverse of `opponent`."""
    return floats(cv2.transform(values, _FROM_OPPONENT))


def _inside(values: Floats, outline: Floats) -> Floats:
    hull = cv2.convexHull(np.round(outline).astype(np.int32))
    inside = np.zeros(values.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, hull, 1)
    picked = values[inside > 0]
    return picked if len(picked) else values.reshape(-1, 3)
