"""What can be done with several swaps at once: delete, put back, delete for good, download."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from swaps import archive, submission
from swaps.models import Event, Swap, What
from swaps.models.swap_queries import SwapQuerySet
from swaps.views import access, toasts

MOST = 500


@access.post_only("gallery")
def trash(request: HttpRequest) -> HttpResponse:
    """Into the trash with those of the chosen that the person may delete."""
    user, by = access.person(request), access.by(request)
    mine = list(_chosen(request, Swap.objects.changeable_by(user)))
    gone = [swap for swap in mine if submission.trash_swap(swap, by=by)]
    others = len(_ids(request)) - len(mine)
    if "HX-Request" in request.headers:
        return render(request, "gallery/_trashed.html", {"trashed": gone, "others": others})
    if gone:
        toasts.offer_undo(request, gone)
    if others:
        messages.info(request, toasts.not_yours(others))
    return _back(request)


@access.post_only("gallery")
def put_back(request: HttpRequest) -> HttpResponse:
    """Out of the trash again."""
    user, by = access.person(request), access.by(request)
    for swap in _chosen(request, Swap.objects.in_trash_of(user)):
        submission.put_back_swap(swap, by=by)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204)
    return _back(request)


@access.post_only("gallery")
def erase(request: HttpRequest) -> HttpResponse:
    """Delete what is in the trash for good."""
    user, by = access.person(request), access.by(request)
    chosen = _chosen(request, Swap.objects.in_trash_of(user))
    count = sum(submission.delete_swap(swap, by=by) for swap in chosen)
    messages.success(request, toasts.counted(count, "deleted for good"))
    return redirect("trash")


@access.post_only("gallery")
def download(request: HttpRequest) -> HttpResponseBase:
    """A zip of the chosen swaps, sent while it is made."""
    chosen = list(_chosen(request, Swap.objects.visible_to(access.person(request))))
    if not chosen:
        messages.info(request, "None of these swaps is there any more.")
        return _back(request)
    Event.record_all(What.DOWNLOADED, chosen, by=access.by(request))
    name = f"swaps-{timezone.now():%Y-%m-%d-%H%M}.zip"
    return StreamingHttpResponse(
        archive.stream(chosen),
        content_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def _chosen(request: HttpRequest, among: SwapQuerySet) -> Iterable[Swap]:
    return among.whole().filter(pk__in=_ids(request)).order_by("-pk")


def _ids(request: HttpRequest) -> set[UUID]:
    return set(access.uuids(request.POST.getlist("id")[:MOST]))


def _back(request: HttpRequest) -> HttpResponse:
    """To the page that the form was on."""
    there = request.POST.get("next", "")
    own = {request.get_host()}
    if url_has_allowed_host_and_scheme(there, own, require_https=request.is_secure()):
        return redirect(there)
    return redirect("gallery")
