"""How the provider stands: how it is asked, with what success, at what price. The admin’s page asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Q, Sum, Value
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from swaps import asking
from swaps.models import Attempt, ProviderState, Status, Swap
from swaps.models.attempt import AttemptQuerySet
from swaps.providers import HOSTED
from swaps.providers.base import Mode

TITLES = {"acedata": "Ace Data Cloud", "local": "Embedded engine"}
MODES = {
    Mode.CALLBACK: "It calls back, and is polled for what gets lost",
    Mode.ASYNC: "It is polled",
    Mode.SYNC: "A thread of the worker waits for each answer",
    None: "Not known yet: whether it can be polled is found out before the first swap",
}
SPANS = {
    "Last hour": timedelta(hours=1),
    "Last day": timedelta(days=1),
    "Last 30 days": timedelta(days=30),
}
SPENT_WITHIN = timedelta(days=30)
PAID = {"swaps": Count("pk"), "cost": Sum("cost")}
NOBODY = "nobody (shell, or the account is gone)"
SHAPES_LOOKED_AT, SHAPES_NEEDED = 20, 3


@dataclass(frozen=True)
class Tally:
    """What came of the attempts that began within a span of time."""

    span: str
    asked: int
    succeeded: int
    failed: int
    lost: int
    put_off: int
    """Those that a rate limit, a pause or a full disk ended: they cost the swap no try."""
    uncertain: int
    """Of all of them, those whose answer was lost, so that they may have been paid for without a result."""

    @property
    def failing(self) -> str:
        """Which share of those that ended, and were not put off, has no result; `–` where there is none."""
        ended = self.succeeded + self.failed + self.lost
        return f"{(self.failed + self.lost) / ended:.0%}".replace("%", " %") if ended else "–"


@dataclass(frozen=True)
class Fault:
    """A code that attempts failed with within a day: how often, and when last."""

    code: str
    count: int
    last: datetime


@dataclass(frozen=True)
class Spent:
    """Paid swaps and their price, of a day or a person."""

    whose: date | str
    swaps: int
    cost: Decimal


@dataclass(frozen=True)
class Shapes:
    """Whose width and height the latest results have, where Face and Photo differ; and the roles in use."""

    target: int
    source: int
    neither: int
    roles: str

    @property
    def are_wrong(self) -> bool:
        """True where the results keep the Face's picture: the service takes the roles the other way round."""
        return self.source >= SHAPES_NEEDED and self.source > self.target

    @property
    def said(self) -> str:
        """What follows from it, for the admin."""
        seen = self.target + self.source + self.neither
        if not seen:
            return "Not known yet: it takes a swap of a Face and a Photo that differ in shape."
        if self.are_wrong:
            return (
                f"{self.source} of the last {seen} results have the shape of the Face: "
                "this service takes the two pictures the other way round. Exchange them."
            )
        if self.target > seen / 2:
            return f"{self.target} of the last {seen} results have the shape of the Photo, as they should."
        return f"The last {seen} results do not tell: most have neither picture’s shape."

    @property
    def other(self) -> str:
        """The roles that are not in use."""
        return next(one for one in ProviderState.Roles.values if one != self.roles)


class Standing:
    """One provider as it stands now. Each property asks the database once it is read."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.title = TITLES[name]
        self.is_hosted = name in HOSTED
        self.state = ProviderState.of(name)
        self.token_is_set = bool(settings.ACEDATACLOUD_API_TOKEN)
        self.base_url = settings.ACEDATACLOUD_API_BASE_URL
        self.mode = MODES[asking.mode_known(name)]
        self.most_in_flight = settings.MAX_IN_FLIGHT
        self.price = settings.PRICE_PER_SWAP

    @property
    def in_flight(self) -> int:
        """How many attempts are open."""
        return self._attempts().open().count()

    @property
    def waiting(self) -> int:
        """How many swaps wait to be asked for, whatever for."""
        waiting = Swap.objects.filter(status=Status.QUEUED, provider=self.name)
        return waiting.filter(deleted_at=None, trashed_at=None).count()

    @property
    def is_held(self) -> bool:
        """True while it has said that it is asked too often."""
        until = self.state.held_until
        return until is not None and until > timezone.now()

    @property
    def last_success(self) -> datetime | None:
        """When a result of it was last stored."""
        done = self._attempts().filter(outcome=Attempt.Outcome.SUCCEEDED)
        found: datetime | None = (
            done.order_by("-started_at").values_list("finished_at", flat=True).first()
        )
        return found

    @property
    def polling(self) -> str:
        """Whether it can be polled, as far as that is known."""
        if self.state.has_tasks is None:
            return "Not tried yet"
        return "There" if self.state.has_tasks else "Not there; it is looked for once a day"

    def tallies(self) -> list[Tally]:
        """The latest hour, day and month."""
        return [self._tally(span, timezone.now() - length) for span, length in SPANS.items()]

    def faults(self) -> list[Fault]:
        """What went wrong within a day, the most frequent first."""
        rows = (
            self._attempts()
            .filter(started_at__gte=timezone.now() - SPANS["Last day"])
            .exclude(error_code="")
            .order_by()
            .values("error_code")
            .annotate(count=Count("pk"), last=Max("started_at"))
            .order_by("-count", "error_code")
        )
        return [Fault(row["error_code"], row["count"], row["last"]) for row in rows]

    def shapes(self) -> Shapes:
        """Since the roles were last chosen."""
        told = self._attempts().exclude(shape="")
        if self.state.roles_at:
            told = told.filter(started_at__gt=self.state.roles_at)
        seen = Counter(
            told.order_by("-started_at").values_list("shape", flat=True)[:SHAPES_LOOKED_AT]
        )
        counts = {shape.value: seen[shape.value] for shape in Attempt.Shape}
        return Shapes(**counts, roles=self.state.roles or settings.ROLES)

    def spent_by_day(self) -> list[Spent]:
        """Within 30 days, the latest first; days of UTC."""
        days = self._paid().values(whose=TruncDate("started_at"))
        return [_spent(row) for row in days.annotate(**PAID).order_by("-whose")]

    def spent_by_person(self) -> list[Spent]:
        """Within 30 days, who spent most first."""
        people = self._paid().values(whose=Coalesce("swap__maker__username", Value(NOBODY)))
        return [_spent(row) for row in people.annotate(**PAID).order_by("-cost", "whose")]

    def _tally(self, span: str, since: datetime) -> Tally:
        outcomes = {
            outcome.value: Count("pk", Q(outcome=outcome, counts=True))
            for outcome in Attempt.Outcome
        }
        outcomes["put_off"] = Count("pk", Q(finished_at__isnull=False, counts=False))
        found = (
            self._attempts()
            .filter(started_at__gte=since)
            .aggregate(asked=Count("pk"), uncertain=Count("pk", Q(uncertain=True)), **outcomes)
        )
        return Tally(span, **found)

    def _attempts(self) -> AttemptQuerySet:
        return Attempt.objects.filter(provider=self.name)

    def _paid(self) -> AttemptQuerySet:
        since = timezone.now() - SPENT_WITHIN
        return self._attempts().filter(started_at__gte=since, cost__isnull=False).order_by()


def _spent(row: Mapping[str, Any]) -> Spent:
    return Spent(whose=row["whose"], swaps=row["swaps"], cost=row["cost"])
