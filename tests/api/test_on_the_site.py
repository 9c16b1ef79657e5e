"""A swap that a program asked for, as people see it on the site, and what becomes of it there."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from swaps import outcomes, submission
from swaps.models import SITE, ApiRequest, ApiToken, Callback, Event, Photo, Swap, User, What
from swaps.models.told import told
from tests.api.conftest import Program, asked_for

pytestmark = pytest.mark.django_db

As = Callable[[User | None], Client]
WorkOff = Callable[[str], Swap]


@pytest.fixture
def done(program: Program, work_off: WorkOff) -> Swap:
    """A swap that a program asked for and that is done."""
    return work_off(program.ask().json()["task_id"])


@pytest.fixture
def ada(db: None, as_: As) -> Client:
    """The admin's browser."""
    return as_(User.objects.create_superuser("ada", password="correct horse"))


def response(program: Program, swap: Swap) -> Any:
    return program.task(str(swap.pk))["response"]


def path_of_picture(program: Program, swap: Swap) -> str:
    url: str = response(program, swap)["image_url"]
    return urlsplit(url).path


def page(browser: Client, swap: Swap) -> str:
    return browser.get(f"/swaps/{swap.pk}/").content.decode()


# --- Its page --------------------------------------------------------------------------------------


def test_its_page_names_the_token_and_the_trace_id(done: Swap, alice: User, as_: As) -> None:
    said = page(as_(alice), done)
    assert "“a program” (API)" in said
    assert f'data-text="{asked_for(str(done.pk)).trace_id}"' in said


