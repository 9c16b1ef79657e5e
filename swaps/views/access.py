"""Who may: each function returns the object, or answers 404 to whoever must not know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse

from swaps.models import By, Photo, Role, Swap, Team, User

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

View = Callable[..., HttpResponseBase]


def person(request: HttpRequest) -> User:
    """Who is logged in; 404 for nobody, where a page does not send to log-in."""
    if not request.user.is_authenticated:
        raise Http404
    return request.user


def by(request: HttpRequest, *, via: str = "page") -> By:
    """Who asks, and from where, for the record."""
    user = request.user if isinstance(request.user, User) else None
    return By.at(request.META.get("REMOTE_ADDR", ""), user=user, via=via)


def visible_swap(user: User | AnonymousUser, swap_id: UUID) -> Swap:
    """The swap, for whoever may see it, with `is_favourite` of hers."""
    swaps = Swap.objects.visible_to(user).whole()
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
    return swap.maker_id == user.pk or may_manage(user, swap.team)


def post_only(page: str, *parts: str) -> Callable[[View], View]:
    """For what changes something: whoever comes by GET, as after a log-in, is led to *page*.

    *parts* are those of the address that the page's own address is made of.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, **address: Any) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, **address)
            return redirect(reverse(page, kwargs={part: address[part] for part in parts}))

        return wrapped

    return decorate


def uuid(text: str) -> UUID | None:
    """An id as it stands in an address; None for what is none."""
    try:
        return UUID(text)
    except ValueError:
        return None


def uuids(texts: Iterable[str]) -> list[UUID]:
    """The ids among them."""
    return [found for found in map(uuid, texts) if found]


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
