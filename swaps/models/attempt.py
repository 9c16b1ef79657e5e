"""Attempts: what was asked of a provider, when, and what it answered. Written before the call.

An attempt is open, and counts as in flight, until its outcome is dealt with. Answers come by three
ways (of the call itself, by callback, by polling), in any order and more than once.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from decimal import Decimal
from typing import Any, Self

from django.db import models
from django.db.models import Case, Exists, F, Q, When
from django.utils import timezone

from swaps.models.status import IN_FLIGHT, Status
from swaps.models.swap import Swap

logger = logging.getLogger(__name__)


def unguessable() -> str:
    """The secret that makes an attempt's callback address."""
    return secrets.token_urlsafe(32)


def new_trace_id() -> str:
    """What a call is traced by until the provider answers with an id of its own."""
    return str(uuid.uuid4())


class AttemptQuerySet(models.QuerySet["Attempt"]):
    """Which attempts: the open ones, those with news."""

    def open(self) -> Self:
        """In flight at their provider, as far as anybody knows."""
        return self.filter(finished_at=None)

    def first_choice(self) -> Attempt | None:
        """The open one to go on with: one whose result is paid for, else the latest."""
        paid = Case(When(result_url="", then=0), default=1)
        return self.open().order_by(paid, "pk").last()

    def unread(self) -> Self:
        """Those with an answer that came by itself and that nobody acted on, the oldest first.

        A failure is left to whoever holds the swap, who looks for it before she lets go of it. A success
        waits for nobody.
        """
        held = Q(swap__status=Status.RUNNING, swap__lease_until__gte=timezone.now())
        return self.filter(Q(heard__success=True) | ~held, unread=True).order_by("heard_at", "pk")

    def news_of(self, swap: object) -> Self:
        """Those of *swap* with an answer that nobody acted on, whoever may."""
        return self.filter(swap=swap, unread=True)

    def stray(self) -> Self:
        """Open ones whose swap wants no result any more: somebody cancelled or deleted it."""
        return self.open().exclude(swap__status__in=IN_FLIGHT)


