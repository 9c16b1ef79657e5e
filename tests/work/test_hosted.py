"""A swap on a hosted service: nothing lost, nothing bought twice, whichever way the answers come."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from swaps import asking, results, settling, submission, tasks
from swaps.http import Cut, Private
from swaps.models import SITE, Attempt, ProviderState, Status, Swap, User
from swaps.providers.base import Accepted, Done, NoTasks, Pending, Refused, Then, Unknown
from tests.work.service import (
    RESULT_URL,
    Door,
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


# --- The way that it should go ----------------------------------------------------------------------


def test_an_accepted_job_waits_without_a_worker(swap: Swap) -> None:
    work()
    assert state(swap) == (Status.RUNNING, "")
    assert (swap.lease, attempt_of(swap).task_id) == (None, "task-1")


def test_the_callback_address_is_the_attempts_own_secret(swap: Swap, service: Service) -> None:
    work()
    secret = attempt_of(swap).secret
    assert service.jobs[0].callback_url == f"https://swaps.example.org/face/callback/{secret}"


def test_a_callback_brings_the_result_home(swap: Swap) -> None:
    work()
    assert told(attempt_of(swap).secret, success()) == 204
    work()
    assert state(swap) == (Status.SUCCEEDED, "")
    assert swap.result is not None


def test_polling_brings_the_result_home(swap: Swap, service: Service) -> None:
    work()
    service.found = Done(url=RESULT_URL)
    hours_pass(swap)
    work()
    assert state(swap) == (Status.SUCCEEDED, "")
    assert service.asked == ["task-1"]


def test_a_result_that_comes_at_once_is_kept(swap: Swap, service: Service) -> None:
    service.answers.append(Done(url=RESULT_URL, task_id="task-1"))
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_what_still_runs_is_asked_for_again(swap: Swap, service: Service) -> None:
    work()
    hours_pass(swap)
    work()
    assert state(swap) == (Status.RUNNING, "")
    assert swap.poll_at is not None
    assert swap.poll_at > timezone.now()


def test_a_result_costs_its_price_once(swap: Swap) -> None:
    work()
    told(attempt_of(swap).secret, success())
    told(attempt_of(swap).secret, success())
    work()
    work()
    assert [str(a.cost) for a in Attempt.objects.all()] == ["0.0100"]


def test_a_failure_costs_nothing(swap: Swap) -> None:
    work()
    told(attempt_of(swap).secret, failure("forbidden"))
    work()
    assert state(swap) == (Status.FAILED, "forbidden")
    assert attempt_of(swap).cost is None


# --- Callbacks at the wrong time, in the wrong order, from the wrong people ---------------------------


def test_a_callback_may_come_before_the_answer(swap: Swap, service: Service) -> None:
    def early() -> Accepted:
        assert told(attempt_of(swap).secret, success()) == 204
        return Accepted("task-1")

    service.answers.append(early)
    work()
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_callback_finds_its_swap_although_the_answer_was_lost(
    swap: Swap, service: Service
) -> None:
    service.answers.append(Unknown("The connection was cut."))
    work()
    assert state(swap) == (Status.RUNNING, "")
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == (Status.SUCCEEDED, "")
    assert len(service.jobs) == 1


def test_a_callback_that_comes_twice_changes_nothing_more(swap: Swap, door: Door) -> None:
    work()
    for _ in range(2):
        assert told(attempt_of(swap).secret, success()) == 204
        work()
    assert (state(swap)[0], len(door.fetched)) == (Status.SUCCEEDED, 1)


def test_a_success_after_a_failure_that_nobody_read_yet_counts(swap: Swap) -> None:
    work()
    told(attempt_of(swap).secret, failure())
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_failure_after_the_success_changes_nothing(swap: Swap) -> None:
    work()
    secret = attempt_of(swap).secret
    told(secret, success())
    work()
    assert told(secret, failure()) == 204
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_success_after_its_failure_was_read_is_not_lost(swap: Swap) -> None:
    work()
    secret = attempt_of(swap).secret
    told(secret, failure("api_error"))
    work()
    assert state(swap) == (Status.QUEUED, "api_error")
    told(secret, success())
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_late_success_rescues_what_was_given_up(swap: Swap, settings: Settings) -> None:
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE)
    work()
    assert state(swap) == (Status.FAILED, "timeout")
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_late_success_brings_nothing_cancelled_back(swap: Swap) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    assert told(attempt_of(swap).secret, success()) == 204
    work()
    assert state(swap)[0] == Status.CANCELED
    assert (attempt_of(swap).outcome, str(attempt_of(swap).cost)) == ("lost", "0.0100")


def test_a_callback_to_a_secret_that_is_nobodys_is_not_found(swap: Swap) -> None:
    work()
    assert told("made-up", success()) == 404
    assert state(swap)[0] == Status.RUNNING


def test_a_callback_of_the_sites_own_arrives_once() -> None:
    secret = ProviderState.open_loop("acedata")
    assert [told(secret, {"success": True}) for _ in range(2)] == [204, 404]
    assert ProviderState.of("acedata").loop_closed_at is not None


def test_an_empty_secret_closes_no_loop() -> None:
    ProviderState.found_tasks("acedata")
    assert not ProviderState.close_loop("")


def test_a_callback_for_another_task_changes_nothing(swap: Swap) -> None:
    work()
    assert told(attempt_of(swap).secret, success(task_id="another")) == 204
    assert not Attempt.objects.unread().exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 30000, 400),
        (b" " * 70_000, 413),
        (b"{}", 204),
    ],
)
def test_a_callback_without_sense_only_has_the_provider_asked(
    swap: Swap, service: Service, body: bytes, status: int
) -> None:
    work()
    path = f"/face/callback/{attempt_of(swap).secret}"
    answer = Client().post(path, body, content_type="application/json")
    assert answer.status_code == status
    assert not Attempt.objects.unread().exists()
    if status != 413:
        work()
        assert service.asked == ["task-1"]


def test_callbacks_need_no_token_and_are_never_redirected(swap: Swap) -> None:
    work()
    strict = Client(enforce_csrf_checks=True)
    path = f"/face/callback/{attempt_of(swap).secret}"
    answer = strict.post(path, json.dumps(success()), content_type="application/json")
    assert answer.status_code == 204
    assert strict.get(path).status_code == 405
    assert strict.post(f"{path}/", b"{}", content_type="application/json").status_code == 404


# --- Where nobody knows whether it was taken -----------------------------------------------------------


def test_an_uncertain_attempt_is_not_sent_again_before_its_time(
    swap: Swap, service: Service, settings: Settings
) -> None:
    service.answers.append(Unknown("The connection was cut."))
    service.found = Pending(known=False)
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE / 2 - 5)
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)
    assert attempt_of(swap).uncertain


def test_an_uncertain_attempt_of_which_nothing_was_heard_is_sent_again_after_its_time(
    swap: Swap, service: Service, settings: Settings
) -> None:
    service.answers.append(Unknown("The connection was cut."))
    service.found = Pending(known=False)
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE / 2)
    work()
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 2)


def test_an_answer_that_makes_no_sense_is_waited_for_to_the_end(
    swap: Swap, service: Service, settings: Settings
) -> None:
    service.answers.append(Unknown("It answered with a page.", answered=True))
    service.found = Pending(known=False)
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE - 5)
    work()
    assert state(swap)[0] == Status.RUNNING
    hours_pass(swap, seconds=settings.SWAP_DEADLINE)
    work()
    assert state(swap) == (Status.FAILED, "timeout")
    assert len(service.jobs) == 1


def test_what_the_provider_knows_after_all_was_taken(
    swap: Swap, service: Service, settings: Settings
) -> None:
    service.answers.append(Unknown("Gateway time-out.", trace_id="trace-1"))
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE / 2 + 5)
    work()
    assert service.asked == ["trace-1"]
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)


def test_a_worker_that_dies_in_the_call_leaves_an_uncertain_attempt(
    swap: Swap, service: Service
) -> None:
    step = tasks.claim_next()
    assert step is not None
    assert attempt_of(swap).ask("callback")
    Swap.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work()
    assert service.jobs == []
    assert (state(swap)[0], attempt_of(swap).uncertain) == (Status.RUNNING, True)
    told(attempt_of(swap).secret, success())
    work()
    assert state(swap)[0] == Status.SUCCEEDED


def test_a_worker_that_dies_before_the_call_costs_no_waiting(swap: Swap, service: Service) -> None:
    assert tasks.claim_next() is not None
    Swap.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work()
    work()
    assert len(service.jobs) == 1
    assert [attempt.outcome for attempt in Attempt.objects.order_by("pk")] == ["lost", ""]


def test_a_worker_that_was_taken_for_dead_before_the_call_makes_none(
    swap: Swap, service: Service
) -> None:
    step = tasks.claim_next()
    assert step is not None
    Swap.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work()
    step.do()
    assert service.jobs == []


def test_a_worker_that_dies_while_it_fetches_buys_nothing_again(
    swap: Swap, service: Service, door: Door
) -> None:
    work()
    attempt = attempt_of(swap)
    told(attempt.secret, success())
    door.behind = SystemExit()
    with pytest.raises(SystemExit):
        work()
    assert state(swap)[0] == Status.FETCHING
    door.behind = Door().behind
    Swap.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.SUCCEEDED, 1)


def test_cancelled_and_wanted_again_is_not_bought_again(swap: Swap, service: Service) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    submission.retry_swap(swap, by=SITE)
    work()
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 1)


# --- Refusals -----------------------------------------------------------------------------------------


def test_what_is_refused_for_good_is_not_asked_again(swap: Swap, service: Service) -> None:
    service.answers.append(Refused("token_mismatched", "source_image_url is missing."))
    work()
    work()
    assert state(swap) == (Status.FAILED, "token_mismatched")
    assert len(service.jobs) == 1


def test_a_fault_of_the_service_is_tried_again_four_times(swap: Swap, service: Service) -> None:
    service.answers.extend([Refused("api_error", "fetch failed", then=Then.AGAIN)] * 9)
    for _ in range(9):
        work()
        hours_pass(swap)
    assert len(service.jobs) == 5
    assert state(swap) == (Status.FAILED, "api_error")


def test_between_tries_it_waits_in_the_line_and_says_why(swap: Swap, service: Service) -> None:
    service.answers.append(Refused("api_error", "fetch failed", then=Then.AGAIN))
    work()
    assert state(swap) == (Status.QUEUED, "api_error")
    assert "again by itself" in swap.error_message
    assert not Attempt.objects.open().exists()


def test_a_rate_limit_holds_up_everybody_until_the_time_that_was_given(
    swap: Swap, service: Service, bob: User, swap_of: Swaps
) -> None:
    limit = Refused("too_many_requests", "Slow down.", then=Then.LATER, retry_after=30)
    service.answers.append(limit)
    work()
    swap_of(bob, provider="acedata")
    work()
    assert len(service.jobs) == 1
    assert swap.poll_at is None
    swap.refresh_from_db()
    assert swap.poll_at is not None
    assert 25 < (swap.poll_at - timezone.now()).total_seconds() <= 30


def test_a_rate_limit_uses_up_no_tries(swap: Swap, service: Service) -> None:
    limit = Refused("too_many_requests", "Slow down.", then=Then.LATER, retry_after=0)
    service.answers.extend([limit] * 7)
    for _ in range(8):
        work()
        hours_pass(swap)
    assert (state(swap)[0], len(service.jobs)) == (Status.RUNNING, 8)


def test_a_rate_limit_without_a_time_backs_off_with_jitter(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.RETRY_BASE_SECONDS = 2
    service.answers.append(Refused("rate_limited", "Slow down.", then=Then.LATER))
    work()
    swap.refresh_from_db()
    assert swap.poll_at is not None
    assert timedelta(0) <= swap.poll_at - swap.started_at <= timedelta(seconds=4.5)  # type: ignore[operator]


def test_a_spent_balance_pauses_the_provider_for_everybody(
    swap: Swap, service: Service, bob: User, swap_of: Swaps
) -> None:
    service.answers.append(Refused("used_up", "The balance is spent.", then=Then.PAUSE))
    other = swap_of(bob, provider="acedata")
    work()
    work()
    assert [state(one)[0] for one in (swap, other)] == [Status.QUEUED] * 2
    assert len(service.jobs) == 1
    assert ProviderState.of("acedata").paused_code == "used_up"


def test_a_resumed_provider_goes_on_with_who_waited(swap: Swap, service: Service) -> None:
    service.answers.append(Refused("invalid_token", "Wrong token.", then=Then.PAUSE))
    work()
    ProviderState.resume("acedata")
    work()
    assert state(swap) == (Status.RUNNING, "")


def test_a_pause_takes_nothing_of_the_time_that_a_swap_has(
    swap: Swap, service: Service, settings: Settings
) -> None:
    service.answers.append(Refused("used_up", "The balance is spent.", then=Then.PAUSE))
    work()
    Attempt.objects.update(started_at=timezone.now() - timedelta(seconds=settings.SWAP_DEADLINE))
    ProviderState.resume("acedata")
    work()
    assert state(swap)[0] == Status.RUNNING


def test_a_token_that_is_refused_while_polling_loses_no_job(swap: Swap, service: Service) -> None:
    work()
    service.found = Refused("invalid_token", "Wrong token.", then=Then.PAUSE, job_open=True)
    hours_pass(swap)
    work()
    assert state(swap)[0] == Status.RUNNING
    ProviderState.resume("acedata")
    service.found = Done(url=RESULT_URL)
    hours_pass(swap)
    work()
    assert state(swap)[0] == Status.SUCCEEDED


# --- How many at once, and whose --------------------------------------------------------------------


def test_no_more_are_in_flight_than_may_be(
    alice: User, swap_of: Swaps, service: Service, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 2
    for _ in range(4):
        swap_of(alice, provider="acedata")
    for _ in range(6):
        work()
    assert len(service.jobs) == 2


def test_one_that_ended_makes_room_for_the_next(
    alice: User, swap_of: Swaps, service: Service, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 1
    for _ in range(2):
        swap_of(alice, provider="acedata")
    work()
    told(Attempt.objects.get().secret, success(task_id=""))
    work()
    work()
    assert len(service.jobs) == 2


def test_room_goes_to_who_was_served_longest_ago(
    alice: User, bob: User, swap_of: Swaps, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 2
    for _ in range(3):
        swap_of(alice, provider="acedata")
    bobs = swap_of(bob, provider="acedata")
    work()
    work()
    assert state(bobs)[0] == Status.RUNNING


def test_swaps_of_the_sites_own_engine_do_not_wait_for_the_service(
    alice: User, swap_of: Swaps, settings: Settings
) -> None:
    settings.MAX_IN_FLIGHT = 1
    swap_of(alice, provider="acedata")
    work()
    swap_of(alice, provider="acedata")
    own = swap_of(alice)
    assert tasks.claim_next() is not None
    assert state(own)[0] == Status.RUNNING


# --- How it is asked -----------------------------------------------------------------------------------


def test_without_an_address_of_its_own_the_site_polls(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.SITE_URL = ""
    service.found = Pending(known=False)
    work()
    assert (service.jobs[0].mode, service.jobs[0].callback_url) == ("async", "")


def test_where_nothing_can_be_polled_the_site_waits_for_the_answer(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.SITE_URL = ""
    service.found = NoTasks()
    work()
    assert service.jobs[0].mode == "sync"


def test_that_nothing_can_be_polled_is_remembered(
    alice: User, swap_of: Swaps, service: Service, settings: Settings
) -> None:
    settings.SITE_URL = ""
    service.found = NoTasks()
    assert [asking.mode_of("acedata"), asking.mode_of("acedata")] == ["sync", "sync"]
    assert len(service.asked) == 1
    assert asking.makes_wait("acedata")


def test_where_the_service_does_not_say_nothing_is_bought(
    swap: Swap, service: Service, settings: Settings
) -> None:
    settings.SITE_URL = ""
    service.found = Unknown("It did not answer.")
    work()
    assert service.jobs == []
    assert state(swap) == (Status.QUEUED, "api_error")


# --- The bytes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behind", [b"<html>sorry</html>", b"<svg/>", b"", Cut("It was cut off.")], ids=str
)
def test_a_result_that_cannot_be_had_is_tried_a_few_times_and_never_bought_again(
    swap: Swap, service: Service, door: Door, behind: bytes | BaseException
) -> None:
    service.answers.append(Done(url=RESULT_URL))
    door.behind = behind
    for _ in range(9):
        work()
        hours_pass(swap)
    assert state(swap) == (Status.FAILED, "result_unavailable")
    assert (len(service.jobs), len(door.fetched)) == (1, results.MAX_FETCHES)


def test_a_result_that_comes_after_all_is_kept(swap: Swap, service: Service, door: Door) -> None:
    service.answers.append(Done(url=RESULT_URL))
    door.status = 404
    work()
    assert state(swap) == (Status.FETCHING, "result_unavailable")
    door.status = 200
    hours_pass(swap)
    work()
    assert state(swap) == (Status.SUCCEEDED, "")


def test_a_result_at_a_forbidden_address_is_not_tried_again(
    swap: Swap, service: Service, door: Door
) -> None:
    service.answers.append(Done(url="http://169.254.169.254/"))
    door.behind = Private("Its address is a private one.")
    work()
    assert state(swap) == (Status.FAILED, "result_unavailable")
    swap.refresh_from_db()
    assert "has to stand in OUTBOUND_ALLOW" in swap.error_message


def test_a_result_of_another_size_than_announced_is_measured_by_its_pixels(
    swap: Swap, service: Service
) -> None:
    service.answers.append(Done(url=RESULT_URL, announced={"width": 5000, "height": 10}))
    work()
    swap.refresh_from_db()
    assert swap.result is not None
    assert (swap.result.width, swap.result.height) == (96, 64)
    assert attempt_of(swap).note == "Announced as 5000 × 10; it is 96 × 64."


# --- The end ------------------------------------------------------------------------------------------


def test_at_its_deadline_a_swap_is_given_up_with_a_sentence(swap: Swap, settings: Settings) -> None:
    work()
    hours_pass(swap, seconds=settings.SWAP_DEADLINE)
    work()
    assert state(swap) == (Status.FAILED, "timeout")
    assert swap.error_message == (
        "The face swap service gave no result within 10 minutes. Try again later."
    )


def test_what_a_cancelled_swap_was_made_into_is_asked_for_once(
    swap: Swap, service: Service, settings: Settings
) -> None:
    work()
    submission.cancel_swap(swap, by=SITE)
    service.found = Done(url=RESULT_URL)
    Attempt.objects.update(
        started_at=timezone.now() - timedelta(seconds=settings.SWAP_DEADLINE + 1)
    )
    tasks.sweep.func()
    tasks.sweep.func()
    assert (attempt_of(swap).outcome, len(service.asked)) == ("lost", 1)
    assert str(attempt_of(swap).cost) == "0.0100"


def test_the_sweep_wakes_a_worker_for_what_was_heard_and_for_what_is_due(
    swap: Swap, alice: User, swap_of: Swaps, monkeypatch: pytest.MonkeyPatch
) -> None:
    work()
    heard = swap_of(alice, provider="acedata")
    work()
    told(attempt_of(heard).secret, success(task_id=""))
    hours_pass(swap)
    woken: list[object] = []
    monkeypatch.setattr(tasks, "wake", lambda pk, **_: woken.append(pk))
    tasks.sweep.func()
    assert woken == [heard.pk, swap.pk]


def test_tries_are_counted_anew_for_who_asks_again(swap: Swap, service: Service) -> None:
    service.answers.extend([Refused("api_error", "no", then=Then.AGAIN)] * settling.MAX_ATTEMPTS)
    for _ in range(9):
        work()
        hours_pass(swap)
    swap.refresh_from_db()
    assert submission.retry_swap(swap, by=SITE)
    work()
    assert state(swap)[0] == Status.RUNNING
