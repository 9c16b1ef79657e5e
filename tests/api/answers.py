"""What is looked at in the API's answers: the shape of JSON, and what every refusal has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from swaps.contract import Answer


def shape(value: object) -> object:
    """The same value with its types in the place of what varies; `null` and truths stay as they are."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return value if value is None or isinstance(value, bool) else type(value).__name__


def refusal(answer: Any, status: int, code: str) -> str:
    """The sentence of a refusal that is all that one has to be."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    body = answer.json()
    assert body["success"] is False
    assert body["error"]["code"] == code
    assert str(UUID(body["trace_id"])) == body["trace_id"] == answer.headers["X-Trace-Id"]
    assert isinstance(body["error"]["message"], str)
    assert body["error"]["message"]
    return str(body["error"]["message"])


def parsed(answer: Any) -> Answer:
    """The answer's JSON, which was sent with status 200 and traced as it says."""
    body: Answer = answer.json()
    assert answer.status_code == 200, body
    assert answer.headers["X-Trace-Id"] == body["trace_id"]
    return body
