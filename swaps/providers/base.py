"""What every provider is: plain values in and out. A provider saves nothing and knows no models."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Picture:
    """One of a job's two pictures, in whichever way a provider wants it: bytes or an address."""

    read: Callable[[], bytes]
    url: Callable[[], str]


@dataclass(frozen=True)
class Job:
    """One swap to be done. *face* is the choice of the target's faces (empty: the largest)."""

    source: Picture
    target: Picture
    face: str = ""


@dataclass(frozen=True)
class Accepted:
    """The provider works on it and will answer later, under its own *task_id*."""

    task_id: str
    trace_id: str = ""


@dataclass(frozen=True)
class Done:
    """The result: its bytes (JPEG or PNG), or where they can be fetched. *timings* in seconds."""

    result: bytes | str
    trace_id: str = ""
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """No result: a *code* for programs, a sentence for people, and which picture it was about.

    *retry_at* says when it is worth trying again; None means never.
    """

    code: str
    message: str
    picture: str = ""
    retry_at: datetime | None = None


Outcome = Accepted | Done | Refused


class Provider(Protocol):
    """Does swaps. Both calls answer with an outcome and raise for nothing that can be expected."""

    def submit(self, job: Job) -> Outcome:
        """Start the job, and finish it where that is quick."""

    def retrieve(self, task_id: str) -> Outcome:
        """How a job that was accepted stands."""
