"""Collecting bytes from elsewhere: a result as soon as there is one, and pictures that came as links.

All of it goes through the guarded door, is decoded, and becomes ours before anybody sees it.
"""

from __future__ import annotations

import codecs
import threading
from collections.abc import Callable
from concurrent import futures
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from swaps import crops, endings, pictures
from swaps.beside import beside
from swaps.face_choice import ROLES
from swaps.http import Answer, Door, DoorError, Forbidden, Private, TooLarge
from swaps.images import MAX_BYTES, Misshapen, PictureError, Unreadable
from swaps.models import ApiRequest, Attempt, By, Photo, Swap
from swaps.outages import SAID, Outage, outage_of
from swaps.providers.base import Refused

FETCH_SECONDS = 60.0
MAX_FETCHES = 5
# What cannot be stored is tried again after these seconds, then every five minutes for an hour.
STORAGE_PAUSES = (10, 20, 40, 80, 160, *(300,) * 11)
STORED_WITHIN = timedelta(hours=1)
NOT_ALLOWED = (
    "Tell the admin: if results are meant to be on a private network, "
    "their host:port has to stand in OUTBOUND_ALLOW."
)
TO_BE_NAMED = (
    "If that is meant, ask your admin to name its host:port, spelled as in the URL, "
    "in OUTBOUND_ALLOW or LINKS_ALLOW."
)
ROLES_DOUBTED = (
    "If this happens again, tell the admin: it may take the two pictures the other way round."
)
WEB_PAGE = "The link leads to a web page, not to a picture."
TOO_LARGE = "It has more than 25 MB, which is the limit."
# Of all that is fetched so many are decoded at once: it takes a core each, and at 50 megapixels 300 MB.
_decoding = threading.BoundedSemaphore(2)
Came = tuple[Path, pictures.Opened | None]
COLLECTING = "The pictures are being fetched from their links."


class NotThere(Exception):
    """What was to be fetched was not there; str() is a sentence, *answered* its address's status."""

    def __init__(self, sentence: str, *, answered: int | None = None) -> None:
        super().__init__(sentence)
        self.answered = answered


# What may go wrong with a link, each with a sentence of its own.
EXPECTED = (DoorError, NotThere, PictureError, OSError, OperationalError)


@cache
def door() -> Door:
    """The way out to the provider and to results, with the private peers that are allowed for their sake."""
    return Door(allow=settings.OUTBOUND_ALLOW, seconds=FETCH_SECONDS, most=MAX_BYTES)


@cache
def links_door() -> Door:
    """The way out for people's links, which do not reach what is open for the provider's sake.

    Programs do (programs_door): whoever may make a token reaches that with one.
    """
    return Door(allow=settings.LINKS_ALLOW, seconds=FETCH_SECONDS, most=MAX_BYTES)


@cache
def programs_door() -> Door:
    """The way out for what programs ask for: the peers that an admin named, for whichever purpose.

    Another site that has its swaps made here is one of them, and so is whatever calls it back.
    """
    allow = [*settings.OUTBOUND_ALLOW, *settings.LINKS_ALLOW]
    return Door(allow=allow, seconds=FETCH_SECONDS, most=MAX_BYTES)


# --- Results ---------------------------------------------------------------------------------------


def fetch(swap: Swap, attempt: Attempt) -> datetime | None:
    """Fetch the attempt's result and hang it; else say when to try again, or fail for good."""
    attempt.try_fetch()
    start = perf_counter()
    try:
        with pictures.scratch() as folder:
            file = folder / "result"
            _get(door(), attempt.result_url, file)
            fetched = perf_counter()

            def hang(result: Photo) -> bool:
                taken = {"fetch": fetched - start, "store": perf_counter() - fetched}
                timings = {name: round(seconds, 4) for name, seconds in taken.items()}
                note = _note(attempt, result)
                return endings.hang(swap, attempt, result, note=note, timings=timings)

            place = crops.place_of(swap, attempt, folder)
            pictures.keep_result(file, team=swap.team, owner=swap.maker, hang=hang, place=place)
            crops.remove(swap)
    except pictures.Unwanted:
        return endings.let_go(attempt)
    except Misshapen as error:
        sentence = f"The swap was made, but {error} {ROLES_DOUBTED}"
        return endings.give_up(swap, attempt, Refused("result_unavailable", sentence))
    except Private as error:
        return unavailable(swap, attempt, f"{error} {NOT_ALLOWED}")
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
    waited = timezone.now() - (attempt.answered_at or attempt.started_at)
    if waited > STORED_WITHIN:
        return endings.give_up(swap, attempt, Refused(outage.value, SAID[outage].result))
    attempt.excuse_fetch()
    # As long again as it has waited already: every pause is twice the one before.
    pause = min(
        max(waited, timedelta(seconds=STORAGE_PAUSES[0])), timedelta(seconds=STORAGE_PAUSES[-1])
    )
    until = timezone.now() + pause
    message = SAID[outage].waiting
    return until if swap.put_off(until=until, code=outage.value, message=message) else None


def unavailable(swap: Swap, attempt: Attempt, why: str) -> datetime | None:
    """It is never bought again by itself: a person may."""
    sentence = f"The swap was made, but its result could not be fetched. {why}"
    return endings.give_up(swap, attempt, Refused("result_unavailable", sentence))


