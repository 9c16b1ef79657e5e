"""The door out: whom it calls, for how long, how much it takes, and how it says what went wrong."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
from pathlib import Path

import pytest

from swaps.http import Cut, Door, DoorError, Forbidden, NotSent, TooLarge
from tests.http.peers import ok, peer, redirect

PRIVATE = [
    "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/",
    "http://0177.0.0.1/", "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/",
    "http://[::127.0.0.1]/", "http://0.0.0.0/", "http://[::]/", "http://10.0.0.1/",
    "http://172.16.0.1/", "http://192.168.0.1/", "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/", "http://192.0.0.8/", "http://198.18.0.1/", "http://224.0.0.1/",
    "http://255.255.255.255/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[fec0::1]/",
    "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[ff02::1]/",
]  # fmt: skip
NEVER = [
    "file:///etc/passwd", "ftp://example.org/a", "gopher://example.org/", "data:image/png;base64,AA",
    "//example.org/a", "example.org", "", "http://", "http://me:secret@example.org/",
    "http://example.org:99999/", "http://[::1", "javascript:alert(1)",
]  # fmt: skip


@pytest.mark.parametrize("url", PRIVATE)
def test_a_private_address_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        Door(seconds=5).get(url)


@pytest.mark.parametrize("url", NEVER)
def test_what_is_no_web_address_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        Door(seconds=5).check(url)


def test_a_sentence_never_holds_a_secret() -> None:
    with pytest.raises(Forbidden) as refused:
        Door().check("http://me:secret@example.org/path?token=secret")
    assert "secret" not in str(refused.value)


def test_a_private_peer_that_was_named_may_be_called() -> None:
    with peer(ok(b"hello")) as one:
        assert Door(allow=[one.address]).get(one.url()).body == b"hello"


def test_another_port_of_a_named_peer_may_not_be_called() -> None:
    with peer(ok()) as named, peer(ok()) as other:
        with pytest.raises(Forbidden):
            Door(allow=[named.address]).get(other.url())
        assert other.connections == 0


def test_a_peer_may_be_named_by_its_name() -> None:
    with peer(ok(b"hello")) as one:
        door = Door(allow=[f"localhost:{one.port}"])
        assert door.get(f"http://localhost:{one.port}/").body == b"hello"


def test_a_redirect_to_a_private_address_is_not_followed() -> None:
    with peer(ok()) as canary, peer(redirect(canary.url())) as one:
        with pytest.raises(Forbidden):
            Door(allow=[one.address]).get(one.url())
        assert canary.connections == 0


def test_a_name_that_leads_to_a_private_address_is_not_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with peer(ok()) as canary:
        there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", canary.port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
        with pytest.raises(Forbidden):
            Door().get(f"http://pictures.example.org:{canary.port}/")
        assert canary.connections == 0


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def lookup(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        first = "192.0.2.1" if host != "rebinding.example.org" else "93.184.215.14"
        address = first if len(asked) == 1 else "127.0.0.1"
        if host == "93.184.215.14":
            # By now it is a literal: nothing is left to look up anew.
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with peer(ok()) as canary:
        monkeypatch.setattr(socket, "getaddrinfo", lookup)
        with pytest.raises(NotSent):
            Door(seconds=5).get(f"http://rebinding.example.org:{canary.port}/")
        assert asked == ["rebinding.example.org", "93.184.215.14"]
        assert canary.connections == 0


def test_redirects_without_end_are_not_followed() -> None:
    with peer(redirect("/again")) as one:
        with pytest.raises(Forbidden):
            Door(allow=[one.address]).get(one.url())
        assert one.connections == 6


def test_a_redirect_to_another_host_takes_no_headers_along() -> None:
    with peer(ok()) as other, peer(redirect(other.url())) as one:
        Door(allow=[one.address, other.address]).get(one.url(), headers={"Authorization": "x"})
        assert b"Authorization" in one.heads[0]
        assert b"Authorization" not in other.heads[0]


def test_a_post_is_never_sent_on() -> None:
    with peer(ok()) as other, peer(redirect(other.url())) as one:
        answer = Door(allow=[one.address, other.address]).post_json(one.url(), {})
        assert (answer.status, other.connections) == (302, 0)


def test_proxies_of_the_machine_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(ok()) as proxy, peer(ok(b"hello")) as one:
        monkeypatch.setenv("HTTP_PROXY", proxy.url())
        monkeypatch.setenv("ALL_PROXY", proxy.url())
        assert Door(allow=[one.address]).get(one.url()).body == b"hello"
        assert proxy.connections == 0


# --- How long ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b""])
def test_who_drips_is_cut_off_when_the_time_is_over(head: bytes) -> None:
    slow = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 500

    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(head)
        one.drip(connection, b"x" * 999 if head else slow)

    with peer(script) as one, pytest.raises(Cut, match=r"longer than 0\.5 seconds"):
        Door(allow=[one.address], seconds=0.5).get(one.url())


def test_who_says_nothing_is_cut_off_when_the_time_is_over() -> None:
    def script(connection: socket.socket, _: bytes) -> None:
        one.closing.wait()

    with peer(script) as one, pytest.raises(Cut):
        Door(allow=[one.address], seconds=0.5).get(one.url())


def test_an_answer_without_an_end_that_stops_is_not_taken_for_whole() -> None:
    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf")
        one.closing.wait()

    with peer(script) as one, pytest.raises(Cut):
        Door(allow=[one.address], seconds=0.5).get(one.url())


# --- How much ----------------------------------------------------------------------------------------


def test_an_answer_that_is_announced_too_large_is_not_read(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"
    with peer(head) as one, pytest.raises(TooLarge):
        Door(allow=[one.address]).fetch(one.url(), tmp_path / "file", most=1000)
    assert not (tmp_path / "file").exists()


def test_an_endless_answer_ends_at_the_limit(tmp_path: Path) -> None:
    def script(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not one.closing.is_set():
            connection.sendall(b"x" * 4096)

    with peer(script) as one, pytest.raises(TooLarge):
        Door(allow=[one.address]).fetch(one.url(), tmp_path / "file", most=100_000)
    assert not (tmp_path / "file").exists()


def test_few_bytes_that_hold_many_are_unpacked_to_the_limit_alone() -> None:
    bomb = ok(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
    with peer(bomb) as one, pytest.raises(TooLarge):
        Door(allow=[one.address], most=100_000).get(one.url())


def test_a_packed_answer_is_unpacked() -> None:
    with peer(ok(gzip.compress(b"hello"), Content_Encoding="gzip")) as one:
        assert Door(allow=[one.address]).get(one.url()).body == b"hello"


def test_a_file_comes_as_it_is(tmp_path: Path) -> None:
    data = bytes(range(256)) * 4000
    with peer(ok(data, Content_Type="image/png")) as one:
        answer = Door(allow=[one.address], most=2_000_000).fetch(one.url(), tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == data
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["content-type"] == "image/png"


def test_of_another_status_than_200_no_file_is_written(tmp_path: Path) -> None:
    with peer(b"HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno") as one:
        answer = Door(allow=[one.address]).fetch(one.url(), tmp_path / "file")
    assert answer.status == 404
    assert not (tmp_path / "file").exists()


# --- Whether it was sent ------------------------------------------------------------------------------


def test_where_nobody_listens_nothing_was_sent() -> None:
    with peer(ok()) as one:
        pass
    with pytest.raises(NotSent):
        Door(allow=[one.address]).post_json(one.url(), {})


def test_a_name_that_is_none_was_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        Door().post_json("http://no-such-name.example.org/", {})


def test_who_speaks_no_tls_was_sent_nothing() -> None:
    with peer(b"") as one, pytest.raises(NotSent):
        Door(allow=[one.address], seconds=5).post_json(f"https://{one.address}/", {})
    assert one.heads == []


def reset(connection: socket.socket, _: bytes) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize(
    "script",
    [
        reset,
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf",
        b"nonsense\r\n\r\n",
        ok(b"no gzip at all", Content_Encoding="gzip"),
    ],
    ids=["reset", "closed", "truncated", "chunk cut off", "nonsense", "not what it says"],
)
def test_what_broke_off_after_the_request_may_have_been_done(script: object) -> None:
    with peer(script) as one, pytest.raises(Cut):  # type: ignore[arg-type]
        Door(allow=[one.address], seconds=5).post_json(one.url(), {"a": 1})
    assert one.connections == 1


def test_a_call_leaves_no_thread_behind() -> None:
    with peer(ok()) as one:
        Door(allow=[one.address], seconds=600).get(one.url())
    assert not [t for t in threading.enumerate() if isinstance(t, threading.Timer) and t.is_alive()]


def test_every_error_is_a_sentence_that_names_the_host() -> None:
    with pytest.raises(DoorError, match=r"^10\.0\.0\.1 is a private address, .*\.$"):
        Door().get("http://10.0.0.1/?secret")
