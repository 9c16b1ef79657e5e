"""Requests that are anything at all: each is answered by the contract. `./run bench api_fuzz` sends more."""

from __future__ import annotations

import pytest

from tests.api.conftest import Program, Waiting
from tests.api.fuzzing import Fuzzed

REQUESTS = 300


@pytest.mark.django_db
def test_no_request_is_too_odd_for_an_answer_of_the_contract(
    program: Program, waiting: Waiting
) -> None:
    waiting.meanwhile = lambda swap: None
    fuzzed = Fuzzed(program.text)
    fuzzed.send(REQUESTS)
    assert fuzzed.wrong == []
    # Some of each kind came through, so that it was not all refused at the door.
    assert {200, 400, 401, 404, 405, 504} <= set(fuzzed.statuses)
