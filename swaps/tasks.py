"""The work: a message wakes a worker, which claims what is to be done next and does one step of it.

The row is the truth and a message is only a hint: any of them may be lost, doubled or late.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import Exists, OuterRef
from django.tasks import task
from django.utils import timezone

from swaps import asking, callbacks, endings, faces, results, settling
from swaps.models import ApiRequest, Attempt, Photo, ProviderState, Status, Swap
from swaps.models.swap_queries import SwapQuerySet
from swaps.outages import Outage, outage_of
from swaps.providers import HOSTED
from swaps.providers.base import Refused

logger = logging.getLogger(__name__)

WAKE_UPS_A_SWEEP = 20
# Each is a thread that mostly waits; what came is decoded, which takes memory.
COLLECTED_AT_ONCE = 6
LOOK_SECONDS = 0.2
# One swap at a time is computed in a process, in whichever of its threads.
computing = threading.Lock()
# Swaps have none: before all of them in the queue, where somebody waits for the faces, else after them.
FACES_FIRST, FACES_LAST = 10, -10


@dataclass(frozen=True)
class Step:
    """What a worker is to do next with a swap that it holds; `do` says when it is to be looked at again."""

    swap: Swap
    do: Callable[[], datetime | None]
    is_slow: bool = False
    news: Attempt | None = None


@task
def work(swap_id: str) -> None:
    """Claim what is to be done next, which need not be for the swap that woke us, and do it."""
    with nullcontext() if _waits_for_others() else computing:
        step = _news(swap_id) or claim_next()
        if step is None:
            _come_back_for(swap_id)
        else:
            _do(step)


def _waits_for_others() -> bool:
    """Whether the swaps are computed elsewhere: then a process works on any number at once."""
    return settings.FACESWAP_PROVIDER in HOSTED


@task(priority=FACES_FIRST)
def find_faces(photo_id: str) -> None:
    """Look for a picture's faces, where nobody did or does. Mostly somebody has it before her eyes."""
    photo = Photo.objects.unlooked().filter(pk=photo_id).first()
    if photo is not None:
        faces.find(photo)


@task
def sweep() -> None:
    """Wake workers for what nobody works on: lost messages, what is due, and what a worker died over."""
    for pk in Attempt.objects.unread().values_list("swap", flat=True)[:WAKE_UPS_A_SWEEP]:
        wake(pk)
    for swap in chain(
        Swap.objects.due()[:WAKE_UPS_A_SWEEP],
        Swap.objects.uncollected()[:WAKE_UPS_A_SWEEP],
        _takable(Swap.objects.waiting())[:WAKE_UPS_A_SWEEP],
    ):
        wake(swap.pk)
    for pk in Photo.objects.to_be_looked_at().values_list("pk", flat=True)[:WAKE_UPS_A_SWEEP]:
        # Whoever waits for them asks again and again: that message is the quick one.
        find_faces.using(priority=FACES_LAST).enqueue(str(pk))
    callbacks.sweep()
    # Last, as it may have to wait for somebody else.
    asking.look_after_strays()


def wake(swap_id: object, *, at: datetime | None = None) -> None:
    """Leave a message for a worker, now or for a time to come."""
    message = work if at is None else work.using(run_after=at)
    message.enqueue(str(swap_id))


# --- Claiming --------------------------------------------------------------------------------------


def _news(swap_id: str) -> Step | None:
    """What a provider told by itself. It needs no claim: the rows know who was first to act on it.

    Each message looks for its own swap's first, so that two workers do not take up the same one, and leave
    another for the sweep.
    """
    unread = Attempt.objects.unread().select_related("swap")
    for attempt in filter(None, (unread.filter(swap__pk=swap_id).first(), unread.first())):
        if asking.may_read(attempt):
            return Step(attempt.swap, partial(asking.read, attempt), news=attempt)
    return None


def claim_next() -> Step | None:
    """What this worker may do next, claimed; None where all is in good hands.

    What was paid for comes first, then what waits for its pictures, then the line.
    """
    return _claim_due() or _claim_uncollected() or _claim_in_line()


def _claim_due() -> Step | None:
    while (swap := Swap.objects.due().first()) is not None:
        if swap.claim(seconds=settings.LEASE_SECONDS):
            return Step(swap, partial(asking.go_on, swap))
    return None


