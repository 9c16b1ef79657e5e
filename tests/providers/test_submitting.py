"""A swap asked of the hosted service: what is sent, what a good answer gives, and which settings it takes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swaps.providers.acedata import AceDataProvider
from swaps.providers.base import Accepted, Done, Mode, Picture, Refused, Then
from tests.fakes import behaviours
from tests.fakes.behaviours import Behaviour
from tests.fakes.hosted import HostedApi
from tests.fakes.receiver import Receiver
from tests.providers.conftest import ASYNC, SOURCE, TARGET, TOKEN, answering, job, unread

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
    outcome = provider.submit(job(target_faces="2"))
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
