"""A hosted service that answers as it is told, a door to what is behind an address, and what is done with them.

There is no network.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.test import Client
from django.utils import timezone

from swaps import tasks
from swaps.http import Answer
from swaps.models import Attempt, Swap
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


class Engine:
    """The site's own: it makes every swap at once."""

    def submit(self, job: Job) -> Done:
        return Done(picture_bytes())


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


def work() -> None:
    """A worker wakes up and does one step, for whichever swap comes first."""
    tasks.work.func("00000000-0000-0000-0000-000000000000")


def told(secret: str, answer: dict[str, object]) -> int:
    """The status with which the site answers a callback."""
    path = f"/face/callback/{secret}"
    return Client().post(path, json.dumps(answer), content_type="application/json").status_code


def success(*, task_id: str = "task-1") -> dict[str, object]:
    return {"success": True, "task_id": task_id, "image_url": RESULT_URL}


def failure(code: str = "api_error", *, task_id: str = "task-1") -> dict[str, object]:
    return {"success": False, "task_id": task_id, "error": {"code": code, "message": "no"}}


def attempt_of(swap: Swap) -> Attempt:
    return Attempt.objects.filter(swap=swap).latest("pk")


def state(swap: Swap) -> tuple[str, str]:
    swap.refresh_from_db()
    return swap.status, swap.error_code


def hours_pass(swap: Swap, *, seconds: float = 0) -> None:
    """All that is waited for has waited so much longer, by default until its time comes."""
    past = timezone.now() - timedelta(seconds=seconds)
    Swap.objects.filter(pk=swap.pk).exclude(poll_at=None).update(poll_at=timezone.now())
    if seconds:
        Swap.objects.filter(pk=swap.pk).update(submitted_at=past)
        Attempt.objects.filter(swap=swap).update(started_at=past)
