"""What the fake service remembers: its tasks, the callbacks it sent and the pictures it fetched."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tests.fakes.behaviours import Behaviour

Pair = tuple[str, str]
"""Source and target, each by the SHA-256 of its bytes, or by its URL without the query if never fetched."""


@dataclass
class Task:
    """One request for a swap; *response* is None until it is finished."""

    request: dict[str, Any]
    behaviour: Behaviour
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    trace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    created_at: float = field(default_factory=time.time)
    finished_at: float | None = None
    response: dict[str, Any] | None = None
    pair: Pair = ("", "")
    billed: bool = False
    result: bytes = b""
    finished: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        source, target = self.request["source_image_url"], self.request["target_image_url"]
        self.pair = (plain_url(source), plain_url(target))

    def as_object(self) -> dict[str, Any]:
        """The task object of /face/tasks."""
        task = {
            "id": self.id,
            "created_at": self.created_at,
            "started_at": self.created_at,
            "trace_id": self.trace_id,
            "request": self.request,
            "response": self.response,
        }
        if self.finished_at is not None:
            task["finished_at"] = self.finished_at
            task["elapsed"] = self.finished_at - self.created_at
        return task


@dataclass(frozen=True)
class Delivery:
    """A callback that was sent. *status* is 0 where nobody answered; *seconds*, how long that took."""

    url: str
    body: dict[str, Any]
    status: int
    seconds: float
    at: float


@dataclass(frozen=True)
class Fetch:
    """A picture that the service fetched, or tried to; *status* is 0 where nobody answered.

    *size* is its width and height; what is no picture has none.
    """

    url: str
    status: int
    sha256: str
    at: float
    size: tuple[int, int] = (0, 0)


def plain_url(url: str) -> str:
    """Without query and fragment: a picture's presigned URLs differ only there."""
    return urlunsplit(urlsplit(url)._replace(query="", fragment=""))


def fingerprint(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
