"""PURE: the crop around one face of several, and what else it would show. Boxes in, a box out.

A service that chooses by itself is sent such a crop; crops.py makes it. Boxes are (x0, y0, x1, y1) in
pixels of the picture; a crop's are whole numbers inside the picture, x1 and y1 exclusive.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# Shares of the face's longer side. With 0.8 on each side a face fills 40 % of its crop, as in a portrait
# that a service expects; with less than the second its detector may not see a face any more.
MARGIN = 0.8
LEAST_MARGIN = 0.1
# So much of another face's size is kept away from it: its box ends at the skin, not at the hair.
APART = 0.06
# Of another face's box, shares that lie in the crop: up to the first nothing of it can be seen, from the
# second on it is there as a whole.
UNSEEN, WHOLE = 0.02, 0.9

Box = tuple[float, float, float, float]
Crop = tuple[int, int, int, int]


class Verdict(enum.StrEnum):
    """What a crop shows beside the face that it is for; the gravest counts."""

    ALONE = "alone"
    CUTS = "cuts"
    """Another face in part: a service may change that, too."""
    HOLDS = "holds"
    """Another face as a whole: a service may take that one instead."""


@dataclass(frozen=True)
class Framed:
    """A crop, and what it shows."""

    crop: Crop
    verdict: Verdict


def frame(face: Box, others: Sequence[Box], *, size: tuple[int, int]) -> Framed:
    """The crop around *face* in a picture of *size* (width, height), as free of the *others* as can be.

    It has MARGIN around the face where there is room. Before another face the side that costs least
    draws back, down to LEAST_MARGIN.
    """
    widest, least = _grown(face, MARGIN * _longer(face)), _grown(face, LEAST_MARGIN * _longer(face))
    crop = _within(widest, size)
    # The nearest first: whoever draws back before it is often clear of those behind it.
    for other in sorted(others, key=lambda other: _gap(face, other)):
        apart = _grown(other, APART * _longer(other))
        if _shared(crop, apart) > 0:
            crop = min(
                _drawn_back(crop, apart, least=_within(least, size)),
                key=lambda tried: (_shared(tried, apart), -_area(tried)),
            )
    whole = _rounded(crop, size)
    return Framed(whole, max((_seen(other, whole) for other in others), key=list(Verdict).index,
                             default=Verdict.ALONE))  # fmt: skip


def _drawn_back(crop: Box, other: Box, *, least: Box) -> Iterator[Box]:
    """*crop*, and with each of its sides drawn back before *other*, as far as *least* allows."""
    yield crop
    x0, y0, x1, y1 = crop
    yield (max(x0, min(other[2], least[0])), y0, x1, y1)
    yield (x0, max(y0, min(other[3], least[1])), x1, y1)
    yield (x0, y0, min(x1, max(other[0], least[2])), y1)
    yield (x0, y0, x1, min(y1, max(other[1], least[3])))


def _seen(other: Box, crop: Crop) -> Verdict:
    share = _shared(other, crop) / max(_area(other), 1.0)
    if share <= UNSEEN:
        return Verdict.ALONE
    return Verdict.HOLDS if share >= WHOLE else Verdict.CUTS


def _grown(box: Box, by: float) -> Box:
    return (box[0] - by, box[1] - by, box[2] + by, box[3] + by)


def _within(box: Box, size: tuple[int, int]) -> Box:
    width, height = size
    return (max(0, box[0]), max(0, box[1]), min(width, box[2]), min(height, box[3]))


def _rounded(box: Box, size: tuple[int, int]) -> Crop:
    """In whole pixels, inside the picture, and of at least one."""
    x0, y0 = min(round(box[0]), size[0] - 1), min(round(box[1]), size[1] - 1)
    return (
        x0,
        y0,
        max(x0 + 1, min(round(box[2]), size[0])),
        max(y0 + 1, min(round(box[3]), size[1])),
    )


def _longer(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _shared(one: Box, other: Box) -> float:
    """The area that both cover."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, wide) * max(0.0, high)


def _gap(one: Box, other: Box) -> float:
    """How far apart they lie, along the axis on which they are further apart; negative: they overlap."""
    across = max(one[0], other[0]) - min(one[2], other[2])
    down = max(one[1], other[1]) - min(one[3], other[3])
    return max(across, down)
