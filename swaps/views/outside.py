"""Pictures for outsiders who have no session, such as a provider: by a signed address that expires."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from swaps import storage
from swaps.views.photos import CONTENT_TYPES

GONE = "There is no picture here, or the time in which this address was good is over.\n"


@login_not_required
@require_safe
def outside(request: HttpRequest, mark: str, token: str, file: str) -> HttpResponseBase:
    """The picture that the address was made for, until its time is over. It never redirects."""
    name = storage.named_by(mark, token, file)
    try:
        handle = default_storage.open(name, "rb") if name else None
    except FileNotFoundError:
        handle = None
    if handle is None:
        return HttpResponse(GONE, status=404, content_type="text/plain; charset=utf-8")
    response = FileResponse(handle, content_type=CONTENT_TYPES[file.rpartition(".")[2]])
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
