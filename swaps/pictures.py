"""Keeping pictures: from a file that somebody gave to a `Photo` with its bytes stored, and away again."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from swaps import images, storage
from swaps.models import By, Event, Photo, Team, Upload, User, What

Hang = Callable[[Photo], bool]


class Unwanted(Exception):
    """Nobody has a use for this picture any more."""


@dataclass(frozen=True)
class Opened:
    """A file that somebody gave, decoded: what was found, and the folder with the pictures made of it."""

    found: images.Prepared
    folder: Path


def is_known(file: Path, *, team: Team) -> bool:
    """Whether *team* has the picture of the same bytes."""
    same = Photo.objects.filter(team=team, sha256=_sha256(file), kind=Photo.Kind.UPLOAD)
    return same.exists()


def opened(file: Path, folder: Path) -> Opened:
    """Decode *file* into the new *folder*; asks no database, so any thread may.

    Raises images.PictureError.
    """
    images.check_size(file.stat().st_size)
    folder.mkdir()
    return Opened(images.prepare(file, folder, keep_bytes=False), folder)


def keep_upload(
    file: Path, *, team: Team, by: By, by_program: bool = False, ready: Opened | None = None
) -> Photo:
    """The picture in *file* as a Photo of *team*; the one that is there already for the same bytes.

    What a program gave is nobody's upload: it belongs to its swaps alone, and goes with them. *ready* is what
    was made of the file before.

    Raises images.PictureError.
    """
    uploader = None if by_program else by.user
    images.check_size(file.stat().st_size)
    sha256 = _sha256(file)
    photo = _same_upload(team, sha256, uploader)
    if photo is None:
        try:
            photo = _keep(
                file, team=team, owner=by.user, uploader=uploader, sha256=sha256,
                kind=Photo.Kind.UPLOAD, ready=ready,
            )  # fmt: skip
        except IntegrityError:
            # Two uploads of the same file at the same moment: the other one was stored first.
            photo = _same_upload(team, sha256, uploader)
            if photo is None:
                raise
    Event.record(What.UPLOADED, by=by, photo=photo)
    return photo


def keep_result(
    file: Path, *, team: Team, owner: User | None, hang: Hang, place: images.Place | None = None
) -> Photo:
    """A provider's result as a Photo of *team*. Its bytes stay as they are where they are sound.

    One that was made of a crop is put back into its *place*, and the whole is the result.

    *hang* gives it its place, in the same transaction that makes it: there is never a result without a
    swap, nor a swap that waits for what is there already.

    Raises images.PictureError, and Unwanted where *hang* says False: then nothing is kept.
    """
    sha256 = _sha256(file)
    kind = Photo.Kind.RESULT
    return _keep(file, team=team, owner=owner, sha256=sha256, kind=kind, hang=hang, place=place)


def let_go(photos: Iterable[Photo], *, user: User | None, by: By) -> None:
    """*user* has no more use for these pictures: those that nobody else uses or uploaded are removed."""
    photos = list(photos)
    Upload.objects.filter(photo__in=photos, user=user).delete()
    uploaded = set(Upload.objects.filter(photo__in=photos).values_list("photo_id", flat=True))
    discard((photo for photo in photos if photo.pk not in uploaded), by=by)


def discard(photos: Iterable[Photo], *, by: By) -> int:
    """Remove those *photos* that no swap needs, rows and files; says how many."""
    return sum(_discarded(photo, by) for photo in photos)


def _discarded(photo: Photo, by: By) -> bool:
    with transaction.atomic():
        # Whoever wants to use the picture locks its row first, so nobody takes it up meanwhile.
        Photo.objects.select_for_update().filter(pk=photo.pk).first()
        gone, _ = Photo.objects.unused().filter(pk=photo.pk).delete()
        if gone:
            Event.record(What.REMOVED, by=by, photo=photo)
            # The files go last: a row without its file would be a broken picture on a page.
            removal = partial(storage.remove, photo.key, photo.format)
            transaction.on_commit(removal, robust=True)
    return bool(gone)


def clear_scratch(*, older_than: timedelta) -> None:
    """Remove what a crash left of half-received and half-decoded pictures."""
    since = time.time() - older_than.total_seconds()
    for left in Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir():
        if left.stat().st_mtime < since:
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def full_name(photo: Photo) -> str:
    """The storage variant of the picture in full."""
    return storage.variants(photo.format)[0]


def read_full(photo: Photo) -> bytes:
    """The stored picture's bytes.

    Raises FileNotFoundError where it was deleted meanwhile.
    """
    with storage.open_picture(photo.key, full_name(photo)) as handle:
        return handle.read()


def _sha256(file: Path) -> str:
    with file.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _same_upload(team: Team, sha256: str, user: User | None) -> Photo | None:
    """The Photo of these bytes, now *user*'s upload too; its row is locked until it is."""
    with transaction.atomic():
        photo = (
            Photo.objects.select_for_update()
            .filter(team=team, sha256=sha256, kind=Photo.Kind.UPLOAD)
            .first()
        )
        if photo is not None and user is not None:
            Upload.objects.update_or_create(
                photo=photo, user=user, defaults={"uploaded_at": timezone.now()}
            )
    return photo


def _keep(
    file: Path, *, team: Team, owner: User | None, sha256: str, kind: str,
    uploader: User | None = None, hang: Hang | None = None, place: images.Place | None = None,
    ready: Opened | None = None,
) -> Photo:  # fmt: skip
    key = storage.new_key()
    with nullcontext(ready.folder) if ready else scratch() as into:
        keep_bytes = kind == Photo.Kind.RESULT
        found = (
            ready.found if ready else images.prepare(file, into, keep_bytes=keep_bytes, place=place)
        )
        photo = Photo(team=team, owner=owner, kind=kind, key=key, sha256=sha256, **vars(found))
        try:
            for variant in storage.variants(photo.format):
                storage.put(key, into / variant)
            with transaction.atomic():
                photo.save(force_insert=True)
                if uploader is not None:
                    Upload.objects.create(photo=photo, user=uploader)
                if hang is not None and not hang(photo):
                    raise Unwanted
        except BaseException:
            storage.remove(key, photo.format)
            raise
    return photo


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for half-made pictures, beside the data and as private as it."""
    with TemporaryDirectory(prefix="picture-", dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        yield Path(folder)
