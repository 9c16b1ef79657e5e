"""Keeping and removing pictures, whatever happens in between."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from pytest_django import Settings

from swaps import images, pictures, storage
from swaps.models import SITE, By, Photo, Swap, Upload, User

pytestmark = pytest.mark.django_db


def stored_files(folder: Path) -> list[Path]:
    return [path for path in (folder / "media").rglob("*") if path.is_file()]


def test_what_could_not_be_stored_whole_leaves_nothing(
    alice: User,
    picture_file: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put = storage.put

    def full_disk(key: str, file: Path) -> None:
        if stored_files(tmp_path):
            raise OSError(28, "No space left on device")
        put(key, file)

    monkeypatch.setattr(storage, "put", full_disk)
    with pytest.raises(OSError, match="No space left"):
        pictures.keep_upload(picture_file(), team=alice.team, by=By(alice))
    assert stored_files(tmp_path) == []


def test_two_uploads_of_the_same_file_at_once_become_one_picture(
    alice: User, bob: User, picture_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = picture_file()
    prepare = images.prepare

    def somebody_is_quicker(*args: Path, keep_bytes: bool, place: None) -> object:
        monkeypatch.undo()
        pictures.keep_upload(file, team=bob.team, by=By(bob))
        return prepare(*args, keep_bytes=keep_bytes, place=place)

    monkeypatch.setattr(images, "prepare", somebody_is_quicker)
    photo = pictures.keep_upload(file, team=alice.team, by=By(alice))
    assert Photo.objects.get() == photo
    assert set(Upload.objects.values_list("user__username", flat=True)) == {"alice", "bob"}


def test_removing_a_picture_leaves_no_empty_folder(
    alice: User,
    photo_of: Callable[..., Photo],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    photo = photo_of(alice)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert pictures.discard([photo], by=SITE) == 1
    assert not default_storage.exists(photo.key)


def test_a_picture_in_use_cannot_be_removed_from_under_its_swap(
    alice: User, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice)
    with pytest.raises(ProtectedError):
        Photo.objects.all().delete()


def test_scratch_that_a_crash_left_is_cleared_and_fresh_scratch_is_not(
    settings: Settings, tmp_path: Path
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"
    old, fresh = tmp_path / "tmp" / "picture-old", tmp_path / "tmp" / "picture-fresh"
    for folder in (old, fresh):
        folder.mkdir(parents=True)
    hours_ago = time.time() - 2 * 3600
    os.utime(old, (hours_ago, hours_ago))
    pictures.clear_scratch(older_than=timedelta(hours=1))
    assert [path.name for path in (tmp_path / "tmp").iterdir()] == ["picture-fresh"]
