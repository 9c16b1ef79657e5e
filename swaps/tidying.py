"""What goes by itself, by the clock: forgotten uploads, swaps past their time, old messages and sessions."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from io import StringIO
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, Sum
from django.tasks import task

from swaps import pictures, submission
from swaps.models import SITE, By, Photo, Swap
from swaps.models.photo import ROLES

logger = logging.getLogger(__name__)

BATCH = 50


@task
def tidy() -> None:
    """Every hour: remove uploads that no swap used for a day, old messages, sessions, log-in records."""
    expire.enqueue()
    forgotten = Photo.objects.forgotten(hours=settings.UNUSED_UPLOAD_HOURS)
    removed = pictures.discard(forgotten, by=SITE)
    # What these commands report is for a terminal, and would only be noise in the site's log.
    quiet = StringIO()
    call_command("ox_prune", older_than="1d", include_failed=True, stdout=quiet)
    call_command("clearsessions", stdout=quiet)
    call_command("axes_reset_logs", age=30, stdout=quiet)
    if removed:
        logger.info("tidied unused_uploads=%d", removed)


@task
def expire() -> None:
    """Delete for good some of what is past its time. The rest has to wait behind people's swaps."""
    gone = delete_past(days=settings.RETENTION_DAYS, by=SITE, most=BATCH)
    if gone:
        logger.info("expired swaps=%d", gone)
    if gone == BATCH:
        expire.enqueue()


def delete_past(*, days: int, by: By, most: int) -> int:
    """Delete up to *most* swaps that are past their time, with their pictures; says how many."""
    found = list(Swap.objects.past(days=days).values_list("pk", flat=True)[:most])
    return sum(_delete_one(pk, days, by) for pk in found)


def _delete_one(pk: UUID, days: int, by: By) -> bool:
    try:
        with transaction.atomic():
            # Somebody may just have put it back or made it a favourite: look again under a lock.
            Swap.objects.select_for_update().filter(pk=pk).first()
            swap = Swap.objects.past(days=days).filter(pk=pk).first()
            return swap is not None and submission.delete_swap(swap, by=by)
    except Exception:  # one that cannot go must not keep the others
        logger.exception("not expired task_id=%s", pk)
        return False


@dataclass(frozen=True)
class Past:
    """What is past its time: how many swaps, since when the oldest, and their pictures' bytes."""

    count: int
    oldest: datetime | None
    bytes: int


def look(*, days: int) -> Past:
    """What `delete_past` would delete. Of the bytes, previews are not counted."""
    going = Swap.objects.past(days=days).order_by()
    kept = Swap.objects.exclude(pk__in=going.values("pk"))
    in_them, in_others = Q(), Q()
    for role in ROLES:
        this = {role: OuterRef("pk")}
        in_them |= Q(Exists(going.filter(**this)))
        in_others |= Q(Exists(kept.filter(**this)))
    freed = Photo.objects.filter(in_them).exclude(in_others)
    return Past(
        count=going.count(),
        oldest=going.aggregate(oldest=Min("created_at"))["oldest"],
        bytes=freed.aggregate(sum=Sum("bytes"))["sum"] or 0,
    )
