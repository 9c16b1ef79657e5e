"""What the contract's plain functions make of every golden answer, and of nonsense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swaps import contract
from swaps.contract import Failure, Running, Success, Taken
from tests.contract import golden, golden_names

TASK = "1f9a2e0c-7d44-4d0e-9a3b-0c5b7f6f3a11"
TRACE = "8b6c1d52-2f0a-4f57-b6f1-6a4b0e9d7c22"
URL = "https://cdn.example/face/5d0c9f7e-3f6b-4a52-8f34-6f1f6c1b2a33.png"
ANNOUNCED = {"width": 2008, "height": 1942, "size": 4006213}
NOON = 1_750_000_000.0

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([TASK, URL, "used_up", "false", "2008", "\x00", "\ud800"])
)
KEYS = st.sampled_from([
    "success", "error", "code", "message", "picture", "task_id", "trace_id", "id", "response",
    "image_url", "image_width", "image_height", "image_size",
])  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=3), inner),
)
OUTCOMES = st.fixed_dictionaries({}, optional={
    "success": st.booleans(), "image_url": st.just(URL), "error": ANYTHING, "task_id": SCALARS,
    "trace_id": SCALARS, "image_width": SCALARS, "image_size": SCALARS,
})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("sync", Success(URL, TASK, TRACE, ANNOUNCED)),
        ("sync_strings", Success(URL, TASK, TRACE, ANNOUNCED)),
        ("sync_bare", Success(URL, TASK, "", ANNOUNCED)),
        ("sync_unannounced", Success(URL, TASK, TRACE, {})),
        ("accepted", Taken(TASK, TRACE)),
        ("accepted_bare", Taken(TASK)),
        ("callback_failed", Failure("api_error", "fetch failed", "", TASK, TRACE)),
        ("error_no_face", Failure("no_face", "No face was found.", "source", "", TRACE)),
        ("odd_error_string", Failure("", "something broke", "", "", TRACE)),
        ("odd_error_without_success", Failure("api_error", "fetch failed", "", "", TRACE)),
    ],
)
def test_an_answer_is_understood(name: str, meaning: object) -> None:
    assert contract.parse_answer(golden(name).body) == meaning


@pytest.mark.parametrize("name", golden_names("error_"))
def test_an_errors_code_stands_for_its_status(name: str) -> None:
    answer = golden(name)
    failure = contract.parse_answer(answer.body)
    assert isinstance(failure, Failure)
    assert name == f"error_{failure.code}"
    assert contract.STATUS_OF[failure.code] == answer.status


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("task_running", Running(TRACE)),
        ("task_done", Success(URL, TASK, TRACE, ANNOUNCED)),
        ("task_failed", Failure("api_error", "fetch failed", "", TASK, TRACE)),
        ("task_not_found", None),
        ("sync", Success(URL, TASK, TRACE, ANNOUNCED)),
        ("callback_failed", Failure("api_error", "fetch failed", "", TASK, TRACE)),
        ("accepted", Running(TRACE)),
    ],
)
def test_a_task_is_understood(name: str, meaning: object) -> None:
    assert contract.parse_task(golden(name).body) == meaning


def test_a_task_without_the_key_response_is_running() -> None:
    body = {**golden("task_running").body}
    del body["response"]
    assert contract.parse_task(body) == Running(TRACE)


@pytest.mark.parametrize(
    "body",
    [
        None, [], "x", 7, {}, {"success": True}, {"task_id": 7}, {"task_id": "x" * 65},
        {"image_url": "ftp://cdn.example/a.png", "task_id": TASK},
        {"image_url": "file:///etc/passwd"}, {"image_url": "https://"}, {"image_url": "http://[::1"},
        {"image_url": ["https://cdn.example/a.png"]}, {"image_url": "https://cdn.example/a b.png"},
        {"image_url": "https://cdn.example/\x00.png"}, {"image_url": "https://cdn.example/\ud800.png"},
        {"image_url": "https://cdn.example/" + "a" * 9000},
    ],
)  # fmt: skip
def test_nonsense_says_nothing(body: object) -> None:
    assert contract.parse_answer(body) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("sync", True), ("callback_failed", True), ("odd_error_string", True), ("accepted", False)],
)
def test_a_callback_is_an_outcome_if_it_is_a_success_or_a_failure(name: str, is_one: bool) -> None:  # noqa: FBT001
    assert contract.is_outcome(golden(name).body) is is_one


@pytest.mark.parametrize(
    "value", ["", "wide", "-5", -5, True, None, [], float("inf"), float("nan"), 10**400]
)
def test_a_size_that_is_no_size_is_not_announced(value: object) -> None:
    found = contract.parse_answer({**golden("sync").body, "image_width": value})
    assert isinstance(found, Success)
    assert "width" not in found.announced


def test_a_message_can_be_kept_in_a_row() -> None:
    error = {"code": "x" * 90, "message": "a\x00b\ud800c\nd" + "e" * 9000}
    failure = contract.parse_answer({"error": error})
    assert isinstance(failure, Failure)
    assert failure.message.startswith("abc de")
    assert (len(failure.message), len(failure.code)) == (500, 40)


@pytest.mark.parametrize("error", [None, 7, [], {}, {"code": 7, "message": []}, ""])
def test_a_failure_without_a_word_is_a_failure(error: object) -> None:
    assert contract.parse_answer({"success": False, "error": error}) == Failure("", "")


@pytest.mark.parametrize(
    ("code", "answered", "status"),
    [
        ("used_up", 200, 403),
        ("too_many_requests", 200, 429),
        ("token_mismatched", 401, 400),
        ("unheard_of", 418, 418),
        ("unheard_of", 200, 500),
        ("api_error", 429, 429),
        ("api_error", 504, 504),
    ],
)
def test_an_error_stands_for_a_status(code: str, answered: int, status: int) -> None:
    assert contract.status_of(code, answered=answered) == status


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7), (" 2.5 ", 2.5), ("0", 0), ("-3", 0), ("99999999", 3600), ("1e999", 3600),
        ("Sun, 15 Jun 2025 15:06:50 GMT", 10), ("Sun, 15 Jun 2025 15:06:30 GMT", 0),
        ("", None), (None, None), ("soon", None), ("nan", None), ("Sun, 99 Jun 2025", None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert contract.retry_after(header, now=NOON, most=3600) == seconds


def test_a_request_says_only_what_it_means() -> None:
    assert contract.swap_request(source_image_url="https://a", target_image_url="https://b") == {
        "source_image_url": "https://a",
        "target_image_url": "https://b",
    }


def test_a_request_can_say_everything() -> None:
    body = contract.swap_request(
        source_image_url="https://a", target_image_url="https://b",
        callback_url="https://c", async_=True, timeout=60,
    )  # fmt: skip
    assert (body["callback_url"], body["async"], body["timeout"]) == ("https://c", True, 60)


def test_a_task_is_asked_for_by_its_id_or_else_by_its_trace() -> None:
    by_id = contract.retrieve_request(task_id=TASK, trace_id=TRACE)
    assert by_id == {"action": "retrieve", "id": TASK}
    assert contract.retrieve_request(trace_id=TRACE) == {"action": "retrieve", "trace_id": TRACE}


@given(ANYTHING)
def test_no_json_is_too_odd_to_be_looked_at(body: Any) -> None:
    contract.parse_answer(body)
    contract.parse_task(body)
    contract.trace_id_of(body)


@given(OUTCOMES)
def test_what_was_understood_can_be_kept_and_read_again(body: Any) -> None:
    found = contract.parse_answer(body)
    if isinstance(found, Success | Failure):
        kept = contract.as_answer(found)
        assert "\\u0000" not in json.dumps(kept)
        assert contract.parse_answer(kept) == found
