"""Bringing a change made at the working size into the photo; called by `transfer` for each face.

Conventions: `change` is float32 (h, w, 3), RGB, in units of 1, `fine` float32 (h, w), 0–1, both in
pixels of the crop; `result_rgb` uint8 (H, W, 3) and `changed` bool (H, W) are the photo's.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, Rgb, floats
from swaps.engine.crop import Crop

_SHIFT = 6
_PARTS = 1 << _SHIFT  # of a grey level: as fine as 16 bits can hold the greatest change
_STRIP = 256  # rows of the photo that are changed at a time, for the sake of memory


def apply_change(
    change: Floats, *, fine: Floats, crop: Crop, area: Bools, result_rgb: Rgb, changed: Bools
) -> None:
    """Scale the change up and add it, in place, inside `area` (of the crop's extent) alone.

    `fine` is the share of the photo itself that is taken away before. Elsewhere the photo keeps its
    bits; `changed` becomes true inside the area.
    """
    layers = floats(cv2.merge([change * np.float32(255 * _PARTS), fine * np.float32(_PARTS)]))
    height, width = result_rgb.shape[:2]
    left, top = crop.corner
    x0, x1 = max(0, left), min(width, left + crop.extent[0])
    for y0 in range(max(0, top), min(height, top + crop.extent[1]), _STRIP):
        y1 = min(y0 + _STRIP, height, top + crop.extent[1])
        crop_from_strip = crop.crop_from_photo.copy()
        crop_from_strip[:, 2] += crop.crop_from_photo[:, :2] @ (x0, y0)
        strip = cv2.warpAffine(
            layers,
            crop_from_strip,
            (x1 - x0, y1 - y0),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        inside = area[y0 - top : y1 - top, x0 - left : x1 - left]
        part_rgb = result_rgb[y0:y1, x0:x1]
        red, green, blue, less = cv2.split(strip.astype(np.int16))
        step = np.asarray(cv2.merge([red, green, blue]), np.int16)
        if less.any():
            step -= part_rgb * np.asarray(cv2.merge([less, less, less]), np.int16)
        step += _PARTS // 2
        step >>= _SHIFT
        levels = cv2.add(part_rgb, step, dtype=cv2.CV_8U)
        cv2.copyTo(levels, inside.astype(np.uint8), part_rgb)
        changed[y0:y1, x0:x1] |= inside
