"""Every pair of a folder's portraits swapped and measured, face by face; for `engine`."""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from bench import _measures as measures
from bench._identity import SAME_PERSON, Recognition, distance
from swaps.engine.arrays import Bools, Doubles, Rgb
from swaps.engine.detect import overlap
from swaps.engine.errors import EngineError
from swaps.engine.landmarks import Face
from swaps.engine.mask import oval_area
from swaps.engine.models import Models
from swaps.engine.options import FaceChoice, Options
from swaps.engine.pipeline import find_faces, swap_faces

_ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
# Nearer than this the target shows the source already (a group composed of the portraits): nothing to tell apart.
_SAME_PICTURE = 0.35


@dataclass(frozen=True)
class Portrait:
    """A picture, `rgb` (H, W, 3) uint8 RGB, with its faces from left to right and who they are, (128,) each."""

    name: str
    rgb: Rgb
    faces: list[Face]
    places: list[Doubles]

    @property
    def is_group(self) -> bool:
        """Whether more than one face is on it: then it serves as a target only."""
        return len(self.faces) > 1

    @property
    def is_easy(self) -> bool:
        """Whether the only face is far from what the engine refuses, at any scale."""
        (face, *others), limits = self.faces, Options()
        return not others and abs(face.yaw) < limits.max_yaw - 5 and face.size > limits.min_face


@dataclass(frozen=True)
class Identity:
    """Distances of a result's face in the network's space, and whether the source is the nearest of all."""

    to_source: float
    to_target: float
    is_nearest: bool

    @property
    def is_source(self) -> bool:
        """Whether the network takes the result's face for the source's."""
        return self.to_source < SAME_PERSON


@dataclass(frozen=True)
class Measured:
    """One replaced face: `landmarks` in inter-ocular distances, `seam` and `rim` as ratios of gradients.

    `repeated`: the target showed the same picture of the same person before, which proves nothing.
    """

    number: int  # of the face on the target, from the left
    group: bool
    repeated: bool
    identity: Identity | None
    landmarks: float
    seam: float
    rim: float


@dataclass(frozen=True)
class Pair:
    """One swap: the pictures, its result (H, W, 3) uint8 RGB, and what was measured, or why it was refused."""

    source: Portrait
    target: Portrait
    result_rgb: Rgb | None
    refusal: str
    outside: int
    seconds: float
    faces: list[Measured]


def read_portraits(
    folder: Path, *, models: Models, recognition: Recognition | None
) -> tuple[list[Portrait], list[str]]:
    """The pictures of *folder* that show a face, by name, upright and without alpha; and which were left out."""
    found, left_out = [], []
    for file in sorted(file for file in folder.iterdir() if file.suffix.lower() in _ENDINGS):
        try:
            with Image.open(file) as image:
                rgb = np.asarray(ImageOps.exif_transpose(image).convert("RGB"))
        except OSError as error:
            left_out.append(f"{file.name} cannot be opened ({type(error).__name__})")
            continue
        faces = find_faces(rgb, models=models)
        if not faces:
            left_out.append(f"{file.name} shows no face")
            continue
        places = [recognition.embed(rgb, face.landmarks) for face in faces] if recognition else []
        found.append(Portrait(file.stem, rgb, faces, places))
    return found, left_out


def swapped_pairs(
    portraits: list[Portrait], *, models: Models, recognition: Recognition | None
) -> Iterator[Pair]:
    """All ordered pairs of the single portraits, then each of them on all faces of each group."""
    single = [portrait for portrait in portraits if not portrait.is_group]
    groups = [portrait for portrait in portraits if portrait.is_group]
    known = {portrait.name: portrait.places[0] for portrait in single if portrait.places}
    for source, target in (*itertools.permutations(single, 2), *itertools.product(single, groups)):
        yield _swapped(source, target, models=models, recognition=recognition, known=known)


def _swapped(
    source: Portrait,
    target: Portrait,
    *,
    models: Models,
    recognition: Recognition | None,
    known: dict[str, Doubles],
) -> Pair:
    options = Options(faces=FaceChoice(kind="all"))
    start = time.perf_counter()
    try:
        outcome = swap_faces(source.rgb, target.rgb, models=models, options=options)
    except EngineError as error:
        return Pair(source, target, None, str(error), 0, 0.0, [])
    seconds = time.perf_counter() - start
    ovals = np.zeros(target.rgb.shape[:2], np.bool_)
    for face in target.faces:
        ovals |= measures.hull(face.landmarks, shape=target.rgb.shape)
    # What the engine calls an oval counts as one only inside the faces' own outlines.
    ovals &= outcome.changed
    return Pair(
        source,
        target,
        outcome.result_rgb,
        "",
        measures.changed_outside(outcome.result_rgb, target.rgb, ovals=ovals),
        seconds,
        list(
            _measured(
                source,
                target,
                result_rgb=outcome.result_rgb,
                changed=outcome.changed,
                models=models,
                recognition=recognition,
                known=known,
            )
        ),
    )


def _measured(
    source: Portrait,
    target: Portrait,
    *,
    result_rgb: Rgb,
    changed: Bools,
    models: Models,
    recognition: Recognition | None,
    known: dict[str, Doubles],
) -> Iterator[Measured]:
    found = find_faces(result_rgb, models=models)
    size = (target.rgb.shape[1], target.rgb.shape[0])
    for number, face in enumerate(target.faces, start=1):
        oval = oval_area(face.landmarks, canonical=models.canonical, size=size)
        if not (changed & oval).any():
            continue  # too small or too turned, beside others that were not
        now = max(found, key=lambda one: overlap(one.box, face.box), default=None)
        if now and not overlap(now.box, face.box):
            now = None
        identity, repeated = None, False
        if recognition:
            before = target.places[number - 1]
            repeated = distance(known[source.name], before) < _SAME_PICTURE
            place = recognition.embed(result_rgb, (now or face).landmarks)
            identity = _identity(place, own=source.name, before=before, known=known)
        seam, rim = (
            measures.gradient_ratio(result_rgb, target.rgb, oval=oval, size=face.size, band=band)
            for band in (measures.SEAM, measures.RIM)
        )
        yield Measured(
            number,
            target.is_group,
            repeated,
            identity,
            measures.landmark_error(now.landmarks, face.landmarks) if now else math.inf,
            seam,
            rim,
        )


def _identity(place: Doubles, *, own: str, before: Doubles, known: dict[str, Doubles]) -> Identity:
    nearest = min(known, key=lambda name: distance(place, known[name]))
    return Identity(distance(place, known[own]), distance(place, before), nearest == own)
