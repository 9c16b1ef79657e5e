"""Pictures: taking uploads in, and handing them to whoever may see them."""

from __future__ import annotations

from typing import IO
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.views.decorators.http import require_POST, require_safe

from swaps import pictures, storage
from swaps.contract import error_object
from swaps.forms import keep_uploaded
from swaps.images import PictureError, TooLarge
from swaps.models import Event, Photo, What
from swaps.outages import NotStored
from swaps.views import access, errors

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}


@login_not_required
@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """One picture from the page, as soon as it was chosen."""
    if not request.user.is_authenticated:
        said = (
            "You have been signed out. Log in again in another tab, then choose the picture again."
        )
        return _refused("signed_out", said, status=404)
    user, file = access.maker(request), request.FILES.get("file")
    if not isinstance(file, TemporaryUploadedFile):
        return _refused("no_file", "No picture arrived. Choose one and try again.", status=400)
    try:
        photo = keep_uploaded(file, user, by=access.by(request))
    except PictureError as error:
        status = 413 if isinstance(error, TooLarge) else 400
        return _refused(error.code, str(error), status=status)
    except NotStored as error:
        return _refused(error.outage.value, str(error), status=errors.STATUS[error.outage])
    return JsonResponse(_as_the_page_needs_it(photo), status=201)


def _as_the_page_needs_it(photo: Photo) -> dict[str, object]:
    return {
        "id": str(photo.pk),
        "width": photo.width,
        "height": photo.height,
        "preview_url": reverse("photo", args=[photo.pk, "1280"]),
    }


@login_not_required
@require_safe
def photo(request: HttpRequest, photo_id: UUID, size: str) -> HttpResponseBase:
    """A picture in one of its sizes: `320`, `1280` or `full`."""
    found = access.visible_photo(request.user, photo_id)
    return picture_response(found, size)


@login_not_required
@require_safe
def result(request: HttpRequest, swap_id: UUID) -> HttpResponseBase:
    """A swap's result in full; `?download` gives it a name and the browser's save dialog."""
    swap = access.visible_swap(request.user, swap_id)
    if swap.result is None:
        raise Http404
    name = ""
    if "download" in request.GET:
        name = f"{slugify(swap.title) or 'swap'}-{str(swap.pk)[-6:]}.{swap.result.format}"
        if request.method == "GET":
            Event.record(What.DOWNLOADED, by=access.by(request), swap=swap)
    return picture_response(swap.result, "full", download_name=name)


def picture_response(photo: Photo, size: str, *, download_name: str = "") -> HttpResponseBase:
    """The stored bytes, with a type of our own choosing and kept by the asking browser alone.

    From a bucket the browser gets them itself: by an address that is good for a while.
    """
    variant = pictures.full_name(photo) if size == "full" else size
    content_type = CONTENT_TYPES[photo.format if size == "full" else "webp"]
    address = storage.browser_url(
        photo.key, variant, content_type=content_type, download_name=download_name
    )
    if address:
        return _led_to(address, is_download=bool(download_name))
    response = FileResponse(
        _opened(photo.key, variant),
        content_type=content_type,
        as_attachment=bool(download_name),
        filename=download_name,
    )
    response.headers["Cache-Control"] = "private, max-age=3600, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _opened(key: str, variant: str) -> IO[bytes]:
    try:
        return storage.open_picture(key, variant)
    except FileNotFoundError:
        raise Http404 from None


def _led_to(address: str, *, is_download: bool) -> HttpResponseRedirect:
    """The way there is kept for half of its time, so that the picture itself is found kept, too."""
    response = HttpResponseRedirect(address)
    kept = 0 if is_download else settings.S3_URL_EXPIRES // 2
    response.headers["Cache-Control"] = f"private, max-age={kept}" if kept else "no-store"
    return response


def _refused(code: str, message: str, *, status: int) -> JsonResponse:
    return JsonResponse({"error": error_object(code=code, message=message)}, status=status)
