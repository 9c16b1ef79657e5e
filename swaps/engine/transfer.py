"""One face onto one other, step by step; `pipeline` calls it for each face of the target.

The change is made on a crop of at most `work_size` pixels of face. Only the change is scaled back
up: the target keeps its own finest detail, and a large photo costs little more than a small one.

Conventions: `result_rgb` uint8 (H, W, 3) and `changed` bool (H, W) are the photo's; all else is in
pixels of the crop, pictures (h, w, 3), maps float32 (h, w), 0–1.
"""

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats, mixed, smoothed, times
from swaps.engine.blend import blend
from swaps.engine.canonical import Canonical
from swaps.engine.change import apply_change
from swaps.engine.colour import log_light, unit_from_log
from swaps.engine.complexion import match_complexion
from swaps.engine.crop import MARGIN, Crop, cut
from swaps.engine.detail import match_grain, match_sharpness, own_parts
from swaps.engine.drawing import Drawn, draw_source
from swaps.engine.ground import Ground, lay_ground
from swaps.engine.landmarks import Face
from swaps.engine.mask import edge_distance, face_mask, oval_area
from swaps.engine.options import Options
from swaps.engine.source import SourceFace
from swaps.engine.stage import Stage, set_stage
from swaps.engine.warp import warp

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
    crop = cut(result_rgb, points=face.landmarks, margin=MARGIN * face.size, scale=scale)
    stage = set_stage(source, crop=crop, face=face, canonical=canonical, reach=options.reach)
    ground = lay_ground(stage, canonical=canonical)
    drawn = draw_source(source, stage=stage, ground=ground, canonical=canonical)
    features = stage.raster.spread(_features(len(canonical.vertices)))
    mask = _mask(drawn, stage=stage, canonical=canonical)
    face_unit = _face(source, drawn=drawn, stage=stage, ground=ground, features=features, mask=mask)
    change, fine = _change(face_unit, crop=crop, stage=stage, features=features, mask=mask)
    apply_change(
        change,
        fine=fine,
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
    hair = smoothed(floats(hair), blur=max(0.6, stage.skin_blur))
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
        matched_log = mixed(matched_log, own_log, share=stay)
    target_unit = floats(stage.crop_rgb) * np.float32(1 / 255)
    face_unit = match_sharpness(
        unit_from_log(matched_log),
        target_unit,
        inside=(mask > 0.5) & stage.raster.covered,
        extent=stage.extent,
    )
    return match_grain(face_unit, target_unit, skin=floats(skin * mask))


def _change(
    face_unit: Floats, *, crop: Crop, stage: Stage, features: Floats, mask: Floats
) -> tuple[Floats, Floats]:
    """What makes the crop the face, and how much of the photo's finer detail goes: see `change`."""
    target_unit = floats(crop.rgb) * np.float32(1 / 255)
    bare_unit = target_unit
    limit = np.clip((edge_distance(stage.oval) - 1) / (0.02 * stage.extent + 1), 0, 1)
    if stage.through is not None:
        bare_unit = floats(stage.crop_rgb) * np.float32(1 / 255)
        limit = limit * stage.through
    change = times(blend(face_unit, bare_unit, mask=mask) - bare_unit, limit)
    fine = np.zeros_like(mask)
    if crop.scale < 1.0:
        share = _FINE_OF_SKIN + (_FINE_OF_FEATURES - _FINE_OF_SKIN) * np.clip(
            features[..., 0], 0, 1
        )
        fine = floats(mask * limit * share)
        change += times(target_unit, fine)
    return change, fine


def _features(count: int) -> Floats:
    """For each vertex: 1 where it is not skin (eyes, brows, lips), and 1 inside eyes and mouth."""
    values = np.zeros((count, 2), np.float32)
    for group in regions.FEATURES:
        values[group, 0] = 1
    for group in (regions.LEFT_EYE, regions.RIGHT_EYE, regions.INNER_LIPS):
        values[group, 1] = 1
    return values
