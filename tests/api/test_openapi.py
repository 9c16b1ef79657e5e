"""`/api/openapi.json` is true: what it promises is sent, and what comes back is held against it."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis.generation import GenerationMode

from swaps import openapi
from tests.api.conftest import Program, Waiting

pytestmark = pytest.mark.django_db

PATHS = ("/face/swap", "/face/tasks")
EXAMPLES = 30


@pytest.fixture
def file(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/openapi.json").json()
    return found


def test_it_is_a_valid_file_of_its_version(file: dict[str, Any]) -> None:
    assert file["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(file).validate()


def test_it_has_this_sites_address(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://swaps.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    file = client.get("/api/openapi.json").json()
    assert file["servers"] == [{"url": "https://swaps.example.org"}]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("path", PATHS)
def test_what_it_says_of_requests_and_answers_holds(
    path: str,
    mode: GenerationMode,
    program: Program,
    waiting: Waiting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    face, photo = program.elsewhere.url("/face.jpg"), program.elsewhere.url("/photo.jpg")
    # The links of its own examples, and those that are made up, lead to pictures that are there.
    monkeypatch.setattr(openapi, "FACE", face)
    monkeypatch.setattr(openapi, "PHOTO", photo)
    monkeypatch.setattr(openapi, "HOOK", program.elsewhere.url("/hook"))
    schemathesis.openapi.format("uri", st.sampled_from([face, photo]))
    api = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    operation = api[path]["POST"]

    @given(operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES, phases=[Phase.generate], derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def send(case: Any) -> None:
        case.headers["Authorization"] = f"Bearer {program.text}"
        case.call_and_validate()

    send()