def _note(attempt: Attempt, result: Photo) -> str:
    """What was announced, where it is not what came; of a crop that cannot be told from the whole."""
    said = {} if "target" in attempt.crops else attempt.announced
    width, height = said.get("width", result.width), said.get("height", result.height)
    if (width, height) == (result.width, result.height):
        return ""
    return f"Announced as {width} × {height}; it is {result.width} × {result.height}."


# --- Links -----------------------------------------------------------------------------------------


def collect(swap: Swap) -> datetime | None:
    """Fetch the pictures that were given as links; one that cannot be had settles the swap.

    What came stays with the swap, so that whoever tries again waits for the rest alone.
    """
    by_program = ApiRequest.objects.filter(swap=swap).exists()
    way = programs_door() if by_program else links_door()
    wanted = [role for role in ROLES if getattr(swap, role) is None]
    with pictures.scratch() as folder:
        urls = {role: getattr(swap, f"{role}_url") for role in wanted}
        files, failed = _side_by_side(
            {role: partial(_fetched, way, url, folder / role) for role, url in urls.items()}
        )
        known = {role: pictures.is_known(file, team=swap.team) for role, file in files.items()}
        came, undecoded = _side_by_side(
            {role: partial(_decoded, file, known=known[role]) for role, file in files.items()}
        )
        failed |= undecoded
        for role, one in came.items():
            try:
                if not _hung(swap, role, one, by_program=by_program):
                    # Cancelled or taken over meanwhile. What came is used by nobody, and goes.
                    return None
            except EXPECTED as error:
                failed[role] = error
    for role in filter(failed.get, wanted):
        code, sentence = _why_not(failed[role], role)
        told = ""
        if by_program:
            code, told = _why_not_for_programs(failed[role], role)
        return endings.fail(swap, Refused(code, sentence, picture=role), told=told)
    return timezone.now()


def _side_by_side[T](
    steps: dict[str, Callable[[], T]],
) -> tuple[dict[str, T], dict[str, Exception]]:
    """What the step of each role answered, or the expected error that it ended with, once all have ended."""
    coming = {role: beside(step) for role, step in steps.items()}
    futures.wait(coming.values())
    done: dict[str, T] = {}
    failed: dict[str, Exception] = {}
    for role, one in coming.items():
        try:
            done[role] = one.result()
        except EXPECTED as error:
            failed[role] = error
    return done, failed


def _fetched(way: Door, url: str, folder: Path) -> Path:
    folder.mkdir()
    file = folder / "link"
    answer = _get(way, url, file)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html" and _begins_as_markup(file):
        raise Unreadable(WEB_PAGE)
    return file


def _begins_as_markup(file: Path) -> bool:
    """Servers call pictures web pages, too: what comes has to look like one."""
    with file.open("rb") as handle:
        return handle.read(64).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<")


def _decoded(file: Path, *, known: bool) -> Came:
    """The file and, unless its picture is *known*, what is made of it."""
    if known:
        return file, None
    with _decoding:
        return file, pictures.opened(file, file.parent / "pictures")


def _hung(swap: Swap, role: str, came: Came, *, by_program: bool) -> bool:
    file, ready = came
    by = By(swap.maker, via="link")
    photo = pictures.keep_upload(file, team=swap.team, by=by, by_program=by_program, ready=ready)
    with transaction.atomic():
        # Until the swap refers to it, so that nothing that tidies up can take it away.
        if not Photo.objects.select_for_update().filter(pk=photo.pk):
            raise NotThere("It was removed while it was being stored.")
        return swap.collected(**{role: photo})


def _why_not(error: Exception, role: str) -> tuple[str, str]:
    """The code and the sentence for a link that brought no picture, with what to do about it."""
    begin = f"The {ROLES[role]} could not be fetched from its link."
    if isinstance(error, PictureError):
        return error.code, f"{begin} {error}"
    if isinstance(error, TooLarge):
        return "image_too_large", f"{begin} {TOO_LARGE} Choose a smaller one."
    if isinstance(error, DoorError | NotThere):
        return "fetch_failed", f"{begin} {error} Check the link, or choose the picture as a file."
    outage = _outage_of_storage(error)
    return outage.value, f"{begin} {SAID[outage].upload}"


def _why_not_for_programs(error: Exception, role: str) -> tuple[str, str]:
    """The same in the words of the contract: they name the field of the request."""
    field = f"{role}_image_url"
    if isinstance(error, PictureError):
        return error.code, f"{field} cannot be used. {error}"
    if isinstance(error, TooLarge):
        return "image_too_large", f"{field} cannot be used. {TOO_LARGE}"
    if isinstance(error, Private):
        return "token_mismatched", f"{field} cannot be called. {error} {TO_BE_NAMED}"
    if isinstance(error, Forbidden):
        return "token_mismatched", f"{field} cannot be called. {error}"
    if isinstance(error, NotThere) and error.answered:
        return "fetch_failed", f"fetch failed: {field} answered {error.answered}"
    if isinstance(error, DoorError | NotThere):
        return "fetch_failed", f"fetch failed: {field}: {error}"
    outage = _outage_of_storage(error)
    return outage.value, SAID[outage].upload


def _outage_of_storage(error: Exception) -> Outage:
    """What was missing; whatever else it was is raised again, as a fault of ours."""
    outage = outage_of(error)
    if outage not in SAID:
        raise error
    return outage


def _get(way: Door, url: str, file: Path) -> Answer:
    answer = way.fetch(url, file, seconds=FETCH_SECONDS, most=MAX_BYTES)
    if answer.status != 200:
        said = f"Its address answered with status {answer.status}."
        raise NotThere(said, answered=answer.status)
    return answer
