"""Is everything that the site needs alive? Pages, `/healthz` and the operator's commands share it."""

from __future__ import annotations

import shutil
import time
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.models import Exists, F
from django.utils import timezone
from django_ox.models import OxTask

from swaps import storage
from swaps.models import ProviderState, Status, Swap
from swaps.models.status import IN_FLIGHT
from swaps.providers import HOSTED
from swaps.settling import BUSY, PAUSED_MESSAGE
from swaps.standing import Standing

# The sweep is claimed every 10 seconds by whichever worker is free.
SILENT_FOR = timedelta(seconds=45)
REMEMBERED_SECONDS = 3
# Web server and worker start together, and the worker is the slower one to be heard of.
STARTED, STARTING_SECONDS = time.monotonic(), 20
LEAST_FREE, LEAST_FREE_BYTES = 0.05, 1_000_000_000
LATELY, LOOKED_AT, MANY = timedelta(hours=24), 20, 4

NO_WORKER = "The worker is not running, so swaps wait. Start it with ./run."

Check = dict[str, object]


def notices(*, for_admin: bool = False) -> list[str]:
    """What is wrong now and what to do: worker and disk for everybody, failures for the admin alone."""
    checks = [worker(), disk(), *([_failures(), _roles()] if for_admin else [])]
    return [str(check["message"]) for check in checks if not check["ok"]]


def pause() -> ProviderState | None:
    """The provider that new swaps go to, where it is paused until an admin has seen to it."""
    found = _provider_state()
    return found if found is not None and found.paused_at else None


def why_waiting(swap: Swap) -> str:
    """Why *swap* is not asked for yet, where it is not its own row that says so; empty for no such reason."""
    found = _provider_state()
    waits_for_it = swap.status == Status.QUEUED and swap.is_collected
    if not waits_for_it or found is None or swap.provider != found.name:
        return ""
    if found.paused_at:
        return PAUSED_MESSAGE
    return BUSY if found.held_until and found.held_until > timezone.now() else ""


def forget() -> None:
    """What was remembered is no longer so: somebody has just changed it."""
    cache.delete_many(["pause", "roles"])


def _provider_state() -> ProviderState | None:
    """What is known of the hosted provider of new swaps. Every page asks."""
    name = settings.FACESWAP_PROVIDER
    if name not in HOSTED:
        return None
    return cache.get_or_set("pause", lambda: ProviderState.of(name), REMEMBERED_SECONDS)


def worker_is_running() -> bool:
    """True where some worker took a message lately, or is at a swap right now."""
    if time.monotonic() - STARTED < STARTING_SECONDS:
        return True
    # Pages ask twice a second, and the answer reads every message of a day.
    return bool(cache.get_or_set("worker_is_running", worker_was_heard_of, REMEMBERED_SECONDS))


def worker_was_heard_of() -> bool:
    """The same, whenever this process was started."""
    # One question for both, as pages ask it. While it swaps, a worker takes no message.
    held = Swap.objects.filter(status__in=IN_FLIGHT, lease_until__gte=timezone.now())
    last_taken = F("last_attempted_at").desc(nulls_last=True)
    newest = OxTask.objects.annotate(held=Exists(held)).order_by(last_taken)
    taken_at, is_held = newest.values_list("last_attempted_at", "held").first() or (None, False)
    return is_held or (taken_at is not None and timezone.now() - taken_at < SILENT_FOR)


def report() -> dict[str, object]:
    """Every check by name, and what they come to.

    `status` is `failing` where the site cannot serve (database, storage), `degraded` where it serves
    but swaps wait or fail or the disk fills up, else `ok`.
    """
    checks = {"database": database(), "storage": stores()}
    serves = all(check["ok"] for check in checks.values())
    if checks["database"]["ok"]:
        checks |= {"queue": _queue(), "worker": worker(), "provider": _provider()}
        checks["swaps"] = _failures()
    checks["disk"] = disk()
    lacks_nothing = all(check["ok"] for check in checks.values())
    worst = "degraded" if serves else "failing"
    return {"status": "ok" if lacks_nothing else worst, **checks}


def database() -> Check:
    """Whether it answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return {"ok": False, "message": "The database does not answer."}
    return {"ok": True}


def stores() -> Check:
    """Write, read and remove a file, as a swap does."""
    name = f"{storage.HEALTH}/{uuid4().hex}"
    try:
        default_storage.save(name, File(BytesIO(b"alive")))
        with default_storage.open(name, "rb") as handle:
            came_back = handle.read() == b"alive"
        default_storage.delete(name)
    except OSError as error:
        return {
            "ok": False,
            "message": f"Pictures cannot be stored: {str(error.strerror or error).rstrip('.')}.",
        }
    return {"ok": came_back}


def disk() -> Check:
    """Whether there is room beside the data."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    share = usage.free / usage.total
    found: Check = {"ok": True, "free_share": round(share, 3)}
    if share > LEAST_FREE and usage.free > LEAST_FREE_BYTES:
        return found
    left = f"The disk is nearly full: {usage.free / 1e9:.1f} GB are free."
    return {
        **found,
        "ok": False,
        "message": f"{left} Delete swaps that nobody needs, or make room beside them.",
    }


def _failures() -> Check:
    """Whether failures pile up that no other picture would have helped against.

    That is: of the last 20 swaps of a day that were done or failed, at least half failed, and at
    least four, for a reason that names neither Face nor Photo. A face that cannot be found is its
    picture's fault; a provider that answers nothing, a missing model or a vanished file is the site's.
    """
    return cache.get_or_set("failures", _count_failures, REMEMBERED_SECONDS) or {"ok": True}


def _count_failures() -> Check:
    since = timezone.now() - LATELY
    ended = Swap.objects.filter(
        status__in=(Status.SUCCEEDED, Status.FAILED), created_at__gte=since
    ).order_by("-created_at")
    last = list(ended.values_list("status", "error_picture")[:LOOKED_AT])
    failed = sum(status == Status.FAILED and not picture for status, picture in last)
    if failed < MANY or 2 * failed < len(last):
        return {"ok": True}
    return {
        "ok": False,
        "message": f"{failed} of the last {len(last)} swaps failed, and not because of a picture. "
        "Look at the failed ones in the admin and at the log for the reason, then try them again.",
    }


def _roles() -> Check:
    """Whether the hosted service takes Face and Photo as we mean them, as far as its results tell."""
    if settings.FACESWAP_PROVIDER not in HOSTED:
        return {"ok": True}
    return cache.get_or_set("roles", _look_at_roles, REMEMBERED_SECONDS) or {"ok": True}


def _look_at_roles() -> Check:
    if not Standing(settings.FACESWAP_PROVIDER).shapes().are_wrong:
        return {"ok": True}
    return {
        "ok": False,
        "message": "The latest results have the shape of the Face instead of the Photo: the service takes "
        "the two the other way round. Exchange them on the Provider page.",
    }


def _queue() -> Check:
    return {"ok": True, "waiting": Swap.objects.waiting().count()}


def worker() -> Check:
    """Whether swaps are worked on."""
    return {"ok": True} if worker_is_running() else {"ok": False, "message": NO_WORKER}


def _provider() -> Check:
    name = settings.FACESWAP_PROVIDER
    if pause() is None:
        return {"ok": True, "name": name, "paused": False}
    return {"ok": False, "name": name, "paused": True, "message": PAUSED_MESSAGE}
