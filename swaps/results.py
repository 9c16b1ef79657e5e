"""Collecting bytes from elsewhere: a result as soon as there is one, and pictures that came as links.

All of it goes through the guarded door, is decoded, and becomes ours before anybody sees it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.utils import timezone

from swaps import endings, pictures
from swaps.http import Door, DoorError, Forbidden, TooLarge
from swaps.images import MAX_BYTES, PictureError
from swaps.models import Attempt, By, Photo, Swap
from swaps.outages import SAID, Outage
from swaps.providers.base import Refused

FETCH_SECONDS = 60.0
MAX_FETCHES = 5
# What cannot be stored is tried again after these seconds, then every five minutes for an hour.
STORAGE_PAUSES = (10, 20, 40, 80, 160, *(300,) * 11)
STORED_WITHIN = timedelta(hours=1)
COLLECTING = "The pictures are being fetched from their links."


class NotThere(Exception):
    """What was to be fetched is no picture, or was not there; str() is a sentence for people."""


@cache
def door() -> Door:
    """The one way out, with the private peers that the settings allow."""
    return Door(allow=settings.OUTBOUND_ALLOW, seconds=FETCH_SECONDS, most=MAX_BYTES)


# --- Results ---------------------------------------------------------------------------------------


def fetch(swap: Swap, attempt: Attempt) -> datetime | None:
    """Fetch the attempt's result and hang it; else say when to try again, or fail for good."""
    attempt.try_fetch()
    start = perf_counter()
    try:
        with pictures.scratch() as folder:
            file = folder / "result"
            _get(attempt.result_url, file)
            fetched = perf_counter()

            def hang(result: Photo) -> bool:
                taken = {"fetch": fetched - start, "store": perf_counter() - fetched}
                timings = {name: round(seconds, 4) for name, seconds in taken.items()}
                note = _note(attempt, result)
                return endings.hang(swap, attempt, result, note=note, timings=timings)

            pictures.keep_result(file, team=swap.team, owner=swap.maker, hang=hang)
    except pictures.Unwanted:
        return endings.let_go(attempt)
    except (Forbidden, TooLarge) as error:
        return unavailable(swap, attempt, str(error))
    except (DoorError, NotThere, PictureError) as error:
        return try_later(swap, attempt, str(error))
    return None


def try_later(swap: Swap, attempt: Attempt, why: str) -> datetime | None:
    """The result could not be saved: once more in a while, and after a few times no more."""
    if attempt.fetches >= MAX_FETCHES:
        return unavailable(swap, attempt, why)
    pause = settings.RETRY_BASE_SECONDS * 2 ** (attempt.fetches - 1)
    until = timezone.now() + timedelta(seconds=pause)
    message = "The result could not be fetched yet. It is tried again by itself."
    return until if swap.put_off(until=until, code="result_unavailable", message=message) else None


def wait_for_storage(swap: Swap, attempt: Attempt, outage: Outage) -> datetime | None:
    """A result that is paid for cannot be stored now: it is fetched again in a while."""
    since = attempt.answered_at or attempt.started_at
    if timezone.now() - since > STORED_WITHIN:
        return endings.give_up(swap, attempt, Refused(outage.value, SAID[outage].result))
    pause = STORAGE_PAUSES[min(attempt.fetches, len(STORAGE_PAUSES)) - 1]
    until = timezone.now() + timedelta(seconds=pause)
    message = SAID[outage].waiting
    return until if swap.put_off(until=until, code=outage.value, message=message) else None


def unavailable(swap: Swap, attempt: Attempt, why: str) -> datetime | None:
    """It is never bought again by itself: a person may."""
    sentence = f"The swap was made, but its result could not be fetched. {why}"
    return endings.give_up(swap, attempt, Refused("result_unavailable", sentence))


def _note(attempt: Attempt, result: Photo) -> str:
    """What was announced, where it is not what came."""
    said = attempt.announced
    width, height = said.get("width", result.width), said.get("height", result.height)
    if (width, height) == (result.width, result.height):
        return ""
    return f"Announced as {width} × {height}; it is {result.width} × {result.height}."


# --- Links -----------------------------------------------------------------------------------------


def collect(swap: Swap) -> datetime | None:
    """Fetch the pictures that were given as links; one that cannot be had settles the swap."""
    found: dict[str, Photo] = {}
    for role, said in (("source", "Face"), ("target", "Photo")):
        photo: Photo | None = getattr(swap, role)
        try:
            found[role] = photo or _collected(swap, getattr(swap, f"{role}_url"))
        except (DoorError, NotThere, PictureError) as error:
            code = getattr(error, "code", "fetch_failed")
            sentence = f"The {said} could not be fetched from its link. {error}"
            return endings.fail(swap, Refused(code, sentence, picture=role))
    return timezone.now() if swap.collected(**found) else None


def _collected(swap: Swap, url: str) -> Photo:
    with pictures.scratch() as folder:
        file = folder / "link"
        _get(url, file)
        return pictures.keep_upload(file, team=swap.team, by=By(swap.maker, via="link"))


def _get(url: str, file: Path) -> None:
    answer = door().fetch(url, file, seconds=FETCH_SECONDS, most=MAX_BYTES)
    if answer.status != 200:
        raise NotThere(f"Its address answered with status {answer.status}.")
