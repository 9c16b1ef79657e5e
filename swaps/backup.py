"""Everything that a site keeps, in one tar file, and back again. Consistent while the site runs.

The file holds `pictures/…` as they are stored, `db.sqlite3`, and `secret_key` where it is the site's own.
"""

from __future__ import annotations

import os
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection

from swaps import storage
from swaps.models import User

DATABASE = "db.sqlite3"
KEY = "secret_key"
ROUNDS = 20


class BackupError(Exception):
    """It cannot be done; str() says why and what to do."""


def write(file: Path) -> int:
    """Back up to *file*, which appears when it is complete; how many pictures it holds.

    Raises BackupError.
    """
    _insist_on_sqlite("pg_dump")
    draft = file.with_name(file.name + ".part")
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw, tarfile.open(fileobj=raw, mode="w") as tar:
            count = _write_all(tar, Path(folder) / DATABASE)
    draft.replace(file)
    return count


def _write_all(tar: tarfile.TarFile, snapshot: Path) -> int:
    """Pictures first, then rows that refer to nothing but these.

    Pictures never change, but come and go while we copy. So rows are taken until a snapshot refers to
    no picture that we do not have; what went meanwhile is then in no row either.
    """
    copied: set[str] = set()
    for _ in range(ROUNDS):
        _take_snapshot(snapshot)
        missing = [name for name in _referred_to(snapshot) if name not in copied]
        if not missing:
            break
        copied |= {name for name in missing if _add_picture(tar, name)}
    else:
        raise BackupError("Pictures that the database refers to are not stored; see the storage.")
    tar.add(snapshot, DATABASE)
    key = Path(settings.DATA_DIR) / KEY
    if key.exists():
        tar.add(key, KEY)
    return sum(storage.is_full(name) for name in copied)


def restore(file: Path) -> int:
    """Bring a backup back into a site that has nothing yet; how many pictures there were.

    Raises BackupError.
    """
    _insist_on_sqlite("pg_restore")
    if "swaps_user" in connection.introspection.table_names() and User.objects.exists():
        raise BackupError(
            f"{settings.DATA_DIR} already holds a site. Restore into an empty DATA_DIR."
        )
    connection.close()
    count = 0
    try:
        with tarfile.open(file) as tar:
            for member in tar:
                brought_back = _bring_back(tar, member)
                count += brought_back and storage.is_full(member.name)
    except (OSError, tarfile.TarError) as error:
        raise BackupError(f"{file} cannot be read as a backup: {error}") from error
    call_command("migrate", interactive=False, verbosity=0)
    return count


def _bring_back(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    """One entry to its place; True for a picture. What no backup of ours holds is left out."""
    content = tar.extractfile(member) if member.isfile() else None
    if content is None:
        return False
    if member.name in {DATABASE, KEY}:
        path = Path(settings.DATA_DIR) / member.name
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as target:
            while chunk := content.read(1 << 20):
                target.write(chunk)
        return False
    if not storage.is_name(member.name):
        return False
    default_storage.save(member.name, File(content))
    return True


def _take_snapshot(path: Path) -> None:
    path.unlink(missing_ok=True)
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)


def _referred_to(snapshot: Path) -> Iterator[str]:
    with closing(sqlite3.connect(snapshot)) as rows:
        for key, ending in rows.execute("SELECT key, format FROM swaps_photo"):
            yield from (f"{key}/{variant}" for variant in storage.variants(ending))


def _add_picture(tar: tarfile.TarFile, name: str) -> bool:
    try:
        with default_storage.open(name, "rb") as handle:
            data = handle.read()
    except FileNotFoundError:
        return False
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    entry.mode = 0o600
    tar.addfile(entry, BytesIO(data))
    return True


def _insist_on_sqlite(tool: str) -> None:
    if connection.vendor != "sqlite":
        raise BackupError(
            f"This backs up sites on SQLite. For this database use its own {tool}, and copy the pictures."
        )
