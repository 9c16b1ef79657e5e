"""What has become of a job: /face/tasks, callbacks, and the token's test that buys nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from swaps.http import Door
from swaps.providers.acedata import AceDataProvider
from swaps.providers.base import (
    Accepted,
    Done,
    Mode,
    NoTasks,
    Pending,
    Refused,
    Then,
    Unknown,
    Verdict,
)
from tests.contract import golden
from tests.fakes import behaviours
from tests.fakes.behaviours import Behaviour
from tests.fakes.hosted import HostedApi
from tests.fakes.receiver import Receiver
from tests.providers.conftest import ASYNC, TOKEN, answering, job
from tests.running import free_port, wait_for

TASK = "1f9a2e0c-7d44-4d0e-9a3b-0c5b7f6f3a11"


def accepted(provider: AceDataProvider) -> str:
    """The task_id of a job that was taken."""
    outcome = provider.submit(ASYNC)
    assert isinstance(outcome, Accepted)
    return outcome.task_id


# Retrieving


def test_a_job_is_pending_while_it_runs(api: HostedApi, provider: AceDataProvider) -> None:
    api.next(behaviours.late(30))
    assert provider.retrieve(task_id=accepted(provider)) == Pending()


def test_a_job_is_done_by_and_by(api: HostedApi, provider: AceDataProvider) -> None:
    task_id = accepted(provider)
    wait_for(lambda: isinstance(provider.retrieve(task_id=task_id), Done))


def test_a_done_job_says_what_a_synchronous_answer_says(
    api: HostedApi, provider: AceDataProvider
) -> None:
    api.next(answering("task_done"), on="tasks")
    outcome = provider.retrieve(task_id=TASK)
    assert isinstance(outcome, Done)
    sync = golden("sync").body
    assert (outcome.url, outcome.task_id) == (sync["image_url"], TASK)
    assert outcome.announced == {"width": 2008, "height": 1942, "size": 4006213}


@pytest.mark.parametrize(
    ("code", "then"),
    [
        ("api_error", Then.AGAIN),
        ("timeout", Then.AGAIN),
        ("no_face", Then.GIVE_UP),
        ("forbidden", Then.GIVE_UP),
        ("unheard_of", Then.AGAIN),
    ],
)
def test_a_failed_job_is_refused(
    api: HostedApi, provider: AceDataProvider, code: str, then: Then
) -> None:
    api.next(behaviours.failing(code))
    task_id = accepted(provider)
    wait_for(lambda: provider.retrieve(task_id=task_id) != Pending())
    outcome = provider.retrieve(task_id=task_id)
    assert isinstance(outcome, Refused)
    assert (outcome.code, outcome.then, outcome.job_open) == (code, then, False)


@pytest.mark.parametrize("name", ["task_running", "accepted"])
def test_no_outcome_yet_is_pending(api: HostedApi, provider: AceDataProvider, name: str) -> None:
    api.next(answering(name), on="tasks")
    assert provider.retrieve(task_id=TASK) == Pending()


def test_a_job_that_it_does_not_know_is_pending_and_unknown(
    api: HostedApi, provider: AceDataProvider
) -> None:
    assert provider.retrieve(task_id=TASK) == Pending(known=False)


def test_a_service_without_tasks_cannot_be_asked(api: HostedApi, provider: AceDataProvider) -> None:
    api.settings.has_tasks = False
    outcome = provider.retrieve(task_id=TASK)
    assert isinstance(outcome, NoTasks)
    assert outcome.certain


@pytest.mark.parametrize(
    "behaviour",
    [behaviours.page(404), behaviours.odd_json('{"detail": "Not Found"}', status=404)],
)
def test_any_other_404_may_mean_that_there_are_no_tasks(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour
) -> None:
    api.next(behaviour, on="tasks")
    outcome = provider.retrieve(task_id=TASK)
    assert isinstance(outcome, NoTasks)
    assert not outcome.certain


@pytest.mark.parametrize(
    "behaviour",
    [
        behaviours.api_error(),
        behaviours.page(502),
        behaviours.page(504),
        behaviours.page(200),
        behaviours.rate_limited("7"),
        behaviours.broken_json(),
        behaviours.odd_json("[]"),
        behaviours.odd_json("{}"),
        behaviours.odd_json('{"response": 7}'),
        behaviours.cut_before(),
        behaviours.huge(4),
        behaviours.gzip_bomb(64),
        behaviours.redirect("http://127.0.0.1:9/"),
        behaviours.refusal(400, "token_mismatched"),
        behaviours.refusal(400, "no_token"),
        behaviours.dripping(0.05, head=True),
    ],
)
def test_a_question_without_an_answer_can_be_asked_again(
    api: HostedApi, provider_of: Callable[..., AceDataProvider], behaviour: Behaviour
) -> None:
    api.next(behaviour, on="tasks")
    provider = provider_of(api, seconds=1)
    assert isinstance(provider.retrieve(task_id=TASK), Unknown)


@pytest.mark.parametrize(
    "behaviour", [behaviours.invalid_token(), behaviours.used_up(), behaviours.page(401)]
)
def test_a_token_that_is_refused_pauses_and_leaves_the_job_open(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour
) -> None:
    api.next(behaviour, on="tasks")
    outcome = provider.retrieve(task_id=TASK)
    assert isinstance(outcome, Refused)
    assert (outcome.then, outcome.job_open) == (Then.PAUSE, True)


@pytest.mark.parametrize("door", [Door(), None])
def test_nobody_to_ask_is_no_failure_of_the_job(
    provider_of: Callable[..., AceDataProvider], api: HostedApi, door: Door | None
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    provider = provider_of(api, base_url=f"http://{nobody}", door=door or Door(allow=[nobody]))
    assert isinstance(provider.retrieve(task_id=TASK), Unknown)


# Callbacks


def test_a_callbacks_success_is_understood(
    api: HostedApi, provider: AceDataProvider, receiver: Receiver
) -> None:
    outcome = provider.submit(job(mode=Mode.CALLBACK, callback_url=receiver.url))
    assert isinstance(outcome, Accepted)
    wait_for(lambda: receiver.requests)
    told = provider.understand(receiver.bodies[0])
    assert isinstance(told, Done)
    assert told.task_id == outcome.task_id


def test_a_callbacks_failure_is_understood(provider: AceDataProvider) -> None:
    told = provider.understand(golden("callback_failed").body)
    assert isinstance(told, Refused)
    assert (told.code, told.then) == ("api_error", Then.AGAIN)


@pytest.mark.parametrize("body", [{}, {"task_id": TASK}, {"image_url": "file:///etc/passwd"}])
def test_a_callback_that_tells_nothing_is_unknown(
    provider: AceDataProvider, body: dict[str, str]
) -> None:
    assert isinstance(provider.understand(body), Unknown)


# The token's test


@pytest.mark.parametrize(
    ("behaviour", "verdict"),
    [
        (behaviours.FINE, Verdict.ACCEPTED),
        (answering("task_running"), Verdict.ACCEPTED),
        (behaviours.refusal(400, "token_mismatched"), Verdict.ACCEPTED),
        (behaviours.invalid_token(), Verdict.REFUSED),
        (behaviours.refusal(400, "no_token"), Verdict.REFUSED),
        (behaviours.used_up(), Verdict.REFUSED),
        (behaviours.disabled(), Verdict.REFUSED),
        (behaviours.refusal(404, "no_api"), Verdict.NO_TASKS),
        (behaviours.page(404), Verdict.NO_TASKS),
        (behaviours.page(502), Verdict.UNREACHABLE),
        (behaviours.page(200), Verdict.UNREACHABLE),
        (behaviours.rate_limited(), Verdict.UNREACHABLE),
        (behaviours.redirect("http://127.0.0.1:9/"), Verdict.UNREACHABLE),
        (behaviours.cut_before(), Verdict.UNREACHABLE),
    ],
)
def test_the_token_is_tested(
    api: HostedApi, provider: AceDataProvider, behaviour: Behaviour, verdict: Verdict
) -> None:
    api.next(behaviour, on="tasks")
    assert provider.probe().verdict is verdict


def test_a_tokens_test_buys_nothing(api: HostedApi, provider: AceDataProvider) -> None:
    provider.probe()
    assert (len(api.swap_requests), api.swaps_billed) == (0, 0)


def test_a_refused_token_is_said_in_a_sentence(api: HostedApi, provider: AceDataProvider) -> None:
    message = f"No such token: {TOKEN}"
    api.next(behaviours.refusal(401, "invalid_token", message), on="tasks")
    probe = provider.probe()
    assert probe.code == "invalid_token"
    assert "ACEDATACLOUD_API_TOKEN" in probe.message
    assert TOKEN not in probe.message


def test_a_private_address_is_said_with_the_setting_that_allows_it(
    api: HostedApi, provider_of: Callable[..., AceDataProvider]
) -> None:
    probe = provider_of(api, door=Door()).probe()
    assert probe.verdict is Verdict.UNREACHABLE
    assert "OUTBOUND_ALLOW" in probe.message
