"""Pictures for outsiders who have no session, a provider or a program: by an address that expires."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from swaps import pictures, storage
from swaps.models import ApiRequest
from swaps.views.photos import CONTENT_TYPES

GONE = "There is no picture here, or the time in which this address was good is over.\n"


@login_not_required
@require_safe
def result_for_programs(request: HttpRequest, secret: str, ending: str) -> HttpResponseBase:
    """A result by the address that the API answered with, until its time is over or somebody revokes it."""
    asked = ApiRequest.by_picture(secret)
    result = asked.swap.result if asked else None
    if asked is None or result is None or result.format != ending:
        return _gone()
    name = storage.name_of(result.key, pictures.full_name(result))
    return _handed_over(name, saved_as=f"face-swap-{str(asked.swap_id)[-12:]}.{ending}")


@login_not_required
@require_safe
def outside(request: HttpRequest, mark: str, token: str, file: str) -> HttpResponseBase:
    """The picture that the address was made for, until its time is over. It never redirects."""
    name = storage.named_by(mark, token, file)
    return _handed_over(name) if name else _gone()


def _handed_over(name: str, *, saved_as: str = "") -> HttpResponseBase:
    try:
        handle = default_storage.open(name, "rb")
    except FileNotFoundError:
        return _gone()
    response = FileResponse(
        handle, content_type=CONTENT_TYPES[name.rpartition(".")[2]], filename=saved_as
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _gone() -> HttpResponse:
    return HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8")
