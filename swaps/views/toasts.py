"""What was just done, said once on the next page, with the way back where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from swaps.models import Swap

UNDO = "undo"


def offer_undo(request: HttpRequest, trashed: Sequence[Swap]) -> None:
    """Say that these are in the trash, with a button that puts them back."""
    ids = " ".join(str(swap.pk) for swap in trashed)
    messages.success(request, counted(len(trashed), "in the trash"), extra_tags=f"{UNDO} {ids}")


def counted(count: int, how: str) -> str:
    """`One swap is in the trash.`, `3 swaps are in the trash.`"""
    return f"One swap is {how}." if count == 1 else f"{count} swaps are {how}."


def not_yours(count: int) -> str:
    """That some of the chosen were left alone."""
    which = "One of them was" if count == 1 else f"{count} of them were"
    return f"{which} left: only its maker or an owner of the team can delete a swap."
