"""Where pictures' bytes are kept: keys nobody can guess, in Django's default storage."""

import re
import secrets
from pathlib import Path
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage

from swaps.images import PREVIEW_SIZES


def new_key() -> str:
    """A key for one picture and its previews. The first letters only spread the files over folders."""
    token = secrets.token_hex(16)
    return f"pictures/{token[:2]}/{token}"


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
    for variant in variants(ending):
        default_storage.delete(name_of(key, variant))
    # Of folders only a local disk knows; an empty one would stay for ever.
    default_storage.delete(key)