def test_a_swap_of_a_person_names_no_token(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    said = page(as_(alice), done_swap_of(alice))
    assert "(API)" not in said
    assert "Result’s address" not in said


def test_its_page_tells_the_address_where_it_is_open(
    done: Swap, program: Program, alice: User, as_: As
) -> None:
    assert "Not given to the program yet" in page(as_(alice), done)
    path = path_of_picture(program, done)
    said = page(as_(alice), done)
    assert "Open until" in said
    assert f'data-text="http://testserver{path}"' in said


def test_who_may_only_look_is_not_told_of_the_address(
    done: Swap, program: Program, bob: User, as_: As
) -> None:
    path_of_picture(program, done)
    assert "Result’s address" not in page(as_(bob), done)


def test_revoking_the_address_ends_it(done: Swap, program: Program, alice: User, as_: As) -> None:
    path = path_of_picture(program, done)
    assert program.browser.get(path).status_code == 200
    said = as_(alice).post(f"/swaps/{done.pk}/close-picture", follow=True).content.decode()
    assert "The address is revoked." in said
    assert program.browser.get(path).status_code == 404
    assert response(program, done)["error"]["code"] == "forbidden"


def test_an_address_that_is_revoked_while_a_program_is_answered_is_not_told(
    done: Swap, program: Program
) -> None:
    asked = ApiRequest.objects.get(swap=done)
    (before,) = told(Q(pk=asked.pk))
    asked.revoke_picture()
    outcome = outcomes.response(before)
    assert outcome is not None
    assert outcome["error"]["code"] == "forbidden"


def test_revoking_is_recorded_once(done: Swap, alice: User, as_: As) -> None:
    for _ in range(2):
        as_(alice).post(f"/swaps/{done.pk}/close-picture")
    assert Event.objects.filter(what=What.PICTURE_CLOSED, swap=done, actor=alice).count() == 1


# --- Trash and end ---------------------------------------------------------------------------------


def test_in_the_trash_the_address_is_closed_and_open_again_when_put_back(
    done: Swap, program: Program
) -> None:
    path = path_of_picture(program, done)
    submission.trash_swap(done, by=SITE)
    assert program.browser.get(path).status_code == 404
    submission.put_back_swap(done, by=SITE)
    assert program.browser.get(path).status_code == 200


def test_deleted_for_good_it_lets_go_of_every_address(program: Program, work_off: WorkOff) -> None:
    asked = program.ask(callback_url=program.elsewhere.url("/hook"))
    swap = work_off(asked.json()["task_id"])
    path = path_of_picture(program, swap)
    submission.delete_swap(swap, by=SITE)
    left = ApiRequest.objects.get(swap=swap)
    assert (left.callback_url, left.picture_secret) == ("", None)
    assert program.browser.get(path).status_code == 404
    assert not Photo.objects.exists()


def test_whoever_waits_for_a_callback_is_told_that_the_swap_was_deleted(program: Program) -> None:
    url = program.elsewhere.url("/hook")
    swap = Swap.objects.get(pk=program.ask(callback_url=url).json()["task_id"])
    submission.delete_swap(swap, by=SITE)
    told = Callback.objects.get(swap=swap)
    assert (told.url, told.body["success"]) == (url, False)


def test_what_was_told_long_ago_keeps_no_address(program: Program, work_off: WorkOff) -> None:
    asked = program.ask(callback_url=program.elsewhere.url("/hook"))
    swap = work_off(asked.json()["task_id"])
    Callback.make(asked_for(str(swap.pk)), {"success": True})
    Callback.objects.update(next_at=None, ended=Callback.Ended.DELIVERED)
    submission.delete_swap(swap, by=SITE)
    assert Callback.objects.get().url == ""


def test_pictures_of_programs_do_not_crowd_recent_ones(done: Swap, alice: User, as_: As) -> None:
    assert not Photo.objects.recent_of(alice).exists()
    assert 'class="recent"' not in as_(alice).get("/new/").content.decode()


def test_the_maker_sees_the_pictures_of_her_programs_swaps(
    done: Swap, alice: User, as_: As
) -> None:
    assert as_(alice).get(f"/photos/{done.source_id}/full").status_code == 200


def test_a_picture_that_she_uploaded_herself_stays_hers(
    program: Program, work_off: WorkOff, alice: User, upload_of: Callable[..., Photo]
) -> None:
    mine = upload_of(alice, colour="#a06040")
    swap = work_off(program.ask().json()["task_id"])
    assert swap.source == mine
    assert list(Photo.objects.recent_of(alice)) == [mine]


# --- The admin's -----------------------------------------------------------------------------------


def found(ada: Client, query: str) -> int:
    answer = ada.get(f"/admin/swaps/swap/?{query}")
    assert answer.status_code == 200
    return len(answer.context["cl"].result_list)


def test_the_history_finds_it_by_its_token_and_its_trace_id(
    done: Swap, ada: Client, alice: User, done_swap_of: Callable[..., Swap]
) -> None:
    done_swap_of(alice)
    asked = asked_for(str(done.pk))
    for query in (f"q={asked.trace_id}", "q=program", "token=any", f"token={asked.token_id}"):
        assert found(ada, query) == 1, query
    assert found(ada, "token=none") == 1
    assert found(ada, "token=0") == 0
    assert ada.get("/admin/swaps/swap/?token=odd").status_code == 302


def test_the_history_names_the_token_and_not_the_address(
    done: Swap, program: Program, ada: Client
) -> None:
    path = path_of_picture(program, done)
    assert "a program" in ada.get("/admin/swaps/swap/").content.decode()
    said = ada.get(f"/admin/swaps/swap/{done.pk}/change/").content.decode()
    assert "a program" in said
    assert "open until" in said
    assert path not in said


def test_the_export_has_the_token_and_the_trace_id(done: Swap, ada: Client) -> None:
    text = b"".join(ada.get("/admin/swaps/swap/export.csv")).decode()
    (row,) = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    assert row["token"] == "a program"
    assert row["api_trace_id"] == str(asked_for(str(done.pk)).trace_id)


def test_erasing_the_row_takes_the_request_along(done: Swap, ada: Client) -> None:
    ada.post(f"/admin/swaps/swap/{done.pk}/delete/", {"post": "yes"})
    assert not ApiRequest.objects.exists()


def test_a_person_who_is_deleted_leaves_her_swaps_with_the_token_s_name(
    done: Swap, alice: User, ada: Client
) -> None:
    ada.post(f"/admin/swaps/user/{alice.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=alice.pk).exists()
    assert not ApiToken.objects.exists()
    assert asked_for(str(done.pk)).token_label == "a program"


def test_the_admin_sees_whose_tokens_there_are_and_nothing_that_opens(
    program: Program, alice: User, ada: Client
) -> None:
    for path in (
        "/admin/swaps/apitoken/",
        f"/admin/swaps/apitoken/{program.token.pk}/change/",
        f"/admin/swaps/user/{alice.pk}/change/",
    ):
        said = ada.get(path).content.decode()
        assert program.token.start in said
        for secret in (program.text, program.token.digest, program.token.sealed_webhook_secret):
            assert secret not in said


def test_the_admin_revokes_a_token(program: Program, ada: Client) -> None:
    form = {"action": "revoke", "_selected_action": [program.token.pk], "index": "0"}
    said = ada.post("/admin/swaps/apitoken/", form, follow=True).content.decode()
    assert "1 token is revoked." in said
    assert program.ask().status_code == 401
    line = Event.objects.get(what=What.TOKEN_REVOKED)
    assert (line.actor_name, line.person_name, line.via) == ("ada", "alice", "admin")


def test_other_staff_sees_no_token(program: Program, alice: User, as_: As) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert as_(User.objects.get(pk=alice.pk)).get("/admin/swaps/apitoken/").status_code == 403


def test_swaps_of_programs_go_when_their_time_is_over(done: Swap) -> None:
    past = Swap.objects.past(days=1)
    assert not past.exists()
    Swap.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert list(past.all()) == [done]
