"""The use cases, and what follows from each."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.storage import default_storage
from django_ox.models import OxTask
from pytest_django import DjangoCaptureOnCommitCallbacks

from swaps import submission
from swaps.models import SITE, Photo, Status, Swap, User

pytestmark = pytest.mark.django_db


def test_a_request_is_a_row_before_it_is_a_message(
    alice: User,
    photo_of: Callable[..., Photo],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    photo = photo_of(alice)
    with django_capture_on_commit_callbacks() as callbacks:
        swap = submission.request_swap(maker=alice, source=photo, target=photo, by=SITE)
    assert Swap.objects.filter(pk=swap.pk, status=Status.QUEUED).exists()
    assert not OxTask.objects.exists()
    callbacks[0]()
    assert OxTask.objects.count() == 1


def test_a_request_records_consent_maker_and_team(
    alice: User, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    swap = submission.request_swap(maker=alice, source=photo, target=photo, title="Both", by=SITE)
    assert swap.consent_at is not None
    assert (swap.maker, swap.team, swap.title) == (alice, alice.team, "Both")


def test_a_retry_wakes_a_worker(
    alice: User,
    swap_of: Callable[..., Swap],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = swap_of(alice)
    swap.fail(code="no_face", message="No face.")
    with django_capture_on_commit_callbacks(execute=True):
        assert submission.retry_swap(swap, by=SITE)
    assert OxTask.objects.count() == 1


def test_a_retry_that_came_too_late_wakes_nobody(
    alice: User,
    done_swap_of: Callable[..., Swap],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert not submission.retry_swap(done_swap_of(alice), by=SITE)
    assert not OxTask.objects.exists()


def test_a_swap_without_its_pictures_cannot_be_tried_again(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice, status=Status.FAILED)
    Swap.objects.filter(pk=swap.pk).update(source=None)
    assert not submission.retry_swap(Swap.objects.get(pk=swap.pk), by=SITE)


def test_deleting_a_swap_removes_its_files(
    alice: User,
    done_swap_of: Callable[..., Swap],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    swap = done_swap_of(alice)
    keys = list(Photo.objects.values_list("key", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        assert submission.delete_swap(swap, by=SITE)
    assert not Photo.objects.exists()
    assert not any(default_storage.exists(key) for key in keys)


def test_deleting_a_swap_leaves_the_pictures_that_another_swap_uses(
    alice: User, bob: User, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    assert swap.source is not None
    assert swap.target is not None
    submission.request_swap(maker=bob, source=swap.source, target=swap.target, by=SITE)
    submission.delete_swap(swap, by=SITE)
    assert set(Photo.objects.all()) == {swap.source, swap.target}


def test_the_row_of_a_deleted_swap_stays_for_the_history(
    alice: User, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    submission.delete_swap(swap, by=SITE)
    swap.refresh_from_db()
    assert swap.deleted_at is not None
    assert (swap.status, swap.maker, swap.result) == (Status.SUCCEEDED, alice, None)


def test_a_picture_that_somebody_else_has_just_uploaded_too_stays(
    alice: User, bob: User, upload_of: Callable[..., Photo]
) -> None:
    photo = upload_of(alice)
    upload_of(bob)
    swap = submission.request_swap(maker=alice, source=photo, target=photo, by=SITE)
    submission.delete_swap(swap, by=SITE)
    assert photo in Photo.objects.visible_to(bob)
