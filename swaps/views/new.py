"""Making a swap: two pictures, a word of consent, and off it goes."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from swaps import caps, submission
from swaps.forms import NewSwapForm
from swaps.images import ACCEPTED
from swaps.models import Photo, Status, Swap, User
from swaps.views import access, errors

RECENT = 12


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, and what it is sent to. `?source=` and `?target=` fill a field with a picture's id."""
    user, by = access.maker(request), access.by(request)
    if request.method != "POST":
        title = {"title": request.GET.get("title", "").replace("\0", "")[: Swap.TITLE_LENGTH]}
        form = NewSwapForm(user=user, by=by, initial=title)
        return _form(request, user, form, photos=_asked_for(request, user))
    form = NewSwapForm(request.POST, request.FILES, user=user, by=by)
    if not form.is_valid():
        status = errors.STATUS[form.outage] if form.outage else 413 if form.too_large else 400
        return _form(request, user, form, photos=form.photos, status=status)
    try:
        swap = submission.request_swap(
            maker=user, source=form.photos["source"], target=form.photos["target"], by=by,
            title=form.cleaned_data["title"], form_key=form.cleaned_data["form_key"],
        )  # fmt: skip
    except submission.PictureGone as gone:
        form.add_error(None, str(gone))
        return _form(request, user, form, photos={}, status=400)
    except caps.CapReached:
        # The page says it itself, wherever a limit is reached.
        return _form(request, user, form, photos=form.photos, status=429)
    return redirect("swap", swap_id=swap.pk)


@login_not_required
@require_safe
def left(request: HttpRequest) -> JsonResponse:
    """What the person used of her limits, for the page that waits until it goes on."""
    used = caps.usage(access.maker(request))
    return JsonResponse({"said": used.said, "reached": used.reached})


def _asked_for(request: HttpRequest, user: User) -> dict[str, Photo]:
    """The pictures that the address names, those of them that the person may see."""
    found = {}
    for role in ("source", "target"):
        wanted = access.uuid(request.GET.get(role, ""))
        photo = wanted and Photo.objects.visible_to(user).filter(pk=wanted).first()
        if photo:
            found[role] = photo
    return found


def _form(
    request: HttpRequest,
    user: User,
    form: NewSwapForm,
    *,
    photos: dict[str, Photo],
    status: int = 200,
) -> HttpResponse:
    shown = {
        "form": form,
        # Of the next sending, unless this form is to be sent again as it is.
        "form_key": getattr(form, "cleaned_data", {}).get("form_key") or uuid4(),
        "photos": photos,
        "recent": Photo.objects.recent_of(user)[:RECENT],
        "team": user.team,
        "used": caps.usage(user),
        "accepted": ACCEPTED,
        "waiting": Swap.objects.filter(status=Status.QUEUED, deleted_at=None).count(),
    }
    return render(request, "new/index.html", shown, status=status)
