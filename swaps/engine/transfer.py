"""One face onto one other, step by step; `pipeline` calls it for each face of the target.

The change is made on a crop of at most `work_size` pixels of face. Only the change is scaled back up,
so that the target keeps its own finest detail and a large photo costs little more than a small one.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats, smoothstep
from swaps.engine.blend import blend
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light, low_frequency_ratio, match_colour, unit_from_log, weighted_blur
from swaps.engine.crop import Crop, cut
from swaps.engine.detail import match_grain, own_parts
from swaps.engine.landmarks import Face
from swaps.engine.mask import edge_distance, face_mask, hair_zones, oval_area
from swaps.engine.mesh import fit_shape
from swaps.engine.options import Options
from swaps.engine.raster import Raster, rasterise, vertex_areas
from swaps.engine.skin import Skin, learn_skin
from swaps.engine.source import SourceFace
from swaps.engine.warp import warp

_MARGIN = 0.12  # around the face, as a share of its size
_EVEN = (0.6, 0.8)  # a vertex's area in the source against the other side's: hidden, seen
_SHOWN = (0.2, 0.5)  # the same against the drawn area
_NO_AREA = 0.02
_HAIRY = (1.4, 2.2)  # distances from skin, in tolerances: skin, hair
_LIT = 1.8  # tolerances of skin that still shows the light
_HAIR_EDGE = 0.15  # how far hair reaches beyond what is seen of it, in blurs of the light
_DYED = (1.9, 2.9)  # the same by colour alone
_LIGHT_BLUR = 0.075
_SKIN_BLUR = 0.01


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
    stage = _stage(source, crop=crop, face=face, canonical=canonical, pull=options.pull)
    face_unit, mask = _face_and_mask(source, stage=stage, canonical=canonical)
    target_unit = floats(crop.rgb) * np.float32(1 / 255)
    limit = np.clip((edge_distance(stage.oval) - 1) / (0.02 * stage.extent + 1), 0, 1)
    change = (blend(face_unit, target_unit, mask=mask) - target_unit) * limit[..., None]
    _apply(change, crop=crop, face=face, result_rgb=result_rgb, changed=changed, canonical=canonical)


@dataclass(frozen=True)
class _Stage:
    """The target's crop (h, w, 3) with its landmarks, and the mesh drawn into it."""

    crop_rgb: Rgb
    target: Floats
    drawn: Floats
    raster: Raster
    oval: Bools
    extent: float  # of the face, in pixels of the crop
    scale: float  # pixels of the crop for one of the source's photo


def _stage(
    source: SourceFace, *, crop: Crop, face: Face, canonical: Canonical, pull: float
) -> _Stage:
    size = (crop.rgb.shape[1], crop.rgb.shape[0])
    target = crop.from_photo(face.landmarks)
    drawn, fit = fit_shape(source.landmarks, target, canonical=canonical, pull=pull)
    return _Stage(
        crop_rgb=crop.rgb,
        target=target,
        drawn=drawn,
        raster=rasterise(drawn, triangles=canonical.triangles, size=size),
        oval=oval_area(target, canonical=canonical, size=size),
        extent=face.size * crop.scale,
        scale=fit.scale,
    )


@dataclass(frozen=True)
class _Drawn:
    """The source over the target's crop: log light (h, w, 3); where hair was taken out of it, and
    where its picture had something to show (h, w), 0–1."""

    face_log: Floats
    hair: Floats
    shown: Floats


def _face_and_mask(
    source: SourceFace, *, stage: _Stage, canonical: Canonical
) -> tuple[Floats, Floats]:
    """The source's face in the target's light (h, w, 3), 0–1, and the mask (h, w) to lay it with."""
    raster = stage.raster
    blur = _SKIN_BLUR * stage.extent
    zones = hair_zones(raster, canonical=canonical)
    drawn = _drawn_source(source, stage=stage, canonical=canonical, zones=zones)
    target_log = log_light(stage.crop_rgb)
    skin_of_target = learn_skin(target_log, vertices=stage.target, cheeks=regions.CHEEKS)
    likeness = source.skin.likeness(drawn.face_log, blur=blur)
    likeness *= skin_of_target.likeness(target_log, blur=blur)
    hair = np.maximum(
        zones[1] * (1 - likeness),
        zones[0] * smoothstep(skin_of_target.distances(target_log)[..., 1], *_DYED),
    )
    mask = drawn.shown * face_mask(
        stage.oval,
        raster=raster,
        canonical=canonical,
        hair=floats(cv2.GaussianBlur(hair, (0, 0), max(0.6, blur))),
        size=stage.extent,
    )
    features = raster.spread(_features(len(canonical.vertices)))
    bare = (stage.oval & raster.covered) * (1 - np.clip(features[..., 0] * 1.5, 0, 1))
    skin = likeness * bare
    lit = source.skin.likeness(drawn.face_log, blur=blur, tolerance=_LIT)
    lit *= bare * skin_of_target.likeness(target_log, blur=blur, tolerance=_LIT)
    matched = match_colour(
        drawn.face_log,
        target_log,
        skin=floats(skin * (1 - drawn.hair)),
        lit=floats(lit),
        half=features[..., 1],
        blur=_LIGHT_BLUR * stage.extent,
    )
    matched = _with_own_parts(matched, source=source, stage=stage)
    target_unit = floats(stage.crop_rgb) * np.float32(1 / 255)
    return match_grain(unit_from_log(matched), target_unit, skin=floats(skin * mask)), mask


