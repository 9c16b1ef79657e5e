"""A hosted swap when several things go wrong at once: nobody else waits for it, and what is paid for is kept."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from swaps import asking, endings, results, settling, submission, tasks
from swaps.http import Cut
from swaps.models import SITE, Attempt, Event, ProviderState, Status, Swap, User
from swaps.outages import StorageAway
from swaps.providers import HOSTED
from swaps.providers.base import (
    Done,
    NoTasks,
    Pending,
    Refused,
    Then,
    Unknown,
)
from tests.work.service import (
    RESULT_URL,
    Door,
    Engine,
    Service,
    attempt_of,
    failure,
    hours_pass,
    state,
    success,
    told,
    work,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("service", "door")]
Swaps = Callable[..., Swap]
ROUNDS = 4
SUCCEEDED = (Status.SUCCEEDED, "")


def rounds(swap: Swap) -> None:
    """Workers come by, and by again; nothing that is waited for keeps them."""
    for _ in range(ROUNDS):
        work()
        hours_pass(swap)


def worker_dies(swap: Swap) -> None:
    """Whoever holds the swap renews its lease no more."""
    past = timezone.now() - timedelta(seconds=1)
    Swap.objects.filter(pk=swap.pk).exclude(lease=None).update(lease_until=past)


def cancelled_and_wanted_again(swap: Swap) -> None:
    assert submission.cancel_swap(swap, by=SITE)
    swap.refresh_from_db()
    assert submission.retry_swap(swap, by=SITE)


def result_that_waits(swap: Swap, door: Door) -> Attempt:
    """The attempt whose result is paid for, and could not be fetched yet."""
    door.behind = Cut("It was cut off.")
    work()
    attempt = attempt_of(swap)
    told(attempt.secret, success())
    work()
    assert state(swap) == (Status.FETCHING, "result_unavailable")
    door.behind = Door().behind
    return attempt


def two_attempts(swap: Swap, service: Service, door: Door) -> tuple[Attempt, Attempt]:
    """The one that was given up and has the paid result after all, and the one that was asked for instead."""
    service.answers.append(Unknown("The connection was cut."))
    service.found = Pending(known=False)
    work()
    first = attempt_of(swap)
    hours_pass(swap, seconds=301)
    work()
    work()
    second = attempt_of(swap)
    assert second.pk != first.pk
    door.behind = Cut("It was cut off.")
    told(first.secret, success(task_id=""))
    work()
    assert state(swap) == (Status.FETCHING, "result_unavailable")
    door.behind = Door().behind
    return first, second


def failing(
    error: BaseException, *, times: int, then: Callable[..., object]
) -> Callable[..., object]:
    """A function that raises so often, and is itself again after that."""
    left = iter(range(times))

    def call(*args: object, **kwargs: object) -> object:
        if next(left, None) is not None:
            raise error
        return then(*args, **kwargs)

    return call


def database_error(name: str) -> OperationalError:
    error = OperationalError("The database has a bad day.")
    cause = sqlite3.OperationalError(str(error))
    cause.sqlite_errorname = name
    error.__cause__ = cause
    return error


# --- News that nobody waits for, or that somebody else is to act on -----------------------------------


def is_paused(settings: Settings) -> None:
    ProviderState.pause("acedata", code="used_up", message="The balance is spent.")


def is_held(settings: Settings) -> None:
    ProviderState.hold("acedata", until=timezone.now() + timedelta(hours=1))


def is_full(settings: Settings) -> None:
    settings.MAX_IN_FLIGHT = 1


PROVIDER_IS = pytest.mark.parametrize("provider_is", [is_paused, is_held, is_full])


@PROVIDER_IS
def test_a_failure_of_what_waits_in_the_line_closes_its_attempt_alone(
    swap: Swap, settings: Settings, provider_is: Callable[[Settings], None]
) -> None:
    work()
    cancelled_and_wanted_again(swap)
    provider_is(settings)
    told(attempt_of(swap).secret, failure("no_face"))
    work()
    attempt = attempt_of(swap)
    assert state(swap) == (Status.QUEUED, "")
    assert (attempt.outcome, attempt.error_code, attempt.unread) == ("failed", "no_face", False)


@PROVIDER_IS
def test_a_failure_of_what_waits_in_the_line_keeps_no_worker_from_other_swaps(
    alice: User,
    swap: Swap,
    swap_of: Swaps,
    settings: Settings,
    provider_is: Callable[[Settings], None],
) -> None:
    work()
    cancelled_and_wanted_again(swap)
    provider_is(settings)
    told(attempt_of(swap).secret, failure("no_face"))
    own = swap_of(alice)
    for _ in range(ROUNDS):
        work()
    assert state(own) == SUCCEEDED


@PROVIDER_IS
def test_what_was_cancelled_and_is_wanted_again_needs_no_place_but_its_own(
    swap: Swap, service: Service, settings: Settings, provider_is: Callable[[Settings], None]
) -> None:
    work()
    cancelled_and_wanted_again(swap)
    provider_is(settings)
    service.found = Done(url=RESULT_URL)
    rounds(swap)
    assert state(swap) == SUCCEEDED
    assert len(service.jobs) == 1


def test_a_swap_whose_attempt_failed_meanwhile_is_asked_for_anew(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 1
    work()
    cancelled_and_wanted_again(swap)
    told(attempt_of(swap).secret, failure("no_face"))
    rounds(swap)
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 2)


def test_a_failure_beside_another_attempts_result_closes_its_attempt_alone(
    swap: Swap, service: Service, door: Door
) -> None:
    _, second = two_attempts(swap, service, door)
    told(second.secret, failure("no_face", task_id=""))
    work()
    second.refresh_from_db()
    assert state(swap)[0] == Status.FETCHING
    assert (second.outcome, second.unread) == ("failed", False)


def test_a_failure_beside_a_result_that_is_being_fetched_keeps_no_worker_from_other_swaps(
    alice: User, swap: Swap, swap_of: Swaps, service: Service, door: Door
) -> None:
    _, second = two_attempts(swap, service, door)
    hours_pass(swap)
    swap.refresh_from_db()
    assert swap.claim(seconds=30)
    told(second.secret, failure("no_face", task_id=""))
    own = swap_of(alice)
    for _ in range(ROUNDS):
        work()
    assert state(own) == SUCCEEDED
    assert state(swap)[0] == Status.FETCHING


def test_a_failure_of_what_another_worker_holds_waits_while_other_swaps_go_on(
    alice: User, swap: Swap, swap_of: Swaps, service: Service
) -> None:
    work()
    swap.refresh_from_db()
    assert swap.take_up(seconds=30)
    told(attempt_of(swap).secret, failure("no_face"))
    own, hosted = swap_of(alice), swap_of(alice, provider="acedata")
    for _ in range(ROUNDS):
        work()
    assert (state(own), state(hosted)[0]) == (SUCCEEDED, Status.RUNNING)
    assert (state(swap), attempt_of(swap).unread) == ((Status.RUNNING, ""), True)


def test_a_failure_that_waited_for_a_worker_who_died_is_acted_on(swap: Swap) -> None:
    work()
    swap.refresh_from_db()
    assert swap.take_up(seconds=30)
    told(attempt_of(swap).secret, failure("no_face"))
    worker_dies(swap)
    work()
    assert state(swap) == (Status.FAILED, "no_face")


def test_a_stumble_over_a_failure_leaves_the_swap_to_the_worker_that_fetches_its_result(
    swap: Swap, service: Service, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, second = two_attempts(swap, service, door)
    hours_pass(swap)
    swap.refresh_from_db()
    assert swap.claim(seconds=30)
    held = swap.lease
    told(second.secret, failure("no_face", task_id=""))
    monkeypatch.setattr(endings, "close", failing(ZeroDivisionError(), times=1, then=endings.close))
    work()
    assert (state(swap)[0], swap.lease) == (Status.FETCHING, held)
    assert not Attempt.objects.unread().exists()


@pytest.mark.parametrize("then", Then)
def test_a_success_that_is_heard_while_the_call_fails_is_kept(
    swap: Swap, service: Service, then: Then
) -> None:
    def fails() -> Refused:
        told(attempt_of(swap).secret, success(task_id=""))
        return Refused("api_error", "Bad gateway.", then=then)

    service.answers.append(fails)
    rounds(swap)
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 1)


# --- Without a token --------------------------------------------------------------------------------


@pytest.fixture
def token_is_removed(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[], None]:
    """From then on the real provider is built from settings with which that cannot be done."""
    build = asking._built.__wrapped__

    def remove() -> None:
        settings.ACEDATACLOUD_API_TOKEN = ""
        engine = Engine()
        monkeypatch.setattr(
            asking, "provider", lambda name: build(name, "normal") if name in HOSTED else engine
        )

    return remove


def test_without_a_token_what_is_in_flight_waits_on(
    swap: Swap, token_is_removed: Callable[[], None]
) -> None:
    work()
    token_is_removed()
    rounds(swap)
    assert state(swap) == (Status.RUNNING, "")
    assert attempt_of(swap).finished_at is None


def test_without_a_token_a_success_is_still_taken(
    swap: Swap, token_is_removed: Callable[[], None]
) -> None:
    work()
    token_is_removed()
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == SUCCEEDED


def test_without_a_token_who_waits_goes_on_waiting(
    swap: Swap, token_is_removed: Callable[[], None]
) -> None:
    token_is_removed()
    rounds(swap)
    assert state(swap) == (Status.QUEUED, "")
    assert not Attempt.objects.exists()


def test_without_a_token_the_sites_own_engine_goes_on(
    alice: User, swap: Swap, swap_of: Swaps, token_is_removed: Callable[[], None]
) -> None:
    work()
    token_is_removed()
    told(attempt_of(swap).secret, failure("no_face"))
    own = swap_of(alice)
    rounds(swap)
    assert state(own) == SUCCEEDED
    assert state(swap) == (Status.FAILED, "no_face")


def test_without_a_token_the_sweep_runs_to_its_end(
    alice: User,
    swap: Swap,
    swap_of: Swaps,
    settings: Settings,
    token_is_removed: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    hours_pass(swap, seconds=settings.SWAP_DEADLINE + 1)
    token_is_removed()
    own = swap_of(alice)
    woken: list[object] = []
    monkeypatch.setattr(tasks, "wake", lambda pk, **_: woken.append(pk))
    tasks.sweep.func()
    assert woken == [own.pk]
    assert attempt_of(swap).finished_at is None


def test_without_a_token_one_swap_from_the_shell_says_so(
    swap: Swap, token_is_removed: Callable[[], None], pauses: list[float]
) -> None:
    token_is_removed()
    assert swap.claim(seconds=30)
    tasks.see_through(swap)
    assert state(swap) == (Status.FAILED, "no_token")


# --- A result that waits ----------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 8])
def test_a_result_that_waited_while_its_swap_was_cancelled_is_fetched_for_who_wants_it_again(
    swap: Swap, service: Service, door: Door, settings: Settings, most: int
) -> None:
    settings.MAX_IN_FLIGHT = most
    result_that_waits(swap, door)
    cancelled_and_wanted_again(swap)
    work()
    assert state(swap) == SUCCEEDED
    assert (len(service.jobs), service.asked) == (1, [])


@pytest.mark.parametrize(
    "event", [submission.cancel_swap, submission.trash_swap, submission.delete_swap]
)
def test_a_result_that_nobody_wants_any_more_is_closed_with_its_cost(
    swap: Swap, service: Service, door: Door, event: Callable[..., bool]
) -> None:
    attempt = result_that_waits(swap, door)
    assert event(swap, by=SITE)
    tasks.sweep.func()
    attempt.refresh_from_db()
    assert (attempt.outcome, str(attempt.cost)) == ("lost", "0.0100")
    assert service.asked == []


def test_a_result_that_nobody_wants_any_more_leaves_its_place_to_others(
    alice: User, swap: Swap, swap_of: Swaps, door: Door, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 1
    result_that_waits(swap, door)
    submission.cancel_swap(swap, by=SITE)
    tasks.sweep.func()
    other = swap_of(alice, provider="acedata")
    work()
    assert state(other) == (Status.RUNNING, "")


@pytest.mark.parametrize(
    "found",
    [
        Unknown("It did not answer."),
        Refused("invalid_token", "Wrong token.", then=Then.PAUSE, job_open=True),
    ],
)
def test_a_stray_of_which_nothing_can_be_heard_is_left_for_twice_the_time_that_it_had(
    swap: Swap, service: Service, settings: Settings, found: Unknown | Refused
) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    service.found = found
    hours_pass(swap, seconds=settings.SWAP_DEADLINE * 2 - 60)
    tasks.sweep.func()
    assert attempt_of(swap).finished_at is None
    hours_pass(swap, seconds=settings.SWAP_DEADLINE * 2 + 1)
    tasks.sweep.func()
    assert attempt_of(swap).outcome == "lost"
    assert service.asked == ["task-1", "task-1"]


def test_the_sweep_wakes_workers_before_it_looks_after_strays(
    alice: User,
    swap: Swap,
    swap_of: Swaps,
    settings: Settings,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    hours_pass(swap, seconds=settings.SWAP_DEADLINE + 1)
    own = swap_of(alice)
    # What the service was asked comes into the same list.
    monkeypatch.setattr(tasks, "wake", lambda pk, **_: service.asked.append(str(pk)))
    tasks.sweep.func()
    assert service.asked == [str(own.pk), "task-1"]


# --- Two attempts, one of them paid for ---------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 601])
def test_of_two_attempts_the_one_with_the_result_is_gone_on_with(
    swap: Swap, service: Service, door: Door, seconds: float
) -> None:
    first, _ = two_attempts(swap, service, door)
    asked = list(service.asked)
    hours_pass(swap, seconds=seconds)
    work()
    first.refresh_from_db()
    assert (state(swap), first.outcome) == (SUCCEEDED, "succeeded")
    assert service.asked == asked


@pytest.mark.parametrize("code", ["no_face", "api_error"])
def test_the_refusal_of_one_attempt_does_not_fail_what_the_other_was_paid_for(
    swap: Swap, service: Service, door: Door, code: str
) -> None:
    _, second = two_attempts(swap, service, door)
    told(second.secret, failure(code, task_id=""))
    rounds(swap)
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 2)


def test_a_refusal_does_not_fail_what_is_paid_for_where_a_worker_died_before_the_result(
    swap: Swap, service: Service, door: Door
) -> None:
    _, second = two_attempts(swap, service, door)
    cancelled_and_wanted_again(swap)
    swap.refresh_from_db()
    assert swap.claim(seconds=30)
    worker_dies(swap)
    told(second.secret, failure("no_face", task_id=""))
    rounds(swap)
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 2)


def test_a_swap_that_runs_without_an_attempt_goes_back_to_the_line(
    swap: Swap, service: Service
) -> None:
    assert swap.claim(seconds=30)
    worker_dies(swap)
    ProviderState.pause("acedata", code="used_up", message="The balance is spent.")
    work()
    assert (state(swap), service.jobs) == ((Status.QUEUED, ""), [])
    ProviderState.resume("acedata")
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)


# --- Database and storage away ------------------------------------------------------------------------

BY_CALLBACK, BY_POLLING, AT_ONCE = "callback", "polling", "at once"
HEARD = pytest.mark.parametrize("how", [BY_CALLBACK, BY_POLLING, AT_ONCE])


def result_comes(swap: Swap, service: Service, how: str) -> None:
    """It is heard of in that way, and a worker goes to fetch it."""
    if how == AT_ONCE:
        service.answers.append(Done(url=RESULT_URL, task_id="task-1"))
    else:
        work()
    if how == BY_CALLBACK:
        told(attempt_of(swap).secret, success())
    service.found = Done(url=RESULT_URL)
    hours_pass(swap)
    work()


@HEARD
def test_a_database_that_is_full_when_the_result_is_hung_has_nothing_bought_again(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(asking, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(asking, "ANSWER_KEPT", (0,))
    record = failing(database_error("SQLITE_FULL"), times=1, then=Event.record)
    monkeypatch.setattr(Event, "record", record)
    result_comes(swap, service, how)
    assert state(swap)[0] == Status.FETCHING
    worker_dies(swap)
    hours_pass(swap)
    work()
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 1)


@HEARD
def test_storage_that_is_away_uses_up_no_tries(
    swap: Swap, service: Service, door: Door, how: str
) -> None:
    door.behind = StorageAway("It does not answer.")
    result_comes(swap, service, how)
    for _ in range(results.MAX_FETCHES + 1):
        assert state(swap) == (Status.FETCHING, "storage_unavailable")
        hours_pass(swap)
        work()
    assert attempt_of(swap).fetches == 0
    door.behind = Cut("It was cut off.")
    hours_pass(swap)
    work()
    assert state(swap) == (Status.FETCHING, "result_unavailable")
    door.behind = Door().behind
    hours_pass(swap)
    work()
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 1)


@pytest.mark.parametrize("name", ["SQLITE_BUSY", "SQLITE_FULL"])
def test_a_job_that_is_taken_while_the_database_is_away_keeps_its_name(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(asking, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(asking, "ANSWER_KEPT", (0, 0, 0))
    accept = failing(database_error(name), times=3, then=Attempt.accept)
    monkeypatch.setattr(Attempt, "accept", accept)
    work()
    assert (state(swap), attempt_of(swap).task_id) == ((Status.RUNNING, ""), "task-1")
    assert len(service.jobs) == 1


def test_a_job_that_is_taken_while_the_database_is_away_for_long_is_not_asked_for_again(
    swap: Swap, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "connection", SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(asking, "ANSWER_KEPT", (0,))
    accept = failing(database_error("SQLITE_BUSY"), times=2, then=Attempt.accept)
    monkeypatch.setattr(Attempt, "accept", accept)
    work()
    worker_dies(swap)
    work()
    assert (state(swap), attempt_of(swap).uncertain) == ((Status.RUNNING, ""), True)
    told(attempt_of(swap).secret, success())
    work()
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 1)


def test_an_error_of_our_own_after_the_answer_is_not_waited_out(
    swap: Swap, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def accept(self: Attempt, **names: str) -> None:
        calls.append(names)
        raise database_error("SQLITE_ERROR")

    monkeypatch.setattr(Attempt, "accept", accept)
    work()
    assert (state(swap), len(calls)) == ((Status.FAILED, "api_error"), 1)


# --- Whether it can be polled -------------------------------------------------------------------------


def polled(swap: Swap, service: Service) -> int:
    """How often the service is asked what became of the swap when its time comes."""
    before = len(service.asked)
    hours_pass(swap)
    work()
    return len(service.asked) - before


def test_a_mere_404_after_polling_has_worked_changes_nothing(swap: Swap, service: Service) -> None:
    work()
    assert polled(swap, service) == 1
    service.found = NoTasks(certain=False)
    assert [polled(swap, service) for _ in range(2)] == [1, 1]
    service.found = Done(url=RESULT_URL)
    polled(swap, service)
    assert state(swap) == SUCCEEDED


@pytest.mark.parametrize("found", [NoTasks(), NoTasks(certain=False)], ids=repr)
def test_that_there_is_no_polling_is_believed_for_a_day(
    alice: User, swap: Swap, swap_of: Swaps, service: Service, found: NoTasks
) -> None:
    work()
    service.found = found
    assert [polled(swap, service) for _ in range(2)] == [1, 0]
    service.found = Pending()
    for hours, times in ((23, 0), (25, 1)):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            later = swap_of(alice, provider="acedata", queued_at=timezone.now())
            Swap.objects.exclude(pk=later.pk).update(status=Status.CANCELED)
            work()
            assert polled(later, service) == times
    assert ProviderState.of("acedata").has_tasks


def test_an_explicit_word_that_there_is_no_polling_counts_although_it_has_worked(
    swap: Swap, service: Service
) -> None:
    work()
    polled(swap, service)
    service.found = NoTasks()
    assert [polled(swap, service) for _ in range(2)] == [1, 0]


def test_a_job_that_was_taken_is_asked_for_once_more_before_it_is_given_up(
    swap: Swap, service: Service, settings: Settings
) -> None:
    work()
    service.found = NoTasks()
    polled(swap, service)
    service.found = Done(url=RESULT_URL)
    hours_pass(swap, seconds=settings.SWAP_DEADLINE)
    work()
    assert state(swap) == SUCCEEDED
    assert len(service.asked) == 2


def test_a_token_that_is_refused_before_anything_is_bought_pauses_the_provider(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.SITE_URL = ""
    service.found = Refused("invalid_token", "Wrong token.", then=Then.PAUSE, job_open=True)
    rounds(swap)
    assert (state(swap), swap.error_message) == (
        (Status.QUEUED, settling.PAUSED),
        settling.PAUSED_MESSAGE,
    )
    assert ProviderState.of("acedata").paused_code == "invalid_token"
    assert (len(service.asked), service.jobs) == (1, [])
    ProviderState.resume("acedata")
    service.found = Pending(known=False)
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)


# --- Too much was asked -------------------------------------------------------------------------------


def limit(*, retry_after: float | None) -> Refused:
    return Refused("too_many_requests", "Slow down.", then=Then.LATER, retry_after=retry_after)


def test_a_rate_limit_that_ends_after_the_deadline_keeps_everybody_in_the_line(
    bob: User, swap: Swap, swap_of: Swaps, service: Service
) -> None:
    service.answers.append(limit(retry_after=900))
    bobs = swap_of(bob, provider="acedata")
    rounds(bobs)
    assert state(swap) == (Status.QUEUED, "too_many_requests")
    assert swap.error_message == settling.BUSY
    assert (state(bobs), len(service.jobs)) == ((Status.QUEUED, ""), 1)
    with time_machine.travel(timezone.now() + timedelta(seconds=901)):
        work()
        work()
        assert [state(one)[0] for one in (swap, bobs)] == [Status.RUNNING] * 2


def test_a_rate_limit_without_a_time_is_given_up_at_the_deadline_with_a_sentence(
    swap: Swap, service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_jittered", lambda tries: timedelta(seconds=60))
    service.answers.extend([limit(retry_after=None)] * 2)
    work()
    assert state(swap) == (Status.QUEUED, "too_many_requests")
    ProviderState.objects.update(held_until=None)
    hours_pass(swap, seconds=settings.SWAP_DEADLINE - 30)
    work()
    assert (state(swap), swap.error_message) == (
        (Status.FAILED, "too_many_requests"),
        settling.TOO_BUSY,
    )


# --- One swap from the shell --------------------------------------------------------------------------


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Who waits finds at once that the time has passed; so long she waited each time."""
    waited: list[float] = []
    with time_machine.travel(timezone.now(), tick=False) as clock:

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            assert len(waited) < 10_000
            clock.shift(seconds)

        monkeypatch.setattr(tasks, "time", SimpleNamespace(sleep=sleep))
        yield waited


