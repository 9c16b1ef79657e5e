"""Telling programs: the outcome of a swap is POSTed, signed, to the address that its request gave.

The row of a callback is the truth. Threads beside the work find what is due, in the worker and, where somebody
cancels a swap, in the web server; a message only wakes them for another try, and the sweep for what was lost.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.tasks import task
from django.utils import timezone
from standardwebhooks import Webhook

from swaps import outcomes, results
from swaps.contract import printable
from swaps.http import DoorError
from swaps.models import ApiRequest, Callback, Delivery, Swap
from swaps.models.callback import SUCCESS
from swaps.models.told import told
from swaps.outages import outage_of
from swaps.sealing import Unreadable

logger = logging.getLogger(__name__)

SECONDS = 15
"""Total time limit of one delivery."""
LEASE_SECONDS = 2 * SECONDS
PAUSES = (5, 30, 300, 1800, 7200)
"""Seconds from a try that failed to the next one; up to a tenth more, so that not all come back at once."""
AT_ONCE = 16
"""Threads a process: each mostly waits for a receiver."""
GONE = 410
"""The HTTP status by which a receiver says that it wants no more."""
READ_AT_MOST = 4 * Delivery.ANSWER_LENGTH
TOLD_A_SWEEP = 200

UNSIGNED = (
    "Not sent: the token that asked for this swap is gone, and with it the secret to sign with."
)
BROKEN = "Something went wrong inside the site. The log has the details."


@dataclass(frozen=True)
class Try:
    """What came of one delivery: an HTTP *status* with the start of its *answer*, or why there was none."""

    status: int | None = None
    answer: str = ""
    error: str = ""
    is_hopeless: bool = False

    @property
    def ended(self) -> str:
        """Why it is not tried again; empty where it may be."""
        if self.is_hopeless:
            return Callback.Ended.UNSIGNED
        if self.status == GONE:
            return Callback.Ended.GONE
        return Callback.Ended.DELIVERED if self.status in SUCCESS else ""


# --- What there is to tell -------------------------------------------------------------------------


def tell(swap_id: UUID) -> None:
    """Have the swap's outcome told, beside whatever goes on here, where it has one that somebody waits for.

    Whatever goes wrong is no matter of the swap's: the sweep finds the row.
    """
    try:
        if note(swap_id):
            start()
    except Exception as error:
        if outage_of(error) is None:
            logger.error("crashed task_id=%s", swap_id, exc_info=error)
        else:
            logger.warning("step=callback_out task_id=%s error=%s", swap_id, error)


def note(swap_id: UUID) -> bool:
    """Write down what is to be told of the swap's outcome, as /face/tasks tells it now: True where there is."""
    if not Callback.untold().filter(swap=swap_id).exists():
        return False
    with transaction.atomic():
        # Whoever tries the swap again meanwhile waits here; the outcome is then looked at as it is.
        ApiRequest.objects.select_for_update(no_key=True).filter(swap=swap_id).first()
        asked = Callback.untold().filter(swap=swap_id).select_related("swap").first()
        if asked is None:
            return False
        # Of that outcome, not of one that came a moment ago: the sweep finds that.
        found = told(Q(pk=asked.pk, swap__finished_at=asked.swap.finished_at))
        body = outcomes.response(found[0]) if found else None
        if body is None:
            return False
        Callback.make(asked, body)
        if not asked.swap.may_be_rescued:
            ApiRequest.objects.filter(pk=asked.pk).update(awaits_outcome=False)
    return True


def again(swap: Swap) -> bool:
    """Have the swap's last outcome told once more: True unless there is none, or it is being told just now."""
    callback = Callback.objects.filter(swap=swap).order_by("pk").last()
    if callback is None:
        return False
    # The address of its result may be another one by now.
    found = told(Q(swap=swap, swap__finished_at=callback.settled_at))
    return callback.again(outcomes.response(found[0]) if found else None)


