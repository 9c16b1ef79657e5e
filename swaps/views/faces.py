"""The faces of a picture, as the page draws them on its preview before anything is swapped."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from swaps import face_choice, face_warnings, hosted_faces, submission
from swaps.face_choice import FoundFace
from swaps.models import Photo
from swaps.providers import HOSTED
from swaps.views import access


@login_not_required
@require_safe
@cache_control(private=True, no_store=True)
def faces(request: HttpRequest, photo_id: UUID) -> JsonResponse:
    """What is known of a picture's faces; `?role=source` says that it is to be the Face, not the Photo.

    Nobody has looked at an old picture: a worker does as soon as somebody asks, and once more much later
    where it could not be looked at.
    """
    photo = access.visible_photo(request.user, photo_id)
    if submission.look_for_faces(photo) or not photo.is_looked_at:
        return JsonResponse({"state": "looking"})
    role = "source" if request.GET.get("role") == "source" else "target"
    return JsonResponse(_found(photo, role))


def _found(photo: Photo, role: str) -> dict[str, object]:
    found = photo.faces or []
    return {
        "state": "found",
        "width": photo.width,
        "height": photo.height,
        "several": role == "target" and not _is_hosted(),
        "faces": [_face(photo, at, role) for at in range(len(found))],
        "warnings": [
            *face_warnings.of_picture(photo.faces, role=role),
            *(hosted_faces.of_picture(found, role=role) if _is_hosted() else []),
        ],
    }


def _face(photo: Photo, at: int, role: str) -> dict[str, object]:
    size, found = (photo.width, photo.height), photo.faces or []
    face: FoundFace = found[at]
    return {
        "point": face_choice.point_of(face, size=size),
        "box": face_choice.box_inside(face, size=size),
        "size": face["size"],
        "name": face_choice.name_of(at + 1, len(found)),
        "usable": _is_hosted() or face_warnings.is_usable(face),
        "refused": "" if _is_hosted() else face_warnings.refused(face),
        "warnings": hosted_faces.of_face(at, found, role=role, size=size)
        if _is_hosted()
        else face_warnings.of_face(face, role=role),
    }


def _is_hosted() -> bool:
    return settings.FACESWAP_PROVIDER in HOSTED
