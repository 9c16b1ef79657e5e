"""A coarse grid over a crop, for all that is smooth: a cell stands for `step` × `step` pixels.

Conventions: pictures are float32 (h, w) or (h, w, k ≤ 4), maps of cells (h // step, w // step[, k]);
the pixels of the last rows and columns that fill no cell count for none.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats
from swaps.engine.raster import Raster

_LEAST_WEIGHT = 0.05


@dataclass(frozen=True)
class Cells:
    """The grid over pictures of `size` (width, height)."""

    size: tuple[int, int]
    step: int

    @property
    def _grid(self) -> tuple[int, int]:
        return self.size[0] // self.step, self.size[1] // self.step

    def means(self, picture: Floats) -> Floats:
        """The mean of each cell."""
        across, down = self._grid
        inside = picture[: down * self.step, : across * self.step]
        return floats(cv2.resize(inside, (across, down), interpolation=cv2.INTER_AREA))

    def deviations(self, picture: Floats) -> Floats:
        """The standard deviation inside each cell of a picture (h, w)."""
        means = self.means(picture)
        return np.sqrt(np.maximum(self.means(picture * picture) - means * means, 0))

    def spread(self, raster: Raster, values: Floats) -> Floats:
        """Values of the vertices (n, k) over the cells' middles, 0 where there is no triangle."""
        middle = self.step // 2
        across, down = self._grid
        ids = raster.ids[middle :: self.step, middle :: self.step][:down, :across]
        planes = raster.planes.copy()
        planes[:, 2] += middle * (planes[:, 0] + planes[:, 1])
        planes[:, :2] *= self.step
        return Raster(np.ascontiguousarray(ids), planes, raster.triangles).spread(values)

    def back(self, cells: Floats) -> Floats:
        """Maps of cells as a picture of the grid's `size` again, linear between their middles."""
        across, down = self._grid
        inside = (across * self.step, down * self.step)
        picture = cv2.resize(cells, inside, interpolation=cv2.INTER_LINEAR)
        right, below = self.size[0] - inside[0], self.size[1] - inside[1]
        return floats(cv2.copyMakeBorder(picture, 0, below, 0, right, cv2.BORDER_REPLICATE))


def filled(values: Floats, *, weights: Floats, blur: float) -> Floats:
    """Values (h, w) blurred by `blur` cells, as if those without weight were not there.

    Far from any weight they fade.
    """
    top, bottom = (
        cv2.GaussianBlur(one, (0, 0), max(0.6, blur), borderType=cv2.BORDER_CONSTANT)
        for one in (floats(values * weights), weights)
    )
    return floats(top / (bottom + np.float32(_LEAST_WEIGHT)))


def relief_of(lightness: Floats, *, weights: Floats, blur: float) -> Floats:
    """What of a lightness (h, w) is narrower than `blur` cells; `weights` as in `filled`."""
    return floats(lightness - filled(lightness, weights=weights, blur=blur))
