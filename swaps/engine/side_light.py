"""Light that comes from one side, told by the other half of the same face; called by `complexion`.

Conventions: maps are float32 on one grid of cells (h, w[, k]), weights 0–1; `mirrored` (h, w, 2) is
where the same place of the other half of the face lies, x and y in cells.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats

_LIMIT = 1.5  # log light
_LEAST_WEIGHT = 0.03


def side_light(values: Floats, *, weights: Floats, mirrored: Floats, blur: float) -> Floats:
    """What a face has more light on one half than its halves have together (h, w, k).

    Faces are alike on both sides, skin and beard, so what differs widely (`blur` in cells) is
    light. Where either half is not to be seen (`weights` (h, w)) it fades to 0.
    """
    across, down = (np.ascontiguousarray(mirrored[..., axis]) for axis in (0, 1))
    other, seen = (
        floats(cv2.remap(one, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))
        for one in (values, weights)
    )
    both = floats(weights * seen)
    apart = floats(0.5 * (values - other) * both[..., None])
    top, bottom = (
        cv2.GaussianBlur(one, (0, 0), max(0.6, blur), borderType=cv2.BORDER_CONSTANT)
        for one in (apart, both)
    )
    smooth = floats(top) / (floats(bottom)[..., None] + np.float32(_LEAST_WEIGHT))
    return floats(np.clip(smooth, -_LIMIT, _LIMIT))
