"""`/face/swap` and `/face/tasks`: from a request to the result, and what is told on the way."""

from __future__ import annotations

from collections.abc import Callable
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError

from swaps import submission, tasks
from swaps.models import SITE, Photo, Status, Swap
from swaps.providers.base import Refused
from tests.api.conftest import Program, asked_for

pytestmark = pytest.mark.django_db

WorkOff = Callable[[str], Swap]


def test_whoever_does_not_wait_gets_the_task_at_once(program: Program) -> None:
    answer = program.ask()
    assert answer.status_code == 200
    assert set(answer.json()) == {"success", "task_id", "trace_id"}


def test_the_task_id_is_the_swaps_own(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    assert Swap.objects.get().pk == asked_for(task_id).swap_id


def test_a_task_that_runs_has_a_response_of_null(program: Program) -> None:
    task = program.task(program.ask().json()["task_id"])
    assert task["response"] is None
    assert "finished_at" not in task


def test_a_task_that_is_done_has_its_result(program: Program, work_off: WorkOff) -> None:
    task_id = program.ask().json()["task_id"]
    swap = work_off(task_id)
    assert swap.status == Status.SUCCEEDED
    response = program.task(task_id)["response"]
    assert response["success"] is True
    assert (response["image_width"], response["image_height"]) == (120, 80)


def test_the_result_is_fetched_without_a_session(program: Program, work_off: WorkOff) -> None:
    task_id = program.ask().json()["task_id"]
    swap = work_off(task_id)
    response = program.task(task_id)["response"]
    picture = program.browser.get(urlsplit(response["image_url"]).path)
    assert swap.result is not None
    assert len(picture.getvalue()) == swap.result.bytes == response["image_size"]
    name = f"face-swap-{task_id[-12:]}.{swap.result.format}"
    assert picture.headers["Content-Disposition"] == f'inline; filename="{name}"'


def test_a_picture_that_is_not_there_is_said_by_its_field(
    program: Program, work_off: WorkOff
) -> None:
    asked = program.ask(source_image_url=program.elsewhere.url("/gone.jpg"))
    work_off(asked.json()["task_id"])
    error = program.task(asked.json()["task_id"])["response"]["error"]
    assert error["code"] == "api_error"
    assert error["message"] == "fetch failed: source_image_url answered 404"


def test_people_read_of_it_what_they_read_of_links_of_their_own(
    program: Program, work_off: WorkOff
) -> None:
    asked = program.ask(source_image_url=program.elsewhere.url("/gone.jpg"))
    swap = work_off(asked.json()["task_id"])
    assert swap.error_message == (
        "The Face could not be fetched from its link. Its address answered with status 404. "
        "Check the link, or choose the picture as a file."
    )


def test_a_failure_of_the_first_try_is_not_told_of_the_second(
    program: Program, work_off: WorkOff
) -> None:
    elsewhere = program.elsewhere
    task_id = program.ask(source_image_url=elsewhere.url("/late.jpg")).json()["task_id"]
    swap = work_off(task_id)
    elsewhere.answers["/late.jpg"] = elsewhere.answers["/face.jpg"]
    elsewhere.engine.says = Refused("no_face", "We found no face in the Face.", picture="source")
    submission.retry_swap(swap, by=SITE)
    work_off(task_id)
    error = program.task(task_id)["response"]["error"]
    assert (error["code"], error["message"]) == ("no_face", "We found no face in the Face.")


def test_a_swap_has_the_tokens_label_as_its_title(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    assert asked_for(task_id).swap.title == "a program"


def test_a_swap_goes_on_at_once_where_the_process_has_nothing_to_do(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    collect = tasks.claim_next()
    assert collect is not None
    tasks.perform(collect)
    tasks.go_on_where_idle()
    assert asked_for(task_id).swap.status == Status.SUCCEEDED


def test_it_waits_for_its_turn_where_the_process_computes_another(program: Program) -> None:
    task_id = program.ask().json()["task_id"]
    collect = tasks.claim_next()
    assert collect is not None
    tasks.perform(collect)
    with tasks.computing:
        tasks.go_on_where_idle()
    assert asked_for(task_id).swap.status == Status.QUEUED


@pytest.mark.parametrize(
    ("fault", "said"), [(ZeroDivisionError(), "crashed"), (OperationalError(), "step=interrupted")]
)
def test_what_goes_wrong_beside_the_work_is_logged(
    program: Program, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
    fault: Exception, said: str,
) -> None:  # fmt: skip
    task_id = program.ask().json()["task_id"]
    collect = tasks.claim_next()
    assert collect is not None
    # The thread's own connection is the test's here.
    monkeypatch.setattr(tasks, "connection", Mock())
    monkeypatch.setattr(tasks, "go_on_where_idle", Mock(side_effect=fault))
    tasks._perform_aside(collect)
    assert f"{said} task_id={task_id}" in caplog.text


def test_nobody_looks_for_faces_that_no_page_shows(program: Program) -> None:
    program.ask()
    collect = tasks.claim_next()
    assert collect is not None
    tasks.perform(collect)
    assert not Photo.objects.exclude(faces_asked_at=None).exists()
