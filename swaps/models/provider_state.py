"""What is known of a provider beyond the settings: paused or not, held up until when, and what it can do."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from swaps.models.attempt import Attempt

logger = logging.getLogger(__name__)

NO_TASKS_FOR = timedelta(days=1)


class ProviderState(models.Model):
    """One row a provider. No row says that nothing is known of it yet."""

    class Roles(models.TextChoices):
        NORMAL = "normal", "Normal"
        INVERTED = "inverted", "Inverted"

    name = models.CharField(max_length=20, primary_key=True)
    # Paused for everybody, until somebody resumes it.
    paused_at = models.DateTimeField(null=True)
    paused_code = models.CharField(max_length=40, blank=True)
    paused_message = models.TextField(blank=True)
    # Asked too often: nobody asks before this time.
    held_until = models.DateTimeField(null=True)
    # Whether it can be polled (None: nobody has tried), and when that was found out.
    has_tasks = models.BooleanField(null=True)
    has_tasks_at = models.DateTimeField(null=True)
    # The admin's word on the roles; empty: the setting's.
    roles = models.CharField(max_length=10, choices=Roles, blank=True)
    roles_at = models.DateTimeField(null=True)
    # Of a callback that the site sent to itself, to see whether one arrives.
    loop_secret = models.CharField(max_length=64, blank=True, db_index=True)
    loop_closed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "provider"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, name: str) -> Self:
        """What is known of it."""
        return cls.objects.filter(name=name).first() or cls(name=name)

    @classmethod
    def locked(cls, name: str) -> Self:
        """The same, its row locked until the end of the transaction: who asks, asks one by one."""
        cls.objects.get_or_create(name=name)
        return cls.objects.select_for_update().get(name=name)

    @property
    def may_have_tasks(self) -> bool:
        """False where it was found that it cannot be polled; that is believed for a day."""
        is_old = self.has_tasks_at is not None and timezone.now() - self.has_tasks_at > NO_TASKS_FOR
        return self.has_tasks is not False or is_old

    def may_be_asked(self, *, most: int) -> bool:
        """False while it is paused, held up, or has as many attempts in flight as it may (0: any number)."""
        if self.paused_at or (self.held_until and self.held_until > timezone.now()):
            return False
        return not most or Attempt.objects.open().filter(provider=self.name).count() < most

    @classmethod
    def pause(cls, name: str, *, code: str, message: str) -> bool:
        """Nobody asks it any more, until an admin has seen to it. True for the first to say so."""
        cls.objects.get_or_create(name=name)
        told = {"paused_at": timezone.now(), "paused_code": code, "paused_message": message}
        won = cls.objects.filter(name=name, paused_at=None).update(**told)
        if won:
            logger.warning("step=pause provider=%s code=%s", name, code)
        return bool(won)

    @classmethod
    def resume(cls, name: str) -> bool:
        """It may be asked again. True where it was paused."""
        won = cls.objects.filter(~Q(paused_at=None), name=name).update(
            paused_at=None, paused_code="", paused_message="", held_until=None
        )
        if won:
            logger.info("step=resume provider=%s", name)
        return bool(won)

    @classmethod
    def choose_roles(cls, name: str, roles: str) -> bool:
        """From now on the pictures go in these roles. True where they went in others before."""
        cls.objects.get_or_create(name=name)
        chosen = {"roles": roles, "roles_at": timezone.now()}
        return bool(cls.objects.filter(~Q(roles=roles), name=name).update(**chosen))

    @classmethod
    def hold(cls, name: str, *, until: datetime) -> None:
        """Nobody asks it before then; who said a later time is still obeyed."""
        cls.objects.get_or_create(name=name)
        sooner = Q(held_until=None) | Q(held_until__lt=until)
        cls.objects.filter(sooner, name=name).update(held_until=until)

    @classmethod
    def found_tasks(cls, name: str) -> None:
        """It can be polled."""
        cls._found(name, Q(has_tasks=True), there=True)

    @classmethod
    def found_no_tasks(cls, name: str, *, certain: bool) -> None:
        """It cannot be polled, it says; where that is not *certain*, one that could be still can."""
        cls._found(name, Q(pk=None) if certain else Q(has_tasks=True), there=False)

    @classmethod
    def _found(cls, name: str, but: Q, *, there: bool) -> None:
        cls.objects.get_or_create(name=name)
        found = {"has_tasks": there, "has_tasks_at": timezone.now()}
        cls.objects.filter(name=name).exclude(but).update(**found)

    @classmethod
    def open_loop(cls, name: str) -> str:
        """The secret of a callback's address that the site is about to call itself."""
        secret = secrets.token_urlsafe(32)
        opened = {"loop_secret": secret, "loop_closed_at": None}
        cls.objects.update_or_create(name=name, defaults=opened)
        return secret

    @classmethod
    def close_loop(cls, secret: str) -> bool:
        """That callback arrived. False for a secret that is none of ours."""
        waits = cls.objects.filter(loop_secret=secret, loop_closed_at=None).exclude(loop_secret="")
        return bool(waits.update(loop_closed_at=timezone.now()))
