"""How many swaps a person may make: what she used, what is left, and what to say of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from swaps.models import ApiToken, Swap, User
from swaps.models.status import IN_FLIGHT
from swaps.models.swap_queries import SwapQuerySet


class CapReached(Exception):
    """No other swap may be made just now; str() is a sentence that says when it goes on.

    *is_of_a_day*: all of a day's are made, and not only too many at once.
    """

    def __init__(self, sentence: str, *, is_of_a_day: bool) -> None:
        super().__init__(sentence)
        self.is_of_a_day = is_of_a_day


@dataclass(frozen=True)
class Usage:
    """Limits (0: none), and what was used of them. What is not limited is not counted.

    *whose* begins the sentences: a person's own limits, or those of a token.
    """

    a_day: int
    at_once: int
    made_today: int
    in_work: int
    whose: str = "You have"

    @property
    def today_reached(self) -> str:
        """A sentence where all of a day's swaps are made; else empty."""
        if not self.a_day or self.made_today < self.a_day:
            return ""
        return (
            f"{self.whose} made {_swaps(self.made_today)} today, which is the limit. "
            "You can make more from 00:00 UTC."
        )

    @property
    def at_once_reached(self) -> str:
        """A sentence where as many swaps are in work as may be; else empty."""
        if not self.at_once or self.in_work < self.at_once:
            return ""
        counted = f"{self.whose} {_swaps(self.in_work)} in work"
        return f"{counted}, which is the limit. Wait until one is done."

    @property
    def reached(self) -> str:
        """Why she may make no other swap now, as a sentence; empty where she may."""
        return self.today_reached or self.at_once_reached

    @property
    def said(self) -> str:
        """`17 of 20 swaps made today, 1 of 3 in work`; empty where nothing is limited."""
        parts = []
        if self.a_day:
            parts.append(f"{self.made_today} of {_swaps(self.a_day)} made today")
        if self.at_once:
            counted = str(self.at_once) if parts else _swaps(self.at_once)
            parts.append(f"{self.in_work} of {counted} in work")
        return ", ".join(parts)


def usage(person: User) -> Usage:
    """What *person* used of her limits, in one query for each that she has.

    A day is one of UTC. Swaps that failed or were deleted since count too: they were made.
    """
    a_day = settings.SWAPS_A_DAY if person.swaps_a_day is None else person.swaps_a_day
    at_once = settings.SWAPS_AT_ONCE if person.swaps_at_once is None else person.swaps_at_once
    return _usage(Swap.objects.filter(maker=person), a_day=a_day, at_once=at_once)


def _usage(made: SwapQuerySet, *, a_day: int, at_once: int, whose: str = Usage.whose) -> Usage:
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    return Usage(
        a_day=a_day,
        at_once=at_once,
        made_today=made.filter(created_at__gte=midnight).count() if a_day else 0,
        in_work=made.filter(status__in=IN_FLIGHT, deleted_at=None).count() if at_once else 0,
        whose=whose,
    )


def check(person: User, *, again: bool = False) -> None:
    """Raise CapReached where *person* may make no other swap now, or not have one made *again*.

    Call it within the transaction that makes the swap: the person's row is locked until its end, so
    two requests at the same moment cannot both take the last place.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    _refuse_where_reached(usage(locked), again=again)


def check_token(token: ApiToken) -> None:
    """Raise CapReached where no other swap may be made with *token*; call it with the token's row locked."""
    used = _usage(
        Swap.objects.filter(api_request__token=token),
        a_day=token.swaps_a_day or 0,
        at_once=token.swaps_at_once or 0,
        whose="This token has",
    )
    _refuse_where_reached(used)


def _refuse_where_reached(used: Usage, *, again: bool = False) -> None:
    if not again and (said := used.today_reached):
        raise CapReached(said, is_of_a_day=True)
    if said := used.at_once_reached:
        raise CapReached(said, is_of_a_day=False)


def _swaps(number: int) -> str:
    return "1 swap" if number == 1 else f"{number} swaps"
