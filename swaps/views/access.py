"""Who may: each function returns the object, or answers 404 to whoever must not know of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect

from swaps.models import By, Photo, Role, Swap, Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

View = Callable[[HttpRequest, UUID], HttpResponse]


def person(request: HttpRequest) -> User:
    """Who is logged in; 404 for nobody, where a page does not send to log-in."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def by(request: HttpRequest, *, via: str = "page") -> By:
    """Who asks, and from where, for the record."""
    user = request.user if isinstance(request.user, User) else None
    try:
        address = str(ip_address(request.META.get("REMOTE_ADDR", "")))
    except ValueError:
        address = None
    return By(user=user, address=address, via=via)


def visible_swap(user: User | AnonymousUser, swap_id: UUID) -> Swap:
    """The swap, for whoever may see it, with `is_favourite` of hers."""
    swaps = Swap.objects.visible_to(user).select_related(
        "maker", "team", "source", "target", "result"
    )
    if isinstance(user, User):
        swaps = swaps.marked_for(user)
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


def post_only(view: View) -> View:
    """For what changes a swap: whoever comes by GET, as after a log-in, is led to the swap's page."""

    @wraps(view)
    def wrapped(request: HttpRequest, swap_id: UUID) -> HttpResponse:
        if request.method != "POST":
            return redirect("swap", swap_id=swap_id)
        return view(request, swap_id)

    return wrapped


def many_by_post(
    view: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """For what is done with several swaps: whoever comes by GET, as after a log-in, is led to the gallery."""

    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponseBase:
        return view(request) if request.method == "POST" else redirect("gallery")

    return wrapped


def uuid(text: str) -> UUID | None:
    """An id as it stands in an address; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def maker(request: HttpRequest) -> User:
    """Who is logged in and may make swaps; 403 for a viewer."""
    user = person(request)
    if not user.may_make:
        raise PermissionDenied(
            "You may look at the swaps of this team, but not make any. "
            "Ask an owner of the team to make you a member."
        )
    return user


def visible_photo(user: User | AnonymousUser, photo_id: UUID) -> Photo:
    """The picture, for whoever may see it."""
    return get_object_or_404(Photo.objects.visible_to(user), pk=photo_id)


def visible_teams(user: User) -> list[Team]:
    """The teams whose people *user* may see: her own, and for a superuser all."""
    return list(Team.objects.all()) if user.is_superuser else user.teams()


def visible_team(user: User, slug: str) -> Team:
    """The team, for whoever may see its people."""
    found = next((team for team in visible_teams(user) if team.slug == slug), None)
    if found is None:
        raise Http404
    return found


def managed_team(user: User, slug: str) -> Team:
    """The team, for whoever manages its people; 403 for team mates who do not."""
    team = visible_team(user, slug)
    if not may_manage(user, team):
        raise PermissionDenied("Only an owner of the team can do this.")
    return team


def may_manage(user: User, team: Team) -> bool:
    """True for the team's owners and superusers."""
    return user.is_superuser or user.role_in(team) is Role.OWNER


def superuser(request: HttpRequest) -> User:
    """Who is logged in, where she is a superuser; 404 for everybody else."""
    user = person(request)
    if not user.is_superuser:
        raise Http404
    return user
