"""Errors that mean "not now": a database or storage that does not answer, a full disk. Everybody asks here.

What is wrong in our own code (a table that is not there, a query that makes no sense) is none of them.
"""

from __future__ import annotations

import enum
import errno
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError


class Outage(enum.Enum):
    """What is missing for the moment."""

    DATABASE = "unavailable"
    STORAGE = "storage_full"
    AWAY = "storage_unavailable"


NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
# By SQLite's own names; the longer ones (SQLITE_IOERR_WRITE, SQLITE_BUSY_SNAPSHOT) begin with these.
SQLITE_AWAY = (
    "SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY",
    "SQLITE_PROTOCOL",
)  # fmt: skip
POSTGRES_FULL = "53100"


@dataclass(frozen=True)
class Words:
    """What people are told where pictures cannot be stored."""

    upload: str
    result: str
    waiting: str


SAID = {
    Outage.STORAGE: Words(
        upload="The site’s disk is full, so this picture could not be stored. "
        "Try again when your admin has made room.",
        result="The site’s disk is full, so the result could not be stored. Your Face and Photo are "
        "kept: try again when your admin has made room.",
        waiting="The site’s disk is full, so this swap waits. It goes on by itself once there is room.",
    ),
    Outage.AWAY: Words(
        upload="The site’s picture storage does not answer, so this picture could not be stored. "
        "Try again in a moment; if it stays so, tell your admin.",
        result="The site’s picture storage did not answer, so this swap could not be finished. "
        "Try again when your admin has seen to it.",
        waiting="The site’s picture storage does not answer, so this swap waits. "
        "It goes on by itself once it does.",
    ),
}


class StorageAway(OSError):
    """Where pictures are stored does not answer, or refuses to; str() is what it said, for the log."""


class NotStored(Exception):
    """A picture that somebody gave could not be stored; str() is a sentence for people."""

    def __init__(self, outage: Outage) -> None:
        super().__init__(SAID[outage].upload)
        self.outage = outage


def outage_of(error: BaseException | None) -> Outage | None:
    """What was missing, where *error* or what led to it comes from an outage; else None."""
    return next(filter(None, map(_outage_of_one, _with_what_led_to_it(error))), None)


def _with_what_led_to_it(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _outage_of_one(error: BaseException) -> Outage | None:
    if isinstance(error, NotStored):
        return error.outage
    if isinstance(error, StorageAway):
        return Outage.AWAY
    if isinstance(error, OSError):
        return Outage.STORAGE if error.errno in NO_ROOM else None
    if isinstance(error, InterfaceError):
        return Outage.DATABASE
    if not isinstance(error, OperationalError):
        return None
    said = getattr(error.__cause__, "sqlite_errorname", None)
    if said is None:
        full = getattr(error.__cause__, "sqlstate", None) == POSTGRES_FULL
        return Outage.STORAGE if full else Outage.DATABASE
    # A table that is not there is an OperationalError of SQLite's too, by the name of SQLITE_ERROR.
    if said.startswith("SQLITE_FULL"):
        return Outage.STORAGE
    return Outage.DATABASE if said.startswith(SQLITE_AWAY) else None
