"""What follows from a provider's answer: wait for more, save the result, ask again later, or the end.

Each function moves the swap by one event and returns when it is to be looked at again (None: it is not).
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from swaps import endings, pictures, results
from swaps.images import PictureError
from swaps.models import Attempt, ProviderState, Swap
from swaps.outages import SAID, Outage
from swaps.providers import HOSTED
from swaps.providers.base import (
    Accepted,
    Done,
    Mode,
    Refused,
    Then,
    Unknown,
)

# Once, and at most four times again.
MAX_ATTEMPTS = 5
LONGEST_PAUSE = 60.0
# With callbacks polling is for those that are lost.
POLLS_BESIDE_CALLBACKS = 4

UNWANTED = "Paid for, but nobody wanted it any more."
PAUSED = "provider_paused"
BUSY = "The face swap service has much to do. This swap goes on by itself."
TOO_BUSY = "The face swap service had too much to do for too long. Try again later."
PAUSED_MESSAGE = "The face swap service is paused until an admin has seen to it. Your swap waits."
PAUSED_SHELL = (
    "The face swap service is paused until an admin has seen to it. "
    "Go on with ./run manage resume_provider, then try again."
)


def settle(
    swap: Swap, attempt: Attempt, outcome: Done | Accepted | Refused | Unknown
) -> datetime | None:
    """Act on what the provider answered, be it at once, by callback or when it was polled."""
    match outcome:
        case Done(url=""):
            return _keep(swap, attempt, outcome)
        case Done():
            return _fetch(swap, attempt, outcome)
        case Accepted():
            attempt.accept(task_id=outcome.task_id, trace_id=outcome.trace_id)
            return wait(swap, attempt)
        case Refused():
            return _refused(swap, attempt, outcome)
        case Unknown():
            attempt.doubt(trace_id=outcome.trace_id, answered=outcome.answered)
            return wait(swap, attempt)


# --- Waiting ---------------------------------------------------------------------------------------


def wait(swap: Swap, attempt: Attempt) -> datetime | None:
    """The provider is at it, as far as anybody knows: look again when it is time to."""
    if Attempt.objects.filter(pk=attempt.pk, unread=True).exists():
        # A callback was quicker than the answer to the call.
        until = timezone.now()
    else:
        # A deadline that has passed is waited for no more, but a pause may go on for long.
        soonest = timezone.now() + timedelta(seconds=settings.POLL_SECONDS)
        until = max(soonest, min(_next_poll(swap, attempt), _patience(swap, attempt)))
    return until if swap.accepted(poll_at=until) else None


def can_poll(attempt: Attempt) -> bool:
    """Whether there is a name by which to ask for it, and anybody to ask."""
    has_name = attempt.task_id or (attempt.uncertain and attempt.trace_id)
    return bool(has_name) and ProviderState.of(attempt.provider).may_have_tasks


def deadline(swap: Swap) -> datetime:
    """When it is given up, counted from when a provider was first asked."""
    since = swap.submitted_at or timezone.now()
    return since + timedelta(seconds=settings.SWAP_DEADLINE)


def doubt_ends(attempt: Attempt) -> datetime:
    """Until when an attempt whose answer was lost may still turn out to have been taken.

    Half of the time that a swap has, so that there is as much for another attempt.
    """
    return attempt.started_at + timedelta(seconds=settings.SWAP_DEADLINE / 2)


def _next_poll(swap: Swap, attempt: Attempt) -> datetime:
    if not can_poll(attempt):
        return deadline(swap)
    polls = POLLS_BESIDE_CALLBACKS if attempt.mode == Mode.CALLBACK else 1
    return timezone.now() + timedelta(seconds=polls * settings.POLL_SECONDS)


def _patience(swap: Swap, attempt: Attempt) -> datetime:
    if attempt.uncertain and not attempt.accepted_at:
        return min(doubt_ends(attempt), deadline(swap))
    return deadline(swap)


# --- A result --------------------------------------------------------------------------------------


def _keep(swap: Swap, attempt: Attempt, outcome: Done) -> datetime | None:
    """A result that came as bytes; where the swap was cancelled or taken over meanwhile, let go of it."""
    if not swap.record_outcome():
        return endings.let_go(attempt, timings=outcome.timings)
    hang = partial(endings.hang, swap, attempt, timings=outcome.timings, left_out=outcome.left_out)
    try:
        with pictures.scratch() as folder:
            file = folder / "result"
            file.write_bytes(outcome.result)
            pictures.keep_result(file, team=swap.team, owner=swap.maker, hang=hang)
    except pictures.Unwanted:
        return endings.let_go(attempt, timings=outcome.timings)
    except PictureError as error:
        return endings.give_up(swap, attempt, Refused("result_unavailable", str(error)))
    return None


def _fetch(swap: Swap, attempt: Attempt, outcome: Done) -> datetime | None:
    """A result that lies elsewhere: from here on it is paid for, and it is ours to fetch."""
    with transaction.atomic():
        is_news = attempt.take_result(
            url=outcome.url, announced=outcome.announced, task_id=outcome.task_id,
            trace_id=outcome.trace_id, cost=settings.PRICE_PER_SWAP,
        )  # fmt: skip
        won = is_news and swap.record_outcome(seconds=settings.LEASE_SECONDS)
        if is_news and not won:
            # Cancelled meanwhile, or another attempt was quicker: the money is spent all the same.
            attempt.close(Attempt.Outcome.LOST, note=UNWANTED)
    return results.fetch(swap, attempt) if won else None


# --- No result -------------------------------------------------------------------------------------


def _refused(swap: Swap, attempt: Attempt, refusal: Refused) -> datetime | None:
    match refusal.then:
        case Then.GIVE_UP:
            return endings.give_up(swap, attempt, refusal)
        case Then.AGAIN:
            return _again(swap, attempt, refusal)
        case Then.LATER:
            return _later(swap, attempt, refusal)
        case Then.PAUSE:
            return _pause(swap, attempt, refusal)


def tried(swap: Swap) -> int:
    """How often it was tried since it was last asked for: whoever tries again starts afresh."""
    return swap.attempts.filter(started_at__gte=swap.queued_at, counts=True).count()


def _again(swap: Swap, attempt: Attempt, refusal: Refused) -> datetime | None:
    tries = tried(swap)
    until = timezone.now() + _jittered(tries)
    if tries >= MAX_ATTEMPTS or until > deadline(swap):
        return endings.give_up(swap, attempt, refusal)
    message = "The face swap service had a fault. This swap is tried again by itself."
    with transaction.atomic():
        if not endings.close(attempt, refusal):
            return None
        return until if swap.release(until=until, code=refusal.code, message=message) else None


def _later(swap: Swap, attempt: Attempt, refusal: Refused) -> datetime | None:
    """It is asked too much: everybody waits, as the others would only be told the same.

    Where it says until when, that takes nothing of the time that the swap has.
    """
    times = swap.attempts.filter(started_at__gte=swap.queued_at, error_code=refusal.code).count()
    is_told = refusal.retry_after is not None
    pause = timedelta(seconds=refusal.retry_after or 0) if is_told else _jittered(times + 1)
    until = timezone.now() + pause
    ProviderState.hold(swap.provider, until=until)
    if not is_told and until > deadline(swap):
        return endings.give_up(swap, attempt, replace(refusal, message=TOO_BUSY))
    with transaction.atomic():
        if not endings.close(attempt, refusal, counts=False):
            return None
        code = refusal.code
        released = swap.release(until=until, code=code, message=BUSY, unasked=is_told)
    return until if released else None


def _pause(swap: Swap, attempt: Attempt, refusal: Refused) -> datetime | None:
    endings.pause(swap.provider, refusal)
    with transaction.atomic():
        if endings.close(attempt, refusal, counts=False):
            swap.release(code=PAUSED, message=PAUSED_MESSAGE, unasked=True)
    return None


def _jittered(tries: int) -> timedelta:
    """Full jitter: any time up to one that doubles with every try.

    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    most = min(LONGEST_PAUSE, settings.RETRY_BASE_SECONDS * 2**tries)
    return timedelta(seconds=random.uniform(0, most))  # noqa: S311 (spreads load, guards nothing)


def wait_for_storage(swap: Swap, attempt: Attempt, outage: Outage) -> datetime | None:
    """Pictures cannot be stored or read: it waits for a while, or ends where that lasts too long."""
    if attempt.result_url:
        return results.wait_for_storage(swap, attempt, outage)
    if swap.provider in HOSTED and attempt.mode:
        # It may have been asked for: the lease runs out, and then it is looked up, not asked for anew.
        return None
    code, said = outage.value, SAID[outage]
    before = swap.attempts.filter(started_at__gte=swap.queued_at, error_code=code).count()
    if before >= len(results.STORAGE_PAUSES):
        return endings.give_up(swap, attempt, Refused(code, said.result))
    until = timezone.now() + timedelta(seconds=results.STORAGE_PAUSES[before])
    with transaction.atomic():
        endings.close(attempt, Refused(code, said.result), counts=False)
        return until if swap.release(until=until, code=code, message=said.waiting) else None
