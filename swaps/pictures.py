"""Keeping pictures: from a file that somebody gave to a `Photo` with its bytes stored, and away again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import IntegrityError, transaction
from django.utils import timezone

from swaps import images, storage
from swaps.models import Photo, Team, Upload, User


def keep_upload(file: Path, *, team: Team, user: User | None) -> Photo:
    """The picture in *file* as a Photo of *team*; the one that is there already for the same bytes.

    Raises images.PictureError.
    """
    images.check_size(file.stat().st_size)
    with file.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    photo = _same_upload(team, sha256)
    if photo is None:
        try:
            photo = _keep(file, team=team, owner=user, sha256=sha256, kind=Photo.Kind.UPLOAD)
        except IntegrityError:
            # Two uploads of the same file at the same moment: the other one was stored first.
            photo = _same_upload(team, sha256)
            if photo is None:
                raise
    if user is not None:
        Upload.objects.update_or_create(
            photo=photo, user=user, defaults={"uploaded_at": timezone.now()}
        )
    return photo


def keep_result(data: bytes, *, team: Team, owner: User | None) -> Photo:
    """A provider's result as a Photo of *team*. Its bytes stay as they are where they are sound.

    Raises images.PictureError.
    """
    with TemporaryDirectory(prefix="result-") as folder:
        file = Path(folder) / "result"
        file.write_bytes(data)
        sha256 = hashlib.sha256(data).hexdigest()
        return _keep(file, team=team, owner=owner, sha256=sha256, kind=Photo.Kind.RESULT)


def let_go(photos: Iterable[Photo], *, user: User | None) -> None:
    """*user* has no more use for these pictures: those that nobody else uses or uploaded are removed."""
    photos = list(photos)
    Upload.objects.filter(photo__in=photos, user=user).delete()
    uploaded = set(Upload.objects.filter(photo__in=photos).values_list("photo_id", flat=True))
    discard(photo for photo in photos if photo.pk not in uploaded)


def discard(photos: Iterable[Photo]) -> int:
    """Remove those *photos* that no swap needs, rows and files; says how many."""
    removed = 0
    for photo in photos:
        gone, _ = Photo.objects.unused().filter(pk=photo.pk).delete()
        if gone:
            removed += 1
            # The files go last: a row without its file would be a broken picture on a page.
            transaction.on_commit(lambda p=photo: storage.remove(p.key, full_name(p)))  # type: ignore[misc]
    return removed


def full_name(photo: Photo) -> str:
    """The storage variant of the picture in full."""
    return f"full.{photo.format}"


def read_full(photo: Photo) -> bytes:
    """The stored picture's bytes.

    Raises FileNotFoundError where it was deleted meanwhile.
    """
    with storage.open_picture(photo.key, full_name(photo)) as handle:
        return handle.read()


def _same_upload(team: Team, sha256: str) -> Photo | None:
    return Photo.objects.filter(team=team, sha256=sha256, kind=Photo.Kind.UPLOAD).first()


def _keep(file: Path, *, team: Team, owner: User | None, sha256: str, kind: str) -> Photo:
    key = storage.new_key()
    with TemporaryDirectory(prefix="picture-") as folder:
        into = Path(folder)
        found = images.prepare(file, into, keep_bytes=kind == Photo.Kind.RESULT)
        photo = Photo(team=team, owner=owner, kind=kind, key=key, sha256=sha256, **vars(found))
        for variant in (full_name(photo), *(str(size) for size in storage.PREVIEW_SIZES)):
            stored = variant if "." in variant else f"{variant}.webp"
            storage.put(key, variant, into / stored)
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
    except IntegrityError:
        storage.remove(key, full_name(photo))
        raise
    return photo
