"""The shade on a bare jaw above a beard that stays; called by `complexion`.

Conventions: maps are float32 on one grid of cells (h, w[, 3]), masks 0–1, log light.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats, smoothstep

_REACH = 1.4  # centimetres from the oval
_MOST = np.float32(0.85)
_BLUR = 0.025  # of the face's size


def jaw_shade(darker: Floats, *, shaven: Floats, inward: Floats, size: float) -> Floats:
    """What to add to the face (h, w, 3) that it darkens towards its edge, never above 0.

    The target's beard goes on below the oval, where nothing may be changed: beside bare skin it is
    a strip, below a jaw in shade it is shade. `darker` (h, w, 3) is the target less the face,
    `shaven` (h, w) where the target has a beard and the face has none, `inward` (h, w) the distance
    from the oval in centimetres, `size` the face's in cells.
    """
    near = floats(_MOST * shaven * smoothstep(inward, _REACH, 0.0))
    wide = cv2.GaussianBlur(darker, (0, 0), max(0.6, _BLUR * size))
    return floats(np.minimum(wide, 0) * near[..., None])
