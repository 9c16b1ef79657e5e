"""The use cases about tokens of the API: made by whoever they act for, judged, and revoked."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from swaps.models import ApiToken, By, Event, Membership, Team, User, What
from swaps.models.user import MAKERS

SCOPES = {"swap": "Make swaps", "read": "Ask after swaps and their results"}
"""What a token can be for, by the words that programs and the shell know."""


UNKNOWN = "This token opens nothing here. Make one at /settings/tokens/ of this site."
REVOKED = "This token was revoked. Make another one at /settings/tokens/."
EXPIRED = "This token’s time is over. Make another one at /settings/tokens/."
NOT_FOR = "This token is not for {what}. Make one that is at /settings/tokens/."


class OpensNothing(Exception):
    """A token that does not open what is asked for; str() is a sentence, *code* one of the contract."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.code = code


class NotMade(Exception):
    """A token that would not work or could not be told from another; *field* is what to change."""

    def __init__(self, sentence: str, *, field: str) -> None:
        super().__init__(sentence)
        self.field = field


def make_token(
    *, user: User, team: Team, label: str, scopes: Collection[str], by: By,
    expires_at: datetime | None = None, swaps_a_day: int | None = None,
    swaps_at_once: int | None = None,
) -> tuple[ApiToken, str]:  # fmt: skip
    """A new token with which programs act for *user* in *team*, and its text, which is kept nowhere.

    Raises NotMade.
    """
    _check(user, team, scopes)
    with transaction.atomic():
        # The second of two that come at the same moment waits here, and finds the label taken.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if ApiToken.objects.good().filter(user=user, label=label).exists():
            raise NotMade(
                f"There is a token “{label}” already. Choose another label, or revoke that one first.",
                field="label",
            )
        token, text = ApiToken.make(
            user=user, team=team, label=label, may_swap="swap" in scopes,
            may_read="read" in scopes, expires_at=expires_at, swaps_a_day=swaps_a_day,
            swaps_at_once=swaps_at_once,
        )  # fmt: skip
        _record(What.TOKEN_MADE, token, by)
    return token, text


def check_good(token: ApiToken | None) -> ApiToken:
    """*token*, which is one of somebody who is active, and is not at its end. Raises OpensNothing."""
    if token is None:
        raise OpensNothing(UNKNOWN, code="invalid_token")
    if token.is_revoked:
        raise OpensNothing(REVOKED, code="invalid_token")
    if token.is_expired:
        raise OpensNothing(EXPIRED, code="token_expired")
    return token


def check_may(token: ApiToken, *, to: str) -> None:
    """Its person may do what it is for, `swap` or `read`, as of now. Raises OpensNothing."""
    if to == "swap" and not token.may_swap:
        raise OpensNothing(NOT_FOR.format(what="making swaps"), code="forbidden")
    if to == "read" and not token.may_read:
        raise OpensNothing(NOT_FOR.format(what="asking after swaps"), code="forbidden")
    role = Membership.role_of(token.user_id, token.team)
    if role is None:
        gone = f"Whom this token acts for is not in {token.team} any more."
        raise OpensNothing(gone, code="forbidden")
    if to == "swap" and role not in MAKERS:
        looks = f"Whom this token acts for may look at swaps of {token.team}, not make any."
        raise OpensNothing(looks, code="forbidden")


def revoke_token(token: ApiToken, *, by: By) -> bool:
    """It opens nothing any more, from now on: True where it was not revoked before."""
    with transaction.atomic():
        won = token.revoke()
        if won:
            _record(What.TOKEN_REVOKED, token, by)
    return won


def _check(user: User, team: Team, scopes: Collection[str]) -> None:
    role = user.role_in(team) if user.is_active else None
    if role is None:
        raise NotMade(f"{user} is not in {team}, so no token can act there.", field="team")
    if not scopes:
        raise NotMade("Choose at least one thing that the token is for.", field="scopes")
    if "swap" in scopes and role not in MAKERS:
        raise NotMade(f"{user} may look at swaps of {team}, not make any.", field="scopes")


def _record(what: What, token: ApiToken, by: By) -> None:
    """The line names the token so that it can be told also when its row is gone."""
    Event.record(
        what, by=by, person=token.user, team=token.team.slug,
        label=token.label, token=token.start, scopes=token.scopes,
    )  # fmt: skip
