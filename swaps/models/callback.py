"""Callbacks out: an outcome that a program is told at the address it gave, and every try to tell it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.models.api_request import ApiRequest, ApiRequestQuerySet
from swaps.models.status import SETTLED
from swaps.models.swap import Swap

LONGEST_PAUSE = timedelta(hours=3)
"""Longer than any pause between two tries: whatever is due later was written by a clock that was wrong."""
SUCCESS = range(200, 300)
"""The HTTP statuses by which a receiver says that it took a callback."""
AT_ONCE_A_HOST = 4
"""How many are told the same receiver at a time, so that a slow one leaves room for the others."""
AT_ONCE_A_PERSON = 8
"""How many of one person's are told at a time: of a process's 16, so that all her receivers leave room, too."""
FORGOTTEN_AT_ONCE = 200
AWAITED_FOR = timedelta(days=1)
"""How long after a swap was given up a result is still expected that would be told as well."""


class CallbackQuerySet(models.QuerySet["Callback"]):
    """What workers and pages ask for."""

    def open(self) -> Self:
        """Those with something left to do."""
        return self.filter(next_at__isnull=False)

    def due(self) -> Self:
        """Those to be told now and in nobody's hands; whose receiver has fewest at a time comes first.

        None to a receiver, or of a person, that has as many at a time as may be.
        """
        now = timezone.now()
        is_time = Q(next_at__lte=now) | Q(next_at__gt=now + LONGEST_PAUSE)
        return (
            self.open()
            .filter(is_time)
            .exclude(_held(now))
            .annotate(at_once=_number_held("host", now), of_person=_number_held("swap__maker", now))
            .filter(at_once__lt=AT_ONCE_A_HOST, of_person__lt=AT_ONCE_A_PERSON)
            .order_by("at_once", "next_at", "pk")
        )

    def shown(self, swap: Swap) -> Self:
        """Those of *swap* with their deliveries, the newest first."""
        return self.filter(swap=swap).prefetch_related("deliveries").order_by("-pk")


class Callback(models.Model):
    """One outcome of one swap for whoever asked for it. Its id is the `webhook-id`, the same at every try.

    A swap may have several: it may succeed after it was given up, and a person may try it again.
    """

    HOST_LENGTH = 255

    class Ended(models.TextChoices):
        """Why there is nothing left to do."""

        DELIVERED = "delivered", "Delivered"
        GONE = "gone", "Its receiver wants no more"
        GIVEN_UP = "given_up", "Given up"
        UNSIGNED = "unsigned", "Not sent, as its token is gone"
        OVERTAKEN = "overtaken", "Overtaken by another outcome"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="callbacks")
    url = models.CharField(max_length=Swap.LINK_LENGTH)
    host = models.CharField(max_length=HOST_LENGTH)
    # As it was when it was told first; the swap's row may say something else by now.
    body = models.JSONField()
    settled_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    ended = models.CharField(max_length=10, choices=Ended, blank=True)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = CallbackQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["swap", "settled_at"], name="one_callback_an_outcome"),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], condition=Q(next_at__isnull=False), name="callbacks_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Callback {self.id}"

    @staticmethod
    def let_go(swap: Swap) -> None:
        """The swap went for good: no success is told any more, and what has nothing left to do loses its address.

        That of another one goes when it ends.
        """
        own = Callback.objects.filter(swap=swap)
        # Whoever has just told one is waited for: she did not see that the swap is gone.
        list(own.select_for_update(no_key=True).values_list("pk"))
        own.open().filter(body__success=True).update(**_OVERTAKEN)
        own.filter(next_at=None).update(url="")

    @staticmethod
    def untold() -> ApiRequestQuerySet:
        """Those who asked for a swap that has an outcome, and were not told of that one."""
        told = Callback.objects.filter(swap=OuterRef("pk"), settled_at=OuterRef("finished_at"))
        ended = Swap.objects.filter(
            ~Exists(told), pk=OuterRef("swap"), status__in=SETTLED, finished_at__isnull=False
        )
        # Of the few that wait each is looked at: a join would begin with every swap that ever ended.
        return ApiRequest.objects.filter(Exists(ended), awaits_outcome=True)

    @staticmethod
    def expect_no_more() -> None:
        """Whoever was told long ago that her swap was given up waits for no result any more."""
        told = Callback.objects.filter(
            swap=OuterRef("swap"), settled_at=OuterRef("swap__finished_at")
        )
        over = ApiRequest.objects.filter(
            Exists(told), awaits_outcome=True, swap__status__in=SETTLED,
            swap__finished_at__lt=timezone.now() - AWAITED_FOR,
        )  # fmt: skip
        found = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        if found:
            over.filter(pk__in=found).update(awaits_outcome=False)

    @classmethod
    def make(cls, asked: ApiRequest, body: dict[str, Any]) -> Callback:
        """Have the outcome that *asked*'s swap has now told; one before it that still waits is told no more."""
        settled_at = asked.swap.finished_at
        with transaction.atomic():
            cls.objects.open().filter(swap=asked.swap, settled_at__lt=settled_at).update(
                **_OVERTAKEN
            )
            made, _ = cls.objects.get_or_create(
                swap=asked.swap,
                settled_at=settled_at,
                defaults={
                    "url": asked.callback_url,
                    "host": _host(asked.callback_url),
                    "body": body,
                    "next_at": timezone.now(),
                },
            )
        return made

    # --- Events: each says whether it was the one that moved the row -----------------------------

    def claim(self, *, seconds: int) -> bool:
        """Somebody tells it now, and nobody else for so many seconds.

        It is the one that was read: between that and this another one may have told it, and put it off.
        """
        now = timezone.now()
        lease, until = uuid4(), now + timedelta(seconds=seconds)
        as_read = Callback.objects.open().filter(pk=self.pk, next_at=self.next_at, tries=self.tries)
        free = as_read.exclude(_held(now))
        won = bool(free.update(lease=lease, lease_until=until))
        if won:
            self.lease, self.lease_until = lease, until
        return won

    def told(
        self, *, seconds: float, status: int | None, answer: str, error: str, ended: str,
        next_at: datetime | None,
    ) -> bool:  # fmt: skip
        """That was a try, and what follows from it, unless somebody else took it over: the try is kept anyway."""
        with transaction.atomic():
            Delivery.objects.create(
                callback=self, seconds=round(seconds, 3), status=status, answer=answer, error=error
            )
            won = bool(
                Callback.objects.filter(pk=self.pk, lease=self.lease).update(
                    tries=self.tries + 1, ended=ended, next_at=next_at, lease=None, lease_until=None
                )
            )
            if ended:
                # The address may be a secret, of which nothing stays with a swap that went for good.
                gone = Callback.objects.filter(pk=self.pk, swap__deleted_at__isnull=False)
                gone.filter(next_at=None).update(url="")
            return won

    def again(self, body: dict[str, Any] | None) -> bool:
        """Somebody wants it sent once more, now, with *body* where that has changed: the tries begin anew."""
        free = Callback.objects.filter(pk=self.pk).exclude(url="").exclude(_held(timezone.now()))
        fresh = {} if body is None else {"body": body}
        return bool(free.update(next_at=timezone.now(), tries=0, ended="", **fresh))

    # --- What can be read off it -----------------------------------------------------------------

    @property
    def is_success(self) -> bool:
        """Whether it tells of a result."""
        return bool(self.body["success"])


