"""One face of the target made ready: its crop, the mesh to draw, its skin and its hair.

Conventions: everything is in pixels of the crop; `target` (478, 3) are the target's landmarks,
`drawn` (468, 3) the vertices at which the source's face is drawn.
"""

from dataclasses import dataclass

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light
from swaps.engine.crop import Crop
from swaps.engine.glasses import find_glasses
from swaps.engine.landmarks import Face
from swaps.engine.lenses import without_glasses
from swaps.engine.mask import hair_zones, oval_area
from swaps.engine.mesh import fit_shape
from swaps.engine.raster import Raster, rasterise
from swaps.engine.skin import Distance, learn_skin
from swaps.engine.source import SourceFace

_SKIN_BLUR = 0.01  # of the face's size
_LIGHT_BLUR = 0.075


@dataclass(frozen=True)
class Stage:
    """What one face of the target gives to the swap; pictures (h, w, 3), maps (h, w) 0–1.

    `distance` is measured from the target's own skin, `likeness` is how much that is; `generous`
    and `sparing` are the zones of hair, and `hair` the target's own in them: the generous one is
    without. The pictures are without the target's glasses; `through` is what those
    let through.
    """

    crop_rgb: Rgb
    crop_log: Floats
    target: Floats
    drawn: Floats
    raster: Raster
    oval: Bools
    distance: Distance
    likeness: Floats
    generous: Floats
    sparing: Floats
    hair: Floats
    through: Floats | None
    extent: float  # of the face, in pixels of the crop
    scale: float  # pixels of the crop for one of the source's photo

    @property
    def size(self) -> tuple[int, int]:
        """The crop's width and height."""
        return self.crop_rgb.shape[1], self.crop_rgb.shape[0]

    @property
    def skin_blur(self) -> float:
        """How far a decision between skin and hair is evened out, in pixels."""
        return _SKIN_BLUR * self.extent

    @property
    def light_blur(self) -> float:
        """What is wider than this is light, what is narrower is face, in pixels."""
        return _LIGHT_BLUR * self.extent


def set_stage(
    source: SourceFace, *, crop: Crop, face: Face, canonical: Canonical, reach: float
) -> Stage:
    """Fit the source's mesh to `face` and look at the target around it. `reach` as in `Options`."""
    size = (crop.rgb.shape[1], crop.rgb.shape[0])
    target = crop.from_photo(face.landmarks)
    drawn, fit = fit_shape(source.landmarks, target, canonical=canonical, reach=reach)
    raster = rasterise(drawn, triangles=canonical.triangles, size=size)
    extent = face.size * crop.scale
    glasses = find_glasses(crop.rgb, vertices=target, canonical=canonical)
    bare_rgb, through = crop.rgb, None
    if glasses:
        bare_rgb, through = without_glasses(crop.rgb, glasses=glasses, vertices=target)
        through = floats(through * (1 - glasses.frames))
    crop_log = log_light(bare_rgb)
    skin = learn_skin(crop_log, vertices=target, cheeks=regions.CHEEKS)
    distance = skin.distance(crop_log)
    likeness = distance.likeness(blur=_SKIN_BLUR * extent)
    dyed = distance.dyed
    generous, sparing = hair_zones(raster, canonical=canonical)
    return Stage(
        crop_rgb=bare_rgb,
        crop_log=crop_log,
        target=target,
        drawn=drawn,
        raster=raster,
        oval=oval_area(target, canonical=canonical, size=size),
        distance=distance,
        likeness=likeness,
        generous=floats(generous * (1 - dyed)),
        sparing=sparing,
        hair=np.maximum(sparing * (1 - likeness), generous * dyed),
        through=through,
        extent=extent,
        scale=fit.scale,
    )
