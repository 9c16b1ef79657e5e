"""Tokens of the API: a program that shows one acts for the person who made it, within its limits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from swaps.models.team import Team
from swaps.sealing import seal, unseal

if TYPE_CHECKING:
    from swaps.models.user import User

logger = logging.getLogger(__name__)

PREFIX = "fs_"
# So much of a token is kept and shown, to tell it from others: five letters of 43 make it no easier to guess.
SHOWN = len(PREFIX) + 5
USE_NOTED_EVERY = timedelta(minutes=1)


def digest(token: str) -> str:
    """What is kept of a token. It has 256 random bits, so that one hash is enough."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def new_webhook_secret() -> str:
    """A secret as Standard Webhooks spells it: `whsec_` and 32 random bytes in base 64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Which tokens: those that still open, those that somebody may revoke."""

    def good(self) -> Self:
        """Neither revoked nor past their time."""
        ends = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(ends, revoked_at=None)

    def of_the_active(self) -> Self:
        """Whose person's account is open."""
        return self.filter(user__is_active=True)

    def of(self, user: User) -> Self:
        """*user*'s own, the newest first."""
        return self.filter(user=user).select_related("team").order_by("-pk")


class ApiToken(models.Model):
    """One token. What it makes belongs to its person and its team, as if she had made it on a page."""

    LABEL_LENGTH = 80

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens"
    )
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="api_tokens")
    label = models.CharField(max_length=LABEL_LENGTH)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    start = models.CharField(max_length=SHOWN, editable=False)
    may_swap = models.BooleanField(default=True)
    may_read = models.BooleanField(default=True)
    # None: no limit but the person's.
    swaps_a_day = models.PositiveIntegerField(null=True, blank=True)
    swaps_at_once = models.PositiveIntegerField(null=True, blank=True)
    sealed_webhook_secret = models.TextField(editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "API token"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(may_swap=True) | Q(may_read=True), name="token_is_for_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.start}…)"

    @classmethod
    def make(
        cls, *, user: User, team: Team, label: str, may_swap: bool = True, may_read: bool = True,
        expires_at: datetime | None = None, swaps_a_day: int | None = None,
        swaps_at_once: int | None = None,
    ) -> tuple[ApiToken, str]:  # fmt: skip
        """A new token, and its text, which is shown once and kept nowhere."""
        text = PREFIX + secrets.token_urlsafe(32)
        made = cls.objects.create(
            user=user, team=team, label=label, digest=digest(text), start=text[:SHOWN],
            may_swap=may_swap, may_read=may_read, expires_at=expires_at, swaps_a_day=swaps_a_day,
            swaps_at_once=swaps_at_once, sealed_webhook_secret=seal(new_webhook_secret()),
        )  # fmt: skip
        return made, text

    @classmethod
    def shown(cls, text: str) -> ApiToken | None:
        """The token whose *text* somebody shows, at its end or not; None for what opens nobody's account.

        It comes with its team and without its person: most questions need no more, and programs ask often.
        """
        kept = digest(text)
        try:
            found = cls.objects.of_the_active().select_related("team").get(digest=kept)
        except cls.DoesNotExist:
            return None
        # The index finds by a hash, which tells nobody how near a guess was; this is for the last step.
        return found if hmac.compare_digest(found.digest, kept) else None

    @property
    def webhook_secret(self) -> str:
        """What its callbacks are signed with. Raises sealing.Unreadable."""
        return unseal(self.sealed_webhook_secret)

    @property
    def scopes(self) -> list[str]:
        """What it is for: `swap`, `read` or both."""
        return [name for name in ("swap", "read") if getattr(self, f"may_{name}")]

    @property
    def state(self) -> str:
        """`good`, `expired` or `revoked`."""
        return "revoked" if self.is_revoked else "expired" if self.is_expired else "good"

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def is_good(self) -> bool:
        return not self.is_revoked and not self.is_expired

    def note_use(self) -> None:
        """It was shown just now; written once a minute at most, as programs ask often."""
        now = timezone.now()
        if self.last_used_at is None or self.last_used_at < now - USE_NOTED_EVERY:
            ApiToken.objects.filter(pk=self.pk).update(last_used_at=now)

    def revoke(self) -> bool:
        """It opens nothing any more, from now on: True where it did until now."""
        return bool(
            ApiToken.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())
        )
