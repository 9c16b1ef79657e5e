"""The array types that the engine's modules share, and the conventions that all of them keep.

Conventions: pictures are (height, width, 3), RGB; `…_rgb` is uint8 0–255, `…_unit` float32 0–1,
`…_log` float32, the natural logarithm of linear light. Points are (x, y) or (x, y, z) in pixels,
pixel centres at whole numbers, x right, y down, z away from the camera. Matrices are (2, 3) and are
named after what they do: `crop_from_photo @ (x, y, 1)` is the place in the crop.
"""

from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

_WIDE = 4.0  # pixels


def floats(values: Any) -> Floats:
    """`values` as a float32 array, copied only if it is not one: OpenCV's stubs say less."""
    return np.asarray(values, dtype=np.float32)


def smoothstep(values: Floats, low: float, high: float) -> Floats:
    """0 up to `low`, 1 from `high` on, a smooth rise between (falling where `high` < `low`)."""
    ramp = floats(values - np.float32(low))
    ramp *= np.float32(1 / (high - low))
    np.clip(ramp, 0, 1, out=ramp)
    rise = ramp * np.float32(-2)
    rise += np.float32(3)
    rise *= ramp
    rise *= ramp
    return floats(rise)


def times(picture: Floats, share: Floats) -> Floats:
    """A picture (h, w, 3) times a map (h, w): broadcasting along the last axis is much slower."""
    return picture * floats(cv2.merge([share, share, share]))


def mixed(picture: Floats, other: Floats, *, share: Floats) -> Floats:
    """The picture (h, w, 3) where `share` (h, w) is 0, the other where it is 1."""
    change = other - picture
    change *= floats(cv2.merge([share, share, share]))
    change += picture
    return change


def smoothed(values: Floats, *, blur: float) -> Floats:
    """Values (h, w) or (h, w, 3) blurred by a Gaussian of `blur` pixels.

    From four pixels on half the resolution holds all that is left, at a ninth of the cost.
    """
    if blur < _WIDE:
        return floats(cv2.GaussianBlur(values, (0, 0), blur))
    height, width = values.shape[:2]
    half = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(values, half, interpolation=cv2.INTER_LINEAR)
    small = cv2.GaussianBlur(small, (0, 0), blur / 2)
    return floats(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))
