"""A swap, and the only place where its state moves.

Every event is one filtered UPDATE, so that of two writers exactly one wins, and says whether it did.
Callers act (enqueue, store, remove) only where their event won.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.models.photo import ROLES, Photo
from swaps.models.team import Team

if TYPE_CHECKING:
    from swaps.models.user import User


logger = logging.getLogger(__name__)


class Status(models.TextChoices):
    """Where a swap stands. These spellings are used everywhere."""

    QUEUED = "queued", "Waiting"
    RUNNING = "running", "Swapping"
    FETCHING = "fetching", "Saving"
    SUCCEEDED = "succeeded", "Done"
    FAILED = "failed", "Failed"
    CANCELED = "canceled", "Cancelled"


IN_FLIGHT = (Status.QUEUED, Status.RUNNING, Status.FETCHING)
SETTLED = (Status.SUCCEEDED, Status.FAILED, Status.CANCELED)

# How long a deleted swap can be put back.
TRASH_DAYS = 30


@dataclass(frozen=True)
class Transition:
    """An event: the states it may happen in, under which condition, and the state it leads to."""

    before: tuple[Status, ...]
    after: Status
    only: Q = field(default_factory=Q)


NO_ERROR: dict[str, Any] = {"error_code": "", "error_message": "", "error_picture": ""}

# A late success rescues what was given up: it has been paid for.
GAVE_UP = Q(status=Status.FAILED, error_code="timeout")

TRANSITIONS = {
    "claim": Transition((Status.QUEUED,), Status.RUNNING),
    "reclaim": Transition((Status.RUNNING, Status.FETCHING), Status.RUNNING),
    "accepted": Transition((Status.RUNNING,), Status.RUNNING),
    "release": Transition((Status.RUNNING, Status.FETCHING), Status.QUEUED),
    "record_outcome": Transition(
        (Status.RUNNING, Status.FAILED), Status.FETCHING, ~Q(status=Status.FAILED) | GAVE_UP
    ),
    "succeed": Transition((Status.FETCHING,), Status.SUCCEEDED),
    "fail": Transition(IN_FLIGHT, Status.FAILED),
    "cancel": Transition(IN_FLIGHT, Status.CANCELED),
    "retry": Transition((Status.FAILED, Status.CANCELED), Status.QUEUED),
}


def _new_lease(seconds: int) -> dict[str, Any]:
    """A hold on a swap that nobody else has, for so many seconds from now."""
    return {"lease": uuid4(), "lease_until": timezone.now() + timedelta(seconds=seconds)}


def _in_hands_of(user: User) -> Q:
    """Whose it is to change: the maker's while she is in the team, its owners', and superusers'."""
    if user.is_superuser:
        return Q()
    return Q(maker=user, team__in=user.teams()) | Q(team__in=user.owned_teams())


class SwapQuerySet(models.QuerySet["Swap"]):
    """Which swaps: the visible ones, the waiting ones, the abandoned ones."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The swaps of *user*'s teams that nobody deleted; all teams' for a superuser."""
        if not user.is_authenticated:
            return self.none()
        kept = self.filter(deleted_at=None, trashed_at=None)
        return kept if user.is_superuser else kept.filter(team__in=user.teams())

    def changeable_by(self, user: User) -> Self:
        """Of the visible ones those that *user* may delete: her own, and all of the teams that she owns."""
        return self.visible_to(user).filter(_in_hands_of(user))

    def in_trash_of(self, user: User | AnonymousUser) -> Self:
        """What is in the trash and *user* may put back."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(_in_hands_of(user), deleted_at=None, trashed_at__isnull=False)

    def reachable_by(self, user: User | AnonymousUser) -> Self:
        """What *user* may see, or put back."""
        return self.visible_to(user) | self.in_trash_of(user)

    def whole(self) -> Self:
        """Each with its maker, its team and its pictures, in the same query."""
        return self.select_related("maker", "team", *ROLES)

    def marked_for(self, user: User) -> Self:
        """Each with `is_favourite`: whether it is one of *user*'s favourites."""
        return self.annotate(is_favourite=Exists(user.favourites.filter(swap=OuterRef("pk"))))

    def in_line(self) -> Self:
        """The waiting ones in the order in which they are taken: person by person, round-robin.

        Everybody's first comes before anybody's second; among those, whoever was served longest
        ago comes first. Those that were given back until later are not in it.
        """
        served = self.model.objects.filter(maker=OuterRef("maker")).exclude(started_at=None)
        return (
            self.filter(status=Status.QUEUED, deleted_at=None)
            .filter(Q(poll_at=None) | Q(poll_at__lte=timezone.now()))
            .annotate(
                turn=Window(RowNumber(), partition_by="maker", order_by=["queued_at", "pk"]),
                served_at=Subquery(served.order_by("-started_at").values("started_at")[:1]),
            )
            .order_by("turn", F("served_at").asc(nulls_first=True), "queued_at", "pk")
        )

    def abandoned(self) -> Self:
        """Those whose worker stopped renewing its lease in mid-step."""
        return self.filter(
            status__in=(Status.RUNNING, Status.FETCHING),
            lease_until__lt=timezone.now(),
            deleted_at=None,
        )

    def past(self, *, days: int) -> Self:
        """What is to go for good, the oldest first: what has been in the trash for TRASH_DAYS and,
        unless *days* is 0, what has ended, is older than that, and is nobody's favourite.
        """
        now = timezone.now()
        gone = Q(trashed_at__lt=now - timedelta(days=TRASH_DAYS))
        if days:
            settled = Q(status__in=SETTLED, created_at__lt=now - timedelta(days=days))
            marked = apps.get_model("swaps", "Favourite").objects.filter(swap=OuterRef("pk"))
            gone |= settled & Q(~Exists(marked))
        return self.filter(gone, deleted_at=None).order_by("created_at", "pk")


