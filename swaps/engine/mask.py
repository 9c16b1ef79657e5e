"""Where the source's face is laid over the target; called by `stage` and `transfer`.

Conventions: areas are bool and masks float32 0–1, both (h, w); points are in pixels of the picture.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, floats, smoothstep
from swaps.engine.canonical import Canonical
from swaps.engine.raster import Raster

# Heights on the canonical mesh, in its centimetres: brows end near 5, the oval's top is at 8.3.
_FADE_FROM, _FADE_TO = 8.7, 7.6
# The mask's edge, inwards from the oval.
_RIM_FROM, _RIM_TO = 0.05, 0.8
_EDGED_RIM = 0.3  # of that, where a beard ends
# Where hair may lie over the face: the forehead, and a rim at the sides down to the mouth.
_FOREHEAD_FROM, _FOREHEAD_TO = 5.4, 6.4
_SIDE_FROM, _SIDE_TO = 4.4, 5.4
_SIDE_LOW, _SIDE_HIGH = -4.5, -2.5
_EYES_FROM, _EYES_TO = 0.0, 2.0  # from here up the sides begin further out
_SPARED = 1.3
# The generous zone reaches further in and further down: it is for hair that no beard is like.
_GENEROUS = 0.8
_LOWER = 3.0


def oval_area(landmarks: Floats, *, canonical: Canonical, size: tuple[int, int]) -> Bools:
    """The inside of the face's oval in a picture of `size` (width, height), as (h, w) bool.

    On a turned face the far side of the oval lies behind the nose; there the face's outline counts.
    """
    area = np.zeros((size[1], size[0]), np.uint8)
    points = np.round(landmarks[:, :2]).astype(np.int32)
    cv2.fillPoly(area, [points[canonical.oval]], 1)
    # Most triangles lie inside it as a whole: only the others can add to it.
    at = np.clip(points, 0, [size[0] - 1, size[1] - 1])
    within = (area[at[:, 1], at[:, 0]] > 0) & (at == points).all(axis=1)
    for triangle in points[canonical.triangles[~within[canonical.triangles].all(axis=1)]]:
        cv2.fillConvexPoly(area, triangle, 1)
    return area > 0


def hair_zones(raster: Raster, *, canonical: Canonical) -> tuple[Floats, Floats]:
    """Where hair may lie over a face (h, w), 0–1: the forehead, and the sides down to the mouth.

    The first is generous; the second spares what is no skin either: brows, eyes and beards.
    """
    places = raster.spread(canonical.vertices[:, :2])
    aside, up = np.abs(places[..., 0]), places[..., 1]
    forehead = smoothstep(up, _FOREHEAD_FROM, _FOREHEAD_TO)
    above = smoothstep(up, _SIDE_LOW, _SIDE_HIGH)
    spared = _SPARED * smoothstep(up, _EYES_FROM, _EYES_TO)
    generous = smoothstep(floats(aside + _GENEROUS), _SIDE_FROM, _SIDE_TO)
    generous *= smoothstep(up, _SIDE_LOW - _LOWER, _SIDE_HIGH - _LOWER)
    sparing = smoothstep(floats(aside - spared), _SIDE_FROM, _SIDE_TO) * above
    return np.maximum(forehead, generous), np.maximum(forehead, sparing)


def face_mask(
    oval: Bools,
    *,
    raster: Raster,
    canonical: Canonical,
    hair: Floats,
    edged: Floats,
    size: float,
) -> Floats:
    """The mask (h, w), 0–1: the oval eroded, fading up the forehead, without `hair` (h, w), 0–1.

    The edge is measured on the mesh, in centimetres, so that it is narrow where the face turns
    away; `size`, the face's size in pixels, bounds it on the picture too. Where `edged` (h, w), 0–1,
    says so it reaches to the oval: a beard that one face has and the other has not ends at the jaw.
    """
    heights = np.column_stack([canonical.inward, canonical.vertices[:, 1]])
    places = raster.spread(floats(heights))
    wide = 1 - (1 - np.float32(_EDGED_RIM)) * edged
    mask = smoothstep(places[..., 0] / wide, _RIM_FROM, _RIM_TO)
    mask *= smoothstep(places[..., 1], _FADE_FROM, _FADE_TO)
    edge = edge_distance(oval & raster.covered) / wide
    mask *= smoothstep(floats(edge), 0.006 * size, 0.03 * size)
    return floats(mask * (1 - hair))


def edge_distance(area: Bools) -> Floats:
    """The distance in pixels (h, w) from the area's edge, 0 outside."""
    framed = cv2.copyMakeBorder(area.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return floats(cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1])
