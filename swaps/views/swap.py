"""A swap's page, its live state, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django_htmx.http import retarget

from swaps import health, outcomes, submission
from swaps.caps import CapReached
from swaps.contract import error_object
from swaps.face_choice import ROLES
from swaps.forms import GalleryFilter
from swaps.models import ApiRequest, Callback, Status, Swap
from swaps.views import access, around, polling, toasts


@require_safe
def swap(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """The page: progress while it is made, before and after once it is.

    The gallery's filter in the address says which swaps are the previous and the next one.
    """
    found = access.visible_swap(request.user, swap_id)
    wanted = GalleryFilter(request.GET, user=access.person(request))
    shown = {**_shown(request, found, wanted), "neighbours": around.neighbours(found, wanted)}
    return render(request, "swap/index.html", shown)


@login_not_required
@require_safe
def stage(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """The page's middle, which brings itself up to date while the swap is made."""
    found = access.visible_swap(request.user, swap_id)
    wanted = GalleryFilter(request.GET, user=access.person(request))
    shown = {**_shown(request, found, wanted), "is_live": True}
    has_come = "without" in request.GET and found.target_id is not None
    if found.in_flight and not has_come:
        # Only the words move: the picture behind them stays, so nothing flickers.
        return render(request, "swap/_progress.html", shown)
    response = render(request, "swap/_stage.html", shown)
    return retarget(response, "#stage")


@login_not_required
@require_safe
def swap_json(request: HttpRequest, swap_id: UUID) -> JsonResponse:
    """The swap as a program reads it."""
    found = access.visible_swap(request.user, swap_id)
    attempt = found.attempts.last()
    result = found.result
    error = None
    if found.status == Status.FAILED:
        error = error_object(
            code=found.error_code, message=found.error_message, picture=found.error_picture
        )
    return JsonResponse(
        {
            "id": str(found.pk),
            "status": found.status,
            "task_id": str(found.pk),
            "trace_id": attempt.trace_id if attempt else None,
            "error": error,
            "image_url": request.build_absolute_uri(reverse("result", args=[found.pk]))
            if result
            else None,
            "image_width": result.width if result else None,
            "image_height": result.height if result else None,
            "image_size": result.bytes if result else None,
        }
    )


@access.post_only("swap", "swap_id")
def retry(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    return _act(request, swap_id, submission.retry_swap, "This swap cannot be tried again now.")


@access.post_only("swap", "swap_id")
def cancel(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    return _act(request, swap_id, submission.cancel_swap, "This swap had already ended.")


@access.post_only("swap", "swap_id")
def close_picture(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """The result's address, which a program was told, opens nothing any more."""
    found = access.changeable_swap(request.user, swap_id)
    if submission.close_picture(found, by=access.by(request)):
        messages.success(request, "The address is revoked. It opens nothing any more.")
    else:
        messages.info(request, "There is no address to revoke.")
    return _back("swap", request, swap_id)


@access.post_only("swap", "swap_id")
def rename(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    found = access.changeable_swap(request.user, swap_id)
    submission.rename_swap(found, request.POST.get("title", ""), by=access.by(request))
    return _back("swap", request, swap_id)


@access.post_only("swap", "swap_id")
def favourite(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """One's own mark, so whoever may see the swap may set it; htmx is given the button alone."""
    user = access.person(request)
    found = access.visible_swap(user, swap_id)
    wanted = request.POST.get("wanted") == "on"
    submission.mark_favourite(found, user, wanted=wanted, by=access.by(request))
    if "HX-Request" not in request.headers:
        return _back("swap", request, swap_id)
    shown = {"swap": access.visible_swap(user, swap_id)}
    return render(request, "components/favourite.html", shown)


@access.post_only("swap", "swap_id")
def call_back(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Once more; what its receiver answers stands on the page a moment later."""
    found = access.changeable_swap(request.user, swap_id)
    if submission.call_back_again(found, by=access.by(request)):
        messages.success(
            request, "The callback is being sent again. Load this page anew to see its answer."
        )
    else:
        messages.info(request, "There is no callback to be sent, or it is being sent just now.")
    return redirect(reverse("swap", args=[swap_id], query=request.GET, fragment="callbacks"))


@access.post_only("swap", "swap_id")
def delete(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """Into the trash; the gallery offers to take it out again."""
    found = access.changeable_swap(request.user, swap_id)
    submission.trash_swap(found, by=access.by(request))
    toasts.offer_undo(request, [found])
    return _back("gallery", request)


def _act(
    request: HttpRequest, swap_id: UUID, event: Callable[..., bool], too_late: str
) -> HttpResponse:
    try:
        if not event(access.changeable_swap(request.user, swap_id), by=access.by(request)):
            messages.info(request, too_late)
    except CapReached as reached:
        messages.warning(request, str(reached))
    return _back("swap", request, swap_id)


def _back(name: str, request: HttpRequest, *ids: UUID) -> HttpResponse:
    """To that page, with the gallery's filter that the form was sent with."""
    return redirect(reverse(name, args=ids, query=request.GET))


def _shown(request: HttpRequest, found: Swap, wanted: GalleryFilter) -> dict[str, object]:
    beside = request.GET.get("beside", "")
    may_change = access.may_change(request.user, found)
    asked = ApiRequest.of(found)
    return {
        "swap": found,
        "kept": wanted.kept,
        "versions": around.versions(found, wanted.user, beside=beside),
        "attempt": found.attempts.last(),
        "asked": asked,
        # Whoever has it needs no session.
        "picture_url": outcomes.picture_url(asked, found) if asked and may_change else "",
        "why": found.error_message or health.why_waiting(found),
        "place": found.place_in_line() if found.status == Status.QUEUED else None,
        "seconds": found.seconds_since_queued(),
        "poll": polling.interval(found),
        "may_change": may_change,
        # A link may open more than its picture: it is for those whose swap it is.
        "again": {role: around.again(found, role, by_link=may_change) for role in ROLES},
        "other_faces": around.other_faces(found, by_link=may_change),
        # What a receiver answered is for them as well.
        "callbacks": Callback.objects.shown(found) if may_change else [],
    }
