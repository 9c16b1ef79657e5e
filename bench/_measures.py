"""What can be measured of one swapped face by pixels and points alone; for `engine`.

Conventions: as in the engine; pictures are uint8 RGB (H, W, 3), areas bool (H, W), points (n, ≥ 2) are (x, y) in
the picture's pixels.
"""

from __future__ import annotations

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, Rgb, floats

VERTICES = 468  # of the mesh; the landmarks behind them are irises
EYE_CORNERS = (33, 263)
# Bands along the oval's edge, from outside (below 0) to inside, as shares of the face's size: the seam itself,
# and the rim behind it, within which the mask rises to 1.
SEAM, RIM = (-0.02, 0.02), (0.02, 0.06)


def landmark_error(found: Floats, wanted: Floats) -> float:
    """The mean distance of the mesh's points (468 of 478, 2-D) from where they are *wanted*, over the distance of
    the outer eye corners: the normalised mean error of 300-W (Sagonas et al. 2016)."""
    apart = np.linalg.norm(found[:VERTICES, :2] - wanted[:VERTICES, :2], axis=1)
    return float(apart.mean() / interocular(wanted))


def interocular(landmarks: Floats) -> float:
    """The distance of the outer eye corners, in pixels."""
    one, other = (landmarks[index, :2] for index in EYE_CORNERS)
    return float(np.linalg.norm(one - other))


def gradient_ratio(
    result_rgb: Rgb, target_rgb: Rgb, *, oval: Bools, size: float, band: tuple[float, float]
) -> float:
    """The mean gradient in a band along the oval of the result over that of the target, (H, W, 3) both.

    Above 1 an edge or texture has come, below 1 it has gone.
    *oval* (H, W) is the face's own area, *size* its size in pixels, *band* as `SEAM`. Gradients are Scharr's
    (2000), of luma (BT.601).
    """
    within = edge_band(oval, low=band[0] * size, high=band[1] * size)
    now, before = (float(_gradient(picture)[within].mean()) for picture in (result_rgb, target_rgb))
    return now / max(before, 1e-6)


def edge_band(oval: Bools, *, low: float, high: float) -> Bools:
    """The pixels (H, W) whose distance in pixels from the edge of *oval*, counted inwards, is *low* to *high*."""
    inside = cv2.distanceTransform(oval.astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((~oval).astype(np.uint8), cv2.DIST_L2, 5)
    inwards = floats(inside - outside)
    band: Bools = (inwards >= min(low, -1.0) if low < 0 else inwards > low) & (
        inwards <= max(high, 1.0)
    )
    return band


def _gradient(picture_rgb: Rgb) -> Floats:
    luma = cv2.cvtColor(picture_rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    across = cv2.Scharr(luma, cv2.CV_32F, 1, 0)
    return floats(np.hypot(across, cv2.Scharr(luma, cv2.CV_32F, 0, 1)))


def hull(landmarks: Floats, *, shape: tuple[int, ...]) -> Bools:
    """The convex hull of the mesh's points as an area (H, W) of a picture of *shape*: no oval reaches beyond."""
    area = np.zeros(shape[:2], np.uint8)
    points = np.round(landmarks[:VERTICES, :2]).astype(np.int32)
    cv2.fillConvexPoly(area, cv2.convexHull(points), 1)
    return area > 0


def changed_outside(result_rgb: Rgb, target_rgb: Rgb, *, ovals: Bools) -> int:
    """How many pixels outside *ovals* (H, W) are not the target's, bit for bit."""
    return int(np.count_nonzero((result_rgb != target_rgb).any(axis=2) & ~ovals))
