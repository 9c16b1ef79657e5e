"""What goes by itself, by the clock: forgotten uploads, swaps past their time, old messages and sessions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from itertools import batched
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.db.models import Exists, Min, OuterRef, Q, Sum
from django.tasks import task
from django.utils import timezone

from swaps import pictures, storage, submission
from swaps.models import SITE, By, Photo, Swap
from swaps.models.photo import ROLES

logger = logging.getLogger(__name__)

BATCH = 50
ORPHAN_AGE = timedelta(days=1)
LOOKED_UP_AT_ONCE = 500


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


@task
def sweep_orphans() -> None:
    """Every day: remove stored files that no picture refers to."""
    removed = remove_orphans()
    if removed:
        logger.info("tidied orphans=%d", removed)


def remove_orphans() -> int:
    """Remove what a crash left in storage and no row knows of; says how many files."""
    count = 0
    for some in batched(orphans(), BATCH):
        storage.remove_names(some)
        count += len(some)
    return count


def orphans() -> Iterator[str]:
    """The names of stored files that no picture refers to.

    A picture is stored before its row is written, so what is younger than a day may still get its row.
    """
    since = timezone.now() - ORPHAN_AGE
    # What else lies in the same folder or bucket is not ours.
    old = (name for name, at in storage.stored() if at < since and storage.is_name(name))
    for some in batched(old, LOOKED_UP_AT_ONCE):
        keys = {name.rpartition("/")[0] for name in some}
        known = set(Photo.objects.filter(key__in=keys).values_list("key", flat=True))
        yield from (name for name in some if name.rpartition("/")[0] not in known)
    # What the look after the storage's health did not get to remove.
    yield from (name for name, at in storage.stored(storage.HEALTH) if at < since)


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
