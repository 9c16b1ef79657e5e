"""PURE: which faces of a picture were chosen: reading, checking and naming a choice. Nothing heavy is loaded.

A choice is kept as text: "" is the largest face, "all" every one, else points in pixels of the picture as it
is kept, "X,Y" or "X,Y;X,Y;…". A point means the face that it lies on, so it outlives any order of faces.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypedDict

LENGTH = 1000
"""A choice is at most so many characters long: some ninety faces."""
ALL = "all"
# A point so far outside a face's box still means that face, as a share of its size; as in engine/pipeline.py.
REACH = 0.25
NUMBER = re.compile(r"[1-9]\d{0,3}")
_POINT = re.compile(r"(\d{1,6}(?:\.\d+)?),(\d{1,6}(?:\.\d+)?)")
_SPACED = re.compile(r"\s*([,;])\s*")

Point = tuple[float, float]


class FoundFace(TypedDict):
    """A face as it is kept with its picture: all in pixels of the picture as it is kept, angles in degrees.

    `points` are both eyes, the picture's left one first, the nose's tip, and the mouth's corners. `sharpness`,
    `covered` and `outside` are 0–1, as engine/appraise.py measures them.
    """

    box: list[float]
    points: list[list[float]]
    size: float
    yaw: float
    pitch: float
    sharpness: float
    covered: float
    outside: float


class Unfit(ValueError):
    """A choice that cannot be meant; str() is a sentence for people, `role` the picture it is of."""

    def __init__(self, sentence: str, *, role: str) -> None:
        super().__init__(sentence)
        self.role = role


# What people call the two pictures, and what to do where a choice of its faces makes no sense.
ROLES = {"source": "Face", "target": "Photo"}
"""The two pictures of a swap, by what people call them."""


def fitting(
    text: str, *, role: str, size: tuple[int, int] | None, faces: Sequence[FoundFace] | None
) -> str:
    """The choice *text* of a picture's faces as it is kept, each face once.

    *size* is the picture's (width, height), None where it is not here yet; *faces* None where nobody has
    looked yet. Raises Unfit.
    """
    name, text = ROLES[role], tidied(text)
    if text == "" or (text == ALL and role == "target"):
        return text
    points = _points(text, role=role)
    if size is None:
        raise Unfit(
            f"The faces of a {name} that is given as a link cannot be chosen yet. "
            "Choose the picture as a file instead, or leave the choice of the face.",
            role=role,
        )
    for x, y in points:
        if x >= size[0] or y >= size[1]:
            raise Unfit(
                f"The chosen face lies outside the {name}, at {x:g}, {y:g}. Choose the face again.",
                role=role,
            )
    if faces is not None:
        points = list(_one_a_face(points, faces, role=role).values())
    return ";".join(f"{_tenth(x)},{_tenth(y)}" for x, y in dict.fromkeys(points))


def tidied(text: str) -> str:
    """A choice as it was typed, without what has no meaning: spaces beside its commas, and capitals."""
    return _SPACED.sub(r"\1", text.strip().lower())


def numbered(
    text: str, *, role: str, size: tuple[int, int], faces: Sequence[FoundFace] | None
) -> str:
    """The point for a face's number, counted from the left from 1. Raises Unfit."""
    number = int(text)
    if faces is None:
        raise Unfit(
            f"The {ROLES[role]} could not be searched for faces, so none of them has a number. "
            "Give a point of the face instead.",
            role=role,
        )
    if number > len(faces):
        shows = {0: "no face", 1: "one face"}.get(len(faces), f"{len(faces)} faces")
        how = f"Choose a number from 1 to {len(faces)}, counted from the left."
        raise Unfit(
            f"The {ROLES[role]} shows {shows}, so there is no face number {number}. "
            + (how if faces else "Choose a picture that shows one."),
            role=role,
        )
    return point_of(faces[number - 1], size=size)


def meant(text: str, faces: Sequence[FoundFace], *, role: str) -> list[int]:
    """Which of the *faces* a kept choice means; none where it is left to whoever swaps.

    Raises Unfit where there is no such face.
    """
    if text in {"", ALL}:
        return list(range(len(faces))) if text else []
    return list(_one_a_face(_points(text, role=role), faces, role=role))


