"""The fake service keeps the contract itself, and counts what it does."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.fakes import behaviours
from tests.fakes.canary import Canary
from tests.fakes.hosted import TOKEN, HostedApi
from tests.fakes.receiver import Receiver
from tests.fakes.results import Fault
from tests.fakes.wire import Reply
from tests.running import wait_for
from tests.samples import ROOT, picture_bytes

PAIR: dict[str, Any] = {
    "source_image_url": "http://pictures.test/source.jpg?sig=1",
    "target_image_url": "http://pictures.test/target.jpg?sig=2",
}


@pytest.fixture
def api() -> Iterator[HostedApi]:
    with HostedApi() as api:
        api.settings.fetches_pictures = False
        yield api


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def post(api: HostedApi, path: str = "/face/swap", **body: Any) -> requests.Response:
    headers = {"authorization": f"Bearer {TOKEN}"}
    return requests.post(f"{api.url}{path}", json=body, headers=headers, timeout=10)


def test_a_synchronous_answer_has_a_result_that_can_be_fetched(api: HostedApi) -> None:
    answer = post(api, **PAIR).json()
    got = requests.get(answer["image_url"], timeout=10)
    assert (got.status_code, len(got.content)) == (200, answer["image_size"])


def test_a_swap_is_billed_by_its_pair_without_signatures(api: HostedApi) -> None:
    post(api, **PAIR)
    post(api, **PAIR | {"source_image_url": "http://pictures.test/source.jpg?sig=9"})
    assert api.billed == {("http://pictures.test/source.jpg", "http://pictures.test/target.jpg"): 2}


def test_pictures_are_fetched_when_the_job_runs() -> None:
    data = picture_bytes()
    with HostedApi() as api, Receiver(Reply(200, data, "image/jpeg")) as pictures:
        url = pictures.url
        answer = post(api, source_image_url=url, target_image_url=url).json()
    assert answer["success"], answer
    assert [fetch.status for fetch in api.fetches] == [200, 200]


def test_pictures_that_cannot_be_fetched_cost_nothing() -> None:
    with HostedApi() as api:
        url = f"{api.url}/results/none.png"
        answer = post(api, source_image_url=url, target_image_url=url)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "api_error")
    assert api.swaps_billed == 0


def test_an_asynchronous_task_is_running_and_then_done(api: HostedApi) -> None:
    api.settings.service_seconds = 0.2
    task_id = post(api, **PAIR | {"async": True}).json()["task_id"]
    assert post(api, "/face/tasks", id=task_id).json()["response"] is None
    wait_for(lambda: post(api, "/face/tasks", id=task_id).json()["response"])


def test_tasks_are_retrieved_in_a_batch(api: HostedApi) -> None:
    ids = [post(api, **PAIR).json()["task_id"] for _ in range(2)]
    assert post(api, "/face/tasks", ids=ids).json()["count"] == 2


def test_there_may_be_no_tasks(api: HostedApi) -> None:
    api.settings.has_tasks = False
    answer = post(api, "/face/tasks", id="x")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_api")


@pytest.mark.parametrize(
    ("behaviour", "successes"),
    [
        (behaviours.FINE, [True]),
        (behaviours.double(), [True, True]),
        (behaviours.reordered(), [False, True]),
        (behaviours.failing(), [False]),
        (behaviours.misnamed(), [True, True]),
        (behaviours.cut_after(), [True]),
    ],
)
def test_callbacks_are_sent(
    api: HostedApi,
    receiver: Receiver,
    behaviour: behaviours.Behaviour,
    successes: list[bool],
) -> None:
    api.next(behaviour)
    try:
        post(api, **PAIR, callback_url=receiver.url)
    except requests.ConnectionError:
        assert behaviour.manner.name == "CUT"
    wait_for(lambda: len(api.callbacks) == len(successes))
    assert [body["success"] for body in receiver.bodies] == successes
    assert {delivery.status for delivery in api.callbacks} == {204}


def test_an_early_callback_comes_before_the_answer(api: HostedApi, receiver: Receiver) -> None:
    api.next(behaviours.early())
    post(api, **PAIR, callback_url=receiver.url)
    assert len(receiver.requests) == 1


def test_nothing_is_billed_where_the_cut_comes_first(api: HostedApi) -> None:
    api.next(behaviours.cut_before())
    with pytest.raises(requests.ConnectionError):
        post(api, **PAIR)
    assert api.swaps_billed == 0


def test_a_cut_after_the_work_is_billed(api: HostedApi) -> None:
    api.next(behaviours.cut_after())
    with pytest.raises(requests.ConnectionError):
        post(api, **PAIR)
    assert api.swaps_billed == 1


def test_a_behaviour_is_for_one_request(api: HostedApi) -> None:
    api.next(behaviours.api_error(), times=2)
    assert [post(api, **PAIR).status_code for _ in range(3)] == [500, 500, 200]


def test_a_wrong_token_is_refused(api: HostedApi) -> None:
    api.token = "another"
    assert post(api, **PAIR).json()["error"]["code"] == "invalid_token"


def test_a_synchronous_request_times_out_and_its_job_goes_on(api: HostedApi) -> None:
    api.next(behaviours.late(0.3))
    answer = post(api, **PAIR, timeout=0.01)
    assert (answer.status_code, answer.json()["error"]["code"]) == (504, "timeout")
    trace_id = answer.json()["trace_id"]
    wait_for(lambda: post(api, "/face/tasks", trace_id=trace_id).json()["response"])


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.ENDLESS])
def test_every_faulty_result_can_be_asked_for(api: HostedApi, fault: Fault) -> None:
    api.next(behaviours.result(fault, location=f"{api.url}/results/gone.png"))
    url = post(api, **PAIR).json()["image_url"]
    with requests.get(url, timeout=10, stream=True) as got:
        assert got.status_code in {200, 403, 404, 503}


def test_behaviours_join() -> None:
    both = behaviours.late(2) | behaviours.double()
    assert (both.extra_seconds, both.callbacks) == (2, behaviours.Callbacks.TWICE)


def test_a_canary_counts_connections() -> None:
    with Canary() as canary:
        requests.get(canary.url, timeout=5)
        assert canary.connections == 1


def test_it_runs_as_a_process_and_is_told_from_outside() -> None:
    command = [sys.executable, "-m", "tests.fakes.hosted", "--no-fetch", "--always", "late:0.01"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        found = re.search(r"http\S+", process.stdout.readline())
        assert found
        headers = {"authorization": f"Bearer {TOKEN}"}
        told: dict[str, Any] = {"behaviour": "api_error", "times": 1}
        requests.post(f"{found[0]}/_fake/next", json=told, timeout=5)
        swaps = [
            requests.post(f"{found[0]}/face/swap", json=PAIR, headers=headers, timeout=5)
            for _ in range(2)
        ]
        assert [swap.status_code for swap in swaps] == [500, 200]
        assert requests.get(f"{found[0]}/_fake/record", timeout=5).json()["swaps_billed"] == 1
    finally:
        process.kill()
        process.wait()
