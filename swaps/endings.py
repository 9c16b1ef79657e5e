"""How the work on a swap ends: with a result that hangs in the gallery, or with a sentence.

As every step these say when the swap is to be looked at again: never.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from swaps.models import SITE, ApiRequest, Attempt, Event, Photo, ProviderState, Swap, What
from swaps.providers.base import Refused


def hang(swap: Swap, attempt: Attempt, result: Photo, **found: Any) -> bool:
    """The result is stored: show it, unless the swap was cancelled or taken over meanwhile."""
    won = swap.succeed(result=result)
    if won:
        attempt.close(Attempt.Outcome.SUCCEEDED, shape=_shape(swap, attempt, result), **found)
        Event.record(What.SUCCEEDED, by=SITE, swap=swap)
    return won


def let_go(attempt: Attempt, **found: Any) -> datetime | None:
    """There is a result, but nobody wants it any more."""
    attempt.close(Attempt.Outcome.LOST, **found)
    return None


def give_up(swap: Swap, attempt: Attempt, refusal: Refused) -> datetime | None:
    """The swap failed: its row says why. Where a result came meanwhile, it has not."""
    with transaction.atomic():
        if close(attempt, refusal):
            fail(swap, refusal)
    return None


def fail(swap: Swap, refusal: Refused, *, told: str = "") -> datetime | None:
    """The same without an attempt: there was none yet. *told* is what programs read instead of its sentence."""
    with transaction.atomic():
        if swap.fail(code=refusal.code, message=refusal.message, picture=refusal.picture):
            Event.record(What.FAILED, by=SITE, swap=swap, code=refusal.code)
            if told:
                ApiRequest.note_failure(swap, told)
    return None


def close(attempt: Attempt, refusal: Refused, *, counts: bool = True) -> bool:
    """Close the attempt with the provider's own words; *counts*: the swap had one of its tries."""
    return attempt.close(
        Attempt.Outcome.FAILED, error_code=refusal.code, error_message=refusal.message,
        trace_id=refusal.trace_id or attempt.trace_id, unread=False, counts=counts,
    )  # fmt: skip


def pause(provider: str, refusal: Refused) -> None:
    """No swap can be done there until an admin has seen to it."""
    if ProviderState.pause(provider, code=refusal.code, message=refusal.message):
        Event.record(What.PROVIDER_PAUSED, by=SITE, provider=provider, code=refusal.code)


def time_is_over(swap: Swap, attempt: Attempt) -> datetime | None:
    """Nothing came in all the time that it had. A result that comes later is still taken."""
    seconds = settings.SWAP_DEADLINE
    time = f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds} seconds"
    sentence = f"The face swap service gave no result within {time}. Try again later."
    with transaction.atomic():
        if attempt.close(Attempt.Outcome.LOST, error_code="timeout", error_message=sentence):
            fail(swap, Refused("timeout", sentence))
    return None


def _shape(swap: Swap, attempt: Attempt, result: Photo) -> str:
    """Whose width and height the result has; empty where that says nothing.

    Face and Photo may not differ in it; and where a crop was sent, what came was of other sizes.
    """
    if attempt.crops:
        return ""
    sizes = {
        shape: (photo.width, photo.height)
        for shape, photo in (
            (Attempt.Shape.TARGET, swap.target),
            (Attempt.Shape.SOURCE, swap.source),
        )
        if photo is not None
    }
    if len(set(sizes.values())) < 2:
        return ""
    size = (result.width, result.height)
    return next((shape for shape, its in sizes.items() if its == size), Attempt.Shape.NEITHER)