def sweep() -> None:
    """Tell what nobody tells: outcomes whose message was lost, and what whoever was at it died over."""
    for swap_id in Callback.untold().values_list("swap_id", flat=True)[:TOLD_A_SWEEP]:
        tell(swap_id)
    for _ in Callback.objects.due()[:AT_ONCE]:
        start()
    Callback.expect_no_more()


@task
def call_back() -> None:
    """It is time for another try of some callback."""
    start()


# --- Threads beside the work -----------------------------------------------------------------------

_places = threading.BoundedSemaphore(AT_ONCE)


def start() -> None:
    """Have a thread tell what is due; where there are as many as may be, one of those comes to it."""
    if _places.acquire(blocking=False):
        threading.Thread(target=_aside, name="callbacks", daemon=True).start()


def _aside() -> None:
    try:
        work_off()
    except Exception as error:
        # Mostly there is nowhere to read or to write. Leases run out, and the sweep begins again.
        if outage_of(error) is None:
            logger.error("crashed", exc_info=error)
        else:
            logger.warning("step=callback_out error=%s", error)
    finally:
        connection.close()
        _places.release()


def work_off() -> None:
    """Tell whatever is due, one after the other."""
    while (callback := _claim_next()) is not None:
        at = deliver(callback)
        if at is not None:
            call_back.using(run_after=at).enqueue()


def _claim_next() -> Callback | None:
    due = Callback.objects.due().select_related("swap__api_request__token")
    while (callback := due.first()) is not None:
        if callback.claim(seconds=LEASE_SECONDS):
            return callback
    return None


# --- One delivery ----------------------------------------------------------------------------------


def deliver(callback: Callback) -> datetime | None:
    """POST it and write down what came of it; when it is to be tried again, if it is."""
    start = perf_counter()
    if not connection.in_atomic_block:
        # Whoever waits for a receiver needs no connection meanwhile, of which a database has only so many.
        connection.close()
    tried = _tried(callback)
    seconds = perf_counter() - start
    ended, next_at = tried.ended, None
    if not ended and callback.tries < len(PAUSES):
        next_at = timezone.now() + _pause(callback.tries)
    ended = ended or ("" if next_at else Callback.Ended.GIVEN_UP)
    won = callback.told(
        seconds=seconds, status=tried.status, answer=tried.answer, error=tried.error,
        ended=ended, next_at=next_at,
    )  # fmt: skip
    logger.info(
        "step=callback_out task_id=%s trace_id=%s number=%s status=%s seconds=%.3f outcome=%s",
        callback.swap_id, callback.swap.api_request.trace_id, callback.tries + 1,
        tried.status or "", seconds, (ended or "again") if won else Callback.Ended.OVERTAKEN,
    )  # fmt: skip
    return next_at if won else None


def _tried(callback: Callback) -> Try:
    try:
        return _post(callback)
    except (DoorError, Unreadable) as error:
        return Try(error=str(error))
    except Exception as error:
        logger.error("crashed task_id=%s", callback.swap_id, exc_info=error)
        return Try(error=BROKEN)


def _post(callback: Callback) -> Try:
    token = callback.swap.api_request.token
    if token is None:
        return Try(error=UNSIGNED, is_hopeless=True)
    body = json.dumps(callback.body, allow_nan=False)
    answer = results.programs_door().tell(
        callback.url, body.encode(), headers=_headers(callback.pk, body, token.webhook_secret),
        seconds=SECONDS, most=READ_AT_MOST,
    )  # fmt: skip
    said = printable(answer.body.decode(errors="replace"))[: Delivery.ANSWER_LENGTH]
    return Try(status=answer.status, answer=said)


def _headers(webhook_id: UUID, body: str, secret: str) -> dict[str, str]:
    """Those of Standard Webhooks 1.0.0: the secret signs the id, the time of this try and the body."""
    now = timezone.now()
    return {
        "webhook-id": str(webhook_id),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(str(webhook_id), now, body),
    }


def _pause(tries: int) -> timedelta:
    return timedelta(seconds=PAUSES[tries] * random.uniform(1, 1.1))  # noqa: S311 (spreads load, guards nothing)