def _claim_uncollected() -> Step | None:
    """Slow links are fetched aside, and only so many at once: they hold up no swap but their own."""
    while Swap.objects.being_collected().count() < COLLECTED_AT_ONCE:
        swap = Swap.objects.uncollected().first()
        if swap is None:
            break
        if swap.collect(seconds=settings.LEASE_SECONDS, message=results.COLLECTING):
            return Step(swap, partial(_collect, swap), is_slow=True)
    return None


def _collect(swap: Swap) -> datetime | None:
    at = results.collect(swap)
    # A program looks at no faces; whoever opens its swap's page has them found then.
    photos = [] if ApiRequest.objects.filter(swap=swap).exists() else [swap.source, swap.target]
    for photo in filter(None, photos):
        if photo.ask_for_faces():
            find_faces.using(priority=FACES_LAST).enqueue(str(photo.pk))
    # There is room for the next one now, whose message may have found none.
    following = Swap.objects.uncollected().first()
    if following is not None:
        wake(following.pk)
    return at


def _claim_in_line() -> Step | None:
    """The fairest waiting swap, with its attempt: together, so that no more are in flight than may be."""
    while True:
        with transaction.atomic():
            heard = Exists(Attempt.objects.news_of(OuterRef("pk")))
            swap = _takable(Swap.objects.in_line(), lock=True).exclude(heard).first()
            if swap is None:
                return None
            if not swap.claim(seconds=settings.LEASE_SECONDS):
                continue
            if swap.provider in HOSTED and swap.attempts.open().exists():
                # Somebody cancelled it and thought better of it: the provider is still at it.
                return Step(swap, partial(asking.go_on, swap))
            attempt = asking.begin(swap)
        is_slow = asking.makes_wait(swap.provider)
        return Step(swap, partial(asking.submit, swap, attempt), is_slow=is_slow)


def _takable(waiting: SwapQuerySet, *, lock: bool = False) -> SwapQuerySet:
    """The waiting ones without those for whom nobody may be asked now.

    What was asked for before, and cancelled meanwhile, is at its provider already: it has its place there.
    """
    asked = Exists(Attempt.objects.open().filter(swap=OuterRef("pk")))
    return waiting.exclude(~asked, provider__in=_not_to_be_asked(lock=lock))


def _not_to_be_asked(*, lock: bool = False) -> list[str]:
    """The providers that are paused, held up, or have enough in flight."""
    waiting = Swap.objects.filter(status=Status.QUEUED, provider__in=HOSTED).values("provider")
    names = set(waiting.values_list("provider", flat=True))
    return [name for name in names if not _may_be_asked(name, lock=lock)]


def _may_be_asked(name: str, *, lock: bool = False) -> bool:
    state = ProviderState.locked(name) if lock else ProviderState.of(name)
    return asking.is_usable(name) and state.may_be_asked(most=settings.MAX_IN_FLIGHT)


def _come_back_for(swap_id: str) -> None:
    # Nothing to claim, but this one may be in the hands of a worker that has died meanwhile.
    held = Swap.objects.filter(pk=swap_id, lease_until__gte=timezone.now()).first()
    if held is not None:
        wake(swap_id, at=held.lease_until)


def see_through(swap: Swap) -> None:
    """Work on one swap that is claimed already to its end, in this process, whether or not a worker runs."""
    step: Step | None = _asking_step(swap)
    if swap.provider in HOSTED and not _may_be_asked(swap.provider):
        # Others wait, too.
        swap.release()
        step = None
    while step is not None or swap.in_flight:
        if step is not None:
            perform(step)
        swap.refresh_from_db()
        step = _next_step(swap) if swap.in_flight else None
        if step is None and swap.in_flight:
            time.sleep(LOOK_SECONDS)


def _asking_step(swap: Swap) -> Step:
    return Step(swap, lambda: asking.submit(swap, asking.begin(swap)))


