"""The admin's filters. None of them reads a long table to find out what there is to choose from."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.admin import ListFilter, ModelAdmin, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from swaps.models import ApiRequest, ApiToken, Team, User
from swaps.providers import PROVIDERS

MOST_CHOICES = 50


class OneOf(SimpleListFilter):
    """Rows of which the field `parameter_name` is what was chosen."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        try:
            return queryset.filter(**{str(self.parameter_name): chosen})
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


class ByProvider(OneOf):
    title = parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(name, name) for name in PROVIDERS]


class ByTeam(OneOf):
    title = parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(str(team.pk), team.name) for team in Team.objects.all()[:MOST_CHOICES]]


class ByTeamOfPerson(ByTeam):
    parameter_name = "membership__team"


class ByMaker(OneOf):
    """The first makers by name. On a site with more of them the search finds the others."""

    title = parameter_name = "maker"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        people = User.objects.order_by("username").values_list("pk", "username")
        return [(str(pk), name) for pk, name in people[:MOST_CHOICES]]


class ByToken(SimpleListFilter):
    """Swaps that programs asked for: all of them, or those of one of the newest tokens."""

    title = "API token"
    parameter_name = "token"
    ANY, NONE = "any", "none"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        tokens = ApiToken.objects.values_list("pk", "label", "start")[:MOST_CHOICES]
        named = [(str(pk), f"{label} ({start}…)") for pk, label, start in tokens]
        return [(self.ANY, "Any: by the API"), (self.NONE, "None: by people"), *named]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        if not chosen:
            return queryset
        asked = ApiRequest.objects.all()
        if chosen == self.NONE:
            return queryset.exclude(pk__in=asked.values("swap"))
        if chosen != self.ANY:
            if not chosen.isdecimal():
                raise IncorrectLookupParameters
            asked = asked.filter(token=int(chosen[:18]))
        return queryset.filter(pk__in=asked.values("swap"))


class ByVia(OneOf):
    """The door that was taken."""

    title = parameter_name = "via"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(name, name) for name in ("page", "api", "admin", "shell", "site")]


class ByPlace(SimpleListFilter):
    """Where a swap is: on the wall, in the trash, or deleted with its pictures."""

    title = parameter_name = "place"
    PLACES: dict[str, dict[str, Any]] = {
        "kept": {"deleted_at": None, "trashed_at": None},
        "trash": {"deleted_at": None, "trashed_at__isnull": False},
        "deleted": {"deleted_at__isnull": False},
    }

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("kept", "In the gallery"), ("trash", "In the trash"), ("deleted", "Deleted")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(**self.PLACES.get(self.value() or "", {}))


class ByDate(ListFilter):
    """From one day to another, both included; with links for the last days."""

    title = "date"
    template = "admin/filter_dates.html"
    field = "created_at"
    FROM, TO = "from", "to"
    LATELY = {"Today": 0, "Last 7 days": 6, "Last 30 days": 29}

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Model],
        model_admin: ModelAdmin[Any],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.others: list[tuple[str, str]] = []
        for name in (self.FROM, self.TO):
            self.used_parameters[name] = (params.pop(name, None) or [""])[-1]

    @property
    def first(self) -> str:
        return str(self.used_parameters[self.FROM])

    @property
    def last(self) -> str:
        return str(self.used_parameters[self.TO])

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [self.FROM, self.TO]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        own = (self.FROM, self.TO)
        listed = changelist.filter_params.items()
        self.others = [(key, one) for key, values in listed if key not in own for one in values]
        today = timezone.localdate()
        links = {"Any date": ""}
        links |= {name: str(today - timedelta(days=days)) for name, days in self.LATELY.items()}
        for name, first in links.items():
            yield {
                "selected": self.used_parameters == {self.FROM: first, self.TO: ""},
                "query_string": changelist.get_query_string({self.FROM: first or None}, list(own)),
                "display": name,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        first, last = (self._day(name) for name in (self.FROM, self.TO))
        if first:
            queryset = queryset.filter(**{f"{self.field}__gte": _midnight(first)})
        if last:
            queryset = queryset.filter(**{f"{self.field}__lt": _midnight(last + timedelta(days=1))})
        return queryset

    def _day(self, name: str) -> date | None:
        wanted = str(self.used_parameters[name])
        try:
            return date.fromisoformat(wanted) if wanted else None
        except ValueError as error:
            raise IncorrectLookupParameters(error) from error


class ByDateOfEvent(ByDate):
    field = "at"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
