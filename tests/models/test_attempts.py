"""What is heard of an attempt, and what closes it: in any order, nothing that is paid for is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from swaps.models import Attempt, Swap, User

pytestmark = pytest.mark.django_db
FAILURE: dict[str, Any] = {"success": False, "error": {"code": "api_error", "message": "no"}}
SUCCESS: dict[str, Any] = {"success": True, "image_url": "https://cdn.example.org/1.png"}


@pytest.fixture
def attempt(alice: User, swap_of: Callable[..., Swap]) -> Attempt:
    return Attempt.begin(swap_of(alice, provider="acedata"), provider="acedata")


def again(attempt: Attempt) -> Attempt:
    """The same row, as whoever looks now has it in memory."""
    return Attempt.objects.get(pk=attempt.pk)


def with_result(attempt: Attempt) -> Attempt:
    paid = again(attempt)
    assert paid.take_result(
        url=SUCCESS["image_url"], announced={}, task_id="", trace_id="", cost=None
    )
    return paid


def test_what_is_read_is_no_news_any_more(attempt: Attempt) -> None:
    attempt.hear(FAILURE, is_success=False)
    again(attempt).read()
    assert not Attempt.objects.unread().exists()


def test_reading_leaves_what_came_meanwhile(attempt: Attempt) -> None:
    attempt.hear(FAILURE, is_success=False)
    reader = again(attempt)
    attempt.hear(SUCCESS, is_success=True)
    reader.read()
    assert Attempt.objects.unread().get().heard == SUCCESS


def test_an_attempt_closes_once(attempt: Attempt) -> None:
    assert [again(attempt).close(Attempt.Outcome.LOST) for _ in range(2)] == [True, False]


def test_a_failure_does_not_close_what_a_success_was_heard_of(attempt: Attempt) -> None:
    loser = again(attempt)
    attempt.hear(SUCCESS, is_success=True)
    assert not loser.close(Attempt.Outcome.FAILED, unread=False)
    assert Attempt.objects.unread().get().heard == SUCCESS


def test_a_failure_that_was_heard_does_not_keep_an_attempt_open(attempt: Attempt) -> None:
    attempt.hear(FAILURE, is_success=False)
    assert again(attempt).close(Attempt.Outcome.LOST)


def test_a_failure_does_not_close_what_has_a_result_meanwhile(attempt: Attempt) -> None:
    loser = again(attempt)
    paid = with_result(attempt)
    assert not loser.close(Attempt.Outcome.FAILED)
    assert paid.close(Attempt.Outcome.SUCCEEDED)


def test_an_attempt_with_a_result_is_gone_on_with_before_a_later_one(attempt: Attempt) -> None:
    later = Attempt.begin(attempt.swap, provider="acedata")
    assert attempt.swap.attempts.first_choice() == later
    with_result(attempt)
    assert attempt.swap.attempts.first_choice() == attempt


def test_where_none_is_open_there_is_nothing_to_go_on_with(attempt: Attempt) -> None:
    attempt.close(Attempt.Outcome.LOST)
    assert attempt.swap.attempts.first_choice() is None
