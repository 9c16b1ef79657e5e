"""`/healthz`."""

from __future__ import annotations

import time

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from swaps import health, tasks

pytestmark = pytest.mark.django_db


def test_a_site_whose_worker_does_not_run_is_degraded_and_serves(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    assert answer.json()["worker"]["ok"] is False


def test_a_site_that_has_just_started_is_not_said_to_lack_its_worker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "STARTED", time.monotonic())
    assert client.get("/healthz").json()["worker"] == {"ok": True}


def test_a_site_that_lacks_nothing_is_ok(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "worker_is_running", lambda: True)
    answer = client.get("/healthz").json()
    assert answer["status"] == "ok"
    assert answer["queue"] == {"ok": True, "waiting": 0}


def test_a_site_without_its_database_cannot_serve(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", gone)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"


def test_a_site_whose_disk_is_full_cannot_serve(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: FileSystemStorage, name: str, content: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert (
        answer.json()["storage"]["message"] == "Pictures cannot be stored: No space left on device."
    )


def test_it_needs_no_session(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    tasks.sweep.enqueue()
    with django_assert_max_num_queries(5):
        assert client.get("/healthz").cookies == {}