class Attempt(models.Model):
    """One call of a provider for a swap."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        LOST = "lost", "Lost"

    class Shape(models.TextChoices):
        """Whose width and height the result has, where Face and Photo differ."""

        TARGET = "target", "The Photo’s"
        SOURCE = "source", "The Face’s"
        NEITHER = "neither", "Neither’s"

    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="attempts")
    provider = models.CharField(max_length=20)
    mode = models.CharField(max_length=10, blank=True)
    secret = models.CharField(max_length=64, unique=True, default=unguessable, editable=False)
    task_id = models.CharField(max_length=64, blank=True)
    trace_id = models.CharField(max_length=64, blank=True, default=new_trace_id)

    started_at = models.DateTimeField(default=timezone.now)
    # When the provider was heard to have the job.
    accepted_at = models.DateTimeField(null=True)
    # Whether its first answer was lost, so that for a while nobody knew if the job had been taken.
    uncertain = models.BooleanField(default=False)
    # When the outcome was known.
    answered_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    # False where it was not for the swap that it came to nothing: a rate limit, a pause, a full disk.
    counts = models.BooleanField(default=True)

    # The last callback, as it came, and whether anybody acted on it.
    heard = models.JSONField(null=True)
    heard_at = models.DateTimeField(null=True)
    unread = models.BooleanField(default=False)

    result_url = models.TextField(blank=True)
    announced = models.JSONField(default=dict)
    fetches = models.PositiveSmallIntegerField(default=0)
    shape = models.CharField(max_length=10, choices=Shape, blank=True)
    cost = models.DecimalField(max_digits=10, decimal_places=4, null=True)
    note = models.CharField(max_length=200, blank=True)
    timings = models.JSONField(default=dict)
    # Of the faces that were chosen, how many could not be replaced, though others were.
    left_out = models.PositiveSmallIntegerField(default=0)
    # Of the pictures that it was sent as a crop, by role: where that is stored, which part of the picture it
    # is, and the face in it that was meant (see crops.py). What comes back is put back there and nowhere else.
    crops = models.JSONField(default=dict)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["finished_at"], name="attempts_by_end"),
            models.Index(fields=["task_id"], name="attempt_by_task_id"),
            models.Index(fields=["trace_id"], name="attempt_by_trace_id"),
            models.Index(fields=["provider", "-started_at"], name="attempts_of_a_provider"),
            models.Index(fields=["heard_at"], condition=Q(unread=True), name="unread_attempts"),
            models.Index(fields=["provider"], condition=Q(finished_at=None), name="open_attempts"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} for {self.swap_id}: {self.outcome or 'open'}"

    @classmethod
    def begin(cls, swap: Swap, *, provider: str, mode: str = "") -> Attempt:
        """A new open attempt, with an address of its own for the callback."""
        begun = cls.objects.create(swap=swap, provider=provider, mode=mode)
        logger.info(
            "step=attempt task_id=%s trace_id=%s provider=%s", swap.pk, begun.trace_id, provider
        )
        return begun

    def hear(self, answer: dict[str, Any], *, is_success: bool) -> bool:
        """A callback came: it is kept until a worker reads it. True where it is news.

        The first one is, and after one that told of a failure one that tells of a success.
        """
        news = Q() if is_success else Q(heard_at=None)
        return bool(
            Attempt.objects.filter(news, pk=self.pk, result_url="").update(
                heard=answer, heard_at=timezone.now(), unread=True
            )
        )

    def accept(self, *, task_id: str = "", trace_id: str = "") -> None:
        """The provider said that it has the job, under these names of its own."""
        self.accepted_at = timezone.now()
        self.task_id = task_id or self.task_id
        self.trace_id = trace_id or self.trace_id
        self.save(update_fields=["accepted_at", "task_id", "trace_id"])

    def doubt(self, *, trace_id: str = "", answered: bool = False) -> None:
        """Its answer was lost. One that came, but made no sense, says at least that it was asked."""
        self.uncertain = True
        self.trace_id = trace_id or self.trace_id
        if answered:
            self.accepted_at = self.accepted_at or timezone.now()
        self.save(update_fields=["uncertain", "trace_id", "accepted_at"])

    def take_result(
        self, *, url: str, announced: dict[str, int], task_id: str, trace_id: str,
        cost: Decimal | None,
    ) -> bool:  # fmt: skip
        """It has a result at *url*, which is paid for: True for whoever was the first to say so.

        An attempt that was given up is open again until the result is stored.
        """
        found = {
            "result_url": url, "announced": announced, "cost": cost, "unread": False,
            "task_id": task_id or self.task_id, "trace_id": trace_id or self.trace_id,
            "answered_at": timezone.now(), "finished_at": None, "outcome": "",
            "error_code": "", "error_message": "",
        }  # fmt: skip
        won = Attempt.objects.filter(pk=self.pk, result_url="").update(**found)
        if won:
            self._has(found)
        return bool(won)

    def read(self) -> None:
        """What was heard is acted on; what came meanwhile is not."""
        Attempt.objects.filter(pk=self.pk, heard_at=self.heard_at).update(unread=False)

    def cut(self, crops: dict[str, Any]) -> None:
        """It is to be asked with these crops."""
        self.crops = crops
        self.save(update_fields=["crops"])

    def ask(self, mode: str) -> bool:
        """It is about to be asked in that way. False where somebody took it for dead and closed it, or where
        the swap is not wanted any more, or has a result by now."""
        # Joined, PostgreSQL would look at `finished_at` as it was before it waited for the row.
        is_wanted = Exists(Swap.objects.filter(pk=self.swap_id, status=Status.RUNNING))
        won = Attempt.objects.filter(is_wanted, pk=self.pk, finished_at=None).update(mode=mode)
        if won:
            self.mode = mode
        return bool(won)

    def try_fetch(self) -> None:
        """The result is about to be fetched once more."""
        self._count_fetches(1)

    def excuse_fetch(self) -> None:
        """It was not for the result that it could not be had: that try does not count."""
        self._count_fetches(-1)

    def _count_fetches(self, more: int) -> None:
        self.fetches += more
        Attempt.objects.filter(pk=self.pk).update(fetches=F("fetches") + more)

    def close(self, outcome: str, **found: Any) -> bool:
        """That is what came of it, with what else was *found* (fields of this model).

        True where it was open; a result that somebody heard of meanwhile is not closed as none, and what
        was asked meanwhile is not closed as what never was.
        """
        here = Attempt.objects.filter(pk=self.pk, finished_at=None)
        if not self.mode:
            here = here.filter(mode="")
        if not self.result_url:
            here = here.filter(result_url="").exclude(unread=True, heard__success=True)
        found |= {"outcome": outcome, "finished_at": timezone.now()}
        won = here.update(**found)
        if won:
            self._has(found)
            seconds = (found["finished_at"] - self.started_at).total_seconds()
            logger.info(
                "step=answer task_id=%s trace_id=%s outcome=%s seconds=%.2f",
                self.swap_id, self.trace_id, outcome, seconds,
            )  # fmt: skip
        return bool(won)

    def _has(self, found: dict[str, Any]) -> None:
        for name, value in found.items():
            setattr(self, name, value)
