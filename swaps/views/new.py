"""Making a swap: two pictures, a word of consent, and off it goes."""

from __future__ import annotations

from contextlib import suppress
from uuid import uuid4

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from swaps import caps, submission
from swaps.face_choice import ROLES, Unfit
from swaps.forms import FACES, NewSwapForm, check_link
from swaps.images import ACCEPTED
from swaps.models import Photo, Status, Swap, User
from swaps.views import access, errors

RECENT = 12


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form, and what it is sent to. `?source=` fills a field with a picture's id, `?source_url=` with
    a link; `?target=` and `?target_url=` the other one. `?source_face=` and `?target_faces=` choose faces."""
    user, by = access.maker(request), access.by(request)
    if request.method != "POST":
        photos = _asked_for(request, user)
        form = NewSwapForm(user=user, by=by, initial=_words_asked_for(request, photos))
        form.photos, form.links = photos, _links_asked_for(request)
        return _form(request, user, form)
    form = NewSwapForm(request.POST, request.FILES, user=user, by=by)
    if not form.is_valid():
        status = errors.STATUS[form.outage] if form.outage else 413 if form.too_large else 400
        return _form(request, user, form, status=status)
    return _made(request, user, form)


def _made(request: HttpRequest, user: User, form: NewSwapForm) -> HttpResponse:
    """To the swap that was asked for; back to the form where it cannot be made after all."""
    try:
        swap = submission.request_swap(
            maker=user, source=form.given["source"], target=form.given["target"], by=form.by,
            title=form.cleaned_data["title"], form_key=form.cleaned_data["form_key"],
            **{name: form.cleaned_data[name] for name in FACES.values()},
        )  # fmt: skip
    except Unfit as error:
        # Its faces were found in the meantime.
        form.add_error(error.role, str(error))
        return _form(request, user, form, status=400)
    except submission.PictureGone as gone:
        form.add_error(None, str(gone))
        form.photos = {}
        return _form(request, user, form, status=400)
    except caps.CapReached:
        # The page says it itself, wherever a limit is reached.
        return _form(request, user, form, status=429)
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
    for role in ROLES:
        wanted = access.uuid(request.GET.get(role, ""))
        photo = wanted and Photo.objects.visible_to(user).filter(pk=wanted).first()
        if photo:
            found[role] = photo
    return found


def _words_asked_for(request: HttpRequest, photos: dict[str, Photo]) -> dict[str, str]:
    """The title, and the faces of the *photos* that are meant: what makes no sense is left out."""
    words = {"title": request.GET.get("title", "").replace("\0", "")[: Swap.TITLE_LENGTH]}
    for role, photo in photos.items():
        with suppress(Unfit):
            chosen = request.GET.get(FACES[role], "")
            words[FACES[role]] = submission.fitting_choice(chosen, role, photo)
    return words


def _links_asked_for(request: HttpRequest) -> dict[str, str]:
    """The links that stand in the address, those of them that could be fetched."""
    found = {}
    for role, name in ROLES.items():
        link = request.GET.get(f"{role}_url", "").replace("\0", "").strip()
        with suppress(ValidationError):
            check_link(link, name)
            found[role] = link
    return found


def _form(
    request: HttpRequest, user: User, form: NewSwapForm, *, status: int = 200
) -> HttpResponse:
    shown = {
        "form": form,
        # Of the next sending, unless this form is to be sent again as it is.
        "form_key": getattr(form, "cleaned_data", {}).get("form_key") or uuid4(),
        "photos": form.photos,
        "links": {role: link for role, link in form.links.items() if role not in form.photos},
        "recent": Photo.objects.recent_of(user)[:RECENT],
        "team": user.team,
        "used": caps.usage(user),
        "accepted": ACCEPTED,
        "waiting": Swap.objects.filter(status=Status.QUEUED, deleted_at=None).count(),
    }
    return render(request, "new/index.html", shown, status=status)
