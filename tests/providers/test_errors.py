"""What each error and each fault of the hosted service means for a swap that may have been paid for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swaps.http import Door
from swaps.providers.acedata import AceDataProvider
from swaps.providers.base import Done, Refused, Then, Unknown
from tests.contract import golden, golden_names
from tests.fakes import behaviours
from tests.fakes.behaviours import Behaviour
from tests.fakes.canary import Canary
from tests.fakes.hosted import HostedApi
from tests.providers.conftest import ASYNC, answering, job
from tests.running import free_port, wait_for

THEN = {
    "error_token_mismatched": Then.GIVE_UP,
    "error_api_not_implemented": Then.GIVE_UP,
    "error_bad_request": Then.GIVE_UP,
    "error_no_face": Then.GIVE_UP,
    "error_face_too_small": Then.GIVE_UP,
    "error_face_turned": Then.GIVE_UP,
    "error_unreadable_image": Then.GIVE_UP,
    "error_no_token": Then.GIVE_UP,
    "error_invalid_token": Then.PAUSE,
    "error_token_expired": Then.PAUSE,
    "error_used_up": Then.PAUSE,
    "error_disabled": Then.GIVE_UP,
    "error_forbidden": Then.GIVE_UP,
    "error_no_api": Then.GIVE_UP,
    "error_too_many_requests": Then.LATER,
    "error_rate_limited": Then.LATER,
    "error_api_error": Then.AGAIN,
}
"""What follows from each of the contract's errors, but for `timeout`."""


# The error table


def test_every_error_of_the_contract_has_a_row() -> None:
    assert {*THEN, "error_timeout"} == set(golden_names("error_"))


@pytest.mark.parametrize(("name", "then"), THEN.items())
def test_an_error_says_what_follows(
    api: HostedApi, provider: AceDataProvider, name: str, then: Then
) -> None:
    api.next(answering(name))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert (f"error_{outcome.code}", outcome.then) == (name, then)
    assert outcome.trace_id == golden(name).body["trace_id"]


@pytest.mark.parametrize(("name", "then"), THEN.items())
def test_an_error_in_a_200_is_judged_by_its_code(
    api: HostedApi, provider: AceDataProvider, name: str, then: Then
) -> None:
    api.next(answering(name, status=200))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.then == then


@pytest.mark.parametrize("name", ["error_token_mismatched", "error_no_token"])
def test_where_pages_disagree_on_the_status_the_code_decides(
    api: HostedApi, provider: AceDataProvider, name: str
) -> None:
    api.next(answering(name, status=401))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.then is Then.GIVE_UP


@pytest.mark.parametrize("status", [200, 504])
def test_a_timeout_is_unknown_and_has_a_trace(
    api: HostedApi, provider: AceDataProvider, status: int
) -> None:
    api.next(answering("error_timeout", status=status))
    outcome = provider.submit(job())
    assert isinstance(outcome, Unknown)
    assert outcome.trace_id == golden("error_timeout").body["trace_id"]


def test_a_job_that_timed_out_is_found_by_its_trace(
    api: HostedApi, provider: AceDataProvider
) -> None:
    api.next(behaviours.timeout())
    outcome = provider.submit(job())
    assert isinstance(outcome, Unknown)
    wait_for(lambda: isinstance(provider.retrieve(trace_id=outcome.trace_id), Done))


@pytest.mark.parametrize(
    ("behaviour", "code", "then"),
    [
        (behaviours.bare_string(), "api_error", Then.AGAIN),
        (behaviours.bare_string(400), "bad_request", Then.GIVE_UP),
        (behaviours.bare_string(200), "api_error", Then.AGAIN),
        (behaviours.bare_string(403, "used_up"), "used_up", Then.PAUSE),
        (behaviours.error_without_success(), "api_error", Then.AGAIN),
        (behaviours.error_without_success(403, "used_up"), "used_up", Then.PAUSE),
        (behaviours.refusal(418, "teapot"), "teapot", Then.GIVE_UP),
        (behaviours.refusal(507, "full"), "full", Then.AGAIN),
        (behaviours.refusal(401, "who_are_you"), "who_are_you", Then.PAUSE),
        (behaviours.refusal(403, "strange"), "strange", Then.GIVE_UP),
        (behaviours.page(502), "api_error", Then.AGAIN),
        (behaviours.page(503), "api_error", Then.AGAIN),
        (behaviours.page(404), "no_api", Then.GIVE_UP),
        (behaviours.page(403), "forbidden", Then.GIVE_UP),
        (behaviours.page(401), "invalid_token", Then.PAUSE),
        (behaviours.page(429), "too_many_requests", Then.LATER),
        (behaviours.odd_json('{"detail": "no"}', status=422, works=False), "bad_request", Then.GIVE_UP),
    ],
)  # fmt: skip
def test_an_unknown_error_follows_the_class_of_its_status(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour, code: str, then: Then
) -> None:
    api.next(behaviour)
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.then) == (code, then)


