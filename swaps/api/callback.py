"""Where a provider tells what came of an attempt: an address that is itself the secret, one an attempt.

Verify, parse, hand over, answer. What follows from it is a worker's.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from swaps import submission
from swaps.api import answering
from swaps.models import Attempt, ProviderState

logger = logging.getLogger(__name__)

MOST = 64 * 1024


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def callback(request: HttpRequest, secret: str) -> HttpResponse:
    """204: it was heard. 404: nobody waits for it here. 400, 413: it makes no sense."""
    attempt = Attempt.objects.filter(secret=secret).select_related("swap").first()
    if attempt is None:
        # Nothing of a stranger's body is read, nor of what the site sends itself to see whether it arrives.
        return HttpResponse(status=204 if ProviderState.close_loop(secret) else 404)
    body = answering.read(request, MOST)
    if len(body) > MOST:
        return HttpResponse(status=413)
    answer = _parsed(body)
    if answer is None:
        logger.warning("step=callback task_id=%s error=unreadable", attempt.swap_id)
        submission.note_noise(attempt)
        return HttpResponse(status=400)
    submission.note_outcome(attempt, answer)
    return HttpResponse(status=204)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