def test_one_swap_from_the_shell_says_that_the_provider_is_paused(
    swap: Swap, service: Service, pauses: list[float]
) -> None:
    ProviderState.pause("acedata", code="used_up", message="The balance is spent.")
    assert swap.claim(seconds=30)
    tasks.see_through(swap)
    assert (state(swap), swap.error_message) == (
        (Status.FAILED, settling.PAUSED),
        settling.PAUSED_SHELL,
    )
    assert (service.jobs, service.asked) == ([], [])


def test_one_swap_from_the_shell_asks_a_provider_that_pauses_it_once(
    swap: Swap, service: Service, pauses: list[float]
) -> None:
    service.answers.extend([Refused("used_up", "It is spent.", then=Then.PAUSE)] * 9)
    assert swap.claim(seconds=30)
    tasks.see_through(swap)
    assert (state(swap), len(service.jobs)) == ((Status.FAILED, settling.PAUSED), 1)


def test_one_swap_from_the_shell_waits_as_long_as_it_is_told(
    swap: Swap, service: Service, pauses: list[float]
) -> None:
    service.answers.extend([limit(retry_after=30), limit(retry_after=60), Done(url=RESULT_URL)])
    assert swap.claim(seconds=30)
    tasks.see_through(swap)
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 3)
    assert 90 <= sum(pauses) < 92


def test_one_swap_from_the_shell_waits_for_a_provider_that_is_held_up(
    swap: Swap, service: Service, pauses: list[float]
) -> None:
    ProviderState.hold("acedata", until=timezone.now() + timedelta(seconds=20))
    service.answers.append(Done(url=RESULT_URL))
    assert swap.claim(seconds=30)
    tasks.see_through(swap)
    assert (state(swap), len(service.jobs)) == (SUCCEEDED, 1)
    assert 20 <= sum(pauses) < 21
