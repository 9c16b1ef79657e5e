"""A swap asked of the hosted service: what is sent, and what each of its answers means."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swaps.http import Door
from swaps.providers.acedata import AceDataProvider
from swaps.providers.base import Accepted, Done, Mode, Picture, Refused, Then, Unknown
from tests.contract import golden, golden_names
from tests.fakes import behaviours
from tests.fakes.behaviours import Behaviour
from tests.fakes.canary import Canary
from tests.fakes.hosted import HostedApi
from tests.fakes.receiver import Receiver
from tests.fakes.wire import json_reply
from tests.providers.conftest import ASYNC, SOURCE, TARGET, TOKEN, job, unread
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


def answering(name: str, *, status: int | None = None) -> Behaviour:
    """The golden answer, as it is or with another status."""
    answer = golden(name)
    return Behaviour(
        works=False, reply=lambda names: json_reply(answer.body, status=status or answer.status)
    )


# What is sent


def test_a_synchronous_job_sends_both_addresses_and_nothing_else(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    provider_of(api).submit(job())
    sent = api.swap_requests[0].json()
    assert sent == {"source_image_url": SOURCE, "target_image_url": TARGET}


def test_the_token_and_the_types_are_in_the_headers(
    api: HostedApi, provider: AceDataProvider
) -> None:
    provider.submit(job())
    headers = api.swap_requests[0].headers
    names = ("authorization", "accept", "content-type")
    json_type = "application/json"
    assert [headers[name] for name in names] == [f"Bearer {TOKEN}", json_type, json_type]


def test_the_addresses_are_made_for_every_call(api: HostedApi, provider: AceDataProvider) -> None:
    count = iter(range(10))
    fresh = Picture(unread, lambda: f"https://pictures.example/{next(count)}")
    for _ in range(2):
        provider.submit(job(source=fresh))
    sent = [request.json()["source_image_url"] for request in api.swap_requests]
    assert sent == ["https://pictures.example/0", "https://pictures.example/1"]


def test_inverted_roles_exchange_the_addresses(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    provider_of(api, roles="inverted").submit(job())
    sent = api.swap_requests[0].json()
    assert (sent["source_image_url"], sent["target_image_url"]) == (TARGET, SOURCE)


def test_callback_mode_sends_the_callback_url(
    api: HostedApi, provider: AceDataProvider, receiver: Receiver
) -> None:
    provider.submit(job(mode=Mode.CALLBACK, callback_url=receiver.url))
    sent = api.swap_requests[0].json()
    assert sent["callback_url"] == receiver.url
    assert "async" not in sent


def test_callback_mode_without_an_address_is_a_fault_of_ours(
    api: HostedApi, provider: AceDataProvider
) -> None:
    with pytest.raises(ValueError, match="callback URL"):
        provider.submit(job(mode=Mode.CALLBACK))
    assert not api.requests


def test_async_mode_sends_no_callback_url(api: HostedApi, provider: AceDataProvider) -> None:
    provider.submit(job(mode=Mode.ASYNC, callback_url="https://site.example/x"))
    sent = api.swap_requests[0].json()
    assert (sent["async"], "callback_url" in sent) == (True, False)


def test_a_short_patience_is_told_so_that_the_service_gives_up_first(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    provider_of(api, sync_seconds=90).submit(job())
    assert api.swap_requests[0].json()["timeout"] == 60


def test_a_choice_of_faces_is_refused_and_never_dropped(
    api: HostedApi, provider: AceDataProvider
) -> None:
    outcome = provider.submit(job(face="2"))
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.then) == ("api_not_implemented", Then.GIVE_UP)
    assert not api.requests


# Answers as they should be


def test_a_synchronous_answer_is_a_result_at_an_address(
    api: HostedApi, provider: AceDataProvider
) -> None:
    outcome = provider.submit(job())
    (task,) = api.tasks.values()
    assert task.response
    assert outcome == Done(
        url=task.response["image_url"],
        task_id=task.id,
        trace_id=task.trace_id,
        announced={"width": 64, "height": 48, "size": task.response["image_size"]},
    )


@pytest.mark.parametrize("behaviour", [behaviours.strings(), behaviours.bare()])
def test_the_vendors_other_spellings_are_results_too(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour
) -> None:
    api.next(behaviour)
    outcome = provider.submit(job())
    assert isinstance(outcome, Done)
    assert (outcome.announced["width"], outcome.announced["height"]) == (64, 48)


def test_an_asynchronous_job_is_accepted(api: HostedApi, provider: AceDataProvider) -> None:
    outcome = provider.submit(ASYNC)
    (task,) = api.tasks.values()
    assert outcome == Accepted(task.id, task.trace_id)


def test_an_accepted_job_needs_no_trace(api: HostedApi, provider: AceDataProvider) -> None:
    api.next(behaviours.bare())
    outcome = provider.submit(ASYNC)
    assert outcome == Accepted(*api.tasks)


def test_a_task_instead_of_a_synchronous_result_is_accepted(
    api: HostedApi, provider: AceDataProvider
) -> None:
    api.next(answering("accepted"))
    assert isinstance(provider.submit(job()), Accepted)


def test_a_synchronous_job_may_take_longer_than_any_other_request(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    api.next(behaviours.late(0.6))
    assert isinstance(provider_of(api, seconds=0.2, sync_seconds=10).submit(job()), Done)


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


def test_a_gateways_time_out_leaves_the_outcome_unknown(
    api: HostedApi, provider: AceDataProvider
) -> None:
    api.next(behaviours.page(504, works=True))
    assert isinstance(provider.submit(ASYNC), Unknown)


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


# Secrets and settings


def test_the_token_is_in_no_message(api: HostedApi, provider: AceDataProvider) -> None:
    api.next(behaviours.refusal(401, "invalid_token", f"Token {TOKEN} is invalid."))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert "is invalid" in outcome.message
    assert TOKEN not in outcome.message


def test_a_pictures_address_is_cut_down_in_a_message(
    api: HostedApi, provider: AceDataProvider
) -> None:
    api.next(behaviours.api_error(f"fetch failed: {SOURCE}"))
    outcome = provider.submit(job())
    assert isinstance(outcome, Refused)
    assert "https://pictures.example/…" in outcome.message
    assert "signature" not in outcome.message


def test_the_token_is_not_in_the_repr(provider: AceDataProvider) -> None:
    assert TOKEN not in repr(provider)


@pytest.mark.parametrize(
    "odd",
    [
        {"token": ""}, {"token": "two\nlines"}, {"token": "ключ"}, {"base_url": "api.example"},
        {"base_url": "file:///etc"}, {"roles": "mixed"},
    ],
)  # fmt: skip
def test_settings_that_can_never_work_are_refused_without_a_secret(
    api: HostedApi, provider_of: Callable[..., AceDataProvider], odd: dict[str, str]
) -> None:
    with pytest.raises(ValueError, match=r"^(ACEDATACLOUD_API|ROLES)") as caught:
        provider_of(api, **odd)
    assert odd.get("token") is None or "lines" not in str(caught.value)


def test_a_slash_after_the_base_url_changes_nothing(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    assert isinstance(provider_of(api, base_url=f"{api.url}/").submit(job()), Done)
