"""Waiting for a swap: what is answered in the end, within which time, and how many may wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, repeat
from time import perf_counter
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from pytest_django import DjangoAssertNumQueries, Settings

from swaps import awaiting, taking
from swaps.models import Status, Swap
from tests.api.answers import parsed, refusal
from tests.api.conftest import Program, Waiting
from tests.running import wait_for

WorkOff = Callable[[str], Swap]
database = pytest.mark.django_db
# So long as nothing waits in vain.
LONG = 30.0


# --- What is answered ------------------------------------------------------------------------------


@database
@pytest.mark.usefixtures("waiting")
def test_the_answer_has_the_result(program: Program) -> None:
    answer = parsed(program.wait())
    assert (answer["image_width"], answer["image_height"]) == (120, 80)
    assert program.task(answer["task_id"])["response"] == answer


@database
def test_when_the_time_is_over_the_swap_goes_on(
    program: Program, waiting: Waiting, work_off: WorkOff
) -> None:
    waiting.meanwhile = lambda swap: None
    answer = program.wait(timeout=2.5)
    assert "within 2.5 seconds" in refusal(answer, 504, "timeout")
    task_id = answer.json()["task_id"]
    assert program.task(task_id)["response"] is None
    assert work_off(task_id).status == Status.SUCCEEDED
    assert program.task(task_id)["response"]["success"] is True


@database
def test_one_second_is_one(program: Program, waiting: Waiting) -> None:
    waiting.meanwhile = lambda swap: None
    assert "within 1 second." in refusal(program.wait(timeout=1), 504, "timeout")


@database
@pytest.mark.parametrize(
    ("timeout", "seconds"), [(None, 120), (7, 7), ("7.5", 7.5), (1e300, 300), (301, 300)]
)
def test_the_time_is_what_was_asked_for_up_to_the_sites_limit(
    program: Program, waiting: Waiting, timeout: object, seconds: float
) -> None:
    waiting.meanwhile = lambda swap: None
    refusal(program.wait(timeout=timeout), 504, "timeout")
    assert waiting.patience == [seconds]


@database
def test_the_sites_limit_is_a_setting(
    program: Program, waiting: Waiting, settings: Settings
) -> None:
    settings.API_LONGEST_WAIT = 5
    waiting.meanwhile = lambda swap: None
    refusal(program.wait(), 504, "timeout")
    assert waiting.patience == [5]


@database
@pytest.mark.parametrize(
    ("event", "status", "code", "said"),
    [
        ("cancel", 403, "forbidden", "cancelled"),
        ("trash", 404, "not_found", "deleted"),
        ("discard", 404, "not_found", "deleted"),
        ("delete", 404, "not_found", "erased"),
    ],
)
def test_what_becomes_of_the_swap_on_the_site_is_said(
    program: Program, waiting: Waiting, event: str, status: int, code: str, said: str
) -> None:
    waiting.meanwhile = lambda swap: getattr(Swap.objects.get(pk=swap), event)()
    answer = program.wait()
    assert said in refusal(answer, status, code)
    assert UUID(answer.json()["task_id"])


@database
def test_a_result_that_was_deleted_at_once_is_said_to_be(
    program: Program, waiting: Waiting, work_off: WorkOff
) -> None:
    waiting.meanwhile = lambda swap: work_off(str(swap)).discard()
    assert "deleted" in refusal(program.wait(), 404, "not_found")


# --- How many may wait -----------------------------------------------------------------------------


@database
def test_when_all_places_are_taken_no_swap_is_made(program: Program, waiting: Waiting) -> None:
    with waiting.place(), waiting.place():
        answer = program.wait()
        assert int(answer.headers["Retry-After"]) > 0
        refusal(answer, 429, "too_many_requests")
        assert not Swap.objects.exists()
        assert parsed(program.ask())["task_id"]


@database
def test_a_place_is_given_back_by_whoever_had_it(
    program: Program, waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.browser.raise_request_exception = False
    for _ in range(2):
        assert program.wait(source_image_url="").status_code == 400
        assert program.wait(source_image_url="http://10.0.0.1/").status_code == 400
    with monkeypatch.context() as broken:
        broken.setattr(taking, "take", lambda *_, **__: 1 / 0)
        assert [program.wait().status_code for _ in range(3)] == [500] * 3
    waiting.meanwhile, work = lambda swap: None, waiting.meanwhile
    assert [program.wait(timeout=n).status_code for n in (1, 2, 3)] == [504] * 3
    waiting.meanwhile = work
    parsed(program.wait())


# --- The one who watches ---------------------------------------------------------------------------


class Looks:
    """What the watcher sees, look by look, instead of the database."""

    def __init__(self) -> None:
        self.asked: list[set[UUID]] = []
        self.done: set[UUID] = set()
        self.broken: Exception | None = None

    def __call__(self, swaps: set[UUID]) -> set[UUID]:
        self.asked.append(swaps)
        if self.broken is not None:
            raise self.broken
        return swaps & self.done


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    monkeypatch.setattr(awaiting, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(awaiting, "PAUSE_SECONDS", 0.001)
    return Looks()


@pytest.fixture
def watcher(looks: Looks) -> Iterator[awaiting.Watcher]:
    yield awaiting.Watcher(most=10, ended=looks)
    wait_for(lambda: not watches(), what="the watcher to end")


def is_told(watcher: awaiting.Watcher, swap: UUID) -> bool:
    """Whether whoever waits for the swap is let go before her time is over."""
    start = perf_counter()
    watcher.wait(swap, seconds=LONG)
    return perf_counter() - start < LONG


def watches() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "awaiting"]


def test_all_who_wait_are_looked_for_at_once_by_one_thread(
    watcher: awaiting.Watcher, looks: Looks
) -> None:
    swaps = {uuid4() for _ in range(5)}
    with ThreadPoolExecutor(5) as pool:
        told = [pool.submit(is_told, watcher, swap) for swap in swaps]
        wait_for(lambda: looks.asked and looks.asked[-1] == swaps, what="all to be looked for")
        assert len(watches()) == 1
        looks.done = swaps
        assert all(one.result() for one in told)


def test_several_may_wait_for_the_same_swap(watcher: awaiting.Watcher, looks: Looks) -> None:
    swap = uuid4()
    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(is_told, watcher, swap) for _ in range(2)]
        wait_for(lambda: looks.asked, what="a look")
        looks.done = {swap}
        assert all(one.result() for one in told)


def test_whoever_waited_long_enough_is_let_go_and_not_looked_for_any_more(
    watcher: awaiting.Watcher, looks: Looks
) -> None:
    watcher.wait(uuid4(), seconds=0.01)
    wait_for(lambda: not watches(), what="the watcher to end")
    many = len(looks.asked)
    other = uuid4()
    looks.done = {other}
    assert is_told(watcher, other)
    assert all(asked == {other} for asked in looks.asked[many:])


@pytest.mark.parametrize("error", [OperationalError("locked"), ZeroDivisionError()], ids=repr)
def test_a_look_that_fails_is_logged_and_followed_by_others(
    watcher: awaiting.Watcher, looks: Looks, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    looks.broken, swap = error, uuid4()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(is_told, watcher, swap)
        wait_for(lambda: len(looks.asked) > 2, what="more looks")
        looks.broken, looks.done = None, {swap}
        assert told.result() is True
    assert "step=await" in caplog.text


def test_the_longer_a_look_computes_the_longer_the_watcher_rests(
    watcher: awaiting.Watcher, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    rests: list[float] = []
    times = chain([0.0, 0.0, 0.0, 0.01, 0.01, 5.0], repeat(5.0))
    monkeypatch.setattr(awaiting, "PAUSE_SECONDS", 1.0)
    clock = SimpleNamespace(thread_time=lambda: next(times), sleep=rests.append)
    monkeypatch.setattr(awaiting, "time", clock)
    with ThreadPoolExecutor(1) as pool:
        pool.submit(watcher.wait, uuid4(), seconds=0.05).result()
    wait_for(lambda: not watches(), what="the watcher to end")
    assert rests[:4] == [0.001, 0.2, 1.0, 0.001]


def test_where_no_thread_can_be_had_the_next_caller_tries_again(
    watcher: awaiting.Watcher, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as full:
        full.setattr(threading.Thread, "start", none)
        with pytest.raises(RuntimeError):
            watcher.wait(uuid4(), seconds=LONG)
    swap = uuid4()
    looks.done = {swap}
    assert is_told(watcher, swap)
    assert all(asked == {swap} for asked in looks.asked)


@database
def test_a_look_is_one_query_for_any_number_of_swaps(
    program: Program, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = [UUID(program.ask(timeout=n).json()["task_id"]) for n in range(1, 6)]
    assert Swap.objects.get(pk=made[0]).cancel()
    Swap.objects.filter(pk=made[1]).delete()
    with django_assert_num_queries(1):
        assert awaiting.ended(set(made)) == set(made[:2])
