"""Where a provider tells what came of an attempt: an address that is itself the secret, one an attempt.

Verify, parse, hand over, answer. What follows from it is a worker's.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.http import HttpRequest, HttpResponse

from swaps import submission
from swaps.api import answering
from swaps.api.answering import Refusal
from swaps.models import Attempt, ProviderState

logger = logging.getLogger(__name__)

MOST = 64 * 1024
NOBODY = "Nobody waits for a callback at this address."
TOO_LONG = "A callback has at most 64 KB."
NO_SENSE = "The body is no JSON object of the Face Swap API."


@answering.endpoint
def callback(request: HttpRequest, secret: str) -> HttpResponse:
    """204: it was heard. 404: nobody waits for it here. 400, 413: it makes no sense."""
    attempt = Attempt.objects.filter(secret=secret).select_related("swap").first()
    if attempt is None:
        # Nothing of a stranger's body is read, nor of what the site sends itself to see whether it arrives.
        if not ProviderState.close_loop(secret):
            raise Refusal("not_found", NOBODY)
        return HttpResponse(status=204)
    body = answering.read(request, MOST)
    if len(body) > MOST:
        raise Refusal("bad_request", TOO_LONG, status=413)
    answer = _parsed(body)
    if answer is None:
        logger.warning("step=callback task_id=%s error=unreadable", attempt.swap_id)
        submission.note_noise(attempt)
        raise Refusal("bad_request", NO_SENSE)
    submission.note_outcome(attempt, answer)
    return HttpResponse(status=204)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
