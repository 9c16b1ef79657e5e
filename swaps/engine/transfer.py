"""One face onto one other, step by step; `pipeline` calls it for each face of the target.

The change is made on a crop of at most `work_size` pixels of face. Only the change is scaled back
up: the target keeps its own finest detail, and a large photo costs little more than a small one.
"""

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats
from swaps.engine.blend import blend
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light, unit_from_log
from swaps.engine.complexion import match_complexion
from swaps.engine.crop import Crop, cut
from swaps.engine.detail import match_grain, own_parts
from swaps.engine.drawing import Drawn, draw_source
from swaps.engine.ground import Ground, lay_ground
from swaps.engine.landmarks import Face
from swaps.engine.mask import edge_distance, face_mask, oval_area
from swaps.engine.options import Options
from swaps.engine.source import SourceFace
from swaps.engine.stage import Stage, set_stage
from swaps.engine.warp import warp

_MARGIN = 0.04  # around the face, as a share of its size
_STRIP = 256  # rows of the photo that are changed at a time
# How much of the target's detail too fine for the crop goes: of its skin, and of its features
# (those lie elsewhere than the source's).
_FINE_OF_SKIN, _FINE_OF_FEATURES = 0.3, 1.0


def transfer(
    source: SourceFace,
    *,
    face: Face,
    result_rgb: Rgb,
    changed: Bools,
    canonical: Canonical,
    options: Options,
) -> None:
    """Draw the source's face over `face`, in place: `result_rgb` and `changed` are written to."""
    scale = min(1.0, options.work_size / face.size)
    crop = cut(result_rgb, points=face.landmarks, margin=_MARGIN * face.size, scale=scale)
    stage = set_stage(source, crop=crop, face=face, canonical=canonical, pull=options.pull)
    ground = lay_ground(stage, canonical=canonical)
    drawn = draw_source(source, stage=stage, ground=ground, canonical=canonical)
    features = stage.raster.spread(_features(len(canonical.vertices)))
    mask = _mask(drawn, stage=stage, canonical=canonical)
    face_unit = _face(source, drawn=drawn, stage=stage, ground=ground, features=features, mask=mask)
    target_unit, bare_unit = (
        floats(one) * np.float32(1 / 255) for one in (crop.rgb, stage.crop_rgb)
    )
    limit = np.clip((edge_distance(stage.oval) - 1) / (0.02 * stage.extent + 1), 0, 1)
    if stage.glasses:
        limit = limit * (1 - stage.glasses.frames)
    change = (blend(face_unit, bare_unit, mask=mask) - bare_unit) * limit[..., None]
    fine = np.zeros_like(mask)
    if scale < 1.0:
        share = _FINE_OF_SKIN + (_FINE_OF_FEATURES - _FINE_OF_SKIN) * np.clip(
            features[..., 0], 0, 1
        )
        fine = floats(mask * limit * share)
    _apply(
        floats(np.dstack([change + fine[..., None] * target_unit, fine])),
        crop=crop,
        area=oval_area(
            floats(face.landmarks[:, :2] - crop.corner), canonical=canonical, size=crop.extent
        ),
        result_rgb=result_rgb,
        changed=changed,
    )


def _mask(drawn: Drawn, *, stage: Stage, canonical: Canonical) -> Floats:
    """Where to lay the drawn face (h, w), 0–1: not over the target's hair nor with the source's."""
    likeness = drawn.distance.likeness(blur=stage.skin_blur)
    # A beard is hair that goes with its face.
    hair = np.maximum(
        stage.hair * (1 - drawn.shaven), stage.sparing * (1 - likeness) * (1 - drawn.beard)
    )
    hair = cv2.GaussianBlur(hair, (0, 0), max(0.6, stage.skin_blur))
    mask = face_mask(
        stage.oval,
        raster=stage.raster,
        canonical=canonical,
        hair=floats(hair),
        edged=np.maximum(drawn.shaven, drawn.beard * (1 - drawn.target_beard)),
        size=stage.extent,
    )
    return floats(mask * drawn.shown)


def _face(
    source: SourceFace,
    *,
    drawn: Drawn,
    stage: Stage,
    ground: Ground,
    features: Floats,
    mask: Floats,
) -> Floats:
    """The drawn face in the target's light and grain, (h, w, 3), 0–1."""
    matched_log, skin = match_complexion(drawn, stage=stage, ground=ground, features=features)
    stay = own_parts(stage.drawn, source=source.landmarks, target=stage.target, size=stage.size)
    if stay.any():
        own_log = log_light(warp(stage.crop_rgb, vertices=stage.target, raster=stage.raster))
        matched_log = floats(matched_log + stay[..., None] * (own_log - matched_log))
    target_unit = floats(stage.crop_rgb) * np.float32(1 / 255)
    return match_grain(unit_from_log(matched_log), target_unit, skin=floats(skin * mask))


def _features(count: int) -> Floats:
    """For each vertex: 1 where it is not skin (eyes, brows, lips), and 1 inside eyes and mouth."""
    values = np.zeros((count, 2), np.float32)
    for group in (*regions.GROUPS, regions.LEFT_BROW, regions.RIGHT_BROW):
        values[group, 0] = 1
    for group in (regions.LEFT_EYE, regions.RIGHT_EYE, regions.INNER_LIPS):
        values[group, 1] = 1
    return values


def _apply(layers: Floats, *, crop: Crop, area: Bools, result_rgb: Rgb, changed: Bools) -> None:
    """Bring the change into the photo: inside `area` (of the crop's extent), and nowhere else.

    `layers` (h, w, 4), in the crop's pixels: what is added to the photo, in units of 1, and the
    share of the photo that is taken away first. In strips, for the sake of memory.
    """
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
        kept = part_rgb * (1 - strip[..., 3:])
        levels = np.clip(np.rint(kept + strip[..., :3] * np.float32(255)), 0, 255)
        part_rgb[inside] = levels.astype(np.uint8)[inside]
        changed[y0:y1, x0:x1] |= inside
