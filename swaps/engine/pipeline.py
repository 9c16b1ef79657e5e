"""The whole swap, from two pictures to one; the engine's door for everybody else.

Conventions: pictures are uint8 (H, W, 3), RGB, upright. See `arrays` for those inside.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from swaps.engine import errors, regions
from swaps.engine.arrays import Bools, Rgb
from swaps.engine.canonical import Canonical
from swaps.engine.cover import COVERED, find_cover
from swaps.engine.detect import SAME_FACE, detect_faces, overlap
from swaps.engine.landmarks import Face, find_landmarks
from swaps.engine.models import Models
from swaps.engine.options import FaceChoice, Options
from swaps.engine.source import study_source
from swaps.engine.transfer import transfer

_SURE = 0.98  # presence; beside a larger face a curl or a sleeve is taken for a small one
_ON_ITS_HEAD = 120.0  # degrees of roll
# A point this far outside a face's box still means that face, as a share of its size.
_POINT_REACH = 0.25
_HIDDEN = 0.5  # of an eye or the mouth: with less of it the target's shows through


@dataclass(frozen=True)
class SwapOutcome:
    """`result_rgb` (H, W, 3) uint8; `changed` (H, W) the ovals inside which it may differ from the
    target; `faces` how many were replaced; `left_out` how many of those meant could not be."""

    result_rgb: Rgb
    changed: Bools
    faces: int
    left_out: int


def swap_faces(
    source_rgb: Rgb, target_rgb: Rgb, *, models: Models, options: Options
) -> SwapOutcome:
    """Put the chosen face of the source onto the chosen faces of the target.

    Both uint8 RGB (H, W, 3); neither is written to. Outside `changed` the result is the target, bit
    for bit.

    Raises EngineError, for the source first, where a face is missing, small, turned, cut off or covered
    (with "all" only where no face of the target can be used), and ValueError where an array is no
    picture.
    """
    source_rgb, target_rgb = _checked(source_rgb), _checked(target_rgb)
    (own,), _ = _usable_faces(
        source_rgb, picture="source", choice=options.source_face, models=models, options=options
    )
    faces, left_out = _usable_faces(
        target_rgb, picture="target", choice=options.faces, models=models, options=options
    )
    source = study_source(
        source_rgb, face=own, canonical=models.canonical, work_size=options.work_size
    )
    result_rgb = target_rgb.copy()
    changed = np.zeros(target_rgb.shape[:2], np.bool_)
    for face in faces:
        transfer(
            source,
            face=face,
            result_rgb=result_rgb,
            changed=changed,
            canonical=models.canonical,
            options=options,
        )
    return SwapOutcome(result_rgb, changed, len(faces), left_out)


def find_faces(photo_rgb: Rgb, *, models: Models) -> list[Face]:
    """All faces of a uint8 RGB picture (H, W, 3), left to right: the order of their numbers."""
    photo_rgb = _checked(photo_rgb)
    faces = _faces(photo_rgb, models=models, thorough=True)
    return sorted(faces, key=lambda face: face.box[0] + face.box[2])


def _checked(picture_rgb: Rgb) -> Rgb:
    if picture_rgb.dtype != np.uint8 or picture_rgb.ndim != 3 or picture_rgb.shape[2] != 3:
        message = (
            f"A picture is uint8 (height, width, 3), not {picture_rgb.dtype} {picture_rgb.shape}."
        )
        raise ValueError(message)
    # A view with its channels reversed is welcome: BGR from OpenCV usually comes as one.
    return np.ascontiguousarray(picture_rgb)


def _faces(photo_rgb: Rgb, *, models: Models, thorough: bool) -> Iterator[Face]:
    """Faces, the largest first, each found only when asked for."""
    seen: list[Face] = []
    for ways in detect_faces(photo_rgb, detector=models.detector, thorough=thorough):
        looks = (
            find_landmarks(photo_rgb, detection=one, models=models)
            for one in ways
            if all(overlap(one.box, other.box) < SAME_FACE for other in seen)
        )
        # The landmarks know better than the detector which way a face lies.
        face = max(filter(None, looks), key=lambda one: one.score, default=None)
        if face is None or (seen and face.score < _SURE):
            continue
        # The networks guess on beyond the edge, where there is nothing to take or to change.
        if not face.inside(photo_rgb.shape).any():
            continue
        if all(overlap(face.box, other.box) < SAME_FACE for other in seen):
            seen.append(face)
            yield face


def _largest(photo_rgb: Rgb, *, models: Models) -> Face | None:
    """The largest face; looked for thoroughly only where a quick look finds none that is sure."""
    quick = next(_faces(photo_rgb, models=models, thorough=False), None)
    # Half a face, or a masked one, can pass for one on its head, until a closer look sees how it lies.
    if quick and quick.score >= _SURE and abs(quick.roll) < _ON_ITS_HEAD:
        return quick
    return next(_faces(photo_rgb, models=models, thorough=True), quick)


def _usable_faces(
    photo_rgb: Rgb,
    *,
    picture: errors.Picture,
    choice: FaceChoice,
    models: Models,
    options: Options,
) -> tuple[list[Face], int]:
    """The faces meant, at least one, without those of several that cannot be used; how many these are."""
    if choice.kind == "largest":
        first = _largest(photo_rgb, models=models)
        found = [first] if first else []
    else:
        found = find_faces(photo_rgb, models=models)
    if not found:
        raise errors.no_face(picture)
    chosen = _chosen(found, choice=choice, picture=picture)
    refusals = [
        _refusal(photo_rgb, face=face, picture=picture, canonical=models.canonical, options=options)
        for face in chosen
    ]
    usable = [face for face, refusal in zip(chosen, refusals, strict=True) if refusal is None]
    if not usable:
        largest = max(range(len(chosen)), key=lambda index: chosen[index].size)
        raise refusals[largest] or errors.no_face(picture)
    return usable, len(chosen) - len(usable)


def _chosen(faces: list[Face], *, choice: FaceChoice, picture: errors.Picture) -> list[Face]:
    """The faces meant, of all faces from left to right."""
    if choice.kind == "number":
        if choice.number > len(faces):
            raise errors.no_such_face(picture, number=choice.number, count=len(faces))
        return [faces[choice.number - 1]]
    if choice.kind == "point":
        return [faces[_nearest(faces, point=choice.point, picture=picture)]]
    if choice.kind == "points":
        meant = {_nearest(faces, point=point, picture=picture) for point in choice.points}
        return [faces[index] for index in sorted(meant)]
    return faces


def _nearest(faces: list[Face], *, point: tuple[float, float], picture: errors.Picture) -> int:
    """The index of the face nearest to a point; where boxes overlap, of that in whose middle it lies."""

    def distance(face: Face) -> tuple[float, float]:
        x0, y0, x1, y1 = face.box
        aside = max(x0 - point[0], point[0] - x1, 0.0)
        above = max(y0 - point[1], point[1] - y1, 0.0)
        from_middle = math.dist(point, ((x0 + x1) / 2, (y0 + y1) / 2))
        return math.hypot(aside, above), from_middle / face.size

    nearest = min(range(len(faces)), key=lambda index: distance(faces[index]))
    if distance(faces[nearest])[0] > _POINT_REACH * faces[nearest].size:
        raise errors.no_face_there(picture, point=point)
    return nearest


def _refusal(
    photo_rgb: Rgb,
    *,
    face: Face,
    picture: errors.Picture,
    canonical: Canonical,
    options: Options,
) -> errors.EngineError | None:
    if face.size < options.min_face:
        return errors.face_too_small(picture, size=face.size, least=options.min_face)
    if abs(face.yaw) > options.max_yaw:
        return errors.face_turned(picture)
    # What the target's edge cuts off need not be drawn; of the source there is nothing to draw.
    if picture == "source" and _is_cut(face, shape=photo_rgb.shape, canonical=canonical):
        return errors.face_cut(picture)
    cover = find_cover(photo_rgb, face=face)
    # The target's own glasses stay; behind the source's there is nothing to take.
    if max(cover.below, cover.side) > COVERED or (picture == "source" and cover.eyes > COVERED):
        return errors.face_covered(picture)
    return None


def _is_cut(face: Face, *, shape: tuple[int, ...], canonical: Canonical) -> bool:
    """Whether the edge of a picture of `shape` hides an eye or the mouth on both sides of the face: one
    side stands in for the other."""
    inside = face.inside(shape)
    hidden = ~(inside[: len(canonical.mirror)] | inside[canonical.mirror])
    return any(hidden[group].mean() > _HIDDEN for group in regions.GROUPS)
