"""Every error of the reference is really sent: with its status, in its words, as the OpenAPI file has it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jsonschema_rs
import pytest
from django.db import OperationalError
from django.utils import timezone

from swaps import contract, error_table, outcomes
from swaps.engine import errors
from swaps.models import ApiToken
from swaps.providers.base import Refused
from tests.api.conftest import Program, Waiting
from tests.http.peers import ok

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("waiting")]

Ask = Callable[[Program, pytest.MonkeyPatch], Any]
NO_TASK = "01a21b49-0db9-70b4-ad9d-f0294e61029d"


def refusing(error: errors.EngineError) -> Ask:
    """The engine refuses the pictures; when it does so is tested with the engine."""

    def ask(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
        said = Refused(error.code, str(error), picture=error.picture)
        program.elsewhere.engine.says = said
        return program.wait()

    return ask


def breaking(error: Exception) -> Ask:
    """Something fails inside the site while it looks at what was asked."""

    def ask(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
        def fail(*arguments: object) -> None:
            raise error

        monkeypatch.setattr(outcomes, "tasks", fail)
        asked = program.ask().json()
        program.browser.raise_request_exception = False
        return program.post("/face/tasks", {"id": asked["task_id"]})

    return ask


def with_token(**fields: Any) -> Ask:
    def ask(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
        ApiToken.objects.filter(pk=program.token.pk).update(**fields)
        return program.ask()

    return ask


def after_one(**limits: Any) -> Ask:
    """The second swap of a token that may have one."""

    def ask(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
        ApiToken.objects.filter(pk=program.token.pk).update(**limits)
        program.ask()
        return program.ask(timeout=60)

    return ask


def garbage(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
    program.elsewhere.answers["/garbage.jpg"] = ok(b"This is no picture.")
    return program.wait(source_image_url=program.elsewhere.url("/garbage.jpg"))


def late(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Waiting, "wait", lambda self, swap, *, seconds: None)
    return program.wait(timeout=2)


def without_token(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
    return program.browser.post("/face/swap", program.wish(), content_type="application/json")


def by_get(program: Program, monkeypatch: pytest.MonkeyPatch) -> Any:
    return program.browser.get("/face/swap")


FULL = OSError(errno.ENOSPC, "No space left on device")
PROVOKED: dict[tuple[str, str], Ask] = {
    ("token_mismatched", ""): lambda program, _: program.ask(source_image_url=""),
    ("api_not_implemented", ""): lambda p, _: p.post("/face/tasks", {"action": "cancel"}),
    ("bad_request", ""): lambda program, _: program.post("/face/swap", "{"),
    ("bad_request_405", ""): by_get,
    ("bad_request_413", ""): lambda program, _: program.post("/face/swap", {"x": "x" * 2**20}),
    ("no_face", "target"): refusing(errors.no_face("target")),
    ("face_too_small", "target"): refusing(errors.face_too_small("target", size=31, least=48)),
    ("face_turned", "target"): refusing(errors.face_turned("target")),
    ("unreadable_image", "source"): garbage,
    ("no_token", ""): without_token,
    ("invalid_token", ""): with_token(digest="0" * 64),
    ("token_expired", ""): with_token(expires_at=timezone.now() - timedelta(days=1)),
    ("used_up", ""): after_one(swaps_a_day=1),
    ("forbidden", ""): with_token(may_swap=False),
    ("not_found", ""): lambda program, _: program.post("/face/tasks", {"id": NO_TASK}),
    ("no_api", ""): lambda program, _: program.post("/face/analyze", {}),
    ("too_many_requests", ""): after_one(swaps_at_once=1),
    ("api_error", "source"): lambda p, _: p.wait(source_image_url=p.elsewhere.url("/gone.jpg")),
    ("api_error_500", ""): breaking(RuntimeError("broken")),
    ("api_error_503", ""): breaking(OperationalError("connection failed")),
    ("api_error_507", ""): breaking(FULL),
    ("timeout", ""): late,
}
BY_NAME = {(error.name, error.picture): error for error in error_table.ERRORS}


def provoked(name: tuple[str, str], program: Program) -> Any:
    """The answer; what had to be broken for it is whole again."""
    with pytest.MonkeyPatch.context() as patched:
        return PROVOKED[name](program, patched)


def test_every_error_of_the_table_is_provoked_here() -> None:
    assert set(BY_NAME) == set(PROVOKED)


def test_every_code_of_the_contract_that_this_site_sends_is_in_the_table() -> None:
    # These two are other services' words for `forbidden` and `too_many_requests`.
    assert {error.code for error in error_table.ERRORS} == (
        {*contract.SERVED_STATUS} - {"disabled", "rate_limited"}
    )


@pytest.mark.parametrize("name", PROVOKED, ids="-".join)
def test_an_error_is_sent_as_the_reference_has_it(name: tuple[str, str], program: Program) -> None:
    error = BY_NAME[name]
    answer = provoked(name, program)
    body = answer.json()
    promised = error_table.answer(error, trace_id=body["trace_id"], task_id=task_of(body))
    assert (answer.status_code, body) == (error.status, promised)


@pytest.mark.parametrize("name", PROVOKED, ids="-".join)
def test_an_error_conforms_to_the_openapi_file(name: tuple[str, str], program: Program) -> None:
    answer = provoked(name, program)
    file = program.browser.get("/api/openapi.json").json()
    for path in BY_NAME[name].paths:
        promised = file["paths"][path]["post"]["responses"][str(answer.status_code)]
        schema = promised["content"]["application/json"]["schema"]
        jsonschema_rs.validate({**schema, "components": file["components"]}, answer.json())
        assert set(promised["headers"]) <= set(answer.headers)


def test_what_failed_is_told_later_as_the_file_has_it(program: Program) -> None:
    task_id = task_of(program.wait(source_image_url=program.elsewhere.url("/gone.jpg")).json())
    file = program.browser.get("/api/openapi.json").json()
    schema = file["components"]["schemas"]["Task"]
    jsonschema_rs.validate({**schema, "components": file["components"]}, program.task(task_id))


def test_the_file_names_all_codes_that_a_task_can_end_with() -> None:
    assert set(error_table.of_tasks()) == {*outcomes.MEANT_BY.values(), "api_error", "not_found"}


def task_of(body: dict[str, Any]) -> str:
    found: str = body.get("task_id", "")
    return found
