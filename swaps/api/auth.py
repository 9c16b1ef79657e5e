"""Who asks: the bearer of a token, within what the token is for."""

from __future__ import annotations

from django.http import HttpRequest

from swaps.api.answering import Refusal
from swaps.models import ApiToken
from swaps.models.user import MAKERS

NO_TOKEN = "There is no token: send the header “authorization: Bearer {token}”."  # noqa: S105 (a sentence)
UNKNOWN = "This token opens nothing here. Make one at /settings/tokens/ of this site."
REVOKED = "This token was revoked. Make another one at /settings/tokens/."
EXPIRED = "This token’s time is over. Make another one at /settings/tokens/."
NOT_FOR = "This token is not for {what}. Make one that is at /settings/tokens/."


def bearer(request: HttpRequest, *, to: str) -> ApiToken:
    """The token of the request, good for *to* (`swap` or `read`). Raises Refusal."""
    token = _shown(request)
    token.note_use()
    if to == "swap" and not token.may_swap:
        raise Refusal("forbidden", NOT_FOR.format(what="making swaps"))
    if to == "read" and not token.may_read:
        raise Refusal("forbidden", NOT_FOR.format(what="asking after swaps"))
    role = token.user.role_in(token.team)
    if role is None:
        raise Refusal("forbidden", f"Whom this token acts for is not in {token.team} any more.")
    if to == "swap" and role not in MAKERS:
        raise Refusal(
            "forbidden",
            f"Whom this token acts for may look at swaps of {token.team}, not make any.",
        )
    return token


def _shown(request: HttpRequest) -> ApiToken:
    scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text:
        raise Refusal("no_token", NO_TOKEN, WWW_Authenticate="Bearer")
    token = ApiToken.shown(text)
    if token is None or not token.user.is_active:
        raise Refusal("invalid_token", UNKNOWN, WWW_Authenticate="Bearer")
    if token.is_revoked:
        raise Refusal("invalid_token", REVOKED, WWW_Authenticate="Bearer")
    if token.is_expired:
        raise Refusal("token_expired", EXPIRED, WWW_Authenticate="Bearer")
    return token
