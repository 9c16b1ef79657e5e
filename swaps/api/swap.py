"""`/face/swap`: makes a swap. The answer is its result, or at once its task_id."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from swaps import asked, awaiting, contract, outcomes, taking
from swaps.api import answering, auth
from swaps.asked import SwapRequest
from swaps.caps import CapReached
from swaps.contract import Answer
from swaps.models import ApiRequest, ApiToken, By, Swap
from swaps.models.told import told
from swaps.origin import origin

COME_BACK = "5"
BUSY = (
    "As many callers wait for their swaps as may. Come back in a while, or ask with async: true and "
    "look at /face/tasks."
)
ERASED = "Somebody erased this swap on the site."
TIME_IS_OVER = (
    "The swap is not done within {seconds:g} second{plural}. It goes on: ask /face/tasks for it."
)


@cache
def watcher() -> awaiting.Watcher:
    """The one of this process."""
    return awaiting.Watcher(most=settings.API_WAITING, ended=awaiting.ended)


@answering.endpoint
def swap(request: HttpRequest) -> HttpResponseBase:
    """Takes the request; waits for the outcome unless it is asked not to."""
    token = auth.bearer(request, to="swap")
    wish = asked.swap_request(answering.body_of(request), longest_url=Swap.LINK_LENGTH)
    if not wish.waits:
        task = _take(request, token, wish)
        answer = contract.accepted_answer(task_id=str(task.swap_id), trace_id=str(task.trace_id))
        return answering.answered(request, answer)
    try:
        with watcher().place():
            outcome = _outcome(_take(request, token, wish), seconds=_patience(wish))
    except awaiting.TooMany:
        raise answering.Refusal("too_many_requests", BUSY, Retry_After=COME_BACK) from None
    return answering.answered(request, outcome, status=outcomes.status_of(outcome))


def _take(request: HttpRequest, token: ApiToken, wish: SwapRequest) -> ApiRequest:
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > ApiRequest.KEY_LENGTH or not (key.isascii() and key.isprintable()):
        raise asked.Invalid(
            f"The header Idempotency-Key may have {ApiRequest.KEY_LENGTH} letters, digits and signs."
        )
    by = By.at(request.META.get("REMOTE_ADDR", ""), user=token.user, via="api")
    trace_id = answering.trace_id_of(request)
    found_at = origin(request)
    try:
        return taking.take(wish, token=token, by=by, origin=found_at, trace_id=trace_id, key=key)
    except CapReached as reached:
        if reached.is_of_a_day:
            raise answering.Refusal("used_up", str(reached)) from reached
        raise answering.Refusal(
            "too_many_requests", str(reached), Retry_After=COME_BACK
        ) from reached


def _patience(wish: SwapRequest) -> float:
    seconds = contract.LONGEST_SWAP if wish.timeout is None else wish.timeout
    return min(seconds, settings.API_LONGEST_WAIT)


def _outcome(task: ApiRequest, *, seconds: float) -> Answer:
    """The swap's outcome once it has one; when the time is over the swap goes on without the caller."""
    if not connection.in_atomic_block:
        # Whoever waits needs no connection meanwhile, of which a database has only so many.
        connection.close()
    watcher().wait(task.swap_id, seconds=seconds)
    found = told(Q(pk=task.pk))
    if not found:
        return _no_outcome(task, code="not_found", message=ERASED)
    late = TIME_IS_OVER.format(seconds=seconds, plural="" if seconds == 1 else "s")
    return outcomes.response(found[0]) or _no_outcome(task, code="timeout", message=late)


def _no_outcome(task: ApiRequest, *, code: str, message: str) -> Answer:
    error = contract.error_object(code=code, message=message)
    return contract.error_answer(
        error=error, trace_id=str(task.trace_id), task_id=str(task.swap_id)
    )