class Swap(models.Model):
    """One swap, from upload to result. Its id is the task_id that we serve."""

    TITLE_LENGTH = 120

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    source = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_source")
    target = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_target")
    result = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_result")
    face = models.CharField(max_length=40, blank=True)
    provider = models.CharField(max_length=20)
    consent_at = models.DateTimeField(null=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_picture = models.CharField(max_length=6, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    poll_at = models.DateTimeField(null=True)
    form_key = models.UUIDField(null=True, editable=False)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    objects = SwapQuerySet.as_manager()

    class Meta:
        constraints = [
            # A form that is sent twice, by a double click or after an error, makes one swap.
            models.UniqueConstraint(fields=["maker", "form_key"], name="one_swap_a_form"),
        ]
        indexes = [
            models.Index(fields=["team", "-id"], name="gallery"),
            models.Index(fields=["team", "status", "-id"], name="gallery_by_state"),
            models.Index(fields=["maker", "-id"], name="gallery_by_maker"),
            models.Index(fields=["team", "maker", "-id"], name="makers_of_a_team"),
            models.Index(fields=["created_at"], name="by_date"),
            models.Index(fields=["status", "-id"], name="history_by_state"),
            models.Index(
                fields=["-id"], condition=Q(trashed_at__isnull=False), name="history_of_trash"
            ),
            models.Index(
                fields=["-id"], condition=Q(deleted_at__isnull=False), name="history_of_deleted"
            ),
            models.Index(
                fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="in_trash"
            ),
            models.Index(fields=["maker", "-started_at"], name="last_served"),
            models.Index(
                fields=["status", "queued_at"],
                condition=Q(status__in=("queued", "running", "fetching")),
                name="in_flight",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"Swap {self.id}"

    @classmethod
    def create_claimed(cls, *, seconds: int, **fields: Any) -> Swap:
        """A swap that its maker works on herself, at once: it never waits in the line."""
        return cls.objects.create(
            status=Status.RUNNING, started_at=timezone.now(), **_new_lease(seconds), **fields
        )

    # --- Events: each says whether it was the one that moved the swap ----------------------------

    def claim(self, *, seconds: int) -> bool:
        """A worker takes the swap for the length of a lease, new or from a worker that died."""
        now = timezone.now()
        hold = _new_lease(seconds)
        fresh = {"started_at": now, "poll_at": None, **NO_ERROR}
        return self._move("claim", **fresh, **hold) or self._move(
            "reclaim", Q(lease_until__lt=now), **hold
        )

    def renew(self, *, seconds: int) -> bool:
        """The worker that holds the lease is still at it."""
        return bool(
            Swap.objects.filter(pk=self.pk, lease=self.lease, status__in=IN_FLIGHT).update(
                lease_until=timezone.now() + timedelta(seconds=seconds)
            )
        )

    def accepted(self, *, poll_at: datetime) -> bool:
        """The provider took the job and will answer later."""
        return self._move("accepted", self._held(), poll_at=poll_at, lease=None, lease_until=None)

    def release(self, *, until: datetime | None = None, code: str = "", message: str = "") -> bool:
        """The worker gives the swap back to the line; *message* says why it waits *until* then."""
        why = {"poll_at": until, "error_code": code, "error_message": message}
        return self._move("release", self._held(), lease=None, lease_until=None, **why)

    def record_outcome(self) -> bool:
        """The provider has made a result; what is left is to store it."""
        return self._move(
            "record_outcome",
            self._held(),
            poll_at=None,
            finished_at=None,
            **NO_ERROR,
        )

    def succeed(self, *, result: Photo) -> bool:
        """The result is ours and stored."""
        return self._move("succeed", self._held(), result=result, **self._end())

    def fail(self, *, code: str, message: str, picture: str = "") -> bool:
        """It ended without a result; *message* is for people, *code* for programs."""
        return self._move(
            "fail",
            self._held(),
            error_code=code,
            error_message=message,
            error_picture=picture,
            **self._end(),
        )

    def cancel(self) -> bool:
        """Somebody does not want it any more."""
        return self._move("cancel", **self._end())

    def retry(self) -> bool:
        """Somebody wants it once more."""
        return self._move(
            "retry",
            queued_at=timezone.now(),
            finished_at=None,
            poll_at=None,
            **NO_ERROR,
        )

    def trash(self) -> bool:
        """Somebody deletes it, and may think better of it: it is hidden; what was in flight ends."""
        return self._hide("trash", Q(trashed_at=None), trashed_at=timezone.now())

    def put_back(self) -> bool:
        """Somebody thought better of it: it hangs where it hung before."""
        return self._write("put_back", Q(trashed_at__isnull=False), trashed_at=None)

    def discard(self) -> bool:
        """It goes for good: the row lets go of its pictures and stays for the history alone."""
        return self._hide(
            "discard", Q(), deleted_at=timezone.now(), source=None, target=None, result=None
        )

    def _hide(self, event: str, only: Q, **changes: Any) -> bool:
        """Take it out of every page. Nothing that is hidden stays in the line or in work."""
        status = Case(When(status__in=IN_FLIGHT, then=Value(Status.CANCELED)), default=F("status"))
        ended = Coalesce("finished_at", timezone.now())
        freed = {"poll_at": None, "lease": None, "lease_until": None}
        return self._write(event, only, status=status, finished_at=ended, **freed, **changes)

    def _write(self, event: str, only: Q, **changes: Any) -> bool:
        """The one filtered UPDATE of every event, and its line in the log where it won."""
        won = Swap.objects.filter(only, pk=self.pk, deleted_at=None).update(**changes)
        if won:
            said, values = "step=%s task_id=%s", [event, self.pk]
            if code := changes.get("error_code"):
                said, values = f"{said} code=%s", [*values, code]
            logger.info(said, *values)
        return bool(won)

    def _held(self) -> Q:
        """Whoever writes under a lease writes only while it is hers; without one, anybody's may."""
        return Q(lease=self.lease) if self.lease else Q()

    def _end(self) -> dict[str, Any]:
        return {
            "finished_at": timezone.now(),
            "poll_at": None,
            "lease": None,
            "lease_until": None,
        }

    def _move(self, event: str, only: Q | None = None, **changes: Any) -> bool:
        """Move the row as TRANSITIONS has it: True where this call was the one that did."""
        transition = TRANSITIONS[event]
        changes["status"] = transition.after
        here = Q(status__in=transition.before, trashed_at=None)
        won = self._write(event, here & transition.only & (only or Q()), **changes)
        if won:
            for name, value in changes.items():
                setattr(self, name, value)
        return won

    # --- What can be read off it -----------------------------------------------------------------

    @property
    def in_flight(self) -> bool:
        return self.status in IN_FLIGHT

    def is_same_wish(self, *, source: Photo, target: Photo, title: str, face: str) -> bool:
        """True where somebody who asks for this gets nothing that this swap does not give her."""
        here = self.status not in (Status.FAILED, Status.CANCELED) and self.trashed_at is None
        wish = (self.source_id, self.target_id, self.title, self.face)
        return here and wish == (source.pk, target.pk, title, face)

    def place_in_line(self) -> int | None:
        """1 for the next one to be taken; None once it no longer waits."""
        waiting: list[UUID] = list(Swap.objects.in_line().values_list("pk", flat=True))
        return waiting.index(self.pk) + 1 if self.pk in waiting else None

    def seconds_since_queued(self) -> float:
        """How long it has been taking, or took, from the wish to its end."""
        return ((self.finished_at or timezone.now()) - self.queued_at).total_seconds()
