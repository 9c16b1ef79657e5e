"""Asking a provider: to make a swap, and what has become of it. One step at a time, called by tasks.py.

Each step returns when the swap is to be looked at again; None: it is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from swaps import endings, pictures, results, settling, storage
from swaps.models import Attempt, Photo, ProviderState, Swap
from swaps.models.status import IN_FLIGHT, Status
from swaps.providers import HOSTED, provider_class
from swaps.providers.base import (
    Done,
    Job,
    Mode,
    NoTasks,
    Outcome,
    Pending,
    Picture,
    Provider,
    Refused,
    Then,
)

logger = logging.getLogger(__name__)

# Pictures' addresses outlive the job: it may wait at the provider, and be looked at afterwards.
OUTLIVES_SECONDS = 600
# That there is no polling may change; it is looked at again after this time.
NO_TASKS_FOR = timedelta(days=1)
STOPPED = (
    "The work on this swap stopped several times without a result. "
    "Try again, or choose another Photo."
)
NO_ANSWER = "The face swap service did not answer. Try again later."


@cache
def _built(name: str, roles: str) -> Provider:
    build: Callable[..., Provider] = provider_class(name)
    if name in HOSTED:
        return build(
            token=settings.ACEDATACLOUD_API_TOKEN,
            base_url=settings.ACEDATACLOUD_API_BASE_URL,
            door=results.door(),
            roles=roles,
        )
    model = settings.FACE_LANDMARKER_MODEL
    return build(model=Path(model) if model else None, threads=settings.ENGINE_THREADS)


def provider(name: str) -> Provider:
    """The provider of that name, built from the settings, once a process: models stay loaded."""
    return _built(name, roles_of(name) if name in HOSTED else "")


def roles_of(name: str) -> str:
    """Which picture goes as which: the admin's word, else the setting's."""
    return ProviderState.of(name).roles or settings.ROLES


# --- The steps -------------------------------------------------------------------------------------


def submit(swap: Swap, attempt: Attempt) -> datetime | None:
    """Ask the provider to make the swap. What was to be asked is written before."""
    if settling.tried(swap) > settling.MAX_ATTEMPTS:
        return endings.give_up(swap, attempt, Refused("api_error", STOPPED))
    if swap.provider in HOSTED and timezone.now() > settling.deadline(swap):
        return endings.time_is_over(swap, attempt)
    mode = mode_of(swap.provider)
    if mode is None:
        return settling.settle(swap, attempt, Refused("api_error", NO_ANSWER, then=Then.AGAIN))
    if swap.provider in HOSTED:
        attempt.ask(mode)
    outcome = provider(swap.provider).submit(job_of(swap, attempt, mode))
    return settling.settle(swap, attempt, outcome)


def go_on(swap: Swap) -> datetime | None:
    """Go on with a swap that a worker left or that is waited for, wherever it stands."""
    attempt = swap.attempts.open().last()
    if swap.status == Status.FETCHING and attempt is not None and attempt.result_url:
        return results.fetch(swap, attempt)
    if swap.provider in HOSTED and attempt is not None:
        return follow_up(swap, attempt)
    if swap.status == Status.FETCHING and not swap.restart():
        return None
    return submit(swap, begin(swap))


def begin(swap: Swap) -> Attempt:
    """A new attempt; one that was left open by a worker that died is lost."""
    for left in swap.attempts.open():
        left.close(Attempt.Outcome.LOST)
    return Attempt.begin(swap, provider=swap.provider)


def follow_up(swap: Swap, attempt: Attempt) -> datetime | None:
    """Ask what became of it, and wait on where nobody knows yet."""
    if not attempt.accepted_at and not attempt.uncertain:
        # Its worker died in the middle of the call.
        attempt.doubt()
    found = retrieve(attempt) if settling.can_poll(attempt) else Pending(known=False)
    match found:
        case Refused(job_open=True):
            # It is not the job that was refused, but the question.
            endings.pause(swap.provider, found)
        case Done() | Refused():
            return settling.settle(swap, attempt, found)
        case NoTasks():
            ProviderState.found_tasks(swap.provider, there=False)
        case Pending(known=True) if not attempt.accepted_at:
            attempt.accept()
    return _wait_on(swap, attempt)


def _wait_on(swap: Swap, attempt: Attempt) -> datetime | None:
    """Wait, but not for ever; where its answer was lost, not longer than before it is asked for anew."""
    now = timezone.now()
    if ProviderState.of(swap.provider).paused_at is None:
        if now >= settling.deadline(swap):
            return endings.time_is_over(swap, attempt)
        if not attempt.accepted_at and now >= settling.doubt_ends(attempt):
            sentence = "Nothing was heard of it in the time that it had."
            code = "unknown_outcome"
            attempt.close(Attempt.Outcome.LOST, error_code=code, error_message=sentence)
            return now if swap.release() else None
    return settling.wait(swap, attempt)


def read(attempt: Attempt) -> datetime | None:
    """Act on what a callback said. Late ones, and those for what nobody wants, change nothing else."""
    swap = attempt.swap
    outcome = provider(attempt.provider).understand(attempt.heard or {})
    if isinstance(outcome, Done):
        return settling.settle(swap, attempt, outcome)
    if not isinstance(outcome, Refused) or attempt.finished_at or swap.status not in IN_FLIGHT:
        if isinstance(outcome, Refused) and swap.status not in IN_FLIGHT:
            endings.close(attempt, outcome)
        attempt.read()
        return None
    if not swap.take_up(seconds=settings.LEASE_SECONDS):
        # Whoever holds it is about to let go of it, and finds the news then.
        attempt.read_later()
        return None
    return settling.settle(swap, attempt, outcome)


def retrieve(attempt: Attempt) -> Outcome:
    """What the provider says has become of it."""
    names = {"trace_id": attempt.trace_id} if not attempt.task_id else {"task_id": attempt.task_id}
    return provider(attempt.provider).retrieve(**names)


def look_after_strays() -> None:
    """Attempts for swaps that nobody wants any more: what came of them is money, if nothing else."""
    oldest = timezone.now() - timedelta(seconds=settings.SWAP_DEADLINE)
    for attempt in Attempt.objects.stray().filter(started_at__lt=oldest)[:10]:
        found = retrieve(attempt) if settling.can_poll(attempt) else Pending()
        if isinstance(found, Done):
            settling.settle(attempt.swap, attempt, found)
        else:
            attempt.close(Attempt.Outcome.LOST)


# --- How it is asked -------------------------------------------------------------------------------


def mode_of(name: str) -> Mode | None:
    """How that provider is to be asked; None where it does not say whether it can be polled.

    Best is to be called back and to poll as well; then to poll; then to wait for the answer.
    """
    if name in HOSTED and settings.HOSTED_MODE == "auto" and not settings.SITE_URL:
        _look_for_tasks(name)
    return mode_known(name)


def mode_known(name: str) -> Mode | None:
    """The same as far as it is known, without asking anybody."""
    if name not in HOSTED:
        return Mode.SYNC
    if settings.HOSTED_MODE != "auto":
        return Mode(settings.HOSTED_MODE)
    if settings.SITE_URL:
        return Mode.CALLBACK
    has_tasks = ProviderState.of(name).has_tasks
    if has_tasks is None:
        return None
    return Mode.ASYNC if has_tasks else Mode.SYNC


def makes_wait(name: str) -> bool:
    """True where asking takes as long as a swap does, so that a worker must not stand and wait."""
    return name in HOSTED and mode_known(name) is Mode.SYNC


def _look_for_tasks(name: str) -> None:
    """Find out whether it can be polled, with a made-up id, before anything is bought.

    A no is believed for a day. Where the answer does not tell, what is known stays.
    """
    state = ProviderState.of(name)
    is_old = state.has_tasks_at is not None and timezone.now() - state.has_tasks_at > NO_TASKS_FOR
    if state.has_tasks is None or (is_old and not state.has_tasks):
        found = provider(name).retrieve(task_id=str(uuid4()))
        if isinstance(found, Pending | NoTasks):
            ProviderState.found_tasks(name, there=isinstance(found, Pending))


def job_of(swap: Swap, attempt: Attempt, mode: Mode) -> Job:
    """The swap as a provider takes it."""
    callback = reverse("callback", args=[attempt.secret]) if mode is Mode.CALLBACK else ""
    return Job(
        source=_picture(swap.source),
        target=_picture(swap.target),
        face=swap.face,
        mode=mode,
        callback_url=settings.SITE_URL + callback if callback else "",
    )


def _picture(photo: Photo | None) -> Picture:
    return Picture(read=partial(_read, photo), url=partial(_address, photo))


def _read(photo: Photo | None) -> bytes:
    if photo is None:
        raise FileNotFoundError
    return pictures.read_full(photo)


def _address(photo: Photo | None) -> str:
    """Made when it is sent, so that it lives as long as it may be needed from then on."""
    if photo is None:
        raise FileNotFoundError
    seconds = settings.SWAP_DEADLINE + OUTLIVES_SECONDS
    return storage.outside_url(photo.key, pictures.full_name(photo), seconds=seconds)
