"""How often a page asks how a swap stands: often while it is young, then seldom, then no more."""

from __future__ import annotations

from swaps.models import Swap

QUICK_SECONDS, QUICK = 10, "500ms"
SLOW = "2s"
STOP_SECONDS = 15 * 60


def interval(swap: Swap) -> str:
    """The time until the next question, as htmx writes it; empty where none is worth asking."""
    seconds = swap.seconds_since_queued()
    if not swap.in_flight or seconds > STOP_SECONDS:
        return ""
    return QUICK if seconds < QUICK_SECONDS else SLOW


def worth_asking(swaps: list[Swap]) -> list[Swap]:
    """Those of the swaps whose state may still change while somebody looks."""
    return [swap for swap in swaps if interval(swap)]
