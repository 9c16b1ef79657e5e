"""`create_api_token`: a token from the shell, for programs that set a site up."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from swaps.models import ApiToken, Event, Membership, Role, Team, User, What
from tests.conftest import make_user
from tests.samples import ROOT

pytestmark = pytest.mark.django_db


def printed(*arguments: str) -> str:
    said = StringIO()
    call_command("create_api_token", *arguments, stdout=said)
    return said.getvalue()


def test_it_prints_token_and_webhook_secret_and_nothing_else(alice: User) -> None:
    said = json.loads(printed("alice", "--label", "nightly"))
    token = ApiToken.shown(said["token"])
    assert token == ApiToken.objects.get()
    assert said == {"token": said["token"], "webhook_secret": token.webhook_secret}


def test_the_documented_line_works() -> None:
    ada = make_user("ada", team=Team.default())
    operations = (ROOT / "docs" / "operations.md").read_text()
    line = re.search(r"^\./run manage create_api_token (.*)$", operations, re.MULTILINE)
    assert line
    printed(*line[1].split())
    assert ApiToken.objects.get().user == ada


def test_it_is_for_everything_and_does_not_end_unless_that_is_said(alice: User) -> None:
    printed("alice", "--label", "nightly")
    token = ApiToken.objects.get()
    assert (token.user, token.team.slug, token.scopes) == (alice, "default", ["swap", "read"])
    assert token.expires_at is None


def test_team_scope_and_days_are_taken(alice: User) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=alice, team=studio, role=Role.VIEWER)
    printed("alice", "--label", "nightly", "--team", "studio", "--scope", "read", "--days", "30")
    token = ApiToken.objects.get()
    assert (token.team, token.scopes) == (studio, ["read"])
    assert token.expires_at is not None
    assert round((token.expires_at - timezone.now()) / timedelta(days=1)) == 30


def test_it_may_have_limits_of_its_own(alice: User) -> None:
    printed("alice", "--label", "nightly", "--swaps-a-day", "20", "--swaps-at-once", "2")
    token = ApiToken.objects.get()
    assert (token.swaps_a_day, token.swaps_at_once) == (20, 2)


def test_it_is_recorded_as_made_from_the_shell(alice: User) -> None:
    printed("alice", "--label", "nightly")
    line = Event.objects.get(what=What.TOKEN_MADE)
    assert (line.via, line.person_name) == ("shell", "alice")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["alice", "--label", "x", "--scope", "write"], 2, "Give --scope swap or read or both."),
        (["alice", "--label", "x", "--scope", ""], 2, "Give --scope swap or read or both."),
        (["alice", "--label", " "], 2, "Give --label 1 to 80 characters."),
        (["alice", "--label", "x", "--days", "0"], 2, "Give --days a number from 1 to 3650."),
        (["alice", "--label", "x", "--swaps-a-day", "0"], 2, "Give --swaps-a-day a number from 1"),
        (["alice", "--label", "x", "--swaps-at-once", "-1"], 2, "Give --swaps-at-once a number"),
        (["dora", "--label", "x"], 1, "There is nobody of the name dora."),
        (["alice", "--label", "x", "--team", "others"], 1, "alice is in no team others."),
        (["victor", "--label", "x"], 1, "not make any. Give --scope read."),
        (["alice", "--label", "taken"], 1, "There is a token “taken” already."),
    ],
)
def test_what_cannot_be_made_is_a_sentence(
    alice: User, viewer: User, arguments: list[str], status: int, said: str
) -> None:
    ApiToken.make(user=alice, team=alice.team, label="taken")
    with pytest.raises(CommandError, match=said) as refused:
        printed(*arguments)
    assert refused.value.returncode == status
    assert ApiToken.objects.count() == 1


def test_nobody_whose_account_is_off_gets_one(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(CommandError, match="alice is not in Everyone"):
        printed("alice", "--label", "nightly")
