"""A hosted service that answers as it is told, and a door that brings what is behind an address; no network."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from swaps.http import Answer
from swaps.providers.base import Accepted, Done, Job, Outcome, Pending, Refused, Then, Unknown
from tests.samples import picture_bytes

RESULT_URL = "https://cdn.example.org/results/1.png"
Submitted = Done | Accepted | Unknown | Refused


class Service:
    """A provider of another machine: what it is asked, and what it answers next."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        self.answers: deque[Submitted | Callable[[], Submitted]] = deque()
        self.found: Outcome = Pending()
        self.asked: list[str] = []

    def submit(self, job: Job) -> Submitted:
        self.jobs.append(job)
        answer = self.answers.popleft() if self.answers else Accepted(f"task-{len(self.jobs)}")
        return answer() if callable(answer) else answer

    def retrieve(self, *, task_id: str = "", trace_id: str = "") -> Outcome:
        self.asked.append(task_id or trace_id)
        return self.found

    def understand(self, answer: Mapping[str, Any]) -> Done | Unknown | Refused:
        if "image_url" in answer:
            return Done(url=answer["image_url"])
        code = answer["error"]["code"]
        then = Then.AGAIN if code == "api_error" else Then.GIVE_UP
        return Refused(code, "The service says no.", then=then)


class Door:
    """Brings what lies behind an address: bytes, or an error that is raised."""

    def __init__(self) -> None:
        self.behind: bytes | BaseException = picture_bytes(file_format="PNG")
        self.status = 200
        self.fetched: list[str] = []

    def fetch(self, url: str, into: Path, *, seconds: float, most: int) -> Answer:
        self.fetched.append(url)
        if isinstance(self.behind, BaseException):
            raise self.behind
        if self.status == 200:
            into.write_bytes(self.behind)
        return Answer(self.status, {}, b"")
