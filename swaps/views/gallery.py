"""The gallery: the team's swaps, newest first."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from swaps import health
from swaps.models import Swap
from swaps.views import access, polling

PAGE = 60


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """One page of swaps; `?before=<id>` are the older ones (ids are in the order of time)."""
    swaps = (
        Swap.objects.visible_to(request.user)
        .select_related("maker", "target", "result", "source")
        .order_by("-pk")
    )
    before = _uuid(request.GET.get("before", ""))
    if before is not None:
        swaps = swaps.filter(pk__lt=before)
    found = list(swaps[: PAGE + 1])
    return render(
        request,
        "gallery/index.html",
        {
            "swaps": found[:PAGE],
            "asked": polling.worth_asking(found[:PAGE]),
            "older": found[PAGE - 1] if len(found) > PAGE else None,
            "is_later_page": before is not None,
            "worker_is_running": health.worker_is_running(),
        },
    )


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """How the asked-for swaps stand: cards for those that have ended, words for those in work."""
    user = access.person(request)
    wanted = [swap_id for swap_id in map(_uuid, request.GET.getlist("id")) if swap_id]
    swaps = Swap.objects.visible_to(user).filter(pk__in=wanted[:PAGE])
    found = list(swaps.select_related("maker", "target", "result", "source"))
    shown = {"asked": polling.worth_asking(found), "changed": found}
    return render(request, "gallery/_live.html", shown)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
