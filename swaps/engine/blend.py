"""Joining the face and the target without a seam; called by `transfer` at the working size.

Conventions: pictures are float32 (h, w, 3), masks float32 (h, w), 0–1.
"""

import itertools

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats, times

_SMALLEST = 8  # pixels of the shorter side of the pyramid's top
_LEVELS = 5


def blend(face_unit: Floats, target_unit: Floats, *, mask: Floats) -> Floats:
    """The face where the mask is 1, the target where it is 0, joined band by band.

    Laplacian pyramid: Burt & Adelson 1983. It reaches beyond the mask's edge; whoever calls it
    limits the change.
    """
    levels = _levels(mask.shape)
    # The pyramid is linear, so one of the difference does the work of two. Where the mask ends the
    # difference ends too: what lies beyond (hair, a background) would shine through coarse bands.
    difference = times(face_unit - target_unit, np.clip(6 * mask, 0, 1))
    bands = _laplacian(difference, levels=levels)
    masks = _gaussian(mask, levels=levels)
    change = times(bands[-1], masks[-1])
    for band, share in zip(bands[-2::-1], masks[-2::-1], strict=True):
        above = floats(cv2.pyrUp(change, dstsize=(band.shape[1], band.shape[0])))
        change = above + times(band, share)
    return floats(target_unit + change)


def _levels(shape: tuple[int, ...]) -> int:
    return int(np.clip(np.log2(min(shape[:2]) / _SMALLEST), 0, _LEVELS))


def _gaussian(picture: Floats, *, levels: int) -> list[Floats]:
    pyramid = [picture]
    for _ in range(levels):
        pyramid.append(floats(cv2.pyrDown(pyramid[-1])))
    return pyramid


def _laplacian(picture: Floats, *, levels: int) -> list[Floats]:
    pyramid = _gaussian(picture, levels=levels)
    bands = [
        floats(fine - cv2.pyrUp(coarse, dstsize=(fine.shape[1], fine.shape[0])))
        for fine, coarse in itertools.pairwise(pyramid)
    ]
    return [*bands, pyramid[-1]]
