"""The grid on which a face's beards and its light are looked at; `transfer` makes one a face.

Conventions: maps are float32 in cells of the crop (see `cells`), but those in pixels that say so.
"""

from dataclasses import dataclass

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Floats, floats, smoothstep
from swaps.engine.beard import find_beard
from swaps.engine.canonical import Canonical
from swaps.engine.cells import Cells
from swaps.engine.skin import lightness, opponent
from swaps.engine.stage import Stage

_CELL = 0.012  # of the face's size: hairs are rough within it, light is not
_EVEN = 6  # rounds; the folds at nose and mouth are no matter of the light's direction
_EDGE = 0.2  # centimetres from the oval: cells there are not all of the face
# The lower face on the canonical mesh, in centimetres: its height, and its distance from the oval.
_LOWER, _WITHIN = (-1.0, -3.0), (0.3, 0.8)


@dataclass(frozen=True)
class Ground:
    """`facing` as in `relight`; `places` (h, w, 3): x, y, distance from the oval in centimetres on
    the canonical mesh; `bare` where there is neither brow, eye nor lip; `mirrored` as in
    `side_light`; `size` the face's. `lower` (h, w) in pixels: the lower face without its lips."""

    cells: Cells
    facing: Floats
    places: Floats
    bare: Floats
    mirrored: Floats
    size: float
    lower: Floats

    def beard(self, picture_log: Floats) -> Floats:
        """Where a face that lies over the mesh has a beard (h, w), 0–1, in pixels."""
        found = find_beard(
            opponent(self.cells.means(picture_log)),
            self.cells.deviations(lightness(picture_log)),
            bare=self.bare,
            places=self.places,
            facing=self.facing,
            size=self.size,
        )
        return self.cells.back(found)


def lay_ground(stage: Stage, *, canonical: Canonical) -> Ground:
    """The grid over the stage's mesh."""
    cells = Cells(stage.size, max(2, round(_CELL * stage.extent)))
    features = np.zeros(len(canonical.vertices), np.float32)
    for group in regions.FEATURES:
        features[group] = 1
    columns: list[Floats] = [
        canonical.vertices[:, :2],
        canonical.inward,
        canonical.smooth(canonical.facing, rounds=_EVEN),
        features,
        floats((stage.drawn[canonical.mirror, :2] - cells.step // 2) / cells.step),
    ]
    spread = cells.spread(stage.raster, floats(np.column_stack(columns)))
    places, facing = (np.ascontiguousarray(spread[..., at : at + 3]) for at in (0, 3))
    bare = floats((spread[..., 6] < 0.5) & (places[..., 2] > _EDGE))
    lower = smoothstep(places[..., 1], *_LOWER) * smoothstep(places[..., 2], *_WITHIN)
    return Ground(
        cells=cells,
        facing=facing,
        places=places,
        bare=bare,
        mirrored=np.ascontiguousarray(spread[..., 7:]),
        size=stage.extent / cells.step,
        lower=cells.back(floats(lower * bare)),
    )
