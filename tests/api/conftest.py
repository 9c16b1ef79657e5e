"""What the tests of the API share: a program with a token, pictures elsewhere, a worker that works at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import Settings

from swaps import asking, awaiting, callbacks, results, tasks
from swaps.api import swap as api_swap
from swaps.models import ApiRequest, ApiToken, Swap, User
from swaps.providers.base import Done, Job, Refused
from tests.http.peers import Peer, ok, peer
from tests.samples import picture_bytes

NOTHING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Engine:
    """A provider that makes the Photo its result, or says what a test has it say."""

    def __init__(self) -> None:
        self.says: Refused | None = None

    def submit(self, job: Job) -> Done | Refused:
        assert job.source.read()
        return self.says or Done(job.target.read(), timings={})


class Elsewhere:
    """Another site, with a face, a photo, and what a test puts there."""

    def __init__(self) -> None:
        face, photo = picture_bytes(colour="#a06040"), picture_bytes((120, 80), colour="#4060a0")
        self.answers = {"/face.jpg": ok(face), "/photo.jpg": ok(photo)}
        self.engine = Engine()
        self.peer: Peer

    def url(self, path: str) -> str:
        return self.peer.url(path)

    def answer(self, connection: Any, head: bytes) -> None:
        connection.sendall(self.answers.get(head.split()[1].decode(), NOTHING))


class Program:
    """A program with a token, which asks the API."""

    def __init__(self, user: User, elsewhere: Elsewhere, **limits: Any) -> None:
        self.elsewhere = elsewhere
        self.browser = Client()
        self.token, self.text = ApiToken.make(
            user=user, team=user.team, label="a program", **limits
        )

    def post(self, path: str, body: object, **headers: str) -> Any:
        """The answer, with its JSON as `.json()`."""
        given = {"Authorization": f"Bearer {self.text}", **headers}
        return self.browser.post(path, body, content_type="application/json", headers=given)

    def wish(self, **fields: object) -> dict[str, object]:
        """The body of a request for a swap of the two pictures."""
        return {
            "source_image_url": self.elsewhere.url("/face.jpg"),
            "target_image_url": self.elsewhere.url("/photo.jpg"),
            **fields,
        }

    def ask(self, **fields: object) -> Any:
        """Ask for a swap without waiting for it."""
        return self.post("/face/swap", self.wish(**{"async": True, **fields}))

    def wait(self, **fields: object) -> Any:
        """Ask for a swap and wait for its outcome."""
        return self.post("/face/swap", self.wish(**fields))

    def task(self, task_id: str) -> Any:
        return self.post("/face/tasks", {"id": task_id}).json()


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Elsewhere]:
    """The one private peer that programs' links may lead to."""
    # Callbacks are sent when a test says so, not by threads beside it.
    monkeypatch.setattr(callbacks, "start", lambda: None)
    there = Elsewhere()
    monkeypatch.setattr(asking, "provider", lambda name: there.engine)
    with peer(there.answer) as there.peer:
        settings.OUTBOUND_ALLOW = [there.peer.address]
        results.programs_door.cache_clear()
        yield there
    results.programs_door.cache_clear()


@pytest.fixture
def program(alice: User, elsewhere: Elsewhere) -> Program:
    return Program(alice, elsewhere)


@pytest.fixture
def work_off() -> Callable[[str], Swap]:
    """Every step that there is to do, one after the other, as if a worker's threads were one."""

    def work(task_id: str) -> Swap:
        while (step := tasks.claim_next()) is not None:
            tasks.follow(step, tasks.perform(step))
        return Swap.objects.get(pk=UUID(task_id))

    return work


class Waiting(awaiting.Watcher):
    """What whoever waits does meanwhile, in her own thread: by default the work on her swap."""

    def __init__(self, meanwhile: Callable[[UUID], object], *, most: int = 2) -> None:
        super().__init__(most=most, ended=awaiting.ended)
        self.meanwhile = meanwhile
        self.patience: list[float] = []

    def wait(self, swap: UUID, *, seconds: float) -> None:
        self.patience.append(seconds)
        self.meanwhile(swap)


@pytest.fixture
def waiting(work_off: Callable[[str], Swap], monkeypatch: pytest.MonkeyPatch) -> Waiting:
    """Synchronous requests are worked off while they wait; two may wait at once."""
    found = Waiting(lambda swap: work_off(str(swap)))
    monkeypatch.setattr(api_swap, "watcher", lambda: found)
    return found


def asked_for(task_id: str) -> ApiRequest:
    return ApiRequest.objects.select_related("swap__result").get(swap=UUID(task_id))
