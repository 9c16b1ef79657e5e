"""Addresses that lead inside: a program that sends one is told so by the field's name, and nobody is called."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from swaps import results
from tests.api.answers import refusal
from tests.api.conftest import Elsewhere, Program
from tests.fakes.canary import Canary
from tests.http.conftest import PUBLIC, Names
from tests.http.conftest import names as names  # noqa: PLC0414 (a fixture)
from tests.http.peers import redirect
from tests.http.test_addresses import NEVER, SPECIAL, SPELLINGS, bracketed
from tests.http.test_redirects import NOWHERE

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("waiting")]

PICTURES = ("source_image_url", "target_image_url")
FIELDS = (*PICTURES, "callback_url")
# Translated, tunnelled and mapped: 127.0.0.1 and 169.254.169.254 in the addresses of others.
DISGUISED = [
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::80ff:fffe",
    "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "::169.254.169.254", "fd00:ec2::254",
]  # fmt: skip
OUTRIGHT = [
    *(f"http://{bracketed(address)}:{{port}}/secret" for address in [*SPECIAL, *DISGUISED]),
    *(f"http://{host}:{{port}}/secret" for host in SPELLINGS),
    *(url for url in NEVER if url),
    "https://user:pass@127.0.0.1:{port}/", "http://127.0.0.1:{port}@example.org/",
    "http://example.org@127.0.0.1:{port}/", "http://127.0.0.1:{port}#@example.org/",
    "http://127.0.0.1%00.example.org:{port}/",
    "http://metadata.localhost/", "http://127.0.0.1:{port}/..//http://example.org/a.png",
]  # fmt: skip


@pytest.fixture(scope="module")
def listener() -> Iterator[Canary]:
    with Canary() as found:
        yield found


@pytest.fixture(autouse=True)
def canary(
    listener: Canary, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Canary]:
    """Whatever this process calls but the allowed peer is led to it, wherever that would have been."""
    real, called = socket.socket.connect, []

    def connect(self: socket.socket, address: Any) -> None:
        host, port = address[:2]
        allowed = (host, port) == ("127.0.0.1", elsewhere.peer.port)
        if allowed or self.family == socket.AF_UNIX:
            return real(self, address)
        called.append(f"{host}:{port}")
        return real(self, ("127.0.0.1", port_of(listener)))

    monkeypatch.setattr(socket.socket, "connect", connect)
    yield listener
    assert called == []
    assert listener.connections == 0


def port_of(canary: Canary) -> int:
    return int(canary.address.partition(":")[2])


@pytest.mark.parametrize("url", OUTRIGHT)
def test_what_leads_inside_by_its_spelling_is_refused_at_once(
    program: Program, canary: Canary, url: str
) -> None:
    there = url.replace("{port}", str(port_of(canary)))
    for field in FIELDS:
        answer = program.wait(**{field: there})
        assert refusal(answer, 400, "token_mismatched").startswith(f"{field} ")
        assert "task_id" not in answer.json()


@pytest.mark.parametrize("field", PICTURES)
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", *DISGUISED])
def test_a_name_that_leads_inside_fails_the_task(
    program: Program, names: Names, canary: Canary, field: str, address: str
) -> None:
    names.leads("inside.example", address)
    answer = program.wait(**{field: f"http://inside.example:{port_of(canary)}/"})
    said = refusal(answer, 400, "token_mismatched")
    assert said.startswith(f"{field} cannot be called. inside.example is at a private address")
    assert said.endswith(results.TO_BE_NAMED)
    assert address not in said


@pytest.mark.parametrize("field", PICTURES)
@pytest.mark.parametrize("to", NOWHERE)
def test_a_redirect_from_an_allowed_peer_that_leads_inside_fails_the_task(
    program: Program, names: Names, canary: Canary, field: str, to: str
) -> None:
    names.leads("inside.example", "127.0.0.1")
    there = to.format(port=port_of(canary))
    program.elsewhere.answers["/away"] = redirect(there)
    said = refusal(program.wait(**{field: program.elsewhere.url("/away")}), 400, "token_mismatched")
    assert said.startswith(f"{field} cannot be called. 127.0.0.1 redirects to ")
    assert there not in said


def test_a_name_that_changes_its_mind_between_the_two_pictures_fails_the_task(
    program: Program, names: Names
) -> None:
    names.leads("rebind.example", PUBLIC, "127.0.0.1")
    names.played_at = {PUBLIC: program.elsewhere.peer.port}
    answer = program.wait(
        source_image_url="http://rebind.example/face.jpg",
        target_image_url="http://rebind.example/photo.jpg",
    )
    said = refusal(answer, 400, "token_mismatched")
    # Both are fetched at the same time: either may be the first.
    assert "_image_url cannot be called. rebind.example is at a private" in said
    assert len(program.elsewhere.peer.heads) == 1


def test_a_name_that_changes_its_mind_while_it_is_redirected_fails_the_task(
    program: Program, names: Names
) -> None:
    names.leads("rebind.example", PUBLIC, "127.0.0.1")
    names.played_at = {PUBLIC: program.elsewhere.peer.port}
    program.elsewhere.answers["/away"] = redirect("http://rebind.example/face.jpg")
    answer = program.wait(source_image_url="http://rebind.example/away")
    assert refusal(answer, 400, "token_mismatched").startswith("source_image_url cannot be called.")
