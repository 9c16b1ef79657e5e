"""Template filters for what was just done."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.contrib.messages.storage.base import Message

from swaps.models import Swap
from swaps.views import toasts

register = template.Library()
register.filter("counted", toasts.counted)
register.filter("not_yours", toasts.not_yours)


@register.filter
def ids(swaps: Iterable[Swap]) -> list[str]:
    """The swaps' ids."""
    return [str(swap.pk) for swap in swaps]


@register.filter
def undoable(message: Message) -> list[str]:
    """The ids of the swaps that the message says are in the trash; none for another message."""
    first, *found = (message.extra_tags or "").split() or [""]
    return found if first == toasts.UNDO else []
