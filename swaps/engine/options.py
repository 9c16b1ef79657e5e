"""What a caller may choose: which faces of the target, and the engine's few limits."""

import math
from dataclasses import dataclass, field
from typing import Literal, Self

_HOW = 'Write "all", a number counted from the left such as "2", or a point such as "120,340".'


@dataclass(frozen=True)
class FaceChoice:
    """Which faces of the target to replace: the largest (default), all, one by number or by point.

    `number` counts from 1, left to right; `point` is (x, y) in pixels of the upright target.
    """

    kind: Literal["largest", "all", "number", "point"] = "largest"
    number: int = 0
    point: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `""`, `"all"`, `"2"` or `"120,340"`.

        Raises ValueError, with a sentence for people, on anything else.
        """
        words = text.strip().lower()
        if words in ("", "largest"):
            return cls()
        if words == "all":
            return cls(kind="all")
        if words.isascii() and words.isdigit():
            return cls._by_number(words)
        return cls._by_point(words)

    @classmethod
    def _by_number(cls, words: str) -> Self:
        # A cap on the digits: int() refuses very long ones with a message that is not for people.
        if len(words) > 4 or int(words) < 1:
            message = f"There is no face number {words[:12]}: faces are counted from 1. {_HOW}"
            raise ValueError(message)
        return cls(kind="number", number=int(words))

    @classmethod
    def _by_point(cls, words: str) -> Self:
        message = f"“{words[:40]}” does not say which face. {_HOW}"
        parts = words.split(",")
        if len(parts) != 2:
            raise ValueError(message)
        try:
            x, y = float(parts[0]), float(parts[1])
        except ValueError:
            raise ValueError(message) from None
        if not (math.isfinite(x) and math.isfinite(y) and x >= 0 and y >= 0):
            raise ValueError(message)
        return cls(kind="point", point=(x, y))


@dataclass(frozen=True)
class Options:
    """One swap's choices. Sizes in pixels, angles in degrees."""

    faces: FaceChoice = field(default_factory=FaceChoice)
    work_size: int = 512  # larger faces are worked on at this size; only the change is scaled up
    min_face: int = 48
    max_yaw: float = 45.0
    pull: float = 0.6  # how far inner vertices go towards the source's own proportions, 0–1
