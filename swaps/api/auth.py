"""Who asks: the bearer of a token, within what the token is for."""

from __future__ import annotations

from django.http import HttpRequest

from swaps import tokens
from swaps.api.answering import Refusal
from swaps.models import ApiToken

NO_TOKEN = "There is no token: send the header “authorization: Bearer {token}”."  # noqa: S105 (a sentence)


def bearer(request: HttpRequest, *, to: str) -> ApiToken:
    """The token of the request, good for *to* (`swap` or `read`). Raises Refusal, tokens.OpensNothing."""
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Refusal("no_token", NO_TOKEN, WWW_Authenticate="Bearer")
    token = tokens.check_good(ApiToken.shown(text))
    token.note_use()
    tokens.check_may(token, to=to)
    return token
