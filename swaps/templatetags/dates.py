"""Template tag for the admin's way from years to days."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime

from django import template
from django.contrib.admin.views.main import ChangeList
from django.utils import timezone

register = template.Library()

Link = dict[str, str]


@register.inclusion_tag("admin/date_links.html")
def date_links(changelist: ChangeList) -> dict[str, object]:
    """Links to the years of the list, to a year's months and to a month's days, with the way back.

    Read off the first and the last row alone, by the index: Django's own would read every row to
    leave out the days on which there was nothing.
    """
    field = str(changelist.date_hierarchy)
    chosen = [changelist.params.get(f"{field}__{part}") for part in ("year", "month", "day")]
    numbers = [int(one) for one in chosen if one and one.isdecimal()]
    dates = changelist.root_queryset.order_by(field).values_list(field, flat=True)
    first, last = dates.first(), dates.last()
    if first is None or last is None:
        return {"back": None, "choices": []}

    def link(parts: list[int], title: str) -> Link:
        names = (f"{field}__{part}" for part in ("year", "month", "day"))
        query = {name: str(part) for name, part in zip(names, parts, strict=False)}
        return {"link": changelist.get_query_string(query, [f"{field}__"]), "title": title}

    found = _choices(numbers, timezone.localtime(first), timezone.localtime(last))
    back = link(numbers[:-1], _title(numbers[:-1]) or "All dates") if numbers else None
    return {
        "back": back,
        "here": _title(numbers),
        "choices": [link(parts, _title(parts)) for parts in found],
    }


def _choices(numbers: list[int], first: datetime, last: datetime) -> list[list[int]]:
    """The years, months or days that follow *numbers* and lie between the first row and the last."""
    start, end = [first.year, first.month, first.day], [last.year, last.month, last.day]
    match numbers:
        case []:
            ends = range(first.year, last.year + 1)
        case [_]:
            ends = range(1, 13)
        case [year, month] if 1 <= month <= 12 and 1 <= year <= 9999:
            ends = range(1, monthrange(year, month)[1] + 1)
        case _:
            return []
    depth = len(numbers) + 1
    every = [[*numbers, one] for one in ends]
    return [parts for parts in every if start[:depth] <= parts <= end[:depth]]


def _title(parts: list[int]) -> str:
    match parts:
        case [year]:
            return str(year)
        case [year, month]:
            return f"{date(year, month, 1):%B %Y}"
        case [year, month, day]:
            return f"{date(year, month, day):%-d %B}"
    return ""