def face_at(point: Point, faces: Sequence[FoundFace]) -> int | None:
    """Which of the *faces* a point means: the nearest, where it is near enough.

    Where boxes overlap it is the one in whose middle it lies; engine/pipeline.py decides the same way.
    """
    if not faces:
        return None
    nearest = min(range(len(faces)), key=lambda at: _distance(point, faces[at]))
    is_near = _distance(point, faces[nearest])[0] <= REACH * faces[nearest]["size"]
    return nearest if is_near else None


def point_of(face: FoundFace, *, size: tuple[int, int]) -> str:
    """A point well inside a face, between eyes and nose, and inside the picture of that *size*."""
    near = face["points"][:3]
    x, y = (round(sum(point[axis] for point in near) / len(near)) for axis in (0, 1))
    return f"{min(max(0, x), size[0] - 1)},{min(max(0, y), size[1] - 1)}"


def box_inside(face: FoundFace, *, size: tuple[int, int]) -> list[float]:
    """What of a face's box lies in the picture of that *size*: (x0, y0, x1, y1)."""
    return [min(max(0, side), size[axis % 2]) for axis, side in enumerate(face["box"])]


def name_of(number: int, count: int) -> str:
    """What a face is called: its number from the left, where there are several."""
    return "The only face" if count == 1 else f"Face {number} of {count}, from the left"


def in_words(text: str, faces: Sequence[FoundFace] | None) -> str:
    """A kept choice, as people read it."""
    if text == "":
        return "The largest face"
    if text == ALL:
        return "All faces"
    if NUMBER.fullmatch(text):
        return f"Face {text}, from the left"
    points = [(float(x), float(y)) for x, y in _POINT.findall(text)]
    meant = {face_at(point, faces or []) for point in points}
    numbers = sorted(at + 1 for at in meant if at is not None)
    if faces is None or not numbers:
        at = " and ".join(f"{x:g}, {y:g}" for x, y in points)
        return f"The face at {at}" if len(points) == 1 else f"The faces at {at}"
    if len(numbers) == 1:
        return name_of(numbers[0], len(faces))
    return f"{len(numbers)} of {len(faces)} faces, from the left: {', '.join(map(str, numbers))}"


def _points(text: str, *, role: str) -> list[Point]:
    """The points of a choice. Raises Unfit."""
    if len(text) > LENGTH:
        raise Unfit(
            "So many faces cannot be chosen one by one. Choose fewer, or all of them.", role=role
        )
    found = [_POINT.fullmatch(part.strip()) for part in text.split(";")]
    several = len(found) > 1 and role == "source"
    if several or not all(found):
        how = "one face" if role == "source" else "one, several or all of its faces"
        raise Unfit(
            f"“{text[:40]}” does not say which face of the {ROLES[role]} is meant. Choose {how}.",
            role=role,
        )
    return [(float(one[1]), float(one[2])) for one in found if one]


def _one_a_face(points: list[Point], faces: Sequence[FoundFace], *, role: str) -> dict[int, Point]:
    """Of each face that is meant, by its place among the *faces*, the first point. Raises Unfit."""
    chosen: dict[int, Point] = {}
    for point in points:
        at = face_at(point, faces)
        if at is None:
            raise Unfit(
                f"There is no face at {point[0]:g}, {point[1]:g} of the {ROLES[role]}. "
                "Choose a point on one of its faces, or another picture.",
                role=role,
            )
        chosen.setdefault(at, point)
    return chosen


def _distance(point: Point, face: FoundFace) -> tuple[float, float]:
    """How far a point lies outside a face's box, in pixels, and from its middle, as a share of its size."""
    x0, y0, x1, y1 = face["box"]
    aside = max(x0 - point[0], point[0] - x1, 0.0)
    above = max(y0 - point[1], point[1] - y1, 0.0)
    from_middle = math.dist(point, ((x0 + x1) / 2, (y0 + y1) / 2))
    return math.hypot(aside, above), from_middle / face["size"]


def _tenth(pixels: float) -> str:
    """Cut off, so that it stays inside the picture; and never 1e-05, which is no number of a point."""
    return f"{math.floor(10 * pixels) / 10:.1f}".removesuffix(".0")
