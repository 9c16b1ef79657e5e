"""The work: a message wakes a worker, which claims the next waiting swap and does one step of it.

The row is the truth and a message is only a hint: any of them may be lost, doubled or late.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.tasks import task
from django.utils import timezone

from swaps import pictures
from swaps.images import PictureError
from swaps.models import SITE, Attempt, Event, Photo, Swap, What
from swaps.providers import provider_class
from swaps.providers.base import Done, Job, Outcome, Provider, Refused

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 4
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
    if swap.attempts.filter(started_at__gte=swap.queued_at).count() > MAX_ATTEMPTS:
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
        except Exception:  # the end of the line: whatever it was, its owner must hear of it
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
                if not swap.renew(seconds=settings.LEASE_SECONDS):
                    break
        finally:
            connection.close()

    thread = threading.Thread(target=renew, name=f"lease-{swap.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
