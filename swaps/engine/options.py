"""What a caller may choose: which face of the source, which of the target, and the engine's few limits.

Conventions: points are (x, y) in pixels of the upright picture; sizes in pixels, angles in degrees.
"""

import math
from dataclasses import dataclass, field
from typing import Literal, Self

_HOW = (
    'Write "all", a number counted from the left such as "2", a point such as "120,340", '
    'or several points such as "120,340;500,320".'
)
Point = tuple[float, float]


@dataclass(frozen=True)
class FaceChoice:
    """Which faces of a picture are meant: the largest (default), all, one by number or by point, or
    those at several points.

    `number` counts from 1, left to right. `point` belongs to the kind "point", `points` (two or
    more) to the kind "points"; of each point the nearest face is meant, and each face once.
    """

    kind: Literal["largest", "all", "number", "point", "points"] = "largest"
    number: int = 0
    point: Point = (0.0, 0.0)
    points: tuple[Point, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `""`, `"all"`, `"2"`, `"120,340"` or `"120,340;500,320"`.

        Raises ValueError, with a sentence for people, on anything else.
        """
        words = text.strip().lower()
        if words in ("", "largest"):
            return cls()
        if words == "all":
            return cls(kind="all")
        if words.isascii() and words.isdigit():
            return cls._by_number(words)
        points = tuple(_point(part, said=words) for part in words.split(";"))
        if len(points) == 1:
            return cls(kind="point", point=points[0])
        return cls(kind="points", points=points)

    @classmethod
    def _by_number(cls, words: str) -> Self:
        # A cap on the digits: int() refuses very long ones with a message that is not for people.
        if len(words) > 4 or int(words) < 1:
            message = f"There is no face number {words[:12]}: faces are counted from 1. {_HOW}"
            raise ValueError(message)
        return cls(kind="number", number=int(words))


def _point(words: str, *, said: str) -> Point:
    message = f"“{said[:40]}” does not say which face. {_HOW}"
    parts = words.split(",")
    if len(parts) != 2:
        raise ValueError(message)
    try:
        x, y = float(parts[0]), float(parts[1])
    except ValueError:
        raise ValueError(message) from None
    if not (math.isfinite(x) and math.isfinite(y) and x >= 0 and y >= 0):
        raise ValueError(message)
    return x, y


@dataclass(frozen=True)
class Options:
    """One swap's choices. Sizes in pixels, angles in degrees.

    `faces` are those of the target that are replaced, `source_face` the one that is taken.
    Raises ValueError, with a sentence for people, where `source_face` may mean more than one.
    """

    faces: FaceChoice = field(default_factory=FaceChoice)
    source_face: FaceChoice = field(default_factory=FaceChoice)
    work_size: int = 512  # larger faces are worked on at this size; only the change is scaled up
    min_face: int = 48
    max_yaw: float = 45.0
    # How far vertices may go towards the source's own proportions in the mean, in distances between
    # the target's eyes: the farther, the more like the source, and the less the target's pose.
    reach: float = 0.016

    def __post_init__(self) -> None:
        if self.source_face.kind in ("all", "points"):
            message = (
                "Only one face can be taken from the Face picture. "
                'Choose it by a number counted from the left such as "2", or a point such as "120,340".'
            )
            raise ValueError(message)