_OVERTAKEN: dict[str, Any] = {
    "next_at": None, "ended": Callback.Ended.OVERTAKEN, "lease": None, "lease_until": None,
}  # fmt: skip


class Delivery(models.Model):
    """One POST of a callback, or why there was none."""

    ANSWER_LENGTH = 500

    callback = models.ForeignKey(Callback, on_delete=models.CASCADE, related_name="deliveries")
    at = models.DateTimeField(default=timezone.now, db_index=True)
    seconds = models.FloatField()
    # What was answered: its HTTP status, and the start of its body. None: nothing was.
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.CharField(max_length=ANSWER_LENGTH, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return str(self.status or self.error)

    @property
    def is_well(self) -> bool:
        """Whether its receiver took it: every status from 200 to 299 says so."""
        return self.status in SUCCESS


def _held(now: datetime) -> Q:
    """Somebody is at it. A lease that ends too far from now was written by a clock that was wrong."""
    return Q(lease__isnull=False, lease_until__gte=now, lease_until__lt=now + LONGEST_PAUSE)


def _number_held(whose: str, now: datetime) -> Coalesce:
    """How many with the same *whose*, a field, somebody is at."""
    held = Callback.objects.open().filter(_held(now), **{whose: OuterRef(whose)}).order_by()
    number = held.values(whose).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(number), 0)


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "")[: Callback.HOST_LENGTH]
