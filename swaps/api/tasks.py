"""`/face/tasks`: what has become of swaps that were asked for by the API."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from swaps import asked, outcomes
from swaps.api import answering, auth
from swaps.models import ApiRequest

NOT_FOUND = "There is no such task of yours. It may have been deleted on the site."


@answering.endpoint
def tasks(request: HttpRequest) -> HttpResponseBase:
    """One task, or those of several ids that are the caller's."""
    token = auth.bearer(request, to="read")
    question = asked.task_question(answering.body_of(request))
    named = Q(swap__in=question.task_ids) | Q(trace_id__in=question.trace_ids)
    found = ApiRequest.objects.told_to(token).filter(named).whole()
    told = [outcomes.task(one) for one in found]
    if question.is_batch:
        return answering.answered(request, {"items": told, "count": len(told)})
    if not told:
        raise answering.Refusal("not_found", NOT_FOUND)
    return answering.answered(request, told[0])
