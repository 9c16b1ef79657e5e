"""A swap's page and its JSON, from waiting to done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from swaps.models import Attempt, Status, Swap, User

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def page(browser: Client, swap: Swap, name: str = "swap") -> str:
    return browser.get(reverse(name, args=[swap.pk])).content.decode()


def test_a_waiting_swap_shows_its_place(
    alice: User, bob: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    first, second = swap_of(alice), swap_of(bob)
    assert "next in line" in page(as_(alice), first)
    assert "number 2 in line" in page(as_(bob), second)


@pytest.mark.parametrize(("status", "said"), [("running", "Swapping"), ("fetching", "Saving")])
def test_a_swap_in_work_names_its_step(
    status: str, said: str, alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice, status=status)
    assert f"<strong>{said}</strong>" in page(as_(alice), swap)


def test_a_young_swap_is_asked_for_often_and_an_old_one_seldom(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    young = swap_of(alice)
    old = swap_of(alice, queued_at=timezone.now() - timedelta(seconds=11))
    assert "delay:500ms" in page(as_(alice), young, "stage")
    assert "delay:2s" in page(as_(alice), old, "stage")


def test_a_swap_that_takes_for_ever_is_asked_for_no_more(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice, queued_at=timezone.now() - timedelta(minutes=16))
    assert "hx-get" not in page(as_(alice), swap, "stage")


def test_a_swap_in_work_sends_its_words_alone(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    fragment = page(as_(alice), swap_of(alice), "stage")
    assert "<img" not in fragment
    assert "<html" not in fragment


def test_a_swap_that_is_done_sends_its_result_and_a_new_title(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice, title="Sea")
    answer = as_(alice).get(reverse("stage", args=[swap.pk]))
    assert answer.headers["HX-Retarget"] == "#stage"
    assert "<title>Done: Sea" in answer.content.decode()
    assert "<before-after" in answer.content.decode()


def test_a_failure_says_why_and_what_to_do(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    said = "We found no face in the Photo. Choose one where the face looks towards the camera."
    swap.fail(code="no_face", message=said, picture="target")
    shown = page(as_(alice), swap)
    assert said in shown
    assert "Another Photo" in shown


def test_a_team_mate_is_offered_nothing_that_she_may_not_do(
    alice: User, bob: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    shown = page(as_(bob), done_swap_of(alice))
    assert "Download" in shown
    assert 'data-key="delete"' not in shown
    assert "title-form" not in shown


def test_the_details_carry_task_id_and_trace_id(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    attempt = Attempt.begin(swap, provider="local")
    shown = page(as_(alice), swap)
    assert f'data-text="{swap.pk}"' in shown
    assert f'data-text="{attempt.trace_id}"' in shown


def test_the_page_warns_where_no_worker_runs(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    assert "The worker is not running" in page(as_(alice), swap_of(alice))


def test_a_title_can_be_given_and_changed(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    as_(alice).post(reverse("rename", args=[swap.pk]), {"title": " Evening <b>light</b> "})
    swap.refresh_from_db()
    assert swap.title == "Evening <b>light</b>"
    assert "<b>light</b>" not in page(as_(alice), swap)


def test_a_download_has_a_name(alice: User, as_: As, done_swap_of: Callable[..., Swap]) -> None:
    swap = done_swap_of(alice, title="Am See, März")
    answer = as_(alice).get(reverse("result", args=[swap.pk]), {"download": ""})
    expected = f'attachment; filename="am-see-marz-{str(swap.pk)[-6:]}.jpg"'
    assert answer.headers["Content-Disposition"] == expected


def test_cancelling_ends_the_waiting(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice)
    as_(alice).post(reverse("cancel", args=[swap.pk]))
    swap.refresh_from_db()
    assert swap.status == Status.CANCELED
    assert "This swap was cancelled" in page(as_(alice), swap)


def test_cancelling_too_late_says_so(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    answer = as_(alice).post(reverse("cancel", args=[swap.pk]), follow=True)
    assert "This swap had already ended." in answer.content.decode()


def test_the_json_of_a_success(alice: User, as_: As, done_swap_of: Callable[..., Swap]) -> None:
    swap = done_swap_of(alice)
    assert swap.result is not None
    answer = as_(alice).get(reverse("swap_json", args=[swap.pk])).json()
    assert answer == {
        "id": str(swap.pk),
        "status": "succeeded",
        "task_id": str(swap.pk),
        "trace_id": None,
        "error": None,
        "image_url": f"http://testserver/swaps/{swap.pk}/result",
        "image_width": 96,
        "image_height": 64,
        "image_size": swap.result.bytes,
    }


def test_the_json_of_a_failure(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice)
    swap.fail(code="no_face", message="No face.", picture="target")
    answer = as_(alice).get(reverse("swap_json", args=[swap.pk])).json()
    assert answer["status"] == "failed"
    assert answer["error"] == {"code": "no_face", "message": "No face.", "picture": "target"}
    assert answer["image_url"] is None
