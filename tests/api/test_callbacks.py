"""Callbacks out: whoever gave a `callback_url` is told the outcome there, signed, again and again if need be."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import pytest
import time_machine
from django.db import InterfaceError, connection
from django.test import Client
from django.utils import timezone
from django_ox.models import OxTask
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings
from standardwebhooks import Webhook, WebhookVerificationError

from swaps import callbacks, results, submission, tasks
from swaps.models import SITE, ApiToken, Callback, Delivery, Event, Photo, Status, Swap, User, What
from tests.api.conftest import Elsewhere, Program, asked_for
from tests.fakes.canary import Canary
from tests.fakes.receiver import Receiver
from tests.fakes.wire import Manner, Reply

pytestmark = pytest.mark.django_db

WorkOff = Callable[[str], Swap]
Commits = DjangoCaptureOnCommitCallbacks


def allow(settings: Settings, *urls: str) -> None:
    """Private peers that may be called."""
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *(url.split("/")[2] for url in urls)]
    results.programs_door.cache_clear()


@pytest.fixture
def receiver(elsewhere: Elsewhere, settings: Settings) -> Iterator[Receiver]:
    with Receiver() as receiver:
        allow(settings, receiver.url)
        yield receiver


@pytest.fixture
def succeed(photo_of: Callable[..., Photo]) -> Callable[[Swap], None]:
    """The swap has a result, without the work of making one."""

    def end(swap: Swap) -> None:
        assert swap.claim(seconds=10)
        assert swap.record_outcome()
        assert swap.succeed(result=photo_of(swap.maker, kind="result"))
        callbacks.tell(swap.pk)

    return end


@pytest.fixture
def settle(
    program: Program, receiver: Receiver, succeed: Callable[[Swap], None]
) -> Callable[[], str]:
    """A swap with a callback that has succeeded, which is not told yet: its task_id."""

    def ask() -> str:
        task_id = program.ask(callback_url=receiver.url).json()["task_id"]
        succeed(Swap.objects.get(pk=task_id))
        return str(task_id)

    return ask


@pytest.fixture
def fail(program: Program, receiver: Receiver) -> Callable[[], str]:
    """The same of one that failed."""

    def ask() -> str:
        task_id = program.ask(callback_url=receiver.url).json()["task_id"]
        swap = Swap.objects.get(pk=task_id)
        assert swap.fail(code="no_face", message="We found no face.", picture="source")
        callbacks.tell(swap.pk)
        return str(task_id)

    return ask


def only() -> Callback:
    return Callback.objects.get()


def is_true(request: Any, secret: str) -> bool:
    """Whether a receiver that checks signatures takes the request."""
    try:
        Webhook(secret).verify(request.body, dict(request.headers))
    except WebhookVerificationError:
        return False
    return True


# --- What is told ----------------------------------------------------------------------------------


def test_a_result_is_told_as_the_task_tells_it(
    program: Program, receiver: Receiver, work_off: WorkOff
) -> None:
    task_id = program.ask(callback_url=receiver.url).json()["task_id"]
    work_off(task_id)
    callbacks.work_off()
    (body,) = receiver.bodies
    assert body["success"] is True
    assert body == program.task(task_id)["response"]


def test_a_failure_is_told_with_success_false_and_the_task_id(
    program: Program, receiver: Receiver, elsewhere: Elsewhere, work_off: WorkOff
) -> None:
    gone = {"source_image_url": elsewhere.url("/gone.jpg"), "callback_url": receiver.url}
    task_id = program.ask(**gone).json()["task_id"]
    work_off(task_id)
    callbacks.work_off()
    (body,) = receiver.bodies
    assert (body["success"], body["task_id"]) == (False, task_id)
    assert body == program.task(task_id)["response"]


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (submission.cancel_swap, "forbidden"),
        (submission.trash_swap, "not_found"),
        (submission.delete_swap, "not_found"),
    ],
)
def test_who_stops_a_swap_in_flight_has_that_told(
    stop: Callable[..., bool], code: str, program: Program, receiver: Receiver,
    django_capture_on_commit_callbacks: Commits,
) -> None:  # fmt: skip
    task_id = program.ask(callback_url=receiver.url).json()["task_id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert stop(Swap.objects.get(), by=SITE)
    callbacks.work_off()
    (body,) = receiver.bodies
    assert (body["success"], body["task_id"]) == (False, task_id)
    assert body["error"]["code"] == code


def test_nobody_is_called_who_did_not_ask_for_it(program: Program, work_off: WorkOff) -> None:
    work_off(program.ask().json()["task_id"])
    assert not Callback.objects.exists()


def test_nothing_is_told_while_the_swap_is_in_flight(program: Program, receiver: Receiver) -> None:
    program.ask(callback_url=receiver.url)
    callbacks.sweep()
    assert not Callback.objects.exists()


def test_the_signature_is_true_and_of_the_tokens_own_secret(
    program: Program, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    callbacks.work_off()
    (request,) = receiver.requests
    assert is_true(request, program.token.webhook_secret)
    other, _ = ApiToken.make(user=program.token.user, team=program.token.team, label="another")
    assert not is_true(request, other.webhook_secret)
    assert request.headers["webhook-id"] == str(only().pk)
    assert request.headers["content-type"] == "application/json"


def test_a_revoked_token_still_signs(
    program: Program, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    program.token.revoke()
    callbacks.work_off()
    assert is_true(receiver.requests[0], program.token.webhook_secret)


def test_nothing_goes_out_unsigned(
    program: Program, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    program.token.delete()
    callbacks.work_off()
    assert receiver.requests == []
    assert only().ended == Callback.Ended.UNSIGNED
    assert "token that asked for this swap is gone" in Delivery.objects.get().error


def test_a_secret_that_cannot_be_read_is_waited_for(
    receiver: Receiver, settle: Callable[[], str], settings: Settings
) -> None:
    settle()
    key, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" * 5
    callbacks.work_off()
    assert receiver.requests == []
    assert "SECRET_KEY_FALLBACKS" in Delivery.objects.get().error
    settings.SECRET_KEY = key
    with time_machine.travel(timezone.now() + timedelta(seconds=6)):
        callbacks.work_off()
    assert only().ended == Callback.Ended.DELIVERED


# --- When it is told again -------------------------------------------------------------------------


def test_what_fails_is_told_again_with_the_same_id_and_body(
    program: Program, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(503, b"later")
    with time_machine.travel(timezone.now()) as clock:
        while (next_at := only().next_at) is not None:
            clock.move_to(next_at)
            callbacks.work_off()
            assert is_true(receiver.requests[-1], program.token.webhook_secret)
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert len({request.body for request in receiver.requests}) == 1
    assert len({request.headers["webhook-timestamp"] for request in receiver.requests}) == 6


def test_the_pauses_grow_and_end_after_two_hours(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(500)
    times = []
    with time_machine.travel(timezone.now()) as clock:
        while (next_at := only().next_at) is not None:
            clock.move_to(next_at)
            times.append(next_at)
            callbacks.work_off()
    pauses = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert pytest.approx(pauses, rel=0.11, abs=3) == [5, 30, 300, 1800, 7200]
    assert all(pause >= least for pause, least in zip(pauses, callbacks.PAUSES, strict=True))
    assert only().ended == Callback.Ended.GIVEN_UP


def test_a_message_wakes_a_worker_when_it_is_time(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(500)
    callbacks.work_off()
    message = OxTask.objects.get(task_path="swaps.callbacks.call_back")
    assert message.run_after == only().next_at


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_2xx_is_success(status: int, receiver: Receiver, settle: Callable[[], str]) -> None:
    settle()
    receiver.reply = Reply(status)
    callbacks.work_off()
    assert (only().ended, only().next_at) == (Callback.Ended.DELIVERED, None)


def test_410_ends_the_tries(receiver: Receiver, settle: Callable[[], str]) -> None:
    settle()
    receiver.reply = Reply(410)
    callbacks.work_off()
    assert (only().ended, only().next_at) == (Callback.Ended.GONE, None)


def test_a_failing_callback_takes_nothing_from_the_swap(
    program: Program, receiver: Receiver, settle: Callable[[], str]
) -> None:
    receiver.reply = Reply(500)
    task_id = settle()
    callbacks.work_off()
    assert Swap.objects.get().status == Status.SUCCEEDED
    assert program.task(task_id)["response"]["success"] is True


def test_a_redirect_is_a_failure_and_is_not_followed(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    with Canary() as canary:
        settle()
        receiver.reply = Reply(307, headers={"Location": canary.url})
        callbacks.work_off()
        assert canary.connections == 0
    assert Delivery.objects.get().status == 307
    assert only().next_at is not None


def test_a_private_address_is_not_called(
    settle: Callable[[], str], receiver: Receiver, settings: Settings
) -> None:
    with Canary() as canary:
        settle()
        # As a name that led elsewhere when the request was taken.
        Callback.objects.update(url=canary.url)
        callbacks.work_off()
        assert canary.connections == 0
    assert Delivery.objects.get().status is None
    assert "private" in Delivery.objects.get().error


def test_a_receiver_that_hangs_is_left_after_its_time(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, settle: Callable[[], str]
) -> None:
    assert callbacks.SECONDS == 15
    monkeypatch.setattr(callbacks, "SECONDS", 0.3)
    settle()
    receiver.reply = Reply(200, manner=Manner.DRIPPED_HEAD, pause=0.1)
    callbacks.work_off()
    (delivery,) = Delivery.objects.all()
    assert delivery.status is None
    assert "took longer than 0.3 seconds" in delivery.error
    assert 0.3 <= delivery.seconds < 2
    assert only().next_at is not None


@pytest.mark.parametrize("manner", [Manner.ENDLESS, Manner.TRUNCATED])
def test_who_said_200_has_taken_it_whatever_becomes_of_the_rest(
    manner: Manner, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(200, b"taken " * 1000, manner=manner)
    callbacks.work_off()
    assert only().ended == Callback.Ended.DELIVERED


def test_of_an_answer_500_printable_characters_are_kept(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(400, b"no\x00\x1b[31m \xff<script>" + b"x" * 3000)
    callbacks.work_off()
    answer = Delivery.objects.get().answer
    assert len(answer) == 500
    assert answer.isprintable()
    assert answer.startswith("no[31m")


def test_a_fault_of_our_own_is_no_end(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    monkeypatch.setattr(callbacks, "_headers", lambda *_: 1 / 0)
    callbacks.work_off()
    assert Delivery.objects.get().error == callbacks.BROKEN
    assert only().next_at is not None


# --- Nothing is lost, nothing is told twice --------------------------------------------------------


def test_the_sweep_tells_what_a_worker_died_over_before_it_was_told(
    monkeypatch: pytest.MonkeyPatch, receiver: Receiver, settle: Callable[[], str]
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(callbacks, "tell", lambda swap_id: None)
        settle()
    assert not Callback.objects.exists()
    monkeypatch.setattr(callbacks, "start", callbacks.work_off)
    tasks.sweep.func()
    assert len(receiver.requests) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [(InterfaceError("away"), "step=callback_out"), (KeyError("ours"), "crashed")],
)
def test_what_goes_wrong_takes_nothing_from_the_work(
    fault: Exception, said: str, monkeypatch: pytest.MonkeyPatch, settle: Callable[[], str],
    receiver: Receiver, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    with monkeypatch.context() as away:
        away.setattr(callbacks, "note", Mock(side_effect=fault))
        settle()
    assert said in caplog.text
    callbacks.sweep()
    callbacks.work_off()
    assert len(receiver.requests) == 1


def test_who_dies_while_telling_is_followed_by_another(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    assert only().claim(seconds=callbacks.LEASE_SECONDS)
    callbacks.work_off()
    assert receiver.requests == []
    with time_machine.travel(timezone.now() + timedelta(seconds=callbacks.LEASE_SECONDS + 1)):
        callbacks.work_off()
    assert len(receiver.requests) == 1


def test_of_two_workers_one_tells_it(receiver: Receiver, settle: Callable[[], str]) -> None:
    settle()
    mine, yours = only(), only()
    assert mine.claim(seconds=callbacks.LEASE_SECONDS)
    assert not yours.claim(seconds=callbacks.LEASE_SECONDS)


def test_what_another_worker_told_since_it_was_read_is_not_told_before_its_time(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    receiver.reply = Reply(500)
    mine, yours = only(), only()
    assert yours.claim(seconds=callbacks.LEASE_SECONDS)
    callbacks.deliver(yours)
    assert not mine.claim(seconds=callbacks.LEASE_SECONDS)
    assert only().tries == 1


def test_noting_an_outcome_twice_makes_one_callback(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    task_id = settle()
    assert not callbacks.note(UUID(task_id))
    callbacks.sweep()
    assert Callback.objects.count() == 1


def test_a_clock_that_was_wrong_holds_up_nothing(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    settle()
    wrong = timezone.now() + timedelta(days=400)
    Callback.objects.update(next_at=wrong, lease=UUID(int=1), lease_until=wrong)
    callbacks.work_off()
    assert only().ended == Callback.Ended.DELIVERED


def test_a_slow_receiver_leaves_room_for_others(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    for _ in range(5):
        settle()
    first, *rest = Callback.objects.order_by("pk")
    for callback in rest:
        assert callback.claim(seconds=callbacks.LEASE_SECONDS)
    assert not Callback.objects.due().exists()
    Callback.objects.filter(pk=first.pk).update(host="another.example.org")
    assert Callback.objects.due().get() == first


def test_one_persons_slow_receivers_leave_room_for_others(
    program: Program, settle: Callable[[], str]
) -> None:
    for _ in range(9):
        settle()
    *held, last = Callback.objects.order_by("pk")
    for number, callback in enumerate(held):
        assert callback.claim(seconds=callbacks.LEASE_SECONDS)
        Callback.objects.filter(pk=callback.pk).update(host=f"{number}.example.org")
    assert not Callback.objects.due().exists()
    Swap.objects.filter(pk=last.swap_id).update(maker=None)
    assert Callback.objects.due().get() == last


def test_threads_beside_the_work_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, running = threading.Event(), threading.Semaphore(0)

    def work_off() -> None:
        running.release()
        let_go.wait(10)

    monkeypatch.setattr(callbacks, "work_off", work_off)
    for _ in range(callbacks.AT_ONCE + 5):
        callbacks.start()
    for _ in range(callbacks.AT_ONCE):
        assert running.acquire(timeout=10)
    assert not running.acquire(blocking=False)
    let_go.set()
    for _ in range(callbacks.AT_ONCE):
        assert callbacks._places.acquire(timeout=10)
    callbacks._places.release(callbacks.AT_ONCE)


def test_the_sweep_reads_no_history() -> None:
    if connection.vendor == "sqlite":
        assert "SCAN" not in Callback.objects.due().explain()
        assert Callback.untold().explain().splitlines()[0].endswith("callers_to_be_told")


# --- Another outcome -------------------------------------------------------------------------------


def test_a_swap_that_somebody_tries_again_is_told_again(
    receiver: Receiver, fail: Callable[[], str], succeed: Callable[[Swap], None]
) -> None:
    fail()
    callbacks.work_off()
    assert submission.retry_swap(Swap.objects.get(), by=SITE)
    succeed(Swap.objects.get())
    callbacks.work_off()
    assert [body["success"] for body in receiver.bodies] == [False, True]
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 2


def test_a_result_that_comes_after_the_time_was_over_is_told_as_well(
    program: Program, receiver: Receiver, photo_of: Callable[..., Photo]
) -> None:
    task_id = program.ask(callback_url=receiver.url).json()["task_id"]
    swap = Swap.objects.get()
    assert swap.claim(seconds=10)
    assert swap.fail(code="timeout", message="No result came.")
    callbacks.tell(swap.pk)
    callbacks.work_off()
    assert swap.record_outcome()
    assert swap.succeed(result=photo_of(program.token.user, kind="result"))
    callbacks.sweep()
    callbacks.work_off()
    assert [body["success"] for body in receiver.bodies] == [False, True]
    assert receiver.bodies[1] == program.task(task_id)["response"]


def test_a_result_is_awaited_for_a_day_after_its_swap_was_given_up(
    program: Program, receiver: Receiver
) -> None:
    task_id = program.ask(callback_url=receiver.url).json()["task_id"]
    assert Swap.objects.get().fail(code="timeout", message="No result came.")
    for hours, is_awaited in [(23, True), (25, False)]:
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            callbacks.sweep()
            assert asked_for(task_id).awaits_outcome is is_awaited
    assert Callback.objects.count() == 1


def test_an_outcome_that_is_overtaken_is_told_no_more(
    receiver: Receiver, fail: Callable[[], str], succeed: Callable[[Swap], None]
) -> None:
    receiver.reply = Reply(500)
    fail()
    callbacks.work_off()
    assert submission.retry_swap(Swap.objects.get(), by=SITE)
    succeed(Swap.objects.get())
    old, new = Callback.objects.order_by("pk")
    assert (old.ended, old.next_at) == (Callback.Ended.OVERTAKEN, None)
    assert new.next_at is not None


def test_a_success_is_not_told_any_more_once_the_swap_is_deleted(
    receiver: Receiver, settle: Callable[[], str]
) -> None:
    receiver.reply = Reply(500)
    settle()
    callbacks.work_off()
    assert submission.delete_swap(Swap.objects.get(), by=SITE)
    left = only()
    assert (left.ended, left.next_at, left.url) == (Callback.Ended.OVERTAKEN, None, "")


def test_of_a_deleted_swap_the_address_is_forgotten_when_it_was_told(
    program: Program, receiver: Receiver
) -> None:
    program.ask(callback_url=receiver.url)
    assert submission.delete_swap(Swap.objects.get(), by=SITE)
    callbacks.work_off()
    assert [body["success"] for body in receiver.bodies] == [False]
    assert only().url == ""
    assert not callbacks.again(Swap.objects.get())


def test_the_address_of_a_deleted_swap_is_kept_while_it_is_still_to_be_told(
    program: Program, receiver: Receiver
) -> None:
    receiver.reply = Reply(500)
    program.ask(callback_url=receiver.url)
    assert submission.delete_swap(Swap.objects.get(), by=SITE)
    callbacks.work_off()
    assert only().url == receiver.url


def test_whose_swap_no_program_asked_for_has_nobody_told(
    alice: User, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Commits,
) -> None:  # fmt: skip
    started = Mock()
    monkeypatch.setattr(callbacks, "start", started)
    with django_capture_on_commit_callbacks(execute=True):
        assert submission.delete_swap(swap_of(alice), by=SITE)
    started.assert_not_called()


def test_what_is_erased_takes_its_callbacks_along(settle: Callable[[], str]) -> None:
    settle()
    callbacks.work_off()
    Swap.objects.get().delete()
    assert not Callback.objects.exists()
    assert not Delivery.objects.exists()


# --- Shown, and sent again -------------------------------------------------------------------------


@pytest.fixture
def page_for(settle: Callable[[], str], receiver: Receiver) -> Callable[[Client], str]:
    """The page of a swap whose callback was refused, as a browser shows it."""
    receiver.reply = Reply(422, b"I do not know <you>")
    task_id = settle()
    callbacks.work_off()
    return lambda browser: browser.get(f"/swaps/{task_id}/").content.decode()


def test_deliveries_are_shown_to_whose_swap_it_is(
    page_for: Callable[[Client], str],
    alice: User,
    as_: Callable[[User], Client],
    receiver: Receiver,
) -> None:
    shown = page_for(as_(alice))
    assert "next try at" in shown
    assert "status 422" in shown
    assert "I do not know &lt;you&gt;" in shown
    assert "127.0.0.1" in shown
    assert receiver.url not in shown


def test_a_team_mate_does_not_see_them(
    page_for: Callable[[Client], str], bob: User, as_: Callable[[User], Client]
) -> None:
    assert "I do not know" not in page_for(as_(bob))


def test_a_person_sends_it_again(
    page_for: Callable[[Client], str],
    alice: User,
    as_: Callable[[User], Client],
    receiver: Receiver,
) -> None:
    assert "Send again" in page_for(as_(alice))
    receiver.reply = Reply(204)
    answer = as_(alice).post(f"/swaps/{only().swap_id}/callback")
    assert answer["Location"].endswith("#callbacks")
    callbacks.work_off()
    assert only().ended == Callback.Ended.DELIVERED
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert Event.objects.filter(what=What.CALLBACK_AGAIN, swap=only().swap_id, actor=alice).exists()


def test_what_is_sent_again_leads_to_a_picture_that_is_there(
    receiver: Receiver, settle: Callable[[], str], program: Program
) -> None:
    task_id = settle()
    callbacks.work_off()
    with time_machine.travel(timezone.now() + timedelta(days=40)):
        assert submission.call_back_again(Swap.objects.get(), by=SITE)
        callbacks.work_off()
        first, second = receiver.bodies
        assert first["image_url"] != second["image_url"]
        assert second == program.task(task_id)["response"]


def test_what_is_being_sent_is_not_sent_again_beside_it(settle: Callable[[], str]) -> None:
    settle()
    assert only().claim(seconds=callbacks.LEASE_SECONDS)
    assert not submission.call_back_again(Swap.objects.get(), by=SITE)


def test_the_admin_reads_them_in_the_history(
    page_for: Callable[[Client], str], admin_client: Client, receiver: Receiver
) -> None:
    shown = admin_client.get(f"/admin/swaps/swap/{only().swap_id}/change/").content.decode()
    assert "422" in shown
    assert "I do not know &lt;you&gt;" in shown
    assert receiver.url not in shown


def test_no_address_and_no_secret_is_logged(
    settle: Callable[[], str], program: Program, receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    settle()
    receiver.reply = Reply(422)
    callbacks.work_off()
    said = caplog.text
    assert "step=callback_out" in said
    assert "status=422" in said
    secrets = [receiver.url, "/face/callback/secret", program.text, program.token.webhook_secret]
    assert not [one for one in secrets if one in said]


def test_the_scrape_counts_them(page_for: Callable[[Client], str], client: Client) -> None:
    text = client.get("/metrics").content.decode()
    assert "faceswap_callbacks_waiting 1.0" in text
    assert 'faceswap_callback_deliveries_last_hour{outcome="failed"} 1.0' in text
    assert 'faceswap_callback_deliveries_last_hour{outcome="delivered"} 0.0' in text


def test_a_placeholder_address_ends_quietly(
    receiver: Receiver, settle: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    settle()
    receiver.reply = Reply(404)
    with time_machine.travel(timezone.now()) as clock:
        while (next_at := only().next_at) is not None:
            clock.move_to(next_at)
            callbacks.work_off()
    assert not [record for record in caplog.records if record.levelname != "INFO"]
    assert asked_for(str(only().swap_id)).awaits_outcome is False
