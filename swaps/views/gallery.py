"""The gallery: the team's swaps, newest first."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from swaps import health
from swaps.models import Swap
from swaps.views import access

PAGE = 60


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """One page of swaps; `?before=<id>` are the older ones (ids are in the order of time)."""
    swaps = (
        Swap.objects.visible_to(request.user)
        .select_related("maker", "target", "result", "source")
        .order_by("-pk")
    )
    before = _before(request)
    if before is not None:
        swaps = swaps.filter(pk__lt=before)
    found = list(swaps[: PAGE + 1])
    return render(
        request,
        "gallery/index.html",
        {
            "swaps": found[:PAGE],
            "older": found[PAGE - 1] if len(found) > PAGE else None,
            "is_later_page": before is not None,
            "worker_is_running": health.worker_is_running(),
        },
    )


@login_not_required
@require_safe
def card(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """One swap's card, for the gallery to bring itself up to date."""
    swap = access.visible_swap(request.user, swap_id)
    return render(request, "gallery/_card.html", {"swap": swap})


def _before(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None
