"""What every provider is: plain values in and out. A provider saves nothing and knows no models."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Mode(enum.StrEnum):
    """How a provider of another machine is asked: who waits, and how the outcome comes."""

    CALLBACK = "callback"
    """It answers at once and POSTs the outcome to the callback URL; it can be polled as well."""
    ASYNC = "async"
    """It answers at once and is polled for the outcome."""
    SYNC = "sync"
    """It answers with the outcome: the caller waits for as long as a swap takes."""


@dataclass(frozen=True)
class Picture:
    """One of a job's two pictures (JPEG or PNG, upright, sRGB), in whichever form the provider takes.

    `read` gives its bytes; `url` makes an address at which outsiders can fetch it until well after the job.
    """

    read: Callable[[], bytes]
    url: Callable[[], str]


@dataclass(frozen=True)
class Job:
    """One swap to be done. *source_face* and *target_faces* are choices as in face_choice.py."""

    source: Picture
    target: Picture
    source_face: str = ""
    target_faces: str = ""
    mode: Mode = Mode.SYNC
    callback_url: str = ""


class Then(enum.StrEnum):
    """What follows from a refusal."""

    GIVE_UP = "give_up"
    AGAIN = "again"
    """It may go better next time: ask again a few times, each time later."""
    LATER = "later"
    """Too much was asked at once: ask again when the provider said, as often as it takes."""
    PAUSE = "pause"
    """Nobody's swap can be done until an admin has seen to it (the token, the balance)."""


@dataclass(frozen=True)
class Done:
    """A result: its bytes (JPEG or PNG), or the *url* at which it can be fetched for a while.

    *announced* is what the provider said of it (`width`, `height` in pixels, `size` in bytes);
    *timings* is how long each step took, in seconds; *left_out* how many of the chosen faces stayed as they
    were, where the provider says so.
    """

    result: bytes = b""
    url: str = ""
    task_id: str = ""
    trace_id: str = ""
    announced: dict[str, int] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    left_out: int = 0


@dataclass(frozen=True)
class Accepted:
    """The provider took the job; *task_id* is its own name for it."""

    task_id: str
    trace_id: str = ""


@dataclass(frozen=True)
class Pending:
    """It has no outcome yet. *known* is False where it does not know the job (any more, or yet)."""

    known: bool = True


@dataclass(frozen=True)
class NoTasks:
    """It cannot be polled at all: it has no such address.

    *certain* is False where it was not its own `no_api` that said so, but a mere 404 of whoever is on the way.
    """

    certain: bool = field(default=True, compare=False)


@dataclass(frozen=True)
class Unknown:
    """Nobody knows whether the job was taken: the answer was lost, or makes no sense.

    *answered* is True where something came that cannot be understood: then it was surely heard of.
    """

    message: str
    trace_id: str = ""
    answered: bool = False


@dataclass(frozen=True)
class Refused:
    """No result: a *code* for programs, a sentence for people, which picture it was about, and what follows.

    *retry_after* is in seconds, where the provider said when. *job_open* is True where only the question was
    refused (`retrieve` with a bad token): the job itself may have been done, so it is not to be sent again.
    """

    code: str
    message: str
    picture: str = ""
    then: Then = Then.GIVE_UP
    retry_after: float | None = None
    trace_id: str = ""
    job_open: bool = False


class Verdict(enum.StrEnum):
    """What a look at a provider found."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    """It answers, but not to us: the token, or the balance."""
    NO_TASKS = "no_tasks"
    """There is no /face/tasks at that address: the token could not be tested for nothing."""
    UNREACHABLE = "unreachable"


@dataclass(frozen=True)
class Probe:
    """What a look found, with the provider's code and a sentence where it does not do swaps for us."""

    verdict: Verdict
    code: str = ""
    message: str = ""


Outcome = Done | Accepted | Pending | NoTasks | Unknown | Refused


class Provider(Protocol):
    """Does swaps. Whatever can be expected to go wrong is an outcome, not an exception."""

    def submit(self, job: Job) -> Done | Accepted | Unknown | Refused:
        """Have the job done: at once (`Done`), or later (`Accepted`)."""

    def retrieve(self, *, task_id: str = "", trace_id: str = "") -> Outcome:
        """What has become of a job that was accepted, by either of its names."""

    @staticmethod
    def understand(answer: Mapping[str, Any]) -> Done | Unknown | Refused:
        """The outcome that a callback's body (parsed JSON) tells of. It needs no configuration."""

    def probe(self) -> Probe:
        """Whether it would do swaps for us, without doing one."""
