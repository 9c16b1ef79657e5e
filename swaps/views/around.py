"""What hangs around a swap: its neighbours in the gallery, other results of the same Photo, and the next swap."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode
from uuid import UUID

from swaps.forms import FACES, GalleryFilter
from swaps.models import Swap, User

# What a swap fails with where another face of the same pictures may do.
ABOUT_A_FACE = {"no_face", "face_too_small", "face_turned"}
# As many as a strip shows, the swap itself among them.
VERSIONS = 12


@dataclass(frozen=True)
class Neighbours:
    """The swaps on either side, as the gallery hangs them: the newest first. None at an end."""

    previous: UUID | None
    next: UUID | None


@dataclass(frozen=True)
class Versions:
    """Other results of the same Photo, the newest first, and the one that is laid beside."""

    # With the same Face; the swap itself is among them, unless it is the only one.
    same_face: list[Swap] = field(default_factory=list)
    other_faces: list[Swap] = field(default_factory=list)
    beside: Swap | None = None


def neighbours(swap: Swap, wanted: GalleryFilter) -> Neighbours:
    """The nearest swaps that are looked for, whether or not *swap* itself is one of them."""
    ids = wanted.found().values_list("pk", flat=True)
    return Neighbours(
        previous=ids.filter(pk__gt=swap.pk).order_by("pk").first(),
        next=ids.filter(pk__lt=swap.pk).order_by("-pk").first(),
    )


def versions(swap: Swap, user: User, *, beside: str) -> Versions:
    """What else *user* may see of the same Photo; *beside* is the id of one of these."""
    if swap.result_id is None or swap.target_id is None:
        return Versions()
    others = (
        Swap.objects.visible_to(user)
        .filter(target=swap.target_id, result__isnull=False)
        .exclude(pk=swap.pk)
        .select_related("source", "result")
        .order_by("-pk")
    )
    same = list(others.filter(source=swap.source_id)[: VERSIONS - 1])
    other_faces = list(others.exclude(source=swap.source_id)[:VERSIONS])
    return Versions(
        same_face=sorted([swap, *same], key=lambda one: one.pk, reverse=True) if same else [],
        other_faces=other_faces,
        beside=next((one for one in [*same, *other_faces] if str(one.pk) == beside), None),
    )


def again(swap: Swap, role: str, *, by_link: bool) -> str:
    """The query with which a new swap starts from this one's picture; empty where there is none to have.

    One that was never fetched is had *by_link*, unless it was the link that failed.
    """
    if photo := getattr(swap, f"{role}_id"):
        chosen = getattr(swap, FACES[role])
        return urlencode({role: photo, **({FACES[role]: chosen} if chosen else {})})
    link = getattr(swap, f"{role}_url")
    is_of_use = link and by_link and swap.error_picture != role
    return urlencode({f"{role}_url": link}) if is_of_use else ""


def other_faces(swap: Swap, *, by_link: bool) -> str:
    """The query of a new swap of the same pictures, where other faces of them could be chosen; else empty.

    That is where one of them shows several, or where it is not known what the picture shows that failed.
    """
    pictures = [getattr(swap, role) for role in FACES]
    is_to_choose = any(len(photo.faces or []) > 1 for photo in pictures if photo)
    failed = getattr(swap, swap.error_picture) if swap.error_picture else None
    is_unknown = swap.error_code in ABOUT_A_FACE and failed is not None and failed.faces is None
    queries = [again(swap, role, by_link=by_link) for role in FACES]
    return "&".join(queries) if all(queries) and (is_to_choose or is_unknown) else ""
