"""Which swaps: the visible ones, the waiting ones in their order, those to go on with, those to go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber
from django.utils import timezone

from swaps.models.photo import ROLES
from swaps.models.status import SETTLED, Status

if TYPE_CHECKING:
    from swaps.models.swap import Swap  # noqa: F401 (the name of the query set's rows)
    from swaps.models.user import User

# How long a deleted swap can be put back.
TRASH_DAYS = 30


COLLECTED = Q(source__isnull=False, target__isnull=False)
# Of how many of a person's swaps the pictures are fetched from links at the same time.
COLLECTED_A_PERSON = 2


def free() -> Q:
    """Nobody works on it, or whoever did stopped renewing her lease."""
    return Q(lease=None) | Q(lease_until__lt=timezone.now())


def awaited() -> Q:
    """It was not put off, or the time until which it was has come."""
    return Q(poll_at=None) | Q(poll_at__lte=timezone.now())


def _in_hands_of(user: User) -> Q:
    """Whose it is to change: the maker's while she is in the team, its owners', and superusers'."""
    if user.is_superuser:
        return Q()
    return Q(maker=user, team__in=user.teams()) | Q(team__in=user.owned_teams())


def overdue() -> Q:
    """Somebody has to go on with it: its worker is no more, or the time that was set has come."""
    return free() & awaited() & (Q(lease__isnull=False) | Q(poll_at__isnull=False))


class SwapQuerySet(models.QuerySet["Swap"]):
    """What pages, workers and the clock ask for."""

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

    def waiting(self) -> Self:
        """Those in the line, in no order: a wake-up may be for any of them.

        Those that were given back until later, or lack a picture, are not in it.
        """
        return self.filter(COLLECTED, awaited(), status=Status.QUEUED, deleted_at=None)

    def in_line(self) -> Self:
        """The waiting ones in the order in which they are taken: person by person, round-robin.

        Everybody's first comes before anybody's second; among those, whoever was served longest
        ago comes first.
        """
        served = self.model.objects.filter(maker=OuterRef("maker")).exclude(started_at=None)
        return (
            self.waiting()
            .annotate(
                turn=Window(RowNumber(), partition_by="maker", order_by=["queued_at", "pk"]),
                served_at=Subquery(served.order_by("-started_at").values("started_at")[:1]),
            )
            .order_by("turn", F("served_at").asc(nulls_first=True), "queued_at", "pk")
        )

    def uncollected(self) -> Self:
        """The waiting ones whose pictures are still to be fetched from their links, the oldest first.

        Those of who has fewer being fetched come before, so that nobody's slow links keep everybody else's.
        """
        hers = self.model.objects.being_collected().filter(maker=OuterRef("maker")).order_by()
        number = hers.values("maker").annotate(number=Count("pk")).values("number")
        return (
            self.filter(free(), awaited(), status=Status.QUEUED, deleted_at=None)
            .exclude(COLLECTED)
            .annotate(at_once=Coalesce(Subquery(number), 0))
            .filter(at_once__lt=COLLECTED_A_PERSON)
            .order_by("at_once", "queued_at", "pk")
        )

    def being_collected(self) -> Self:
        """Those whose pictures a worker is fetching from their links now."""
        held = self.filter(lease_until__gte=timezone.now(), status=Status.QUEUED, deleted_at=None)
        return held.exclude(COLLECTED)

    def due(self) -> Self:
        """Those to go on with: their worker is no more, or it is time to ask what became of them."""
        busy = (Status.RUNNING, Status.FETCHING)
        return self.filter(overdue(), status__in=busy, deleted_at=None).order_by("poll_at", "pk")

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
