"""The same request twice: the task that was made for it already, or a new one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from swaps.models import ApiToken, Status, Swap
from tests.api.answers import parsed, refusal
from tests.api.conftest import Elsewhere, Program, Waiting

pytestmark = pytest.mark.django_db

WorkOff = Callable[[str], Swap]
KEY = {"Idempotency-Key": "5d0c9f7e"}


def keyed(program: Program, key: str = "5d0c9f7e", **fields: object) -> Any:
    body = program.wish(**{"async": True, **fields})
    return program.post("/face/swap", body, **{"Idempotency-Key": key})


def after(**time: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def test_the_same_request_gets_the_same_task_while_it_is_in_flight(program: Program) -> None:
    first, second = parsed(program.ask()), parsed(program.ask())
    assert first == second
    assert Swap.objects.count() == 1


def test_the_order_of_the_fields_and_unknown_ones_make_no_other_request(program: Program) -> None:
    first = program.ask().json()
    turned = dict(reversed(program.wish(**{"async": True, "unknown": 1}).items()))
    assert program.post("/face/swap", turned).json() == first


@pytest.mark.parametrize(
    "fields", [{"timeout": 7}, {"callback_url": "https://example.org/"}, {"async": False}]
)
def test_another_request_gets_another_task(
    program: Program, waiting: Waiting, fields: dict[str, object]
) -> None:
    waiting.meanwhile = lambda swap: None
    first = program.ask().json()
    assert program.ask(**fields).json()["task_id"] != first["task_id"]


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELED])
def test_once_it_has_ended_the_same_request_gets_a_new_task(
    program: Program, status: Status
) -> None:
    first = program.ask().json()
    Swap.objects.update(status=status)
    second = program.ask().json()
    assert second["task_id"] != first["task_id"]
    assert second["trace_id"] != first["trace_id"]


def test_the_same_request_of_another_token_gets_a_new_task(
    program: Program, elsewhere: Elsewhere
) -> None:
    first = program.ask().json()
    assert Program(program.token.user, elsewhere).ask().json()["task_id"] != first["task_id"]


def test_a_repeated_request_uses_up_no_limit(program: Program) -> None:
    ApiToken.objects.update(swaps_a_day=1, swaps_at_once=1)
    first = parsed(program.ask())
    assert parsed(program.ask()) == first
    refusal(program.ask(timeout=7), 403, "used_up")


def test_a_repeated_synchronous_request_waits_for_the_same_swap(
    program: Program, waiting: Waiting
) -> None:
    work, again = waiting.meanwhile, []
    waiting.meanwhile = lambda swap: again.append(repeated(program, waiting, work))
    first = parsed(program.wait())
    assert again == [first]
    assert Swap.objects.count() == 1


def repeated(program: Program, waiting: Waiting, work: Callable[[Any], object]) -> Any:
    """The answer to the same request, sent while the first one waits."""
    waiting.meanwhile = work
    return parsed(program.wait())


# --- With a key ------------------------------------------------------------------------------------


def test_a_key_gets_the_same_task_whatever_the_body_says(program: Program) -> None:
    first = parsed(keyed(program))
    assert parsed(keyed(program, timeout=7)) == first
    assert Swap.objects.count() == 1


def test_a_key_gets_the_same_task_after_its_end(program: Program, work_off: WorkOff) -> None:
    first = parsed(keyed(program))
    work_off(first["task_id"])
    assert parsed(keyed(program)) == first


@pytest.mark.usefixtures("waiting")
def test_a_key_of_a_swap_that_is_done_is_answered_with_its_result_at_once(program: Program) -> None:
    first = parsed(program.post("/face/swap", program.wish(), **KEY))
    assert parsed(program.post("/face/swap", program.wish(), **KEY)) == first
    assert first["image_url"]


def test_a_key_is_good_for_a_day(program: Program) -> None:
    first = parsed(keyed(program))
    with after(hours=23, minutes=59):
        assert parsed(keyed(program)) == first
    with after(hours=24, minutes=1):
        assert parsed(keyed(program))["task_id"] != first["task_id"]


def test_another_key_gets_another_task_for_the_same_body(program: Program) -> None:
    assert keyed(program).json()["task_id"] != keyed(program, "other").json()["task_id"]


def test_a_request_without_a_key_is_none_that_was_sent_with_one(program: Program) -> None:
    first = keyed(program).json()
    assert program.ask().json()["task_id"] != first["task_id"]


def test_a_key_is_each_tokens_own(program: Program, elsewhere: Elsewhere) -> None:
    first = keyed(program).json()
    assert keyed(Program(program.token.user, elsewhere)).json()["task_id"] != first["task_id"]


def test_a_key_of_a_swap_that_was_deleted_is_free(program: Program) -> None:
    first = keyed(program).json()
    assert Swap.objects.get().trash()
    assert keyed(program).json()["task_id"] != first["task_id"]


@pytest.mark.parametrize("key", ["x" * 256, "a\x00b", "a\x7fb"])
def test_a_key_that_cannot_be_kept_is_named(program: Program, key: str) -> None:
    assert "Idempotency-Key" in refusal(keyed(program, key), 400, "token_mismatched")
