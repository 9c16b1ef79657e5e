"""The other end of an invitation: a new account in the team, or one more team for an old one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from swaps import people
from swaps.account_forms import NewAccountForm
from swaps.models import Invitation, Role, User
from swaps.views import access, errors
from swaps.views.accounts import MODEL_BACKEND


@login_not_required
@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What the link leads to. Used, withdrawn, too old or made up: one and the same answer."""
    invitation = Invitation.of(token)
    if invitation is None:
        return _gone(request)
    if isinstance(request.user, User):
        return _join_as(request, request.user, invitation)
    form = NewAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        newcomer, by = form.save(commit=False), access.by(request)
        try:
            people.join_anew(invitation, newcomer, by=by)
        except people.InvitationGone:
            return _gone(request)
        except people.NameTaken:
            form.add_error("username", "Somebody took this name a moment ago. Choose another one.")
        else:
            return _welcome(request, newcomer, invitation)
    shown = {"invitation": invitation, "role": Role(invitation.role), "form": form}
    return render(request, "join/index.html", shown, status=400 if form.errors else 200)


def _join_as(request: HttpRequest, user: User, invitation: Invitation) -> HttpResponse:
    """Somebody who is logged in is asked first; whoever is in the team leaves the link unused."""
    is_in_already = user.role_in(invitation.team) is not None
    if request.method != "POST" or is_in_already:
        role = Role(invitation.role)
        shown = {"invitation": invitation, "role": role, "is_in_already": is_in_already}
        return render(request, "join/as_yourself.html", shown)
    try:
        people.join(invitation, user, by=access.by(request))
    except people.InvitationGone:
        return _gone(request)
    messages.success(request, f"You are in {invitation.team} now.")
    return redirect("gallery")


def _welcome(request: HttpRequest, newcomer: User, invitation: Invitation) -> HttpResponse:
    login(request, newcomer, backend=MODEL_BACKEND)
    people.logged_in(newcomer, by=access.by(request))
    messages.success(request, f"Welcome, {newcomer}. You are in {invitation.team}.")
    return redirect("gallery")


def _gone(request: HttpRequest) -> HttpResponse:
    return errors.page(
        request,
        404,
        "It was used already, was withdrawn, or is older than 7 days. "
        "Ask whoever gave it to you for a new link.",
        title="This invitation is not open any more",
    )
