"""A swap, and the only place where its state moves.

Every event is one filtered UPDATE, so that of two writers exactly one wins, and says whether it did.
Callers act (enqueue, store, remove) only where their event won.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from uuid_utils.compat import uuid7

from swaps.face_choice import LENGTH
from swaps.models.photo import Photo
from swaps.models.status import IN_FLIGHT, Status
from swaps.models.swap_queries import SwapQuerySet, free, overdue
from swaps.models.team import Team

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transition:
    """An event: the states it may happen in, under which condition, and the state it leads to."""

    before: tuple[Status, ...]
    after: Status
    only: Q = field(default_factory=Q)


NO_ERROR: dict[str, Any] = {"error_code": "", "error_message": "", "error_picture": ""}

# A late success rescues what was given up: it has been paid for. So does one of another attempt.
GIVEN_UP = ("timeout", "result_unavailable")
GAVE_UP = Q(status=Status.FAILED, error_code__in=GIVEN_UP)

TRANSITIONS = {
    "claim": Transition((Status.QUEUED,), Status.RUNNING),
    "reclaim": Transition((Status.RUNNING,), Status.RUNNING),
    "resume": Transition((Status.FETCHING,), Status.FETCHING),
    "restart": Transition((Status.FETCHING,), Status.RUNNING),
    "collect": Transition((Status.QUEUED,), Status.QUEUED),
    "collected": Transition((Status.QUEUED,), Status.QUEUED),
    "accepted": Transition((Status.RUNNING,), Status.RUNNING),
    "put_off": Transition((Status.FETCHING,), Status.FETCHING),
    "release": Transition((Status.RUNNING, Status.FETCHING), Status.QUEUED),
    # A result may come for what waits to be asked for once more: that was not needed then.
    "record_outcome": Transition(
        (Status.QUEUED, Status.RUNNING, Status.FAILED),
        Status.FETCHING,
        ~Q(status=Status.FAILED) | GAVE_UP,
    ),
    "succeed": Transition((Status.FETCHING,), Status.SUCCEEDED),
    "fail": Transition(IN_FLIGHT, Status.FAILED),
    "cancel": Transition(IN_FLIGHT, Status.CANCELED),
    "retry": Transition((Status.FAILED, Status.CANCELED), Status.QUEUED),
}


def _new_lease(seconds: int) -> dict[str, Any]:
    """A hold on a swap that nobody else has, for so many seconds from now."""
    return {"lease": uuid4(), "lease_until": timezone.now() + timedelta(seconds=seconds)}


class Swap(models.Model):
    """One swap, from upload to result. Its id is the task_id that we serve."""

    TITLE_LENGTH = 120
    LINK_LENGTH = 2000

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    maker = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    source = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_source")
    target = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_target")
    result = models.ForeignKey(Photo, null=True, on_delete=models.PROTECT, related_name="as_result")
    # Pictures that are still to be fetched; the links stay, for whoever tries again.
    source_url = models.CharField(max_length=LINK_LENGTH, blank=True)
    target_url = models.CharField(max_length=LINK_LENGTH, blank=True)
    # Which faces: points in the pictures as they are kept (see face_choice.py), never a number of order.
    source_face = models.CharField(max_length=40, blank=True)
    target_faces = models.CharField(max_length=LENGTH, blank=True)
    provider = models.CharField(max_length=20)
    consent_at = models.DateTimeField(null=True)

    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    error_code = models.CharField(max_length=40, blank=True)
    error_message = models.TextField(blank=True)
    error_picture = models.CharField(max_length=6, blank=True)

    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    # When a provider was first asked; giving up is counted from here.
    submitted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    trashed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    poll_at = models.DateTimeField(null=True)
    form_key = models.UUIDField(null=True, editable=False)
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    # The lease that was taken through this object, if any: others' are in `lease`, too.
    taken: UUID | None = None

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
        now = timezone.now()
        swap = cls.objects.create(
            status=Status.RUNNING, started_at=now, submitted_at=now, **_new_lease(seconds), **fields
        )
        swap.taken = swap.lease
        return swap

    # --- Events: each says whether it was the one that moved the swap ----------------------------

    def claim(self, *, seconds: int) -> bool:
        """A worker takes the swap for the length of a lease: the next in line, or one to go on with.

        What is to go on with keeps its state: it is being made, or has a result that is being saved.
        """
        now = timezone.now()
        hold: dict[str, Any] = {"poll_at": None, **_new_lease(seconds)}
        asked: dict[str, Any] = {"started_at": now, "submitted_at": self.submitted_at or now}
        return (
            self._move("claim", **asked, **NO_ERROR, **hold)
            or self._move("reclaim", overdue(), **hold)
            or self._move("resume", overdue(), **hold)
        )

    def take_up(self, *, seconds: int) -> bool:
        """An answer came for it, so a worker goes on with it before its time."""
        return self._move("reclaim", free(), poll_at=None, **_new_lease(seconds))

    def hurry(self) -> bool:
        """Something was heard of it that made no sense: whoever waits for it is to ask now."""
        waits = Q(lease=None, poll_at__isnull=False, status=Status.RUNNING)
        return self._write("hurry", waits, poll_at=timezone.now())

    def restart(self) -> bool:
        """What had been made died with its worker before it was stored: it is made again."""
        return self._move("restart", self._held())

    def collect(self, *, seconds: int, message: str) -> bool:
        """A worker fetches the pictures from their links; meanwhile *message* says so."""
        hold = _new_lease(seconds)
        return self._move("collect", free(), **{**NO_ERROR, "error_message": message}, **hold)

    def collected(self, **found: Photo) -> bool:
        """These of its pictures are ours now. With the last one the swap stands in the line."""
        here = {role for role in ("source", "target") if role in found or getattr(self, role)}
        is_last = len(here) == 2
        done = {**NO_ERROR, "lease": None, "lease_until": None} if is_last else {}
        return self._move("collected", self._held(), **found, **done)

    def renew(self, *, seconds: int) -> bool:
        """The worker that holds the lease is still at it."""
        return bool(
            Swap.objects.filter(pk=self.pk, lease=self.lease, status__in=IN_FLIGHT).update(
                lease_until=timezone.now() + timedelta(seconds=seconds)
            )
        )

    def accepted(self, *, poll_at: datetime) -> bool:
        """The provider took the job, or may have, and will answer later."""
        return self._move("accepted", self._held(), **self._let_go(poll_at))

    def put_off(self, *, until: datetime, code: str = "", message: str = "") -> bool:
        """The result could not be saved now; *message* says why it waits *until* then."""
        why = {"error_code": code, "error_message": message}
        return self._move("put_off", self._held(), **self._let_go(until), **why)

    def release(
        self, *, until: datetime | None = None, code: str = "", message: str = "",
        unasked: bool = False,
    ) -> bool:  # fmt: skip
        """The worker gives the swap back to the line; *message* says why it waits *until* then.

        *unasked*: as if no provider had been asked, so that the time until it is given up starts anew.
        """
        why = {"error_code": code, "error_message": message}
        anew = {"submitted_at": None} if unasked else {}
        return self._move("release", self._held(), **self._let_go(until), **why, **anew)

    def record_outcome(self, *, seconds: int | None = None) -> bool:
        """The provider has made a result; what is left is to store it.

        With *seconds*, whoever heard of it takes the swap over for so long, from whomever works on it.
        """
        taken = {} if seconds is None else _new_lease(seconds)
        only = self._held() if seconds is None else Q()
        told = {"poll_at": None, "finished_at": None, **NO_ERROR}
        return self._move("record_outcome", only, **told, **taken)

    def succeed(self, *, result: Photo) -> bool:
        """The result is ours and stored."""
        return self._move("succeed", self._held(), result=result, **NO_ERROR, **self._end())

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
            submitted_at=None,
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
            "discard", Q(), deleted_at=timezone.now(), source=None, target=None, result=None,
            # A link leads to the picture as well.
            source_url="", target_url="",
        )  # fmt: skip

    def _hide(self, event: str, only: Q, **changes: Any) -> bool:
        """Take it out of every page. Nothing that is hidden stays in the line or in work."""
        status = Case(When(status__in=IN_FLIGHT, then=Value(Status.CANCELED)), default=F("status"))
        ended = Coalesce("finished_at", timezone.now())
        return self._write(
            event, only, status=status, finished_at=ended, **self._let_go(None), **changes
        )

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

    def _let_go(self, until: datetime | None) -> dict[str, Any]:
        """Nobody holds it; somebody takes it up when the time has come."""
        return {"poll_at": until, "lease": None, "lease_until": None}

    def _end(self) -> dict[str, Any]:
        return {"finished_at": timezone.now(), **self._let_go(None)}

    def _move(self, event: str, only: Q | None = None, **changes: Any) -> bool:
        """Move the row as TRANSITIONS has it: True where this call was the one that did."""
        transition = TRANSITIONS[event]
        changes["status"] = transition.after
        here = Q(status__in=transition.before, trashed_at=None)
        won = self._write(event, here & transition.only & (only or Q()), **changes)
        if won:
            for name, value in changes.items():
                setattr(self, name, value)
            self.taken = changes.get("lease") or self.taken
        return won

    # --- What can be read off it -----------------------------------------------------------------

    @property
    def in_flight(self) -> bool:
        return self.status in IN_FLIGHT

    @property
    def may_be_rescued(self) -> bool:
        """Whether a result that comes late would still be taken."""
        return self.status == Status.FAILED and self.error_code in GIVEN_UP

    @property
    def is_collected(self) -> bool:
        """Whether both pictures are here, and none is still to be fetched from its link."""
        return bool(self.source_id and self.target_id)

    @property
    def has_pictures(self) -> bool:
        """Whether both are here, or can be fetched from their links."""
        return bool((self.source_id or self.source_url) and (self.target_id or self.target_url))

    def is_same_wish(self, **wish: Any) -> bool:
        """True where somebody who asks for this *wish* gets nothing that this swap does not give her."""
        here = self.status not in (Status.FAILED, Status.CANCELED) and self.trashed_at is None
        return here and all(getattr(self, name) == value for name, value in wish.items())

    def place_in_line(self) -> int | None:
        """1 for the next one to be taken; None once it no longer waits."""
        waiting: list[UUID] = list(Swap.objects.in_line().values_list("pk", flat=True))
        return waiting.index(self.pk) + 1 if self.pk in waiting else None

    def seconds_since_queued(self) -> float:
        """How long it has been taking, or took, from the wish to its end."""
        return ((self.finished_at or timezone.now()) - self.queued_at).total_seconds()
