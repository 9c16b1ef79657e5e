"""The work: a message wakes a worker, which claims the next waiting swap and does one step of it.

The row is the truth and a message is only a hint: any of them may be lost, doubled or late.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache, partial
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import Error, connection
from django.tasks import task
from django.utils import timezone

from swaps import pictures
from swaps.images import PictureError
from swaps.models import SITE, Attempt, Event, Photo, Swap, What
from swaps.outages import FULL_RESULT, FULL_WAITING, Outage, outage_of
from swaps.providers import provider_class
from swaps.providers.base import Done, Job, Outcome, Provider, Refused

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 4
NO_ROOM = Outage.STORAGE.value
# A result that finds no room is made again after these seconds, then every five minutes for an hour.
NO_ROOM_PAUSES = (10, 20, 40, 80, 160, *(300,) * 11)
WAKE_UPS_A_SWEEP = 10


@task
def work(swap_id: str) -> None:
    """Claim the fairest waiting swap, which need not be the one that woke us, and do it."""
    swap = claim_next()
    if swap is not None:
        perform(swap)
        return
    # Nothing to claim, but this one may be in the hands of a worker that has died meanwhile.
    held = Swap.objects.filter(pk=swap_id, lease_until__gte=timezone.now()).first()
    if held is not None:
        work.using(run_after=held.lease_until).enqueue(swap_id)


@task
def sweep() -> None:
    """Wake workers for what nobody works on: lost messages, and swaps whose worker died."""
    for swap in chain(
        Swap.objects.abandoned()[:WAKE_UPS_A_SWEEP], Swap.objects.in_line()[:WAKE_UPS_A_SWEEP]
    ):
        work.enqueue(str(swap.pk))


def claim_next() -> Swap | None:
    """The swap that this worker may work on now, claimed; None where all are in good hands."""
    while True:
        candidates = chain(Swap.objects.abandoned()[:1], Swap.objects.in_line()[:1])
        swap = next(candidates, None)
        if swap is None:
            return None
        if swap.claim(seconds=settings.LEASE_SECONDS):
            return swap


def perform(swap: Swap) -> None:
    """Do a claimed swap, from its pictures to its stored result or its failure."""
    attempt = Attempt.begin(swap, provider=swap.provider)
    # Only those since it was last asked for: whoever tries again starts afresh.
    tried = swap.attempts.filter(started_at__gte=swap.queued_at)
    if tried.exclude(error_code=NO_ROOM).count() > MAX_ATTEMPTS:
        give_up(
            swap,
            attempt,
            Refused(
                "api_error",
                "The work on this swap stopped several times without a result. "
                "Try again, or choose another Photo.",
            ),
        )
        return
    with lease_renewed(swap):
        try:
            settle(swap, attempt, provider(swap.provider).submit(job_of(swap)))
        except FileNotFoundError:
            gone = "A picture of this swap is not stored any more. Start again with new pictures."
            give_up(swap, attempt, Refused("unreadable_image", gone))
        except (
            Exception
        ) as error:  # the end of the line: whatever it was, its owner must hear of it
            match outage_of(error):
                case Outage.STORAGE:
                    wait_for_room(swap, attempt)
                    return
                case Outage.DATABASE:
                    # There is nowhere to write it down. The lease runs out, and the swap is done again.
                    logger.warning("step=interrupted task_id=%s error=%s", swap.pk, error)
                    return
            logger.exception("crashed task_id=%s trace_id=%s", swap.pk, attempt.trace_id)
            fault = "Something went wrong inside the site. Try again; the log has the details."
            give_up(swap, attempt, Refused("api_error", fault))


def settle(swap: Swap, attempt: Attempt, outcome: Outcome) -> None:
    """Act on a provider's answer."""
    if isinstance(outcome, Refused):
        give_up(swap, attempt, outcome)
    else:
        keep(swap, attempt, outcome)


def keep(swap: Swap, attempt: Attempt, outcome: Done) -> None:
    """Store the result; where the swap was cancelled or taken over meanwhile, let go of it."""
    if not swap.record_outcome():
        attempt.close(Attempt.Outcome.LOST, timings=outcome.timings)
        return
    try:
        result = pictures.keep_result(outcome.result, team=swap.team, owner=swap.maker)
    except PictureError as error:
        give_up(swap, attempt, Refused("result_unavailable", str(error)))
        return
    won = swap.succeed(result=result)
    attempt.close(
        Attempt.Outcome.SUCCEEDED if won else Attempt.Outcome.LOST, timings=outcome.timings
    )
    if not won:
        pictures.discard([result], by=SITE)
        return
    Event.record(What.SUCCEEDED, by=SITE, swap=swap)


def wait_for_room(swap: Swap, attempt: Attempt) -> None:
    """The disk is full: back into the line for a while, or the end where it was full for too long."""
    before = swap.attempts.filter(started_at__gte=swap.queued_at, error_code=NO_ROOM).count()
    if before >= len(NO_ROOM_PAUSES):
        give_up(swap, attempt, Refused(NO_ROOM, FULL_RESULT))
        return
    attempt.close(Attempt.Outcome.FAILED, error_code=NO_ROOM, error_message=FULL_RESULT)
    until = timezone.now() + timedelta(seconds=NO_ROOM_PAUSES[before])
    if swap.release(until=until, code=NO_ROOM, message=FULL_WAITING):
        work.using(run_after=until).enqueue(str(swap.pk))


def give_up(swap: Swap, attempt: Attempt, refusal: Refused) -> None:
    """The swap failed: its row says why."""
    attempt.close(Attempt.Outcome.FAILED, error_code=refusal.code, error_message=refusal.message)
    if swap.fail(code=refusal.code, message=refusal.message, picture=refusal.picture):
        Event.record(What.FAILED, by=SITE, swap=swap, code=refusal.code)


def job_of(swap: Swap) -> Job:
    """The swap's pictures as a provider takes them."""
    return Job(
        source=partial(_read, swap.source), target=partial(_read, swap.target), face=swap.face
    )


def _read(photo: Photo | None) -> bytes:
    if photo is None:
        raise FileNotFoundError
    return pictures.read_full(photo)


@cache
def provider(name: str) -> Provider:
    """The provider of that name, built from the settings, once a process: models stay loaded."""
    model = settings.FACE_LANDMARKER_MODEL
    build = provider_class(name)
    return build(model=Path(model) if model else None, threads=settings.ENGINE_THREADS)  # type: ignore[call-arg]


@contextmanager
def lease_renewed(swap: Swap) -> Iterator[None]:
    """Renew the swap's lease beside the work, three times a lease, until the work ends."""
    done = threading.Event()

    def renew() -> None:
        try:
            while not done.wait(settings.LEASE_SECONDS / 3):
                try:
                    if not swap.renew(seconds=settings.LEASE_SECONDS):
                        break
                except Error as error:
                    # A lease that nobody took over can still be renewed when the database is back.
                    logger.warning("step=renew task_id=%s error=%s", swap.pk, error)
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease-{swap.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
