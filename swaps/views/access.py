"""Who may: each function returns the object, or answers 404 to whoever must not know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from swaps.models import Photo, Role, Swap, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


def person(request: HttpRequest) -> User:
    """Who is logged in; 404 for nobody, where a page does not send to log-in."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def visible_swap(user: User | AnonymousUser, swap_id: UUID) -> Swap:
    """The swap, for whoever may see it."""
    swaps = Swap.objects.visible_to(user).select_related(
        "maker", "team", "source", "target", "result"
    )
    return get_object_or_404(swaps, pk=swap_id)


def changeable_swap(user: User | AnonymousUser, swap_id: UUID) -> Swap:
    """The swap, for whoever may change it; 403 for a team mate who may only look."""
    swap = visible_swap(user, swap_id)
    if not may_change(user, swap):
        raise PermissionDenied("Only its maker or an owner of the team can change this swap.")
    return swap


def may_change(user: User | AnonymousUser, swap: Swap) -> bool:
    """True for the swap's maker, the owners of its team, and superusers."""
    if not isinstance(user, User):
        return False
    return swap.maker_id == user.pk or user.is_superuser or user.role_in(swap.team) is Role.OWNER


def maker(request: HttpRequest) -> User:
    """Who is logged in and may make swaps; 403 for a viewer."""
    user = person(request)
    if user.role_in(user.team) is Role.VIEWER:
        raise PermissionDenied(
            "You may look at the swaps of this team, but not make any. "
            "Ask an owner of the team to make you a member."
        )
    return user


def visible_photo(user: User | AnonymousUser, photo_id: UUID) -> Photo:
    """The picture, for whoever may see it."""
    return get_object_or_404(Photo.objects.visible_to(user), pk=photo_id)
