"""Drawing one picture's face where the mesh of another says; called by `drawing` and `transfer`.

Conventions: `vertices` are in pixels of the picture drawn, the raster in those of the result.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, Rgb
from swaps.engine.raster import Raster

_LEAP = 5.0  # pixels of the picture drawn


def warp(picture_rgb: Rgb, *, vertices: Floats, raster: Raster) -> Rgb:
    """The picture (uint8 RGB) as seen through the raster (h, w, 3).

    `vertices` (468, ≥ 2) are the mesh's places in the picture: one affine map a triangle, gathered
    into one lookup a pixel. Pixels without a triangle hold nothing of meaning. Where a nose hides a
    cheek the edge between them is softened: pixel by pixel it would be a staircase.
    """
    places = raster.spread(vertices[:, :2])
    across, down = (np.ascontiguousarray(places[..., axis]) for axis in (0, 1))
    warped = cv2.remap(
        picture_rgb,
        across,
        down,
        interpolation=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    edges = _edges(across, down, covered=raster.covered)
    if edges.any():
        soft = cv2.GaussianBlur(warped, (3, 3), 0.8)
        cv2.copyTo(soft, cv2.dilate(edges.astype(np.uint8), np.ones((2, 2), np.uint8)), warped)
    return np.asarray(warped, np.uint8)


def _edges(across: Floats, down: Floats, *, covered: Bools) -> Bools:
    """Where places (h, w) leap from a pixel to the next: nothing stretches a face so far."""
    edges = np.zeros(covered.shape, np.bool_)
    for places in (across, down):
        edges[:, :-1] |= np.abs(places[:, 1:] - places[:, :-1]) > _LEAP
        edges[:-1] |= np.abs(places[1:] - places[:-1]) > _LEAP
    # Not at the mesh's own edge: beside it lies nothing.
    edges[:, :-1] &= covered[:, 1:]
    edges[:-1] &= covered[1:]
    return edges & covered
