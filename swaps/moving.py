"""Pictures from the local folder to the bucket: to be stopped and begun again at any time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, default_storage

from swaps import storage
from swaps.models import Photo


class MovingError(Exception):
    """It cannot be done; str() says why and what to do."""


@dataclass
class Moved:
    """How many files were copied, were in the bucket already, or are not in the folder either."""

    copied: int = 0
    there: int = 0
    missing: int = 0

    @property
    def total(self) -> int:
        return self.copied + self.there + self.missing


def move() -> Iterator[Moved]:
    """Copy every picture that the bucket does not have yet, whole; the count so far, after each.

    The folder keeps its copies: `clear` removes them once the site runs with the bucket.

    Raises MovingError where there is no bucket.
    """
    local, moved = _folder(), Moved()
    for name in _names():
        if not local.exists(name):
            is_there = default_storage.exists(name)
            moved.there += is_there
            moved.missing += not is_there
        elif _is_there(name, local):
            moved.there += 1
        else:
            with local.open(name, "rb") as handle:
                default_storage.save(name, File(handle))
            moved.copied += 1
        yield moved


def clear() -> int:
    """Remove from the folder what is in the bucket, whole; how many files that were.

    Raises MovingError where there is no bucket.
    """
    local, count = _folder(), 0
    for name in _names():
        if local.exists(name) and _is_there(name, local):
            local.delete(name)
            count += 1
    return count


def _folder() -> FileSystemStorage:
    if not settings.S3_BUCKET:
        raise MovingError(
            "There is no bucket to move the pictures to. Set S3_BUCKET and what it needs, "
            "as docs/operations.md has it, and call this again."
        )
    options: dict[str, Any] = settings.LOCAL_PICTURES["OPTIONS"]
    return FileSystemStorage(**options)


def _names() -> Iterator[str]:
    """Of every picture that a row refers to."""
    rows = Photo.objects.order_by("pk").values_list("key", "format")
    for key, ending in rows.iterator(chunk_size=500):
        yield from (storage.name_of(key, variant) for variant in storage.variants(ending))


def _is_there(name: str, local: FileSystemStorage) -> bool:
    """Whether the bucket has as many bytes of it as the folder."""
    try:
        return default_storage.size(name) == local.size(name)
    except FileNotFoundError:
        return False
