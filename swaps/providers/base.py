"""What every provider is: plain values in and out. A provider saves nothing and knows no models."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Job:
    """One swap to be done.

    *source* and *target* read the pictures' bytes (JPEG or PNG, upright, sRGB) when they are called;
    *face* is the choice of the target's faces (empty: the largest).
    """

    source: Callable[[], bytes]
    target: Callable[[], bytes]
    face: str = ""


@dataclass(frozen=True)
class Done:
    """The result's bytes (JPEG or PNG), and how long each step took, in seconds."""

    result: bytes
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """No result: a *code* for programs, a sentence for people, and which picture it was about."""

    code: str
    message: str
    picture: str = ""


Outcome = Done | Refused


class Provider(Protocol):
    """Does swaps."""

    def submit(self, job: Job) -> Outcome:
        """Do the job. Whatever can be expected to go wrong is an outcome, not an exception."""
