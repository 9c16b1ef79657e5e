"""Attempts: what was asked of a provider, when, and what it answered. Written before the call."""

from __future__ import annotations

import logging
import secrets
import uuid
from typing import Any

from django.db import models
from django.utils import timezone

from swaps.models.swap import Swap

logger = logging.getLogger(__name__)


def unguessable() -> str:
    """The secret that makes an attempt's callback address."""
    return secrets.token_urlsafe(32)


def new_trace_id() -> str:
    """What a call is traced by until the provider answers with an id of its own."""
    return str(uuid.uuid4())


class Attempt(models.Model):
    """One call of a provider for a swap. It is open, and counts as in flight, until `finished_at`."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"
        LOST = "lost", "Lost"

    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="attempts")
    provider = models.CharField(max_length=20)
    secret = models.CharField(max_length=64, unique=True, default=unguessable, editable=False)
    task_id = models.CharField(max_length=64, blank=True)
    trace_id = models.CharField(max_length=64, blank=True, default=new_trace_id)
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    timings = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["finished_at"], name="attempts_by_end"),
            models.Index(fields=["task_id"], name="attempt_by_task_id"),
            models.Index(fields=["trace_id"], name="attempt_by_trace_id"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} for {self.swap_id}: {self.outcome or 'open'}"

    @classmethod
    def begin(cls, swap: Swap, *, provider: str) -> Attempt:
        """A new open attempt; one that was left open by a worker that died is lost."""
        swap.attempts.filter(finished_at=None).update(
            finished_at=timezone.now(), outcome=cls.Outcome.LOST
        )
        begun = cls.objects.create(swap=swap, provider=provider)
        logger.info(
            "step=attempt task_id=%s trace_id=%s provider=%s", swap.pk, begun.trace_id, provider
        )
        return begun

    def close(self, outcome: str, **found: Any) -> None:
        """The provider's answer, with what else was *found* of it (fields of this model)."""
        self.outcome = outcome
        self.finished_at = timezone.now()
        for name, value in found.items():
            setattr(self, name, value)
        self.save(update_fields=["outcome", "finished_at", *found])
        seconds = (self.finished_at - self.started_at).total_seconds()
        logger.info(
            "step=answer task_id=%s trace_id=%s outcome=%s seconds=%.2f",
            self.swap_id, self.trace_id, outcome, seconds,
        )  # fmt: skip
