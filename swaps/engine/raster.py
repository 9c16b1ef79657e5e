"""Which triangle of the mesh is seen at each pixel, and values of vertices spread over the pixels.

Conventions: vertices (n, 3) in pixels of the drawing, z away from the camera; triangles wound as in
the canonical mesh, so that a facing one has a negative signed area with y down.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, Ints, floats
from swaps.engine.canonical import Canonical

_SHIFT = 4  # fillConvexPoly takes fixed-point corners: sixteenths of a pixel
_MIN_AREA = 0.02
_EDGEWISE = 1.0  # pixels


@dataclass(frozen=True)
class Raster:
    """`ids` (h, w): the triangle at a pixel, or the count of triangles where there is none."""

    ids: Ints
    planes: Floats  # (triangles, 3, 3): values at the corners → coefficients of x, y and 1
    triangles: Ints

    @property
    def covered(self) -> Bools:
        """Where a triangle is seen (h, w)."""
        return self.ids < len(self.triangles)

    def spread(self, values: Floats) -> Floats:
        """Values of the vertices (n, k), linear over each triangle, as (h, w, k); 0 elsewhere.

        In memory one plane (h, w) follows the other: each is contiguous.
        """
        corners = values[self.triangles]  # (triangles, 3, k)
        coefficients = np.zeros((len(self.triangles) + 1, 3, values.shape[1]), np.float32)
        coefficients[:-1] = self.planes @ corners
        height, width = self.ids.shape
        across = np.arange(width, dtype=np.float32)[None, :]
        down = np.arange(height, dtype=np.float32)[:, None]
        ids = self.ids.astype(np.intp)
        out = np.empty((values.shape[1], height, width), np.float32)
        for plane, of_corners in zip(out, coefficients.transpose(2, 1, 0), strict=True):
            # All ids are in range; to say "clip" is to leave out a check of each.
            of_x, of_y, of_1 = (np.take(one, ids, mode="clip") for one in of_corners)
            of_x *= across
            of_x += of_1
            of_y *= down
            np.add(of_x, of_y, out=plane)
        return out.transpose(1, 2, 0)


def rasterise(vertices: Floats, *, triangles: Ints, size: tuple[int, int]) -> Raster:
    """Draw the mesh into `size` (width, height): farthest first, faces turned away left out."""
    corners = vertices[triangles]
    facing = np.flatnonzero(-signed_areas(corners) > _MIN_AREA)
    # Whatever its thickness, a triangle is drawn at least a pixel wide: seen from the edge it comes
    # first of all, and fills gaps only.
    edgewise = _thickness(corners[facing]) < _EDGEWISE
    order = facing[np.lexsort((-corners[facing, :, 2].mean(axis=1), ~edgewise))]
    ids = np.full((size[1], size[0]), len(triangles), np.int32)
    fixed = np.round(corners[:, :, :2] * (1 << _SHIFT)).astype(np.int32)
    for index in order.tolist():
        cv2.fillConvexPoly(ids, fixed[index], index, lineType=cv2.LINE_8, shift=_SHIFT)
    planes = np.zeros((len(triangles), 3, 3), np.float32)
    matrix = np.ones((len(facing), 3, 3))
    matrix[:, :, :2] = corners[facing, :, :2]
    planes[facing] = np.linalg.inv(matrix)
    return Raster(ids, planes, triangles)


def _thickness(corners: Floats) -> Floats:
    """The least height (n,) of triangles (n, 3, ≥ 2)."""
    sides = corners[:, :, :2] - np.roll(corners[:, :, :2], 1, axis=1)
    longest = np.linalg.norm(sides, axis=2).max(axis=1)
    return floats(2 * np.abs(signed_areas(corners)) / np.maximum(longest, 1e-6))


def signed_areas(corners: Floats) -> Floats:
    """The signed areas (n,) of triangles (n, 3, ≥ 2); negative where they face the camera."""
    one = corners[:, 1, :2] - corners[:, 0, :2]
    other = corners[:, 2, :2] - corners[:, 0, :2]
    return floats(0.5 * (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]))


def vertex_areas(vertices: Floats, *, canonical: Canonical) -> Floats:
    """How much of the picture the triangles around each vertex (468,) cover, in square pixels."""
    areas = np.maximum(-signed_areas(vertices[canonical.triangles]), 0)
    around = np.zeros(len(vertices), np.float32)
    for corner in range(3):
        np.add.at(around, canonical.triangles[:, corner], areas)
    return canonical.smooth(around[:, None], rounds=2)[:, 0]
