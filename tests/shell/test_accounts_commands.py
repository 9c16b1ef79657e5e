"""Accounts from the shell, and what every start prepares."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from swaps.models import Role, Team, User
from tests.samples import PASSWORD

pytestmark = pytest.mark.django_db


def test_an_account_is_made_with_its_team_and_role(settings: Settings) -> None:
    settings.USER_PASSWORD = PASSWORD
    call_command("create_user", "dora", "--team", "studio", "--role", "owner", stdout=StringIO())
    dora = User.objects.get(username="dora")
    assert dora.check_password(PASSWORD)
    assert dora.role_in(Team.objects.get(slug="studio")) is Role.OWNER


def test_a_team_is_found_by_the_name_that_people_see(settings: Settings) -> None:
    settings.USER_PASSWORD = PASSWORD
    home = Team.default()
    call_command("create_user", "dora", "--team", "everyone", stdout=StringIO())
    assert User.objects.get().teams() == [home]


def test_a_new_team_is_said_to_be_new(settings: Settings) -> None:
    settings.USER_PASSWORD = PASSWORD
    said = StringIO()
    call_command("create_user", "dora", "--team", "Night shift", stdout=said)
    assert said.getvalue() == "dora is member of the new team Night shift (night-shift)\n"


@pytest.mark.parametrize(
    ("name", "password", "said"),
    [
        ("dora", "", "Set USER_PASSWORD"),
        ("dora", "12345678", "entirely numeric"),
        ("alice", PASSWORD, "already exists"),
        ("a b", PASSWORD, "valid username"),
    ],
)
def test_what_cannot_be_an_account_is_a_sentence(
    settings: Settings, alice: User, name: str, password: str, said: str
) -> None:
    settings.USER_PASSWORD = password
    with pytest.raises(CommandError, match=said):
        call_command("create_user", name)
    assert User.objects.count() == 1


def prepared() -> str:
    said = StringIO()
    call_command("prepare", stdout=said)
    return said.getvalue()


def test_the_first_start_prints_the_set_up_code(settings: Settings) -> None:
    said = prepared()
    code = (settings.DATA_DIR / "setup_code").read_text()
    assert code in said
    assert prepared() == said


def test_the_environment_may_name_the_first_account(settings: Settings) -> None:
    settings.FIRST_USERNAME, settings.FIRST_PASSWORD = "ada", PASSWORD
    assert "Set-up code" not in prepared()
    ada = User.objects.get()
    assert ada.is_superuser
    assert ada.role_in(Team.default()) is Role.OWNER


def test_the_environment_makes_no_second_account(settings: Settings, alice: User) -> None:
    settings.FIRST_USERNAME, settings.FIRST_PASSWORD = "ada", PASSWORD
    prepared()
    assert User.objects.get() == alice