@pytest.mark.parametrize(
    ("behaviour", "least", "most"),
    [
        (behaviours.rate_limited("7"), 7, 7),
        (behaviours.rate_limited("-7"), 0, 0),
        (behaviours.rate_limited("86400"), 3600, 3600),
        (behaviours.rate_limited_until(60), 50, 61),
        (behaviours.rate_limited_until(-60), 0, 0),
    ],
)
def test_a_rate_limit_says_when(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour, least: float, most: float
) -> None:
    api.next(behaviour)
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.retry_after is not None
    assert least <= outcome.retry_after <= most


@pytest.mark.parametrize("after", ["", "soon"])
def test_a_rate_limit_may_not_say_when(
    api: HostedApi, provider: AceDataProvider, after: str
) -> None:
    api.next(behaviours.rate_limited(after))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert (outcome.then, outcome.retry_after) == (Then.LATER, None)


def test_a_date_to_wait_for_is_read_by_the_services_own_clock(
    api: HostedApi, provider: AceDataProvider
) -> None:
    headers = {
        "Retry_After": "Sun, 15 Jun 2025 15:06:50 GMT",
        "Date": "Sun, 15 Jun 2025 15:06:40 GMT",
    }
    api.next(behaviours.refusal(429, "too_many_requests", **headers))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.retry_after == 10


# Faults on the way


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.broken_json(),
        behaviours.page(200, works=True),
        behaviours.odd_json("[]"),
        behaviours.odd_json("{}"),
        behaviours.odd_json('{"success": true}'),
        behaviours.odd_json('{"success": true, "image_url": "file:///etc/passwd"}'),
        behaviours.odd_json("[" * 100_000),
        behaviours.odd_json("", status=204),
        behaviours.huge(4),
        behaviours.gzip_bomb(64),
    ],
)
def test_a_success_that_cannot_be_understood_was_heard_of(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour
) -> None:
    api.next(behaviour)
    outcome = provider.submit(ASYNC)
    assert isinstance(outcome, Unknown)
    assert outcome.answered


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.cut_before(),
        behaviours.cut_after(),
        behaviours.truncated(),
        behaviours.dripping(0.05),
        behaviours.dripping(0.05, head=True),
        behaviours.late(5),
    ],
)
def test_a_lost_answer_leaves_the_outcome_unknown(
    api: HostedApi, provider_of: Callable[..., AceDataProvider], behaviour: Behaviour
) -> None:
    api.next(behaviour)
    outcome = provider_of(api, sync_seconds=0.5).submit(job())
    assert isinstance(outcome, Unknown)
    assert not outcome.answered


@pytest.mark.parametrize("status", [504, 520, 522, 524])
def test_a_gateways_time_out_leaves_the_outcome_unknown(
    api: HostedApi, provider: AceDataProvider, status: int
) -> None:
    api.next(behaviours.page(status, works=True))
    outcome = provider.submit(ASYNC)
    assert isinstance(outcome, Unknown)
    assert not outcome.answered


@pytest.mark.parametrize("status", [520, 524])
def test_the_services_own_words_count_whatever_a_gateway_makes_of_the_status(
    api: HostedApi, provider: AceDataProvider, status: int
) -> None:
    api.next(answering("error_api_error", status=status))
    outcome = provider.submit(ASYNC)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.then) == ("api_error", Then.AGAIN)


def test_nobody_there_can_be_asked_again(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    provider = provider_of(api, base_url=f"http://{nobody}", door=Door(allow=[nobody]))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.then is Then.AGAIN


def test_a_private_address_is_refused_with_the_setting_that_allows_it(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    outcome = provider_of(api, door=Door()).submit(job())
    assert isinstance(outcome, Refused)
    assert outcome.then is Then.GIVE_UP
    assert "OUTBOUND_ALLOW" in outcome.message
    assert not api.requests


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(api: HostedApi, provider: AceDataProvider, status: int) -> None:
    with Canary() as canary:
        api.next(behaviours.redirect(canary.url, status))
        outcome = provider.submit(job())
        assert canary.connections == 0
    assert isinstance(outcome, Refused)
    assert outcome.then is Then.GIVE_UP
    assert "ACEDATACLOUD_API_BASE_URL" in outcome.message
