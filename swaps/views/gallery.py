"""The gallery: the team's swaps, newest first, page by page, and those among them that somebody looks for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from swaps.forms import GalleryFilter
from swaps.models import Swap
from swaps.models.swap_queries import SwapQuerySet
from swaps.views import access, polling

PAGE = 60
# As much as one answer may hold for somebody who comes back to where she had scrolled to.
LONGEST = 600
RELATED = ("maker", "source", "target", "result")


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """One page of swaps. Ids are in the order of time: `?before=<id>` are the older ones, and
    `?through=<id>` are all from the newest to that one."""
    user = access.person(request)
    wanted = GalleryFilter(request.GET, user=user)
    swaps = wanted.found().marked_for(user).select_related(*RELATED).order_by("-pk")
    found, older = _page(request, swaps)
    shown = {
        "filter": wanted,
        "swaps": found,
        "asked": polling.worth_asking(found),
        "older": _query(request, before=older),
        "is_later_page": "before" in request.GET,
        "is_cut": len(found) == LONGEST,
    }
    # A page that is asked for by scrolling comes without what is around it.
    template = "gallery/_page.html" if "HX-Request" in request.headers else "gallery/index.html"
    return render(request, template, shown)


@login_not_required
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """How the asked-for swaps stand: cards for those that have ended, words for those in work."""
    user = access.person(request)
    wanted = access.uuids(request.GET.getlist("id"))[:PAGE]
    swaps = Swap.objects.visible_to(user).filter(pk__in=wanted)
    found = list(swaps.select_related(*RELATED))
    shown = {
        "filter": GalleryFilter(request.GET, user=user),
        "asked": polling.worth_asking(found),
        "changed": found,
    }
    return render(request, "gallery/_live.html", shown)


def _page(request: HttpRequest, swaps: SwapQuerySet) -> tuple[list[Swap], str]:
    """The swaps to show, and the id before which the next page starts; empty where there is none."""
    through = access.uuid(request.GET.get("through", ""))
    if through is not None:
        # The nearest ones to that one, where there are too many.
        found = list(swaps.filter(pk__gte=through).order_by("pk")[:LONGEST])[::-1]
        return found, str(found[-1].pk) if found else ""
    before = access.uuid(request.GET.get("before", ""))
    if before is not None:
        swaps = swaps.filter(pk__lt=before)
    found = list(swaps[: PAGE + 1])
    return found[:PAGE], str(found[PAGE - 1].pk) if len(found) > PAGE else ""


def _query(request: HttpRequest, *, before: str) -> str:
    """The query of the next page, with the same filter; empty where there is none."""
    if not before:
        return ""
    query = request.GET.copy()
    query.pop("through", None)
    query["before"] = before
    return query.urlencode()
