"""The array types that the engine's modules share, and the conventions that all of them keep.

Conventions: pictures are (height, width, 3), RGB; `…_rgb` is uint8 0–255, `…_unit` float32 0–1,
`…_log` float32, the natural logarithm of linear light. Points are (x, y) or (x, y, z) in pixels,
pixel centres at whole numbers, x right, y down, z away from the camera. Matrices are (2, 3) and are
named after what they do: `crop_from_photo @ (x, y, 1)` is the place in the crop.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


def floats(values: Any) -> Floats:
    """`values` as a float32 array, copied only if it is not one: OpenCV's stubs say less."""
    return np.asarray(values, dtype=np.float32)


def smoothstep(values: Floats, low: float, high: float) -> Floats:
    """0 up to `low`, 1 from `high` on, a smooth rise between (falling where `high` < `low`)."""
    ramp = np.clip((values - np.float32(low)) / np.float32(high - low), 0.0, 1.0)
    return floats(ramp * ramp * (3.0 - 2.0 * ramp))
