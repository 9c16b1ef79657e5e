"""Bodies are whole or not at all, and never more than allowed."""

from __future__ import annotations

import gzip
import json
import tracemalloc
from pathlib import Path

import pytest

from swaps.http import Answer, Cut, Door, TooLarge
from tests.http.scripted import Script, answers, drips, peer, says

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(20 << 20))


def endless(start: bytes, piece: bytes) -> Script:
    def script(connection: object) -> None:
        connection.sendall(start)  # type: ignore[attr-defined]
        while True:
            connection.sendall(piece)  # type: ignore[attr-defined]

    return script


def got(script: Script, *, most: int = 1 << 20) -> Answer:
    with peer(script) as there:
        return Door(allow=[there.address], most=most, seconds=10).get(there.url)


def test_an_answer_has_status_headers_in_any_case_and_body() -> None:
    answer = got(answers(b"tea", status="418 Teapot", head=b"Retry-After: 7\r\n"))
    assert (answer.status, answer.headers["retry-AFTER"], answer.body) == (418, "7", b"tea")


def test_json_is_posted_with_the_callers_headers() -> None:
    with peer(answers()) as there:
        Door(allow=[there.address]).post_json(
            there.url, {"a": "ü"}, headers={"Authorization": "Bearer t"}
        )
    head, _, body = there.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"a": "ü"}
    assert b"\r\nAuthorization: Bearer t" in head
    assert b"\r\nContent-Type: application/json" in head
    assert b"\r\nConnection: close" in head


@pytest.mark.parametrize("length", [0, 1, 65536, 65537, 1 << 20])
def test_a_body_of_exactly_as_much_as_allowed_comes_whole(length: int) -> None:
    assert got(answers(bytes(length)), most=length).body == bytes(length)


def test_a_body_in_chunks_comes_whole() -> None:
    assert got(says(CHUNKED + b"2\r\nab\r\n", b"1\r\nc\r\n0\r\n\r\n")).body == b"abc"


def test_a_body_that_ends_with_the_connection_comes_whole() -> None:
    assert got(says(b"HTTP/1.1 200 OK\r\n\r\n", b"abc")).body == b"abc"


def test_an_interim_answer_is_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n"
    assert got(says(interim, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")).body == b"abc"


def test_a_packed_body_is_unpacked() -> None:
    packed = gzip.compress(b"abc")
    assert got(answers(packed, head=b"Content-Encoding: gzip\r\n")).body == b"abc"


def test_nothing_packed_is_asked_for() -> None:
    with peer(answers()) as there:
        Door(allow=[there.address]).get(there.url)
    assert b"\r\nAccept-Encoding: identity\r\n" in there.requests[0]


@pytest.mark.parametrize(
    "script",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
        says(CHUNKED),
        says(CHUNKED + b"5\r\nab"),
        says(CHUNKED + b"2\r\nab\r\n"),
        says(CHUNKED + b"2\r\nab\r\nzz\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nContent-Encoding: gzip\r\n\r\n" + BOMB[:3]),
        answers(b"no gzip at all", head=b"Content-Encoding: gzip\r\n"),
    ],
    ids=[
        "short",
        "none",
        "no chunk",
        "half a chunk",
        "no last chunk",
        "no size",
        "half a gzip",
        "no gzip",
    ],
)
def test_a_body_that_is_not_whole_is_no_answer(script: Script) -> None:
    with pytest.raises(Cut) as cut:
        got(script)
    assert not cut.value.timed_out


@pytest.mark.parametrize(
    "script",
    [
        says(b""),
        says(b"\0\1\2 nonsense\r\n\r\n"),
        says(b"HTTP/1.1 200"),
        says(b"HTTP/1.1 400 Bad Request\r\n"),
        says(b"HTTP/1.1 400 Bad Request\r\nContent-Ty"),
        says(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nno header\r\nContent-Length: 3\r\n\r\nabc"),
        says(b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 500 + b"\r\n"),
        says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n"),
    ],
    ids=[
        "nothing",
        "nonsense",
        "half a status",
        "no headers",
        "half a header",
        "hints",
        "no header",
        "many",
        "long",
    ],
)
def test_a_head_that_is_not_whole_is_no_answer(script: Script) -> None:
    with pytest.raises(Cut):
        got(script)


HUGE: dict[str, Script] = {
    "announced": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n", b""),
    "one byte more": answers(bytes((1 << 20) + 1)),
    "one byte more, unannounced": says(b"HTTP/1.1 200 OK\r\n\r\n", bytes((1 << 20) + 1)),
    "endless": endless(b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
    "endless chunks": endless(CHUNKED, b"10000\r\n" + bytes(65536) + b"\r\n"),
    "one huge chunk": endless(CHUNKED + b"FFFFFFFFFF\r\n", bytes(65536)),
    "bomb": answers(BOMB, head=b"Content-Encoding: gzip\r\n"),
    "bomb in a bomb": answers(gzip.compress(BOMB), head=b"Content-Encoding: gzip, gzip\r\n"),
    "bomb in chunks": says(
        CHUNKED[:-2] + b"Content-Encoding: gzip\r\n\r\n",
        b"%x\r\n" % len(BOMB),
        BOMB,
        b"\r\n0\r\n\r\n",
    ),
}


@pytest.mark.parametrize("how", HUGE)
def test_more_than_allowed_is_refused_without_holding_it(how: str) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=r"^127\.0\.0\.1 sent more than 1048576 bytes\.$"):
            got(HUGE[how])
        # Twenty times as much comes at least.
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_an_endless_line_of_a_chunks_size_is_no_answer() -> None:
    with pytest.raises(Cut):
        got(endless(CHUNKED, b"0" * 65536))


class TestFetching:
    def test_the_body_is_in_the_file_and_not_in_the_answer(self, tmp_path: Path) -> None:
        picture = bytes(range(256)) * 1000
        with peer(answers(picture)) as there:
            answer = Door(allow=[there.address]).fetch(there.url, tmp_path / "picture")
        assert (answer.status, answer.body) == (200, b"")
        assert (tmp_path / "picture").read_bytes() == picture

    @pytest.mark.parametrize("status", ["404 Not Found", "206 Partial Content", "204 No Content"])
    def test_another_status_writes_nothing(self, status: str, tmp_path: Path) -> None:
        with peer(answers(b"sorry", status=status)) as there:
            answer = Door(allow=[there.address]).fetch(there.url, tmp_path / "picture")
        assert (str(answer.status), answer.body) == (status[:3], b"")
        assert not (tmp_path / "picture").exists()

    @pytest.mark.parametrize("how", HUGE)
    def test_more_than_allowed_leaves_no_file(self, how: str, tmp_path: Path) -> None:
        with peer(HUGE[how]) as there, pytest.raises(TooLarge):
            Door(allow=[there.address]).fetch(there.url, tmp_path / "picture")
        assert not (tmp_path / "picture").exists()

    def test_half_a_picture_leaves_no_file(self, tmp_path: Path) -> None:
        half = says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        with peer(half) as there, pytest.raises(Cut):
            Door(allow=[there.address]).fetch(there.url, tmp_path / "picture")
        assert not (tmp_path / "picture").exists()

    def test_a_place_that_cannot_be_written_is_not_the_peers_fault(self, tmp_path: Path) -> None:
        with peer(answers(b"abc")) as there, pytest.raises(FileNotFoundError):
            Door(allow=[there.address]).fetch(there.url, tmp_path / "missing" / "picture")
