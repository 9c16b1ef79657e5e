"""The whole site calls a program back: soon after the outcome, once, and whatever its workers do meanwhile."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from tests.fakes.receiver import Receiver
from tests.fakes.wire import Manner, Reply
from tests.http.peers import ok, peer
from tests.portraits import own_portraits
from tests.running import Browser, Site, running_site, wait_for


class Program:
    """Whoever asks a site with two workers for swaps of two portraits, and is called back."""

    def __init__(self, site: Site, receiver: Receiver, pictures: list[str]) -> None:
        self.site, self.receiver, self.pictures = site, receiver, pictures
        self.token, self.secret = site.make_token("a program")

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.post(self.site.url + path, json=body, headers=headers, timeout=30)
        told: dict[str, Any] = answer.json()
        return told

    def ask(self, receiver: Receiver, number: int = 0) -> str:
        """A swap's task_id; each *number* is another request."""
        source, target = self.pictures
        wish = {"source_image_url": source, "target_image_url": f"{target}?{number}"}
        task_id: str = self.post("/face/swap", {**wish, "callback_url": receiver.url})["task_id"]
        return task_id

    def outcome(self, task_id: str) -> dict[str, Any]:
        return self.post("/face/tasks", {"id": task_id})


@pytest.fixture(scope="module")
def hanging() -> Iterator[Receiver]:
    """A receiver that never comes to an answer."""
    with Receiver(Reply(manner=Manner.DRIPPED_HEAD, pause=60)) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, hanging: Receiver) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("callbacks")
    files = {
        f"/{file.name}": file.read_bytes() for file in own_portraits(folder, "called", side=512)
    }

    def serve(connection: socket.socket, head: bytes) -> None:
        connection.sendall(ok(files[head.split()[1].decode().partition("?")[0]]))

    with peer(serve) as elsewhere, Receiver() as receiver:
        called = [elsewhere.address, *(one.url.split("/")[2] for one in (receiver, hanging))]
        with running_site(folder, OUTBOUND_ALLOW=",".join(called), WORKER_PROCESSES="2") as site:
            yield Program(site, receiver, [elsewhere.url(path) for path in files])


def test_each_outcome_is_told_once_and_within_a_second(program: Program) -> None:
    tasks = [program.ask(program.receiver, number) for number in range(3)]
    wait_for(lambda: len(program.receiver.requests) >= len(tasks), seconds=90, what="the callbacks")
    assert sorted(body["task_id"] for body in program.receiver.bodies) == sorted(tasks)
    delays = []
    for request in program.receiver.requests:
        Webhook(program.secret).verify(request.body, dict(request.headers))
        task = program.outcome(request.json()["task_id"])
        assert request.json() == task["response"]
        delays.append(request.at - task["finished_at"])
    # The one in the middle: a busy machine makes any of them late.
    assert sorted(delays)[1] < 1


def test_who_cancels_while_the_workers_are_busy_has_that_told_within_a_second(
    program: Program,
) -> None:
    before = len(program.receiver.requests)
    *_, last = [program.ask(program.receiver, number) for number in range(10, 14)]
    browser = Browser(program.site)
    form = browser.token("/new/")
    browser.session.post(f"{program.site.url}/swaps/{last}/cancel", data=form, timeout=30)

    def told() -> list[Any]:
        return [one for one in program.receiver.requests[before:] if one.json()["task_id"] == last]

    wait_for(told, seconds=30, what="the callback")
    (request,) = told()
    task = program.outcome(last)
    assert task["response"]["error"]["code"] == "forbidden"
    assert request.at - task["finished_at"] < 1


def test_a_receiver_that_hangs_holds_up_nobody_else(program: Program, hanging: Receiver) -> None:
    before = len(program.receiver.requests)
    program.ask(hanging, 20)
    wait_for(lambda: hanging.requests, seconds=60, what="the hanging receiver to be called")
    task_id = program.ask(program.receiver, 21)
    found = wait_for(
        lambda: [
            one for one in program.receiver.requests[before:] if one.json()["task_id"] == task_id
        ],
        seconds=60,
        what="the other one to be called",
    )
    # Long before the hanging one is left alone, which is after 15 seconds.
    assert found[0].at - program.outcome(task_id)["finished_at"] < 5


def test_the_log_holds_no_address_and_no_secret(program: Program) -> None:
    log = program.site.log.read_text()
    assert "step=callback_out" in log
    secrets = [program.receiver.url, program.token, program.secret]
    assert not [one for one in secrets if one in log]