def _next_step(swap: Swap) -> Step | None:
    """What is to be done next with this one swap, claimed; None where it is to be waited for."""
    news = Attempt.objects.unread().filter(swap=swap).select_related("swap").first()
    if news is not None and asking.may_read(news):
        return Step(news.swap, partial(asking.read, news), news=news)
    if swap.status != Status.QUEUED:
        is_ours = swap.claim(seconds=settings.LEASE_SECONDS)
        return Step(swap, partial(asking.go_on, swap)) if is_ours else None
    if not asking.is_usable(swap.provider):
        endings.fail(swap, Refused("no_token", asking.NOT_USABLE))
        return None
    if ProviderState.of(swap.provider).paused_at is not None:
        endings.fail(swap, Refused(settling.PAUSED, settling.PAUSED_SHELL))
        return None
    is_time = swap.poll_at is None or swap.poll_at <= timezone.now()
    if not is_time or (swap.provider in HOSTED and not _may_be_asked(swap.provider)):
        return None
    return _asking_step(swap) if swap.claim(seconds=settings.LEASE_SECONDS) else None


# --- Doing -----------------------------------------------------------------------------------------


def _do(step: Step) -> None:
    if step.is_slow:
        # It waits for another machine: other swaps need not wait with it.
        threading.Thread(target=_perform_aside, args=[step], daemon=True).start()
    else:
        follow(step, perform(step))


def _perform_aside(step: Step) -> None:
    try:
        follow(step, perform(step))
        go_on_where_idle()
    except Exception as error:
        # What comes after the step: the sweep finds what was to follow.
        if outage_of(error) is None:
            logger.error("crashed task_id=%s", step.swap.pk, exc_info=error)
        else:
            logger.warning("step=interrupted task_id=%s error=%s", step.swap.pk, error)
    finally:
        connection.close()


def go_on_where_idle() -> None:
    """What was collected can be computed at once where this process has nothing to do.

    The message that was left for that is seen up to a tenth of a second later, and finds it done.
    """
    if not _waits_for_others() and computing.acquire(blocking=False):
        try:
            step = _claim_in_line()
            if step is not None:
                _do(step)
        finally:
            computing.release()


def perform(step: Step) -> datetime | None:
    """Do one step under the swap's lease; when the swap is to be looked at again."""
    with lease_renewed(step.swap):
        return _done(step)


def follow(step: Step, at: datetime | None) -> None:
    """See to it that somebody goes on: with this swap, or with the next where there is room now.

    Where the step was the last one, whoever asked for the swap is told.
    """
    if at is not None:
        wake(step.swap.pk, at=at)
    elif step.swap.provider in HOSTED:
        following = _takable(Swap.objects.waiting()).first()
        if following is not None:
            wake(following.pk)
    if at is None:
        callbacks.tell(step.swap.pk)


def _done(step: Step) -> datetime | None:
    """Do it; whatever goes wrong, its owner hears of it."""
    swap = step.swap
    try:
        return step.do()
    except Exception as error:
        outage = outage_of(error)
        if outage is None:
            trace_id = step.news.trace_id if step.news else ""
            logger.error("crashed task_id=%s trace_id=%s", swap.pk, trace_id, exc_info=error)
        else:
            logger.warning("step=interrupted task_id=%s error=%s", swap.pk, error)
        if outage is Outage.DATABASE:
            # There is nowhere to write it down. The lease runs out, and the step is done again.
            return None
        if step.news is not None and outage is None:
            # What makes every worker stumble is not read twice.
            step.news.read()
        # What is in memory may have been rolled back; and somebody else may be at it by now.
        swap.refresh_from_db()
        if swap.lease is None or swap.lease != swap.taken:
            return None
        attempt = swap.attempts.first_choice()
        if outage is not None and attempt is not None:
            return settling.wait_for_storage(swap, attempt, outage)
        return _crashed(swap, attempt, error)


def _crashed(swap: Swap, attempt: Attempt | None, error: Exception) -> datetime | None:
    if isinstance(error, FileNotFoundError):
        gone = "A picture of this swap is not stored any more. Start again with new pictures."
        refusal = Refused("unreadable_image", gone)
    else:
        fault = "Something went wrong inside the site. Try again; the log has the details."
        refusal = Refused("api_error", fault)
    if attempt is None:
        return endings.fail(swap, refusal)
    if attempt.result_url:
        return results.try_later(swap, attempt, refusal.message)
    return endings.give_up(swap, attempt, refusal)


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
