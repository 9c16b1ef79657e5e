"""The page of a person's own tokens of the API: to make them, to see what becomes of them, to revoke them."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from swaps.models import ApiToken, User
from swaps.sealing import Unreadable
from swaps.token_forms import TokenForm
from swaps.tokens import revoke_token
from swaps.views import access

ENDED_SHOWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The page. A token that is made is shown in the answer to its form, and nowhere else."""
    user = access.person(request)
    if request.method != "POST":
        return page(request, user, TokenForm(user=user))
    form = TokenForm(request.POST, user=user)
    made = form.make(by=access.by(request)) if form.is_valid() else None
    if made is None:
        return page(request, user, form, status=400)
    token, text = made
    return page(
        request, user, TokenForm(user=user),
        shown=token, text=text, webhook_secret=token.webhook_secret,
    )  # fmt: skip


@access.post_only("tokens")
@never_cache
def webhook_secret(request: HttpRequest, token_id: int) -> HttpResponse:
    """The page with what callbacks for one of her tokens are signed with."""
    user = access.person(request)
    token = own_token(user, token_id)
    form = TokenForm(user=user)
    try:
        return page(request, user, form, shown=token, webhook_secret=token.webhook_secret)
    except Unreadable as error:
        return page(request, user, form, status=409, shown=token, unreadable=str(error))


@access.post_only("tokens")
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    token = own_token(access.person(request), token_id)
    if revoke_token(token, by=access.by(request)):
        messages.success(request, f"“{token.label}” is revoked. It opens nothing any more.")
    else:
        messages.info(request, f"“{token.label}” was revoked before.")
    return redirect("tokens")


def own_token(user: User, token_id: int) -> ApiToken:
    """One of hers; 404 for anybody else's."""
    return get_object_or_404(ApiToken.objects.of(user), pk=token_id)


def page(
    request: HttpRequest, user: User, form: TokenForm, *, status: int = 200, **shown: object
) -> HttpResponse:
    """The page; *shown* is the token that it tells something of, this once."""
    own = ApiToken.objects.of(user).annotate(swaps_made=Count("requests"))
    good = list(own.good())
    ended = list(own.exclude(pk__in=[one.pk for one in good])[:ENDED_SHOWN])
    filled = {"form": form, "good": good, "ended": ended, **shown}
    return render(request, "tokens/index.html", filled, status=status)
