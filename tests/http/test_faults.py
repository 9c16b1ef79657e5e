"""Surely not sent, or perhaps sent: what a caller may do again without paying twice."""

from __future__ import annotations

import logging
import socket
import ssl
import traceback
from collections.abc import Callable

import pytest

from swaps.http import Cut, Door, DoorError, Forbidden, NotSent
from tests.http.conftest import PUBLIC, Authority, Names
from tests.http.scripted import answers, peer, resets, says
from tests.running import free_port

SECRET = "sesame-17"


def posted(address: str) -> None:
    Door(allow=[address], seconds=10).post_json(
        f"http://{address}/{SECRET}?q={SECRET}",
        {"body": SECRET},
        headers={"Authorization": f"Bearer {SECRET}"},
    )


def test_a_refused_connection_sent_nothing() -> None:
    with pytest.raises(NotSent, match="it refuses connections"):
        posted(f"127.0.0.1:{free_port()}")


def test_a_connection_that_never_comes_about_sent_nothing() -> None:
    # A listener whose queue is full lets nobody in any more.
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for queued in (first, second):
            queued.settimeout(0)
            queued.connect_ex(address)
        door = Door(allow=[f"127.0.0.1:{address[1]}"], seconds=0.4)
        with pytest.raises(NotSent, match=r"within 0\.4 seconds"):
            door.get(f"http://127.0.0.1:{address[1]}/")


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_a_reset_after_the_request_may_have_been_too_late(start: bytes) -> None:
    with peer(resets(start)) as there:
        with pytest.raises(Cut, match="broke off before its answer was complete") as cut:
            posted(there.address)
        assert not cut.value.timed_out
        assert len(there.requests) == 1


def test_hanging_up_at_once_may_have_been_too_late() -> None:
    """Nobody can tell an accepted connection that closes from one that read the request first."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with peer(says()) as there, pytest.raises(Cut):
            posted(there.address)
    with pytest.raises(NotSent):
        posted(f"127.0.0.1:{port}")


def test_nothing_is_ever_sent_twice() -> None:
    with peer(says()) as there:
        for _ in range(3):
            with pytest.raises(Cut):
                posted(there.address)
        assert there.connections == len(there.requests) == 3


class TestSecurely:
    def test_a_certificate_that_nobody_vouches_for_sent_nothing(self, authority: Authority) -> None:
        with peer(answers(), tls=authority.context) as there:
            with pytest.raises(NotSent, match="its certificate is not one that is trusted here"):
                Door(allow=[there.address]).post_json(f"https://{there.address}/", {})
            assert there.requests == []

    def test_a_certificate_of_another_name_sent_nothing(
        self, authority: Authority, trusted: Callable[[], None], names: Names
    ) -> None:
        trusted()
        with peer(answers(), tls=authority.context) as there:
            names.leads("other.example", PUBLIC, at=there.port)
            with pytest.raises(NotSent, match="certificate"):
                Door().post_json("https://other.example/", {})
            assert there.requests == []

    def test_a_peer_without_tls_sent_nothing(self) -> None:
        with peer(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as plain, pytest.raises(NotSent):
            Door(allow=[plain.address], seconds=1).get(f"https://{plain.address}/")

    def test_the_name_is_told_and_verified_though_the_checked_address_is_called(
        self, authority: Authority, trusted: Callable[[], None], names: Names
    ) -> None:
        trusted()
        with peer(answers(b"safe"), tls=authority.context) as there:
            names.leads("pictures.example", PUBLIC, at=there.port)
            assert Door().get("https://pictures.example/").body == b"safe"
        assert authority.named == ["pictures.example"]

    def test_an_allowed_peer_is_verified_too(
        self, authority: Authority, trusted: Callable[[], None]
    ) -> None:
        trusted()
        with peer(answers(b"safe"), tls=authority.context) as there:
            assert Door(allow=[there.address]).get(f"https://{there.address}/").body == b"safe"

    def test_an_answer_cut_off_may_have_been_too_late(
        self, authority: Authority, trusted: Callable[[], None]
    ) -> None:
        trusted()
        half = says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        with peer(half, tls=authority.context) as there, pytest.raises(Cut):
            Door(allow=[there.address]).get(f"https://{there.address}/")

    def test_an_old_protocol_sent_nothing(self, authority: Authority) -> None:
        authority.context.maximum_version = ssl.TLSVersion.TLSv1_2
        authority.context.set_ciphers("NULL")
        reason = "no secure connection came about"
        with peer(answers(), tls=authority.context) as there, pytest.raises(NotSent, match=reason):
            Door(allow=[there.address]).get(f"https://{there.address}/")


@pytest.mark.parametrize(
    "script",
    [
        says(),
        resets(),
        says(b"HTTP/1.1 200 OK\r\nX: " + SECRET.encode()),
        says(b"HTTP/1.1 200 OK\r\n" + SECRET.encode() + b"\r\n\r\n"),
    ],
)
def test_no_fault_tells_path_query_headers_or_body(
    script: Callable[[socket.socket], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with peer(script) as there:
        for address in (there.address, f"127.0.0.1:{free_port()}"):
            with pytest.raises(DoorError) as fault:
                posted(address)
            assert SECRET not in "".join(traceback.format_exception(fault.value))
            assert fault.value.__cause__ is fault.value.__context__ is None
    assert SECRET not in caplog.text


@pytest.mark.parametrize("token", [f"{SECRET}\n", f"{SECRET}\r\nX: 1", f"{SECRET}…"])
def test_a_token_that_cannot_be_sent_is_refused_and_not_told(token: str) -> None:
    with pytest.raises(Forbidden, match=r"A header meant for example\.org") as refusal:
        Door().get("http://example.org/", headers={"Authorization": token})
    assert SECRET not in str(refusal.value)
    assert refusal.value.__context__ is None
