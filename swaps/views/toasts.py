"""What was just done, said once on the next page, with the way back where there is one."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest

from swaps.models import Swap

UNDO = "undo"


def offer_undo(request: HttpRequest, trashed: Sequence[Swap]) -> None:
    """Say that these are in the trash, with a button that puts them back."""
    said = (
        "The swap is in the trash."
        if len(trashed) == 1
        else f"{len(trashed)} swaps are in the trash."
    )
    ids = " ".join(str(swap.pk) for swap in trashed)
    messages.success(request, said, extra_tags=f"{UNDO} {ids}")
