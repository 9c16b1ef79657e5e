"""Where pictures' bytes are kept, a folder or an S3 bucket: keys nobody can guess, and addresses to them."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage, storages
from django.urls import reverse

from swaps.images import PREVIEW_SIZES

FOLDER = "pictures"
# What is written only to see whether it can be.
HEALTH = "health"


def new_key() -> str:
    """A key for one picture and its previews. The first letters only spread the files over folders."""
    token = secrets.token_hex(16)
    return f"{FOLDER}/{token[:2]}/{token}"


NAME = re.compile(r"pictures/[0-9a-f]{2}/[0-9a-f]{32}/(full\.(jpg|png)|\d+\.webp)")


def is_name(name: str) -> bool:
    """True for the name of a stored file, as `name_of` makes it."""
    return NAME.fullmatch(name) is not None


def is_full(name: str) -> bool:
    """True for the file with the picture in full: there is one a picture."""
    return "/full." in name


def name_of(key: str, variant: str) -> str:
    """The stored file's name; *variant* is `full.jpg`, `full.png` or a preview's size in pixels."""
    return f"{key}/{variant if '.' in variant else variant + '.webp'}"


def put(key: str, file: Path) -> None:
    """Store a local file under *key*, as the variant that its name says. Keys are used once."""
    with file.open("rb") as handle:
        default_storage.save(f"{key}/{file.name}", File(handle))


def variants(ending: str) -> tuple[str, ...]:
    """The files of one picture: in full, as a `jpg` or `png`, and its previews."""
    return (f"full.{ending}", *(f"{size}.webp" for size in PREVIEW_SIZES))


def open_picture(key: str, variant: str) -> IO[bytes]:
    """The stored bytes as an open file.

    Raises FileNotFoundError where the file is gone.
    """
    opened: IO[bytes] = default_storage.open(name_of(key, variant), "rb")
    return opened


def remove(key: str, ending: str) -> None:
    """Remove a picture and its previews. A file that is gone already is no error."""
    remove_names(name_of(key, variant) for variant in variants(ending))


def remove_names(names: Iterable[str]) -> None:
    """Remove stored files by their names; those that are gone already are no error."""
    if settings.S3_BUCKET:
        for some in batched(names, 1000):
            default_storage.delete_all(some)  # type: ignore[attr-defined]
        return
    folders = set()
    for name in names:
        default_storage.delete(name)
        folders.add(name.rpartition("/")[0])
    for folder in folders:
        # Of folders only a local disk knows; an empty one would stay for ever.
        with suppress(OSError):
            Path(default_storage.path(folder)).rmdir()


def stored(folder: str = FOLDER) -> Iterator[tuple[str, datetime]]:
    """The names of all files below *folder*, and when each was stored."""
    if settings.S3_BUCKET:
        yield from default_storage.walk(folder)  # type: ignore[attr-defined]
        return
    root = Path(default_storage.path(""))
    for place, _, files in (root / folder).walk():
        for file in files:
            with suppress(FileNotFoundError):
                at = (place / file).stat().st_mtime
                yield str((place / file).relative_to(root)), datetime.fromtimestamp(at, UTC)


# --- Addresses -------------------------------------------------------------------------------------


def browser_url(key: str, variant: str, *, content_type: str, download_name: str = "") -> str:
    """Where a browser gets the file for a while; empty where the site itself hands it over."""
    if not settings.S3_BUCKET:
        return ""
    asked = {"ResponseContentType": content_type}
    if download_name:
        asked["ResponseContentDisposition"] = f'attachment; filename="{download_name}"'
    parameters = {} if settings.S3_PUBLIC_BUCKET else asked
    return _bucket_url(name_of(key, variant), parameters, settings.S3_URL_EXPIRES)


def outside_url(key: str, variant: str, *, seconds: int) -> str:
    """Where somebody without a session, such as a provider, gets the file within *seconds*."""
    name = name_of(key, variant)
    if settings.S3_BUCKET:
        return _bucket_url(name, {}, seconds)
    until = str(int(time.time()) + seconds)
    signature = _signer().signature(f"{name}?{until}")
    token, file = name.split("/")[2:]
    return settings.SITE_URL + reverse("outside", args=[f"{until}-{signature}", token, file])


def named_by(mark: str, token: str, file: str) -> str:
    """The name of the file that such an address of the site's own is for; empty where it is not good.

    It is not where it was forged, or where its time is over.
    """
    name = f"{FOLDER}/{token[:2]}/{token}/{file}"
    until, _, signature = mark.partition("-")
    try:
        _signer().unsign(f"{name}?{until}:{signature}")
    except signing.BadSignature:
        return ""
    return name if time.time() < int(until) else ""


def _bucket_url(name: str, parameters: dict[str, str], seconds: int) -> str:
    url: str = storages["outside"].url(name, parameters=parameters, expire=seconds)  # type: ignore[call-arg]
    return url


def _signer() -> signing.Signer:
    return signing.Signer(salt="swaps.storage.outside")
