"""Tokens as programs meet them: what they open, within which limits, and until when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.http import HttpRequest
from django.utils import timezone

from swaps import people
from swaps.api import answering
from swaps.models import SHELL, ApiToken, Membership, Role, Swap, Team, User
from tests.api.conftest import Elsewhere, Program, asked_for

pytestmark = pytest.mark.django_db

WorkOff = Callable[[str], Swap]


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_a_token_is_kept_as_a_hash_alone(program: Program) -> None:
    kept = ApiToken.objects.values().get(pk=program.token.pk)
    assert program.text not in str(kept)
    assert program.text.startswith(kept["start"])


def test_a_webhook_secret_is_sealed_at_rest(program: Program) -> None:
    kept = ApiToken.objects.values().get(pk=program.token.pk)
    assert program.token.webhook_secret not in str(kept)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Basic YWxpY2U6", "fs_without_the_word"], ids=repr
)
def test_who_shows_no_token_is_told_how(program: Program, header: str) -> None:
    answer = program.post("/face/tasks", {"id": "x"}, Authorization=header)
    assert refusal(answer) == (401, "no_token")


@pytest.mark.parametrize("text", ["fs_made_up", "ü", "x" * 5000], ids=["wrong", "odd", "long"])
def test_what_is_no_token_opens_nothing(program: Program, text: str) -> None:
    answer = program.post("/face/tasks", {"id": "x"}, Authorization=f"Bearer {text}")
    assert refusal(answer) == (401, "invalid_token")


def test_a_revoked_token_opens_nothing_from_then_on(program: Program) -> None:
    assert program.ask().status_code == 200
    program.token.revoke()
    assert refusal(program.ask()) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (lambda token: token.revoke(), (401, "invalid_token")),
        (lambda token: token.delete(), (401, "invalid_token")),
        (lambda token: User.objects.update(is_active=False), (401, "invalid_token")),
        (lambda token: Membership.objects.update(role=Role.VIEWER), (403, "forbidden")),
    ],
)
def test_what_ends_a_token_while_the_body_comes_ends_it_at_once(
    program: Program, monkeypatch: pytest.MonkeyPatch, end: Callable[[ApiToken], object],
    told: tuple[int, str],
) -> None:  # fmt: skip
    read = answering.body_of

    def slowly(request: HttpRequest) -> object:
        end(program.token)
        return read(request)

    monkeypatch.setattr(answering, "body_of", slowly)
    assert refusal(program.ask()) == told
    assert not Swap.objects.exists()


def test_a_token_ends_when_its_time_is_over(alice: User, elsewhere: Elsewhere) -> None:
    program = Program(alice, elsewhere, expires_at=timezone.now() + timedelta(days=7))
    assert program.ask().status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert refusal(program.ask()) == (401, "token_expired")


def test_a_token_to_read_makes_no_swaps(alice: User, elsewhere: Elsewhere) -> None:
    program = Program(alice, elsewhere, may_swap=False)
    assert refusal(program.ask()) == (403, "forbidden")


def test_a_token_to_swap_asks_after_none(alice: User, elsewhere: Elsewhere) -> None:
    program = Program(alice, elsewhere, may_read=False)
    task_id = program.ask().json()["task_id"]
    assert refusal(program.post("/face/tasks", {"id": task_id})) == (403, "forbidden")


def test_who_is_made_a_viewer_makes_no_swaps_by_token_either(
    program: Program, alice: User, team: Team
) -> None:
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    assert refusal(program.ask()) == (403, "forbidden")
    assert refusal(program.post("/face/tasks", {"id": "x"})) == (404, "not_found")


def test_a_token_ends_with_its_persons_place_in_the_team(program: Program, alice: User) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=alice, team=studio)
    people.take_out(program.token.team, alice, by=SHELL)
    assert refusal(program.ask()) == (403, "forbidden")
    assert refusal(program.post("/face/tasks", {"id": "x"})) == (403, "forbidden")


def test_of_whoever_has_no_place_it_opens_the_default_team_alone(
    program: Program, alice: User, elsewhere: Elsewhere
) -> None:
    Membership.objects.filter(user=alice).delete()
    assert program.token.team.is_default
    assert program.ask().status_code == 200
    ApiToken.objects.update(team=Team.objects.create(slug="studio", name="Studio"))
    assert refusal(program.ask()) == (403, "forbidden")


def test_a_token_ends_with_its_persons_account(program: Program, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert refusal(program.ask()) == (401, "invalid_token")


def test_a_days_swaps_that_are_spent_are_used_up(alice: User, elsewhere: Elsewhere) -> None:
    program = Program(alice, elsewhere, swaps_a_day=1)
    program.ask()
    answer = program.ask(timeout=9)
    assert refusal(answer) == (403, "used_up")
    assert answer.json()["error"]["message"].startswith(
        "This token has made 1 swap today, which is the limit."
    )


def test_too_many_at_once_are_to_come_back(
    alice: User, elsewhere: Elsewhere, work_off: WorkOff
) -> None:
    program = Program(alice, elsewhere, swaps_at_once=1)
    task_id = program.ask().json()["task_id"]
    refused = program.ask(timeout=9)
    assert refusal(refused) == (429, "too_many_requests")
    assert refused.headers["Retry-After"]
    work_off(task_id)
    assert program.ask(timeout=9).status_code == 200


def test_other_tokens_of_the_same_person_have_limits_of_their_own(
    alice: User, elsewhere: Elsewhere
) -> None:
    Program(alice, elsewhere, swaps_a_day=1).ask()
    assert Program(alice, elsewhere).ask().status_code == 200


def test_the_swap_is_the_teams_and_names_its_token(alice: User, elsewhere: Elsewhere) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=alice, team=studio)
    program = Program(alice, elsewhere)
    ApiToken.objects.filter(pk=program.token.pk).update(team=studio)
    task_id = program.ask().json()["task_id"]
    assert Swap.objects.get(pk=task_id).team == studio
    assert asked_for(task_id).token_label == "a program"


def test_its_use_is_noted(program: Program) -> None:
    program.ask()
    program.token.refresh_from_db()
    assert program.token.last_used_at is not None


def test_no_line_of_the_log_has_a_token(program: Program, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        program.ask()
        program.token.revoke()
        program.ask()
    assert program.token.start in caplog.text
    assert program.text not in caplog.text
