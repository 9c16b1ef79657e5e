"""The gallery: the team's swaps, newest first, page by page, and those among them that somebody looks for."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from swaps import health
from swaps.forms import GalleryFilter
from swaps.models import Swap
from swaps.views import access, polling

PAGE = 60


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """One page of swaps; `?before=<id>` are the older ones (ids are in the order of time)."""
    wanted = GalleryFilter(request.GET, user=access.person(request))
    before = _uuid(request.GET.get("before", ""))
    swaps = wanted.found().select_related("maker", "target", "result", "source").order_by("-pk")
    if before is not None:
        swaps = swaps.filter(pk__lt=before)
    found = list(swaps[: PAGE + 1])
    shown = {
        "filter": wanted,
        "swaps": found[:PAGE],
        "asked": polling.worth_asking(found[:PAGE]),
        "older": _older(request, found),
        "is_later_page": before is not None,
        "worker_is_running": health.worker_is_running(),
    }
    # A page that is asked for by scrolling comes without what is around it.
    template = "gallery/_page.html" if "HX-Request" in request.headers else "gallery/index.html"
    return render(request, template, shown)


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


def _older(request: HttpRequest, found: list[Swap]) -> str:
    """The query of the next page, with the same filter; empty where there is none."""
    if len(found) <= PAGE:
        return ""
    query = request.GET.copy()
    query["before"] = str(found[PAGE - 1].pk)
    return query.urlencode()


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
