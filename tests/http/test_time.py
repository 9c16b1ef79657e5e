"""A call's time limit is its total: whoever drips is cut off, wherever in the answer."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from swaps.http import Cut, Door, NotSent
from tests.http.conftest import Names
from tests.http.scripted import Script, answers, drips, peer, redirects
from tests.running import wait_for

LIMIT = 0.4
# Far above what stopping takes on a busy machine, and far below what any of the scripts would go on for.
SOON = 5.0

DRIPS = {
    "status line": drips(b"", b"H"),
    "header line": drips(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
    "headers": drips(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
    "interim answers": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body of a length": drips(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
    "body without a length": drips(b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
    "chunks": drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "trailer": drips(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: 1\r\n"),
}


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    start = time.monotonic()
    yield
    assert time.monotonic() - start < SOON


@pytest.mark.parametrize("where", DRIPS)
def test_a_peer_that_drips_is_cut_off(where: str) -> None:
    with peer(DRIPS[where]) as slow:
        door = Door(allow=[slow.address], seconds=LIMIT)
        with pytest.raises(Cut) as cut:
            door.post_json(slow.url, {})
        assert cut.value.timed_out
        assert str(cut.value) == "127.0.0.1 took longer than 0.4 seconds to answer."


def test_a_file_that_drips_is_cut_off_and_not_kept(tmp_path: Path) -> None:
    with peer(DRIPS["body without a length"]) as slow:
        with pytest.raises(Cut) as cut:
            Door(allow=[slow.address]).fetch(slow.url, tmp_path / "picture", seconds=LIMIT)
        assert cut.value.timed_out
    assert not (tmp_path / "picture").exists()


def test_a_peer_that_says_nothing_is_cut_off() -> None:
    def silent(connection: object) -> None:
        threading.Event().wait(SOON)

    with peer(silent) as mute, pytest.raises(Cut) as cut:
        Door(allow=[mute.address], seconds=LIMIT).get(mute.url)
    assert cut.value.timed_out


def test_a_handshake_that_never_goes_on_was_surely_no_request() -> None:
    with peer(answers()) as plain:
        door = Door(allow=[plain.address], seconds=LIMIT)
        with pytest.raises(NotSent, match=r"within 0\.4 seconds"):
            door.get(f"https://{plain.address}/")


def test_a_name_service_that_does_not_answer_does_not_hold_up_the_call(
    names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: released.wait(SOON))
    for door in (Door(seconds=LIMIT), Door(allow=["slow.example:80"], seconds=LIMIT)):
        with pytest.raises(NotSent, match=r"within 0\.4 seconds"):
            door.get("http://slow.example/")
    released.set()


def test_redirects_share_one_limit() -> None:
    def slow(connection: object) -> None:
        threading.Event().wait(LIMIT / 2)
        redirects("/again")(connection)  # type: ignore[arg-type]

    with peer(slow) as there, pytest.raises(Cut) as cut:
        Door(allow=[there.address], seconds=LIMIT).get(there.url)
    assert cut.value.timed_out


def test_the_limit_holds_in_any_thread_and_for_each_call_alone() -> None:
    def call(script: Script, outcome: list[str]) -> Callable[[], None]:
        def run() -> None:
            with peer(script) as there:
                try:
                    # Long enough for all of them to connect on a busy machine.
                    Door(allow=[there.address], seconds=5 * LIMIT).get(there.url)
                    outcome.append("answer")
                except Cut:
                    outcome.append("cut")

        return run

    outcome: list[str] = []
    scripts = [*DRIPS.values(), answers()] * 2
    threads = [threading.Thread(target=call(script, outcome)) for script in scripts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome) == ["answer"] * 2 + ["cut"] * 16


def test_nothing_stays_open_or_running_after_a_call(tmp_path: Path) -> None:
    def open_files() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    with peer(answers()) as there, peer(DRIPS["headers"]) as slow:
        door = Door(allow=[there.address, slow.address])
        threads, files = threading.active_count(), open_files()
        for _ in range(20):
            door.get(there.url)
            door.fetch(there.url, tmp_path / "file")
        with pytest.raises(Cut):
            door.get(slow.url, seconds=LIMIT)
        wait_for(lambda: threading.active_count() <= threads, what="the threads to end")
        wait_for(lambda: open_files() <= files, what="the connections to close")
