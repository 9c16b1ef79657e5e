"""What `/metrics` tells, read off the database at each scrape: there are several processes, and rows know all.

No label holds a name, a title or an address.
"""

from __future__ import annotations

import platform
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from django_ox import stats
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from swaps.models import Attempt, Callback, Delivery, Photo, ProviderState, Status, Swap
from swaps.models.callback import SUCCESS
from swaps.models.status import IN_FLIGHT, SETTLED

BUCKETS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
# Totals read every row or every row of an index: once in so many seconds is enough.
TOTALS_SECONDS, BYTES_SECONDS = 30, 300
WINDOW = timedelta(hours=1)


def text() -> bytes:
    """All of it in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Site())
    return generate_latest(registry)


class Site(Collector):
    """The site as a scrape finds it."""

    def collect(self) -> Iterable[Metric]:
        yield from _build()
        yield from _swaps()
        yield from _queue()
        yield from _provider()
        yield from _last_hour()
        yield from _callbacks()
        yield from _storage()


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"faceswap_{name}", what, value=value)


def _build() -> Iterator[Metric]:
    told = {"version": settings.VERSION, "python": platform.python_version()}
    yield InfoMetricFamily("faceswap_build", "The site's version.", value=told)
    provider = {"provider": settings.FACESWAP_PROVIDER}
    yield InfoMetricFamily("faceswap_provider", "Who does new swaps.", value=provider)


def _swaps() -> Iterator[Metric]:
    """In flight as it is now, by a small index; the others' totals may be some seconds old."""
    settled = cache.get_or_set("metrics_settled", lambda: _by_status(SETTLED), TOTALS_SECONDS)
    found = _by_status(IN_FLIGHT) | (settled or {})
    family = GaugeMetricFamily(
        "faceswap_swaps", "Swaps by state, those that were deleted too.", labels=["status"]
    )
    for status in Status:
        family.add_metric([status.value], found.get(status.value, 0))
    yield family


def _by_status(statuses: tuple[Status, ...]) -> dict[str, int]:
    rows = Swap.objects.filter(status__in=statuses).values_list("status")
    return dict(rows.annotate(count=Count("pk")).order_by())


def _queue() -> Iterator[Metric]:
    waiting = Swap.objects.filter(status=Status.QUEUED, deleted_at=None).aggregate(
        count=Count("pk"), since=Min("queued_at")
    )
    age = (timezone.now() - waiting["since"]).total_seconds() if waiting["since"] else 0
    yield _gauge("queue_waiting", "Swaps that wait for a worker.", waiting["count"])
    yield _gauge("queue_oldest_waiting_seconds", "How long the first of them has waited.", age)
    heard = stats.last_claim_age()
    if heard is not None:
        said = "Since a worker last took a message; one is sent every 10 s."
        yield _gauge("worker_heartbeat_age_seconds", said, heard.total_seconds())


PROVIDER = {
    "provider_paused": "1 while no swaps are made until an admin has seen to it.",
    "attempts_in_flight": "Attempts that are not dealt with yet.",
    "uncertain_attempts_last_hour": "Attempts whose answer was lost: they may have been bought.",
}


def _provider() -> Iterator[Metric]:
    """Some seconds old."""
    name = settings.FACESWAP_PROVIDER
    found = cache.get_or_set("metrics_provider", lambda: _stand_of(name), TOTALS_SECONDS) or {}
    for metric, what in PROVIDER.items():
        family = GaugeMetricFamily(f"faceswap_{metric}", what, labels=["provider"])
        family.add_metric([name], found.get(metric, 0))
        yield family


def _stand_of(name: str) -> dict[str, int]:
    mine = Attempt.objects.filter(provider=name)
    lately = mine.filter(started_at__gte=timezone.now() - WINDOW)
    return {
        "provider_paused": int(ProviderState.of(name).paused_at is not None),
        "attempts_in_flight": mine.open().count(),
        "uncertain_attempts_last_hour": lately.filter(uncertain=True).count(),
    }


def _last_hour() -> Iterator[Metric]:
    """Attempts that ended within the last hour: these go down as well as up, so ask for no rate."""
    ended = Attempt.objects.filter(finished_at__gte=timezone.now() - WINDOW)
    durations: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    failures: Counter[str] = Counter()
    columns = ("provider", "outcome", "error_code", "started_at", "finished_at")
    for provider, outcome, code, start, end in ended.order_by().values_list(*columns).iterator():
        durations[provider, outcome].append((end - start).total_seconds())
        if outcome == Attempt.Outcome.FAILED:
            failures[code] += 1
    histogram = HistogramMetricFamily(
        "faceswap_attempts_last_hour_seconds",
        "How long attempts took that ended within the last hour.",
        labels=["provider", "outcome"],
    )
    for labels, seconds in durations.items():
        buckets = [(str(float(top)), float(sum(one <= top for one in seconds))) for top in BUCKETS]
        buckets.append(("+Inf", float(len(seconds))))
        histogram.add_metric(labels, buckets, sum_value=sum(seconds))
    yield histogram
    family = GaugeMetricFamily(
        "faceswap_failures_last_hour", "Attempts that failed within the last hour.", labels=["code"]
    )
    for code, count in failures.items():
        family.add_metric([code], count)
    yield family


def _callbacks() -> Iterator[Metric]:
    """Some seconds old. Those that failed are told again, so that few of them need anybody's help."""
    found = cache.get_or_set("metrics_callbacks", _told, TOTALS_SECONDS) or {}
    waiting = "Callbacks that are still to be delivered."
    yield _gauge("callbacks_waiting", waiting, found.get("waiting", 0))
    family = GaugeMetricFamily(
        "faceswap_callback_deliveries_last_hour",
        "Deliveries of callbacks within the last hour.",
        labels=["outcome"],
    )
    for outcome in ("delivered", "failed"):
        family.add_metric([outcome], found.get(outcome, 0))
    yield family


def _told() -> dict[str, int]:
    lately = Delivery.objects.filter(at__gte=timezone.now() - WINDOW)
    taken = Q(status__gte=SUCCESS.start, status__lt=SUCCESS.stop)
    counts = lately.aggregate(all=Count("pk"), delivered=Count("pk", filter=taken))
    return {
        "waiting": Callback.objects.open().count(),
        "delivered": counts["delivered"],
        "failed": counts["all"] - counts["delivered"],
    }


def _storage() -> Iterator[Metric]:
    usage = shutil.disk_usage(settings.DATA_DIR)
    yield _gauge("storage_free_bytes", "Free on the disk of DATA_DIR.", usage.free)
    yield _gauge("storage_total_bytes", "The size of that disk.", usage.total)
    kept = cache.get_or_set("metrics_pictures", _pictures, BYTES_SECONDS) or {}
    yield _gauge("pictures", "Pictures that are stored.", kept.get("count", 0))
    yield _gauge("pictures_bytes", "Their bytes, without previews.", kept.get("bytes", 0))


def _pictures() -> dict[str, int]:
    return Photo.objects.aggregate(count=Count("pk"), bytes=Sum("bytes", default=0))
