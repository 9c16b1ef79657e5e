"""`/face/tasks`: what has become of swaps that were asked for by the API."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase

from swaps import asked, outcomes
from swaps.api import answering, auth
from swaps.asked import TaskQuestion
from swaps.models import ApiToken
from swaps.models.api_request import told_to
from swaps.models.told import Told, told

NOT_FOUND = "There is no such task of yours. It may have been deleted on the site."


@answering.endpoint
def tasks(request: HttpRequest) -> HttpResponseBase:
    """One task, or those of several ids that are the caller's, in the order of the ids."""
    token = auth.bearer(request, to="read")
    question = asked.task_question(answering.body_of(request))
    found = outcomes.tasks(_found(question, token))
    if question.is_batch:
        return answering.answered(request, {"items": found, "count": len(found)})
    if not found:
        raise answering.Refusal("not_found", NOT_FOUND)
    return answering.answered(request, found[0])


def _found(question: TaskQuestion, token: ApiToken) -> list[Told]:
    """Each once, however often and by whichever of its names it was asked for."""
    named = Q(swap__in=question.task_ids) | Q(trace_id__in=question.trace_ids)
    found = told(told_to(token), named)
    by_task = {one.task_id: one for one in found}
    by_trace = {one.trace_id: one for one in found}
    in_order = [by_task.get(task_id) for task_id in question.task_ids]
    in_order += [by_trace.get(trace_id) for trace_id in question.trace_ids]
    return [one for one in dict.fromkeys(in_order) if one is not None]
