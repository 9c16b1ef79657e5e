"""`/api/openapi.json` is true: what it promises is sent, and what comes back is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import Settings
from schemathesis.generation import GenerationMode

from swaps import asked, openapi
from swaps.asked import MOST_IDS
from swaps.models import Swap
from swaps.openapi_schemas import SEVERAL
from tests.api.conftest import Program, Waiting

pytestmark = [pytest.mark.django_db, pytest.mark.once]

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


# What programs send by intent, by mistake, or through tools that fill in forms.
LINK = "https://example.com/face.jpg"
ODD: list[Any] = [
    None, "", 0, 1, -1, 0.5, 1e300, True, False, [], {}, [""], ["a", "b"], [1], ["a"] * 200, ["a"] * 201,
    "true", "FALSE", "yes", "0", "-3", "30", "1.5", "nan", "retrieve", "retrieve_batch", "cancel",
    LINK, "HTTPS", "http://", "ftp://example.com/face.jpg", "/face.jpg", f"{LINK}?{'x' * 2000}",
]  # fmt: skip
LINKS = {"source_image_url": LINK, "target_image_url": LINK}


def bodies(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Each two fields with each two of the odd values, beside what a request for a swap needs, and alone."""
    for names in combinations([*schema["properties"], "other"], 2):
        for values in product(ODD, repeat=2):
            given = dict(zip(names, values, strict=True))
            yield given
            yield {**LINKS, **given}


def is_taken(name: str, body: object) -> bool:
    try:
        if name == "SwapRequest":
            asked.swap_request(body, longest_url=Swap.LINK_LENGTH)
        else:
            asked.task_question(body)
    except asked.Invalid:
        return False
    return True


def name_too_many_together(body: dict[str, Any]) -> bool:
    """What the file says in words alone: a schema counts no entries of two lists."""
    given = [body.get(name) for name in SEVERAL]
    lists = [len(value) for value in given if isinstance(value, list)]
    return sum(lists) > MOST_IDS >= max(lists, default=0)


@pytest.mark.parametrize("name", ["SwapRequest", "TaskQuestion"])
def test_a_body_is_taken_where_it_conforms_and_only_there(name: str, file: dict[str, Any]) -> None:
    schema = file["components"]["schemas"][name]
    conforms = jsonschema_rs.validator_for(schema).is_valid
    countable = [body for body in bodies(schema) if not name_too_many_together(body)]
    wrong = [body for body in countable if is_taken(name, body) != conforms(body)]
    assert wrong[:3] == []


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
