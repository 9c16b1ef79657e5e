"""Drawing one picture's face where the mesh of another says; called by `drawing` and `transfer`.

Conventions: `vertices` are in pixels of the picture drawn, the raster in those of the result.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Floats, Rgb
from swaps.engine.raster import Raster


def warp(picture_rgb: Rgb, *, vertices: Floats, raster: Raster) -> Rgb:
    """The picture (uint8 RGB) as seen through the raster (h, w, 3).

    `vertices` (468, ≥ 2) are the mesh's places in the picture: one affine map a triangle, gathered
    into one lookup a pixel. Pixels without a triangle hold nothing of meaning.
    """
    places = raster.spread(vertices[:, :2])
    warped = cv2.remap(
        picture_rgb,
        np.ascontiguousarray(places[..., 0]),
        np.ascontiguousarray(places[..., 1]),
        interpolation=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(warped, np.uint8)
