"""Children for jobs that may end badly, forked from a process that has loaded what they need."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from swaps.children import Nursery
from tests.running import wait_for

WORK = """
import os, signal, sys, time
from swaps.children import serve
def work(arguments):
    match arguments:
        case ["echo", *said]: print(*said, end="")
        case ["parent"]: print(os.getppid(), end="")
        case ["environment"]: print(sorted(os.environ), end="")
        case ["sleep"]: print("too early"); sys.stdout.flush(); time.sleep(60)
        case ["die"]: os.kill(os.getpid(), signal.SIGKILL)
        case ["fail"]: raise ZeroDivisionError
        case ["much"]: print("x" * 1_000_000, end="")
serve(work)
"""


@pytest.fixture
def nursery() -> Iterator[Nursery]:
    nursery = Nursery([sys.executable, "-c", WORK])
    yield nursery
    nursery._forget()


def test_a_child_says_what_came_of_it(nursery: Nursery) -> None:
    assert nursery.run(["echo", "a", "b c"], seconds=10) == b"a b c"


def test_an_answer_may_be_long(nursery: Nursery) -> None:
    assert len(nursery.run(["much"], seconds=10)) == 1_000_000


def test_one_process_forks_them_all(nursery: Nursery) -> None:
    assert nursery.run(["parent"], seconds=10) == nursery.run(["parent"], seconds=10)


def test_a_child_has_nothing_of_our_environment(
    nursery: Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    assert b"SECRET" not in nursery.run(["environment"], seconds=10)


def test_a_child_that_takes_too_long_is_ended(nursery: Nursery) -> None:
    assert b"x" not in nursery.run(["sleep"], seconds=0.2)


@pytest.mark.parametrize("end", ["die", "fail"])
def test_a_child_that_ends_badly_says_nothing_and_harms_no_other(
    nursery: Nursery, end: str
) -> None:
    assert nursery.run([end], seconds=10) == b""
    assert nursery.run(["echo", "well"], seconds=10) == b"well"


def test_children_work_side_by_side(nursery: Nursery) -> None:
    said: list[bytes] = []
    threads = [
        threading.Thread(target=lambda n=n: said.append(nursery.run(["echo", str(n)], seconds=10)))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [str(n).encode() for n in range(8)]


def test_where_the_first_process_was_killed_another_one_is_started(nursery: Nursery) -> None:
    first = int(nursery.run(["parent"], seconds=10))
    os.kill(first, signal.SIGKILL)
    assert int(nursery.run(["parent"], seconds=10)) != first


def test_it_ends_with_whoever_started_it() -> None:
    nursery = Nursery([sys.executable, "-c", WORK])
    nursery.run(["parent"], seconds=10)
    assert nursery._first is not None
    assert nursery._asking is not None
    nursery._asking.close()
    wait_for(lambda: nursery._first and nursery._first.poll() is not None, what="its end")
