"""The team's page: who is in it with which role, who is invited, and what owners do about it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from swaps import people
from swaps.account_forms import CapsForm, InviteForm, RoleForm, TeamForm
from swaps.models import Invitation, Membership, Role, Team, User
from swaps.origin import origin
from swaps.views import access


@require_safe
def own_team(request: HttpRequest) -> HttpResponse:
    """To the team that the person works in."""
    return redirect("team", slug=access.person(request).team.slug)


@require_safe
def team(request: HttpRequest, slug: str) -> HttpResponse:
    user = access.person(request)
    return page(request, user, access.visible_team(user, slug))


@access.post_only("own_team")
def new_team(request: HttpRequest) -> HttpResponse:
    """A team that nobody is in yet."""
    user = access.superuser(request)
    form = TeamForm(request.POST)
    if not form.is_valid():
        return page(request, user, user.team, team_form=form, status=400)
    people.make_team(form.instance, by=access.by(request))
    messages.success(request, f"{form.instance} is there. Invite its first owner.")
    return redirect("team", slug=form.instance.slug)


@access.post_only("team", "slug")
def change_role(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    found = access.managed_team(access.person(request), slug)
    mate = team_mate(found, user_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose one of the roles.")
        return redirect("team", slug=slug)
    role = Role(form.cleaned_data["role"])
    try:
        people.change_role(found, mate, role, by=access.by(request))
        messages.success(request, f"{mate} is {role.phrase} of {found}.")
    except people.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("team", slug=slug)


@access.post_only("team", "slug")
def take_out(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    found = access.managed_team(access.person(request), slug)
    mate = team_mate(found, user_id)
    try:
        went_off = people.take_out(found, mate, by=access.by(request))
        also = " The account is switched off." if went_off else ""
        messages.success(request, f"{mate} is not in {found} any more.{also}")
    except people.NotPossible as refusal:
        messages.error(request, str(refusal))
    return redirect("team", slug=slug)


@access.post_only("team", "slug")
@never_cache
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Makes a link and answers with the page that shows it, this once."""
    user = access.person(request)
    found = access.managed_team(user, slug)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return page(request, user, found, invite_form=form, status=400)
    token = people.invite(found, **form.cleaned_data, by=access.by(request))
    link = origin(request) + reverse("join", args=[token])
    role = Role(form.cleaned_data["role"])
    return page(request, user, found, link=link, link_role=role)


@access.post_only("team", "slug")
def withdraw(request: HttpRequest, slug: str, invitation_id: int) -> HttpResponse:
    found = access.managed_team(access.person(request), slug)
    invitation = get_object_or_404(Invitation, team=found, pk=invitation_id)
    if people.withdraw(invitation, by=access.by(request)):
        messages.success(request, "The invitation is withdrawn. Its link opens nothing any more.")
    else:
        messages.info(request, "This invitation was not open any more.")
    return redirect("team", slug=slug)


@access.post_only("team", "slug")
def set_caps(request: HttpRequest, slug: str, user_id: int) -> HttpResponse:
    """A person's own limits; empty is the site's."""
    found = access.visible_team(access.superuser(request), slug)
    form = CapsForm(request.POST, instance=team_mate(found, user_id))
    if form.is_valid():
        people.set_caps(form.instance, by=access.by(request))
        messages.success(request, f"The limits of {form.instance} are set.")
    else:
        messages.error(request, "Give each limit as a whole number, or leave it empty.")
    return redirect("team", slug=slug)


@access.post_only("own_team")
@never_cache
def password_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Makes a link to choose a new password, and shows it this once."""
    access.superuser(request)
    person = get_object_or_404(User, pk=user_id, is_active=True)
    parts = people.password_link(person, by=access.by(request))
    link = origin(request) + reverse("password_reset_confirm", args=parts)
    return render(request, "team/password_link.html", {"person": person, "link": link})


def page(
    request: HttpRequest, user: User, found: Team, *, status: int = 200, **instead: object
) -> HttpResponse:
    """The team's page; *instead* are forms with faults, and a link that was just made."""
    manages = access.may_manage(user, found)
    places = people.of(found)
    elsewhere = Membership.objects.exclude(team=found).values_list("user", flat=True)
    invitations = Invitation.objects.open().filter(team=found).select_related("invited_by")
    shown = {
        "team": found,
        "teams": access.visible_teams(user),
        "places": places,
        "elsewhere": set(elsewhere.filter(user__in=[one.user_id for one in places])),
        "manages": manages,
        "only_owner": people.only_owner(found),
        "invitations": invitations if manages else [],
        "invite_form": InviteForm(initial={} if places else {"role": Role.OWNER}),
        "team_form": TeamForm(),
        "site_a_day": settings.SWAPS_A_DAY,
        "site_at_once": settings.SWAPS_AT_ONCE,
        **instead,
    }
    return render(request, "team/index.html", shown, status=status)


def team_mate(found: Team, user_id: int) -> User:
    """Somebody of that team; 404 for anybody else."""
    person = next((one.user for one in people.of(found) if one.user_id == user_id), None)
    if person is None:
        raise Http404
    return person
