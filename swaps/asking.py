"""Asking a provider: to make a swap, and what has become of it. One step at a time, called by tasks.py.

Each step returns when the swap is to be looked at again; None: it is not.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache, partial
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from swaps import crops, endings, pictures, results, settling, storage
from swaps.models import Attempt, Photo, ProviderState, Swap
from swaps.models.status import Status
from swaps.outages import outage_of
from swaps.providers import HOSTED, provider_class
from swaps.providers.base import (
    Accepted,
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
    Unknown,
)

logger = logging.getLogger(__name__)

# Pictures' addresses outlive the job: it may wait at the provider, and be looked at afterwards.
OUTLIVES_SECONDS = 600
# Seconds between tries to write down what was answered; after them the lease is long gone.
ANSWER_KEPT = (0.5, 1, 2, 4, 8, 15, 30)
STRAYS_AT_ONCE = 2
STOPPED = (
    "The work on this swap stopped several times without a result. "
    "Try again, or choose another Photo."
)
NO_ANSWER = "The face swap service did not answer. Try again later."
NOT_USABLE = (
    "The face swap service is not set up: its token is missing or cannot be one. Tell the admin."
)
NOTHING_HEARD = "Nothing was heard of it in the time that it had."


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


def is_usable(name: str) -> bool:
    """False where its settings can never work: without a token, say."""
    try:
        provider(name)
    except ValueError:
        return False
    return True


def roles_of(name: str) -> str:
    """Which picture goes as which: the admin's word, else the setting's."""
    return ProviderState.of(name).roles or settings.ROLES


# --- The steps -------------------------------------------------------------------------------------


def submit(swap: Swap, attempt: Attempt) -> datetime | None:
    """Ask the provider to make the swap. What was to be asked is written before."""
    if settling.tried(swap) > settling.MAX_ATTEMPTS:
        return endings.give_up(swap, attempt, Refused("api_error", STOPPED))
    if swap.provider not in HOSTED:
        outcome = provider(swap.provider).submit(job_of(swap, attempt, Mode.SYNC))
        return settling.settle(swap, attempt, outcome)
    if timezone.now() > settling.deadline(swap):
        return endings.time_is_over(swap, attempt)
    answer = _ask(swap, attempt)
    return _settled(swap, attempt, answer) if answer is not None else None


def _ask(swap: Swap, attempt: Attempt) -> Done | Accepted | Unknown | Refused | None:
    """What the provider of another machine answers; None where nobody is to be asked any more."""
    if not is_usable(swap.provider):
        return Refused("no_token", NOT_USABLE)
    mode = mode_of(swap.provider)
    if isinstance(mode, Refused):
        return mode
    refusal = crops.prepare(swap, attempt)
    if refusal is not None:
        return refusal
    if not attempt.ask(mode):
        # Making a crop takes a while: somebody may have cancelled it, which costs nothing yet.
        attempt.close(Attempt.Outcome.LOST)
        return None
    return provider(swap.provider).submit(job_of(swap, attempt, mode))


def _settled(
    swap: Swap, attempt: Attempt, outcome: Done | Accepted | Unknown | Refused
) -> datetime | None:
    """Act on an answer that may be worth money, so that a database that is away for a while does not lose it."""
    for pause in ANSWER_KEPT:
        try:
            return settling.settle(swap, attempt, outcome)
        except DatabaseError as error:
            if outage_of(error) is None:
                raise
            logger.warning("step=interrupted task_id=%s error=%s", swap.pk, error)
        connection.close()
        time.sleep(pause)
    return settling.settle(swap, attempt, outcome)


def go_on(swap: Swap) -> datetime | None:
    """Go on with a swap that a worker left or that is waited for, wherever it stands."""
    attempt = swap.attempts.first_choice()
    if attempt is not None and attempt.result_url:
        is_ours = swap.status == Status.FETCHING or swap.record_outcome()
        return results.fetch(swap, attempt) if is_ours else None
    if swap.provider in HOSTED:
        if attempt is not None and not _was_never_asked(attempt):
            return follow_up(swap, attempt)
        # Asking is for whoever claims from the line, where it is counted and paused.
        return timezone.now() if swap.release() else None
    if swap.status == Status.FETCHING and not swap.restart():
        return None
    return submit(swap, begin(swap))


def _was_never_asked(attempt: Attempt) -> bool:
    """Whether its worker died before it asked anybody: then it is closed, and costs nobody any waiting."""
    if not attempt.mode and attempt.close(Attempt.Outcome.LOST):
        return True
    attempt.refresh_from_db()
    return False


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
    # Before it is given up even one is asked that was not known to answer.
    is_last = bool(attempt.task_id) and timezone.now() >= settling.deadline(swap)
    asks = is_last or settling.can_poll(attempt)
    found = retrieve(attempt) if asks else Pending(known=False)
    match found:
        case Refused(job_open=True):
            # It is not the job that was refused, but the question.
            endings.pause(swap.provider, found)
        case Done() | Refused():
            return settling.settle(swap, attempt, found)
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
            told = {"error_code": "unknown_outcome", "error_message": NOTHING_HEARD}
            with transaction.atomic():
                closed = attempt.close(Attempt.Outcome.LOST, **told)
                return now if closed and swap.release() else None
    return settling.wait(swap, attempt)


# --- What is heard ---------------------------------------------------------------------------------


def may_read(attempt: Attempt) -> bool:
    """Whether a worker may act on what a callback said: a failure only where she holds the swap from now on."""
    if not _is_refused_and_waited_for(attempt):
        return True
    return attempt.swap.take_up(seconds=settings.LEASE_SECONDS)


def read(attempt: Attempt) -> datetime | None:
    """Act on what a callback said. Late ones, and those for what nobody wants, change nothing else."""
    swap, outcome = attempt.swap, understood(attempt)
    if isinstance(outcome, Done) or _is_refused_and_waited_for(attempt):
        return settling.settle(swap, attempt, outcome)
    if isinstance(outcome, Refused):
        # It waits in the line, has another attempt's result, or has ended: it needs nothing of this one.
        endings.close(attempt, outcome)
    attempt.read()
    return None


def understood(attempt: Attempt) -> Done | Unknown | Refused:
    """What the last callback said."""
    return provider_class(attempt.provider).understand(attempt.heard or {})


def _is_refused_and_waited_for(attempt: Attempt) -> bool:
    swap = attempt.swap
    is_waited_for = swap.status == Status.RUNNING and attempt == swap.attempts.first_choice()
    return is_waited_for and isinstance(understood(attempt), Refused)


def retrieve(attempt: Attempt) -> Outcome:
    """What the provider says has become of it."""
    if not is_usable(attempt.provider):
        return Unknown(NOT_USABLE)
    names = {"trace_id": attempt.trace_id} if not attempt.task_id else {"task_id": attempt.task_id}
    found = provider(attempt.provider).retrieve(**names)
    if isinstance(found, NoTasks):
        ProviderState.found_no_tasks(attempt.provider, certain=found.certain)
    elif not isinstance(found, Unknown):
        ProviderState.found_tasks(attempt.provider)
    return found


def look_after_strays() -> None:
    """Attempts for swaps that nobody wants any more: what came of them is money, if nothing else."""
    now, deadline = timezone.now(), timedelta(seconds=settings.SWAP_DEADLINE)
    due = Attempt.objects.stray().exclude(started_at__gte=now - deadline, result_url="")
    # At random, so that two of which nothing can be heard do not keep the others.
    for attempt in due.select_related("swap").order_by("?")[:STRAYS_AT_ONCE]:
        asks = not attempt.result_url and settling.can_poll(attempt)
        found = retrieve(attempt) if asks else Pending()
        is_told = not isinstance(found, Unknown) and not getattr(found, "job_open", False)
        if isinstance(found, Done):
            settling.settle(attempt.swap, attempt, found)
        elif is_told or attempt.started_at < now - 2 * deadline:
            attempt.close(Attempt.Outcome.LOST)


# --- How it is asked -------------------------------------------------------------------------------


def mode_of(name: str) -> Mode | Refused:
    """How that provider of another machine is to be asked, or why it cannot be.

    Best is to be called back and to poll as well; then to poll; then to wait for the answer.
    """
    if settings.HOSTED_MODE == "auto" and not settings.SITE_URL:
        refusal = _look_for_tasks(name)
        if refusal is not None:
            return refusal
    return mode_known(name) or Refused("api_error", NO_ANSWER, then=Then.AGAIN)


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


def _look_for_tasks(name: str) -> Refused | None:
    """Find out whether it can be polled, with a made-up id, before anything is bought.

    Where the answer does not tell, what is known stays. Answers why it may not even be asked that.
    """
    state = ProviderState.of(name)
    if state.has_tasks is not None and (state.has_tasks or not state.may_have_tasks):
        return None
    found = provider(name).retrieve(task_id=str(uuid4()))
    if isinstance(found, Pending):
        ProviderState.found_tasks(name)
    elif isinstance(found, NoTasks):
        ProviderState.found_no_tasks(name, certain=found.certain)
    return replace(found, job_open=False) if isinstance(found, Refused) else None


def job_of(swap: Swap, attempt: Attempt, mode: Mode) -> Job:
    """The swap as a provider takes it. Which faces are meant a crop may say."""
    callback = reverse("callback", args=[attempt.secret]) if mode is Mode.CALLBACK else ""
    is_told = swap.provider not in HOSTED
    return Job(
        source=_picture(swap.source, attempt, "source"),
        target=_picture(swap.target, attempt, "target"),
        source_face=swap.source_face if is_told else "",
        target_faces=swap.target_faces if is_told else "",
        mode=mode,
        callback_url=settings.SITE_URL + callback if callback else "",
    )


def _picture(photo: Photo | None, attempt: Attempt, role: str) -> Picture:
    return Picture(read=partial(_read, photo), url=partial(_address, photo, attempt, role))


def _read(photo: Photo | None) -> bytes:
    if photo is None:
        raise FileNotFoundError
    return pictures.read_full(photo)


def _address(photo: Photo | None, attempt: Attempt, role: str) -> str:
    """Made when it is sent, so that it lives as long as it may be needed from then on."""
    if photo is None:
        raise FileNotFoundError
    seconds = settings.SWAP_DEADLINE + OUTLIVES_SECONDS
    crop = crops.outside_url(attempt, role, seconds=seconds)
    return crop or storage.outside_url(photo.key, pictures.full_name(photo), seconds=seconds)
