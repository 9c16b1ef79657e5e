"""The golden answers of the published documentation: this site sends the same keys, types and statuses.

Where they leave room, the superset is sent: `success` and `trace_id` always, `task_id` where there is a task.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from swaps import contract
from swaps.contract import Answer
from swaps.models import ApiToken, Swap
from swaps.providers.base import Refused
from tests.api.answers import shape
from tests.api.conftest import Program
from tests.contract import Golden, golden, golden_names

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WorkOff = Callable[[str], Swap]
Send = Callable[[Program], Any]

# Of these the vendor's pages disagree, or leave the choice: what this site sends instead.
OTHER_STATUS = {"error_no_token": 401}
NEVER_SENT = {
    # The service's own words for being off, and another name for 429.
    "error_disabled", "error_rate_limited",
}  # fmt: skip


def expected(name: str, *more: str) -> Golden:
    """The golden answer as this site sends it, with the superset's keys *more*, which are texts."""
    found = golden(name)
    body = {**found.body, **dict.fromkeys(more, "text")}
    return Golden(name, OTHER_STATUS.get(name, found.status), body)


def same(answer: Any, like: Golden) -> None:
    assert answer.status_code == like.status, answer.content
    assert shape(answer.json()) == shape(like.body)


def test_accepted(program: Program) -> None:
    same(program.ask(), expected("accepted"))


def test_accepted_names_no_address_that_could_be_taken_for_the_picture(program: Program) -> None:
    answers = [program.ask(), program.ask(callback_url="https://example.org/heard")]
    assert not [key for one in answers for key in one.json() if key.endswith("_url")]


@pytest.mark.usefixtures("waiting")
def test_sync(program: Program) -> None:
    same(program.wait(), expected("sync"))


def test_a_task_that_is_done(program: Program, work_off: WorkOff) -> None:
    task_id = program.ask().json()["task_id"]
    work_off(task_id)
    answer = program.post("/face/tasks", {"id": task_id})
    same(answer, expected("task_done"))
    assert set(answer.json()) == set(golden("task_done").body)


def test_a_task_that_runs(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    assert Swap.objects.get(pk=task_id).claim(seconds=10)
    answer = program.post("/face/tasks", {"id": task_id})
    same(answer, expected("task_running"))


def test_a_task_that_failed(program: Program, work_off: WorkOff) -> None:
    task_id = program.ask(source_image_url=program.elsewhere.url("/gone.jpg")).json()["task_id"]
    work_off(task_id)
    found = program.task(task_id)
    # It never started, and the error says which of the two pictures it is about.
    assert found.pop("started_at") is None
    assert found["response"]["error"].pop("picture") == "source"
    like = {name: one for name, one in golden("task_failed").body.items() if name != "started_at"}
    assert shape(found) == shape(like)


def test_a_task_of_nobody(program: Program) -> None:
    same(program.post("/face/tasks", {"id": str(uuid4())}), expected("task_not_found"))


@pytest.mark.usefixtures("waiting")
def test_the_outcome_of_a_failure_is_what_a_callback_says(program: Program) -> None:
    body = program.wait(source_image_url=program.elsewhere.url("/gone.jpg")).json()
    del body["error"]["picture"]
    assert shape(body) == shape(golden("callback_failed").body)


# --- The errors ------------------------------------------------------------------------------------


def _without_a_token(program: Program) -> Any:
    return program.browser.post("/face/swap", {}, content_type="application/json")


def _expired(program: Program) -> Any:
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return program.ask()


def _revoked(program: Program) -> Any:
    program.token.revoke()
    return program.ask()


def _spent(program: Program) -> Any:
    ApiToken.objects.update(swaps_a_day=1)
    program.ask()
    return program.ask(timeout=7)


def _at_once(program: Program) -> Any:
    ApiToken.objects.update(swaps_at_once=1)
    program.ask()
    return program.ask(timeout=7)


def _not_for_swaps(program: Program) -> Any:
    ApiToken.objects.update(may_swap=False)
    return program.ask()


BY_REQUEST: dict[str, Send] = {
    "bad_request": lambda program: program.post("/face/swap", b"{"),
    "token_mismatched": lambda program: program.ask(source_image_url=None),
    "api_not_implemented": lambda program: program.post("/face/tasks", {"action": "cancel"}),
    "no_token": _without_a_token,
    "invalid_token": _revoked,
    "token_expired": _expired,
    "used_up": _spent,
    "forbidden": _not_for_swaps,
    "no_api": lambda program: program.post("/face/swaps", {}),
    "too_many_requests": _at_once,
}
BY_OUTCOME = (
    "no_face",
    "face_too_small",
    "face_turned",
    "unreadable_image",
    "api_error",
    "timeout",
)


@pytest.mark.parametrize("code", BY_REQUEST)
def test_an_error_of_a_request(program: Program, code: str) -> None:
    answer = BY_REQUEST[code](program)
    same(answer, expected(f"error_{code}"))
    assert answer.json()["error"]["code"] == code


@pytest.mark.parametrize("code", BY_OUTCOME)
@pytest.mark.usefixtures("waiting")
def test_an_error_of_a_swap_names_its_task(program: Program, code: str) -> None:
    of_a_picture = "picture" in golden(f"error_{code}").body["error"]
    picture = "source" if of_a_picture else ""
    program.elsewhere.engine.says = Refused(code, "No, it said.", picture=picture)
    answer = program.wait()
    same(answer, expected(f"error_{code}", "task_id"))
    assert answer.json()["error"]["code"] == code


def test_every_golden_error_is_sent_by_this_site_or_said_not_to_be() -> None:
    sent = {f"error_{code}" for code in (*BY_REQUEST, *BY_OUTCOME)}
    assert sent | NEVER_SENT == set(golden_names("error_"))
    assert not sent & NEVER_SENT


# --- Read by the other side ------------------------------------------------------------------------


def understood(answer: Any) -> Answer | None:
    found = contract.parse_answer(answer.json())
    assert isinstance(found, contract.Success | contract.Failure | contract.Taken)
    return {"task_id": found.task_id, "trace_id": found.trace_id}


@pytest.mark.usefixtures("waiting")
def test_our_client_reads_each_of_our_answers(program: Program) -> None:
    answers = [program.ask(), program.wait(), program.wait(source_image_url="http://10.0.0.1/a")]
    read = [understood(one) for one in answers]
    assert [one and one["trace_id"] for one in read] == [one.json()["trace_id"] for one in answers]
    assert isinstance(contract.parse_answer(answers[1].json()), contract.Success)
