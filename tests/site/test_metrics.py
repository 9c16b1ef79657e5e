"""`/metrics`: who may read it, and that a scraper understands it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_ox.models import OxTask
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import DjangoAssertNumQueries, Settings

from swaps import metrics, tasks
from swaps.models import Attempt, ProviderState, Swap, User
from swaps.models.status import IN_FLIGHT

pytestmark = pytest.mark.django_db
Make = Callable[..., Swap]
TOKEN = "a-token-that-nobody-guesses"


def scraped(client: Client) -> dict[tuple[str, ...], float]:
    """Every sample by its name and the values of its labels in their order, as Prometheus reads them."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def attempt(swap: Swap, seconds: float, outcome: str, *, ago: int = 60, code: str = "") -> None:
    end = timezone.now() - timedelta(seconds=ago)
    Attempt.objects.create(
        swap=swap, provider="local", started_at=end - timedelta(seconds=seconds), finished_at=end,
        outcome=outcome, error_code=code,
    )  # fmt: skip


def test_it_counts_the_work(client: Client, alice: User, swap_of: Make, done_swap_of: Make) -> None:
    swap_of(alice, queued_at=timezone.now() - timedelta(seconds=90))
    swap_of(alice)
    done = done_swap_of(alice)
    attempt(done, 0.3, "succeeded")
    attempt(done, 1.5, "succeeded")
    attempt(done, 1.5, "failed", code="no_face")
    attempt(done, 1.5, "failed", code="timeout", ago=3700)
    tasks.sweep.enqueue()
    found = scraped(client)
    assert found["faceswap_swaps", "queued"] == 2
    assert found["faceswap_swaps", "succeeded"] == 1
    assert found["faceswap_swaps", "failed"] == 0
    assert found["faceswap_queue_waiting",] == 2
    assert 90 <= found["faceswap_queue_oldest_waiting_seconds",] < 120
    name = "faceswap_attempts_last_hour_seconds"
    assert found[f"{name}_count", "succeeded", "local"] == 2
    assert found[f"{name}_bucket", "0.5", "succeeded", "local"] == 1
    assert found[f"{name}_bucket", "2.0", "succeeded", "local"] == 2
    assert found[f"{name}_sum", "succeeded", "local"] == pytest.approx(1.8)
    assert found["faceswap_failures_last_hour", "no_face"] == 1
    assert ("faceswap_failures_last_hour", "timeout") not in found
    assert found["faceswap_pictures",] == 7
    assert found["faceswap_pictures_bytes",] > 0
    assert found["faceswap_storage_total_bytes",] > found["faceswap_storage_free_bytes",] > 0
    assert found["faceswap_provider_info", "local"] == 1
    assert any(key[0] == "faceswap_build_info" for key in found)


def test_it_tells_how_the_provider_stands(
    client: Client, alice: User, swap_of: Make, settings: Settings
) -> None:
    settings.FACESWAP_PROVIDER = "acedata"
    swap = swap_of(alice, provider="acedata")
    Attempt.begin(swap, provider="acedata")
    Attempt.begin(swap, provider="acedata").doubt()
    assert ProviderState.pause("acedata", code="used_up", message="The balance is used up.")
    found = scraped(client)
    assert found["faceswap_provider_paused", "acedata"] == 1
    assert found["faceswap_attempts_in_flight", "acedata"] == 2
    assert found["faceswap_uncertain_attempts_last_hour", "acedata"] == 1


def test_the_workers_heartbeat_ages(client: Client) -> None:
    assert ("faceswap_worker_heartbeat_age_seconds",) not in scraped(client)
    tasks.sweep.enqueue()
    OxTask.objects.update(last_attempted_at=timezone.now() - timedelta(seconds=70))
    assert 70 <= scraped(client)["faceswap_worker_heartbeat_age_seconds",] < 100


def test_no_label_tells_of_people_titles_or_pictures(
    client: Client, alice: User, done_swap_of: Make
) -> None:
    done = done_swap_of(alice, title="Holiday")
    attempt(done, 1, "succeeded")
    text = client.get("/metrics").content.decode()
    assert done.result
    for secret in ("alice", "Holiday", done.result.key, str(done.result.pk), str(done.pk)):
        assert secret not in text


def test_a_scrape_does_not_read_the_whole_history_each_time(
    client: Client, alice: User, done_swap_of: Make,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    done_swap_of(alice)
    first = scraped(client)
    done_swap_of(alice)
    with django_assert_max_num_queries(5), CaptureQueriesContext(connection) as asked:
        assert (
            scraped(client)["faceswap_swaps", "succeeded"] == first["faceswap_swaps", "succeeded"]
        )
    assert not [one for one in asked if "swaps_photo" in one["sql"]]
    cache.clear()
    assert scraped(client)["faceswap_swaps", "succeeded"] == 2


def test_what_it_asks_often_is_answered_by_an_index() -> None:
    ended = Attempt.objects.filter(finished_at__gte=timezone.now() - metrics.WINDOW)
    plans = [
        ended.order_by().explain(),
        Swap.objects.filter(status__in=IN_FLIGHT)
        .values("status")
        .annotate(n=Count("pk"))
        .explain(),
    ]
    if connection.vendor == "sqlite":
        assert "attempts_by_end" in plans[0]
        assert "SCAN swaps_swap" not in plans[1]


def test_with_a_token_only_its_bearer_reads(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 404
    for wrong in ("", f"Bearer {TOKEN}x", TOKEN, f"Bearer {TOKEN[:-1]}", "Bearer é"):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    shown = {"Authorization": f"Bearer {TOKEN}", "X-Forwarded-For": "192.0.2.7"}
    assert client.get("/metrics", headers=shown, REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Proto"]
)
def test_without_a_token_nobody_reads_through_a_proxy(client: Client, header: str) -> None:
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize("address", ["192.0.2.7", "10.0.0.2", "", "not an address"])
def test_without_a_token_nobody_reads_from_another_machine(client: Client, address: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_who_may_not_read_cannot_tell_that_there_is_something() -> None:
    browser = Client(enforce_csrf_checks=True)
    for method in ("post", "put", "delete"):
        assert getattr(browser, method)("/metrics").status_code == 404
