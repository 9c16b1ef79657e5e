"""What is known of the source's face, once for all faces of the target; `pipeline` makes it.

Conventions: `vertices` are in pixels of the crop, `landmarks` in pixels of the photo.
"""

from dataclasses import dataclass

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Ints, Rgb, floats
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light
from swaps.engine.crop import MARGIN, cut, shrunk_to
from swaps.engine.glasses import find_glasses
from swaps.engine.landmarks import Face
from swaps.engine.lenses import without_glasses
from swaps.engine.raster import vertex_areas
from swaps.engine.skin import Skin, learn_skin

_SPARE = 1.25  # the crop is kept a little larger than the work is done
_HALF_SEEN = 0.5


@dataclass(frozen=True)
class SourceFace:
    """A face cut out: `rgb`, vertices (468, 3) in its pixels, landmarks (478, 3) in the photo's."""

    rgb: Rgb
    vertices: Floats
    landmarks: Floats
    skin: Skin
    inside: Bools  # (468,): which vertices lie in the photo at all
    scale: float  # pixels of `rgb` for one of the photo

    def at_scale(self, scale: float) -> tuple[Rgb, Floats]:
        """The picture and its vertices at `scale` pixels for one of the photo, never enlarged.

        Shrunk by area: the warp samples single points and would alias.
        """
        ratio = scale / self.scale
        if ratio >= 1.0:
            return self.rgb, self.vertices
        times = int(1 / ratio)
        height, width = (max(times, length // times * times) for length in self.rgb.shape[:2])
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        small_rgb = shrunk_to(self.rgb[:height, :width], size=size)
        steps = np.array([size[0] / width, size[1] / height, ratio])
        vertices = self.vertices * steps
        vertices[:, :2] += (steps[:2] - 1) / 2
        return small_rgb, floats(vertices)


def study_source(photo_rgb: Rgb, *, face: Face, canonical: Canonical, work_size: int) -> SourceFace:
    """Cut the face out of its photo and measure it once. Takes uint8 RGB (H, W, 3)."""
    crop = cut(
        photo_rgb,
        points=face.landmarks,
        margin=MARGIN * face.size,
        scale=min(1.0, _SPARE * work_size / face.size),
    )
    vertices = crop.from_photo(face.landmarks)[: len(canonical.vertices)]
    glasses = find_glasses(crop.rgb, vertices=vertices, canonical=canonical)
    rgb = crop.rgb
    if glasses:
        rgb, _ = without_glasses(rgb, glasses=glasses, vertices=vertices)
    areas = vertex_areas(vertices, canonical=canonical)
    return SourceFace(
        rgb=rgb,
        vertices=vertices,
        landmarks=face.landmarks,
        skin=learn_skin(
            log_light(rgb),
            vertices=vertices,
            cheeks=_seen_cheeks(areas, canonical=canonical),
        ),
        inside=face.inside(photo_rgb.shape)[: len(canonical.vertices)],
        scale=crop.scale,
    )


def _seen_cheeks(areas: Floats, *, canonical: Canonical) -> list[Ints]:
    seen = areas / np.maximum(areas[canonical.mirror], 1e-3)
    cheeks = [regions.LEFT_CHEEK, regions.RIGHT_CHEEK]
    return [cheek for cheek in cheeks if seen[cheek].mean() > _HALF_SEEN] or cheeks
