"""What goes by itself: forgotten uploads, swaps past their time, and what was long in the trash."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django_ox.models import OxTask
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from swaps import submission, tidying
from swaps.models import SITE, By, Event, Photo, Status, Swap, Upload, User, What

pytestmark = pytest.mark.django_db
Make = Callable[..., Swap]


def stored_files() -> int:
    def count(folder: str) -> int:
        folders, files = default_storage.listdir(folder)
        return len(files) + sum(count(f"{folder}/{name}") for name in folders)

    return count("pictures")


def made_days_ago(swap: Swap, days: int) -> Swap:
    Swap.objects.filter(pk=swap.pk).update(created_at=timezone.now() - timedelta(days=days))
    return swap


def kept() -> set[object]:
    return set(Swap.objects.filter(deleted_at=None).values_list("pk", flat=True))


def retain(*arguments: str) -> str:
    out = StringIO()
    call_command("retain", *arguments, stdout=out)
    return out.getvalue()


def test_an_upload_that_no_swap_used_goes_after_a_day(
    alice: User,
    photo_of: Callable[..., Photo],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    old = timezone.now() - timedelta(hours=25)
    photo_of(alice)
    Photo.objects.update(created_at=old)
    Upload.objects.update(uploaded_at=old)
    fresh = photo_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        tidying.tidy.func()
    assert list(Photo.objects.all()) == [fresh]
    assert stored_files() == 3


def test_an_old_upload_that_was_just_chosen_again_stays(
    alice: User, bob: User, upload_of: Callable[..., Photo]
) -> None:
    upload_of(alice)
    Photo.objects.update(created_at=timezone.now() - timedelta(hours=25))
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(hours=25))
    upload_of(bob)
    tidying.tidy.func()
    assert Photo.objects.count() == 1


def test_what_a_swap_uses_stays(alice: User, done_swap_of: Callable[..., Swap]) -> None:
    done_swap_of(alice)
    Photo.objects.update(created_at=timezone.now() - timedelta(days=400))
    Upload.objects.update(uploaded_at=timezone.now() - timedelta(days=400))
    tidying.tidy.func()
    assert Photo.objects.count() == 3


def test_everything_is_kept_unless_the_operator_says_otherwise(
    alice: User, done_swap_of: Make
) -> None:
    old = made_days_ago(done_swap_of(alice), 4000)
    tidying.expire.func()
    assert kept() == {old.pk}


def test_what_is_older_than_the_operator_wants_goes_with_its_pictures(
    alice: User,
    done_swap_of: Make,
    settings: Settings,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.RETENTION_DAYS = 30
    old, young = made_days_ago(done_swap_of(alice), 31), made_days_ago(done_swap_of(alice), 29)
    with django_capture_on_commit_callbacks(execute=True):
        tidying.expire.func()
    assert kept() == {young.pk}
    assert Photo.objects.count() == 3
    assert stored_files() == 9
    assert Event.objects.get(what=What.DELETED).swap_id == old.pk
    assert Event.objects.get(what=What.DELETED).via == "site"


def test_pictures_that_a_younger_swap_shares_stay(
    alice: User, done_swap_of: Make, settings: Settings
) -> None:
    settings.RETENTION_DAYS = 30
    old, young = made_days_ago(done_swap_of(alice), 31), done_swap_of(alice)
    Swap.objects.filter(pk=young.pk).update(source=old.source)
    tidying.expire.func()
    young.refresh_from_db()
    assert kept() == {young.pk}
    assert young.source == old.source


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.FETCHING])
def test_what_has_not_ended_stays(
    alice: User, swap_of: Make, settings: Settings, status: Status
) -> None:
    settings.RETENTION_DAYS = 30
    waiting = made_days_ago(swap_of(alice, status=status), 31)
    tidying.expire.func()
    assert kept() == {waiting.pk}


def test_a_favourite_is_a_wish_to_keep(
    alice: User, bob: User, done_swap_of: Make, settings: Settings
) -> None:
    settings.RETENTION_DAYS = 30
    old = made_days_ago(done_swap_of(alice), 31)
    submission.mark_favourite(old, bob, wanted=True, by=By(bob))
    tidying.expire.func()
    assert kept() == {old.pk}


def test_what_was_in_the_trash_for_thirty_days_goes_for_good(
    alice: User, done_swap_of: Make
) -> None:
    long_ago, lately = done_swap_of(alice), done_swap_of(alice)
    submission.mark_favourite(long_ago, alice, wanted=True, by=By(alice))
    for swap, days in ((long_ago, 31), (lately, 29)):
        submission.trash_swap(swap, by=By(alice))
        Swap.objects.filter(pk=swap.pk).update(trashed_at=timezone.now() - timedelta(days=days))
    tidying.expire.func()
    assert kept() == {lately.pk}


def test_many_go_in_batches_with_room_for_swaps_between(
    alice: User, done_swap_of: Make, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RETENTION_DAYS = 30
    monkeypatch.setattr(tidying, "BATCH", 2)
    for _ in range(3):
        made_days_ago(done_swap_of(alice), 31)
    tidying.expire.func()
    assert (len(kept()), OxTask.objects.count()) == (1, 1)
    tidying.expire.func()
    assert (len(kept()), OxTask.objects.count()) == (0, 1)


def test_one_that_cannot_be_deleted_does_not_keep_the_others(
    alice: User, done_swap_of: Make, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.RETENTION_DAYS = 30
    broken, whole = made_days_ago(done_swap_of(alice), 40), made_days_ago(done_swap_of(alice), 31)
    delete = submission.delete_swap

    def fails_for_one(swap: Swap, *, by: By) -> bool:
        if swap.pk == broken.pk:
            raise OSError(5, "Input/output error")
        return delete(swap, by=by)

    monkeypatch.setattr(submission, "delete_swap", fails_for_one)
    assert tidying.delete_past(days=30, by=SITE, most=10) == 1
    assert kept() == {broken.pk}
    assert whole.pk not in kept()


def test_a_dry_run_says_what_would_go_and_changes_nothing(alice: User, done_swap_of: Make) -> None:
    old, young = made_days_ago(done_swap_of(alice), 31), done_swap_of(alice)
    Swap.objects.filter(pk=young.pk).update(source=old.source)
    before = kept(), Photo.objects.count(), Event.objects.count()
    said = retain("--days", "30", "--dry-run")
    assert (kept(), Photo.objects.count(), Event.objects.count()) == before
    old.refresh_from_db()
    assert old.target
    assert old.result
    assert f"Would be deleted for good: 1 swaps, the oldest of {old.created_at:%Y-%m-%d}" in said
    size = filesizeformat(old.target.bytes + old.result.bytes)
    assert size.replace("\xa0", " ") in said


def test_the_shell_deletes_all_of_it_at_once(
    alice: User, done_swap_of: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "BATCH", 1)
    for _ in range(3):
        made_days_ago(done_swap_of(alice), 31)
    assert "Deleted for good: 3 of 3 swaps" in retain("--days", "30")
    assert not kept()
    assert set(Event.objects.filter(what=What.DELETED).values_list("via", flat=True)) == {"shell"}


def test_nothing_to_delete_is_said_so() -> None:
    assert "0 swaps, with 0 bytes of pictures" in retain("--dry-run")


def test_a_number_of_days_that_is_none_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="from 0 to 36500"):
        retain("--days", "-1")
