"""The trash: what was deleted in the last days, to put back or to delete for good."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from swaps.models import Swap
from swaps.models.swap_queries import TRASH_DAYS
from swaps.views import access

MOST = 200


@require_safe
def trash(request: HttpRequest) -> HttpResponse:
    """What the person deleted, or others did in a team that she owns; the last one first."""
    swaps = Swap.objects.in_trash_of(access.person(request))
    shown = swaps.whole().order_by("-trashed_at")
    return render(request, "trash/index.html", {"swaps": shown[:MOST], "days": TRASH_DAYS})
