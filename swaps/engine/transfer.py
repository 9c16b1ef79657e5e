"""One face onto one other, step by step; `pipeline` calls it for each face of the target.

The change is made on a crop of at most `work_size` pixels of face. Only the change is scaled back
up: the target keeps its own finest detail, and a large photo costs little more than a small one.
"""

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats, mixed, smoothed, times
from swaps.engine.blend import blend
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light, match_colour, unit_from_log
from swaps.engine.crop import Crop, cut
from swaps.engine.detail import match_grain, own_parts
from swaps.engine.drawing import Drawn, draw_source
from swaps.engine.landmarks import Face
from swaps.engine.mask import edge_distance, face_mask, oval_area
from swaps.engine.options import Options
from swaps.engine.source import SourceFace
from swaps.engine.stage import Stage, set_stage
from swaps.engine.warp import warp

_MARGIN = 0.04  # around the face, as a share of its size
_LIT = 1.8  # tolerances of skin that still shows the light
_PORE = 0.06  # in log light; what is stronger is no pore
_SHIFT = 6
_PARTS = 1 << _SHIFT  # of a grey level: as fine as 16 bits can hold the greatest change
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
    drawn = draw_source(source, stage=stage, canonical=canonical)
    features = stage.raster.spread(_features(len(canonical.vertices)))
    mask = _mask(drawn, stage=stage, canonical=canonical)
    target_unit = floats(crop.rgb) * np.float32(1 / 255)
    bare_unit = target_unit
    if stage.glasses:
        bare_unit = floats(stage.crop_rgb) * np.float32(1 / 255)
    face_unit = _face(
        source, drawn=drawn, stage=stage, target_unit=bare_unit, features=features, mask=mask
    )
    limit = np.clip((edge_distance(stage.oval) - 1) / (0.02 * stage.extent + 1), 0, 1)
    if stage.glasses:
        limit = limit * (1 - stage.glasses.frames)
    change = times(blend(face_unit, bare_unit, mask=mask) - bare_unit, limit)
    fine = np.zeros_like(mask)
    if scale < 1.0:
        share = _FINE_OF_SKIN + (_FINE_OF_FEATURES - _FINE_OF_SKIN) * np.clip(
            features[..., 0], 0, 1
        )
        fine = floats(mask * limit * share)
        change += times(target_unit, fine)
    _apply(
        floats(cv2.merge([change * np.float32(255 * _PARTS), fine * np.float32(_PARTS)])),
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
    hair = np.maximum(stage.hair, stage.sparing * (1 - likeness))
    hair = smoothed(hair, blur=max(0.6, stage.skin_blur))
    mask = face_mask(
        stage.oval,
        raster=stage.raster,
        canonical=canonical,
        hair=floats(hair),
        size=stage.extent,
    )
    return floats(mask * drawn.shown)


def _face(
    source: SourceFace,
    *,
    drawn: Drawn,
    stage: Stage,
    target_unit: Floats,
    features: Floats,
    mask: Floats,
) -> Floats:
    """The drawn face in the target's light and grain, (h, w, 3), 0–1."""
    bare = (stage.oval & stage.raster.covered) * (1 - np.clip(features[..., 0] * 1.5, 0, 1))
    blur = stage.skin_blur
    skin = bare * stage.likeness * drawn.distance.likeness(blur=blur)
    lit = bare * stage.distance.likeness(blur=blur, tolerance=_LIT)
    lit *= drawn.distance.likeness(blur=blur, tolerance=_LIT)
    matched_log = match_colour(
        drawn.face_log,
        stage.crop_log,
        skin=floats(skin * (1 - drawn.hair)),
        lit=floats(lit),
        half=features[..., 1],
        blur=stage.light_blur,
    )
    # Plain skin has no pores: it takes the target's.
    if drawn.hair.any():
        pores = stage.crop_log - smoothed(stage.crop_log, blur=max(1.0, blur))
        matched_log += times(np.clip(pores, -_PORE, _PORE), drawn.hair * stage.likeness)
    stay = own_parts(stage.drawn, source=source.landmarks, target=stage.target, size=stage.size)
    if stay.any():
        own_log = log_light(warp(stage.crop_rgb, vertices=stage.target, raster=stage.raster))
        matched_log = mixed(matched_log, own_log, share=stay)
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

    `layers` (h, w, 4), in the crop's pixels: what is added to the photo, in parts of a grey level,
    and how many of the photo's parts are taken away first. In strips, for the sake of memory.
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
        red, green, blue, fine = cv2.split(strip.astype(np.int16))
        step = np.asarray(cv2.merge([red, green, blue]), np.int16)
        if fine.any():
            step -= part_rgb * np.asarray(cv2.merge([fine, fine, fine]), np.int16)
        step += _PARTS // 2
        step >>= _SHIFT
        levels = cv2.add(part_rgb, step, dtype=cv2.CV_8U)
        cv2.copyTo(levels, inside.astype(np.uint8), part_rgb)
        changed[y0:y1, x0:x1] |= inside