def _drawn_source(
    source: SourceFace, *, stage: _Stage, canonical: Canonical, zones: tuple[Floats, Floats]
) -> _Drawn:
    """The source's face drawn over the mesh.

    Where its picture hides a part of a turned face the other side of the same face is drawn; where
    hair hangs into it, plain skin as light as its surroundings.
    """
    picture_rgb, vertices = source.at_scale(stage.scale)
    own_log = log_light(warp(picture_rgb, vertices=vertices, raster=stage.raster))
    mirrored_log = log_light(
        warp(picture_rgb, vertices=vertices[canonical.mirror], raster=stage.raster)
    )
    hidden, shown = _sides(source, stage=stage, canonical=canonical)
    blur = _LIGHT_BLUR * stage.extent
    # The other side lies in other light: it takes that of its new surroundings first.
    mirrored_log += low_frequency_ratio(
        mirrored_log,
        own_log,
        weights=floats((1 - hidden) * source.skin.likeness(own_log, blur=0)),
        blur=blur,
    )
    whole_log = floats(own_log + hidden[..., None] * (mirrored_log - own_log))
    hair = _hair(whole_log, skin=source.skin, zones=zones, edge=_HAIR_EDGE * blur)
    weights = (source.skin.distances(whole_log).max(axis=2) < 1) * (1 - hair)
    plain_log = weighted_blur(whole_log, weights=floats(weights), blur=blur)
    return _Drawn(floats(whole_log + hair[..., None] * (plain_log - whole_log)), hair, shown)


def _hair(
    face_log: Floats, *, skin: Skin, zones: tuple[Floats, Floats], edge: float
) -> Floats:
    """Where hair hangs into the face (h, w), 0–1, with `edge` pixels more around it.

    Brows and lashes are no skin either, but their colour is nearer to it: beside the eyes, in the
    generous zone, only a colour far from skin counts as hair.
    """
    distances = skin.distances(face_log)
    generous, sparing = zones
    hair = np.maximum(
        generous * smoothstep(distances[..., 1], *_DYED),
        sparing * smoothstep(floats(distances.max(axis=2)), *_HAIRY),
    )
    reach = max(1, round(edge))
    hair = cv2.dilate(hair, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return floats(cv2.GaussianBlur(hair, (0, 0), reach))


def _sides(source: SourceFace, *, stage: _Stage, canonical: Canonical) -> tuple[Floats, Floats]:
    """How much to take from the mirrored face (h, w), and where either side is seen well, 0–1.

    Measured by the area around a vertex in the source's picture: against the other side of the face
    (where the drawn face is as turned as the source, its own side does), and against what is drawn.
    """
    areas = vertex_areas(source.landmarks[: len(canonical.vertices)], canonical=canonical)
    areas *= np.float32(stage.scale**2)
    drawn = vertex_areas(stage.drawn, canonical=canonical)
    # A little of every area, so that what is seen in neither picture counts as equal.
    areas += _NO_AREA * drawn.mean()
    drawn += _NO_AREA * drawn.mean()
    other = areas[canonical.mirror]
    turned = np.minimum(drawn / drawn[canonical.mirror], 1)
    hidden = 1 - smoothstep(floats(areas / (other * turned)), *_EVEN)
    best = np.maximum(areas, other)
    sides = stage.raster.spread(
        np.column_stack([hidden, smoothstep(floats(best / drawn), *_SHOWN)])
    )
    return sides[..., 0], sides[..., 1]


def _with_own_parts(matched: Floats, *, source: SourceFace, stage: _Stage) -> Floats:
    """The face with the target's own teeth or closed eyes where the source has none to give."""
    size = (stage.crop_rgb.shape[1], stage.crop_rgb.shape[0])
    stay = own_parts(stage.drawn, source=source.landmarks, target=stage.target, size=size)
    if not stay.any():
        return matched
    own_log = log_light(warp(stage.crop_rgb, vertices=stage.target, raster=stage.raster))
    return floats(matched + stay[..., None] * (own_log - matched))


def _features(count: int) -> Floats:
    """For each vertex: 1 where it is not skin (eyes, brows, lips), and 1 inside eyes and mouth."""
    values = np.zeros((count, 2), np.float32)
    for group in (*regions.GROUPS, regions.LEFT_BROW, regions.RIGHT_BROW):
        values[group, 0] = 1
    for group in (regions.LEFT_EYE, regions.RIGHT_EYE, regions.INNER_LIPS):
        values[group, 1] = 1
    return values


def _apply(
    change: Floats,
    *,
    crop: Crop,
    face: Face,
    result_rgb: Rgb,
    changed: Bools,
    canonical: Canonical,
) -> None:
    """Add the change (h, w, 3), in units of 1, to the photo: inside the oval, and nowhere else."""
    height, width = result_rgb.shape[:2]
    (left, top), (wide, high) = crop.corner, crop.extent
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(width, left + wide), min(height, top + high)
    if (change.shape[1], change.shape[0]) != (wide, high):
        change = floats(cv2.resize(change, (wide, high), interpolation=cv2.INTER_LINEAR))
    change = change[y0 - top : y1 - top, x0 - left : x1 - left]
    shifted = face.landmarks[:, :2] - np.float32([x0, y0])
    area = oval_area(floats(shifted), canonical=canonical, size=(x1 - x0, y1 - y0))
    part_rgb = result_rgb[y0:y1, x0:x1]
    levels = np.clip(np.rint(part_rgb + change * np.float32(255)), 0, 255).astype(np.uint8)
    part_rgb[area] = levels[area]
    changed[y0:y1, x0:x1] |= area
