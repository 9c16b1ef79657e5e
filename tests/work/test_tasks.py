"""The worker's side: claim, perform, settle; twice, late or after somebody changed her mind."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.utils import timezone
from django_ox.models import OxTask
from django_ox.testing import run_tasks
from pytest_django import DjangoCaptureOnCommitCallbacks

from swaps import asking, pictures, results, settling, storage, submission, tasks
from swaps.models import SITE, Attempt, Photo, Status, Swap, User
from swaps.providers.base import Done, Job, Refused
from tests.samples import picture_bytes

pytestmark = pytest.mark.django_db


class Engine:
    """A provider that answers as it is told, and counts."""

    def __init__(self) -> None:
        self.calls = 0
        self.answer: Callable[[], Done | Refused] = lambda: Done(
            picture_bytes(), timings={"swap": 0.5}
        )

    def submit(self, job: Job) -> Done | Refused:
        self.calls += 1
        assert job.source.read()
        return self.answer()


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    engine = Engine()
    monkeypatch.setattr(asking, "provider", lambda name: engine)
    return engine


def stored_files() -> int:
    def count(folder: str) -> int:
        folders, files = default_storage.listdir(folder)
        return len(files) + sum(count(f"{folder}/{name}") for name in folders)

    return count("pictures")


def test_a_swap_is_done_and_its_result_kept(alice: User, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice)
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert swap.status == Status.SUCCEEDED
    assert swap.result is not None
    assert (swap.result.width, swap.result.height) == (96, 64)


def test_the_attempt_says_how_it_went(alice: User, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice)
    tasks.work.func(str(swap.pk))
    attempt = Attempt.objects.get(swap=swap)
    assert (attempt.outcome, attempt.timings) == ("succeeded", {"swap": 0.5})
    assert attempt.finished_at is not None


def test_the_attempt_is_written_before_the_call(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    seen = []

    def answer() -> Done | Refused:
        seen.append(Attempt.objects.filter(swap=swap, finished_at=None).count())
        return Refused("no_face", "No face.", picture="target")

    engine.answer = answer
    tasks.work.func(str(swap.pk))
    assert seen == [1]


def test_a_message_that_comes_twice_does_the_swap_once(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    tasks.work.func(str(swap.pk))
    tasks.work.func(str(swap.pk))
    assert engine.calls == 1


def test_a_refusal_fails_the_swap_with_its_sentence_and_its_picture(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    engine.answer = lambda: Refused("no_face", "We found no face.", picture="target")
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert swap.status == Status.FAILED
    assert (swap.error_code, swap.error_message) == ("no_face", "We found no face.")
    assert swap.error_picture == "target"


def test_a_crash_fails_the_swap_and_is_logged(
    alice: User,
    swap_of: Callable[..., Swap],
    engine: Engine,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def crash() -> Done | Refused:
        raise ZeroDivisionError

    swap = swap_of(alice)
    engine.answer = crash
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code) == (Status.FAILED, "api_error")
    assert "ZeroDivisionError" in caplog.text


def test_a_result_that_is_no_picture_fails_the_swap(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    engine.answer = lambda: Done(b"<html>sorry</html>")
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code) == (Status.FAILED, "result_unavailable")


def test_a_picture_whose_file_is_gone_fails_the_swap(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    assert swap.source is not None
    default_storage.delete(f"{swap.source.key}/full.jpg")
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code) == (Status.FAILED, "unreadable_image")


@pytest.mark.parametrize(
    "event", [submission.cancel_swap, submission.trash_swap, submission.delete_swap]
)
def test_a_result_that_nobody_wants_any_more_is_not_kept(
    alice: User,
    swap_of: Callable[..., Swap],
    engine: Engine,
    event: Callable[..., bool],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = swap_of(alice)

    def change_of_mind() -> Done | Refused:
        assert event(Swap.objects.get(pk=swap.pk), by=SITE)
        return Done(picture_bytes())

    engine.answer = change_of_mind
    with django_capture_on_commit_callbacks(execute=True):
        tasks.work.func(str(swap.pk))
    assert Swap.objects.get(pk=swap.pk).status == Status.CANCELED
    assert not Photo.objects.filter(kind="result").exists()


def test_a_result_that_is_deleted_while_it_is_stored_leaves_no_files(
    alice: User,
    swap_of: Callable[..., Swap],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = swap_of(alice)
    put = storage.put

    def put_and_delete(*args: Any) -> None:
        put(*args)
        submission.delete_swap(Swap.objects.get(pk=swap.pk), by=SITE)

    monkeypatch.setattr(storage, "put", put_and_delete)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.work.func(str(swap.pk))
    assert not Photo.objects.exists()
    assert stored_files() == 0


def test_what_a_dead_worker_left_is_taken_up_again(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    swap.claim(seconds=10)
    Attempt.begin(swap, provider="local")
    Swap.objects.filter(pk=swap.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    tasks.sweep.func()
    run_tasks()
    swap.refresh_from_db()
    assert swap.status == Status.SUCCEEDED
    outcomes = list(swap.attempts.values_list("outcome", flat=True))
    assert outcomes == ["lost", "succeeded"]


def test_what_kills_every_worker_is_given_up(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    for _ in range(settling.MAX_ATTEMPTS):
        Attempt.begin(swap, provider="local")
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert swap.status == Status.FAILED
    assert engine.calls == 0


def test_who_tries_again_starts_afresh(
    alice: User, swap_of: Callable[..., Swap], engine: Engine
) -> None:
    swap = swap_of(alice)
    engine.answer = lambda: Refused("model_missing", "The model is missing.")
    for _ in range(settling.MAX_ATTEMPTS + 2):
        tasks.work.func(str(swap.pk))
        submission.retry_swap(swap, by=SITE)
    engine.answer = lambda: Done(picture_bytes())
    tasks.work.func(str(swap.pk))
    assert Swap.objects.get().status == Status.SUCCEEDED


def test_a_lost_message_is_made_good_by_the_sweep(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    tasks.sweep.func()
    run_tasks()
    swap.refresh_from_db()
    assert swap.status == Status.SUCCEEDED


def test_a_message_for_a_swap_in_other_hands_comes_again_when_the_lease_ends(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    swap.claim(seconds=10)
    tasks.work.func(str(swap.pk))
    assert OxTask.objects.get().run_after == swap.lease_until


def test_a_message_for_a_swap_that_has_ended_is_forgotten(
    alice: User, done_swap_of: Callable[..., Swap]
) -> None:
    tasks.work.func(str(done_swap_of(alice).pk))
    assert not OxTask.objects.exists()


def no_room(*args: Any, **kwargs: Any) -> Photo:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_result_without_room_waits_longer_each_time_and_fails_in_the_end(
    alice: User, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = swap_of(alice)
    monkeypatch.setattr(pictures, "keep_result", no_room)
    pauses = []
    # However long a busy machine takes to look, no time goes by.
    with time_machine.travel(timezone.now(), tick=False):
        for _ in results.STORAGE_PAUSES:
            tasks.work.func(str(swap.pk))
            swap.refresh_from_db()
            assert (swap.status, swap.error_code) == (Status.QUEUED, "storage_full")
            assert swap.poll_at is not None
            pauses.append((swap.poll_at - timezone.now()).total_seconds())
            assert not Swap.objects.in_line().exists()
            Swap.objects.update(poll_at=timezone.now())
        tasks.work.func(str(swap.pk))
        swap.refresh_from_db()
    assert pauses == list(results.STORAGE_PAUSES)
    assert (swap.status, swap.error_code) == (Status.FAILED, "storage_full")


def test_a_result_that_found_room_at_last_forgets_that_it_waited(
    alice: User, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = swap_of(alice)
    with monkeypatch.context() as full:
        full.setattr(pictures, "keep_result", no_room)
        tasks.work.func(str(swap.pk))
    Swap.objects.update(poll_at=timezone.now())
    tasks.work.func(str(swap.pk))
    swap.refresh_from_db()
    assert (swap.status, swap.error_code, swap.error_message) == (Status.SUCCEEDED, "", "")
