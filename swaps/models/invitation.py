"""Invitations: a link that makes one account in a team, once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from swaps.models.team import Role, Team
from swaps.models.user import User

VALID_DAYS = 7


def digest(token: str) -> str:
    """What is kept of a link's token, so that a stolen database opens no door."""
    return hashlib.sha256(token.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Which invitations: those that still open."""

    def open(self) -> Self:
        return self.filter(used_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """One link. Whoever opens it first makes an account in the team, with that role."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    digest = models.CharField(max_length=64, unique=True)
    note = models.CharField(max_length=80, blank=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.team}"

    @classmethod
    def make(
        cls, *, team: Team, role: str, invited_by: User, note: str = ""
    ) -> tuple[Invitation, str]:
        """A new invitation and its token, which is shown once and kept nowhere."""
        token = secrets.token_urlsafe(24)
        made = cls.objects.create(
            team=team, role=role, digest=digest(token), note=note, invited_by=invited_by,
            expires_at=timezone.now() + timedelta(days=VALID_DAYS),
        )  # fmt: skip
        return made, token

    @classmethod
    def of(cls, token: str) -> Invitation | None:
        """The invitation that the token opens; None where it was used, withdrawn or is too old."""
        return cls.objects.open().select_related("team").filter(digest=digest(token)).first()

    def use(self, user: User) -> bool:
        """*user* came by it: True where she was the first."""
        return bool(
            Invitation.objects.open()
            .filter(pk=self.pk)
            .update(used_at=timezone.now(), used_by=user)
        )

    def withdraw(self) -> bool:
        """It opens no more: True where it did until now."""
        return bool(
            Invitation.objects.open().filter(pk=self.pk).update(withdrawn_at=timezone.now())
        )
