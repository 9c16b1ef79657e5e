"""The use cases: what a person or a program may want of a swap. Pages, API and shell all call these.

Each calls one event of models/swap.py and, only where that event won, does what follows from it.
"""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from swaps import pictures, tasks
from swaps.models import Photo, Swap, User


class PictureGone(Exception):
    """A picture that was to be used has been removed; str() is a sentence for people."""


def request_swap(
    *, maker: User, source: Photo, target: Photo, title: str = "", face: str = ""
) -> Swap:
    """A new swap in the line of *maker*'s team. Whoever calls has asked for consent.

    Raises PictureGone where one of the pictures was removed in the meantime.
    """
    with transaction.atomic():
        wanted = {source.pk, target.pk}
        # Locked until the swap refers to them, so that nothing that tidies up can take them away.
        if len(Photo.objects.select_for_update().filter(pk__in=wanted)) != len(wanted):
            raise PictureGone("A picture is not stored any more. Choose it again.")
        swap = Swap.objects.create(
            team=maker.team,
            maker=maker,
            source=source,
            target=target,
            title=title,
            face=face,
            provider=settings.FACESWAP_PROVIDER,
            consent_at=timezone.now(),
        )
        _wake_workers(swap)
    return swap


def retry_swap(swap: Swap) -> bool:
    """Once more, with the same pictures: True where it went back into the line."""
    if swap.source_id is None or swap.target_id is None:
        return False
    with transaction.atomic():
        won = swap.retry()
        if won:
            _wake_workers(swap)
    return won


def cancel_swap(swap: Swap) -> bool:
    """Stop a swap that has not ended. What a worker still makes of it is dropped."""
    return swap.cancel()


def delete_swap(swap: Swap) -> bool:
    """Take the swap out of every page and remove those of its pictures that no other swap needs."""
    photos = [photo for photo in (swap.source, swap.target, swap.result) if photo is not None]
    with transaction.atomic():
        won = swap.discard()
        if won:
            pictures.let_go(photos, user=swap.maker)
    return won


def _wake_workers(swap: Swap) -> None:
    transaction.on_commit(lambda: tasks.work.enqueue(str(swap.pk)))
