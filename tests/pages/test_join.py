"""Invitations: a link, made once, that lets one person in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from swaps.models import Event, Invitation, Membership, Role, Team, User, What
from tests.conftest import make_user
from tests.samples import PASSWORD

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
ACCOUNT = {"username": "nora", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def link(owner: User, as_: As) -> str:
    """The path of a link that olga made for a viewer of the default team."""
    page = as_(owner).post("/team/default/invite", {"role": "viewer", "note": "For Nora"})
    found = re.search(
        r"<code>http://testserver(/join/[^<]+)</code>", unescape(page.content.decode())
    )
    assert found
    return found[1]


def is_gone(path: str) -> bool:
    answer = Client().get(path)
    return answer.status_code == 404 and "Ask whoever gave it to you" in answer.content.decode()


def test_the_link_makes_an_account_with_a_place_and_logs_in(link: str, client: Client) -> None:
    assert "Join Everyone" in client.get(link).content.decode()
    answer = client.post(link, ACCOUNT, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    nora = User.objects.get(username="nora")
    assert nora.role_in(Team.default()) is Role.VIEWER
    assert "Welcome, nora" in answer.content.decode()
    told = list(Event.objects.values_list("what", "person_name"))
    assert told == [
        ("invited", ""), ("account_made", "nora"), ("joined", "nora"), ("logged_in", "nora"),
    ]  # fmt: skip


def test_the_link_is_shown_once_and_the_invitation_until_it_is_used(
    link: str, owner: User, as_: As, client: Client
) -> None:
    browser = as_(owner)
    page = browser.get("/team/default/").content.decode()
    assert link not in page
    assert "For Nora" in page
    client.post(link, ACCOUNT)
    assert "For Nora" not in browser.get("/team/default/").content.decode()


def test_a_public_address_stands_in_the_link(owner: User, as_: As, settings: Settings) -> None:
    settings.SITE_URL = "https://swaps.example.org"
    page = as_(owner).post("/team/default/invite", {"role": "member"}).content.decode()
    assert "https://swaps.example.org/join/" in page


def test_used_withdrawn_old_and_made_up_links_are_answered_alike(
    link: str, owner: User, as_: As, client: Client
) -> None:
    assert is_gone("/join/made-up/")
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert is_gone(link)
    assert not is_gone(link)
    invitation = Invitation.objects.get()
    page = as_(owner).post(f"/team/default/invitations/{invitation.pk}/withdraw", follow=True)
    assert "The invitation is withdrawn" in page.content.decode()
    assert is_gone(link)
    Invitation.objects.update(withdrawn_at=None)
    client.post(link, ACCOUNT)
    assert is_gone(link)


def test_what_is_wrong_in_the_form_uses_up_nothing(link: str, alice: User, client: Client) -> None:
    answer = client.post(link, {**ACCOUNT, "username": "Alice", "password2": "another one 9"})
    assert answer.status_code == 400
    assert "This name is taken" in answer.content.decode()
    assert "The two passwords differ" in answer.content.decode()
    assert not is_gone(link)


def test_an_invitation_of_another_team_is_not_ones_to_withdraw(
    link: str, charlie: User, as_: As
) -> None:
    Membership.objects.filter(user=charlie).update(role=Role.OWNER)
    invitation = Invitation.objects.get()
    address = f"/team/others/invitations/{invitation.pk}/withdraw"
    assert as_(charlie).post(address).status_code == 404


def test_who_is_logged_in_is_asked_before_she_joins(link: str, charlie: User, as_: As) -> None:
    browser = as_(charlie)
    assert "You are logged in as charlie" in browser.get(link).content.decode()
    assert User.objects.get(pk=charlie.pk).role_in(Team.default()) is None
    assert "You are in Everyone now." in browser.post(link, follow=True).content.decode()
    assert User.objects.get(pk=charlie.pk).role_in(Team.default()) is Role.VIEWER
    assert is_gone(link)


def test_who_had_no_place_keeps_the_default_team_when_she_joins_another(
    charlie: User, as_: As
) -> None:
    nora = make_user("nora")
    others = Team.objects.get(slug="others")
    _, token = Invitation.make(team=others, role=Role.MEMBER, invited_by=charlie)
    as_(nora).post(f"/join/{token}/")
    assert User.objects.get(pk=nora.pk).teams() == [Team.default(), others]


def test_who_is_in_the_team_already_leaves_the_link_for_another(
    link: str, alice: User, as_: As
) -> None:
    assert "already" in as_(alice).post(link).content.decode()
    assert not is_gone(link)
    assert User.objects.get(pk=alice.pk).role_in(Team.default()) is Role.MEMBER


def test_the_token_is_kept_nowhere(
    link: str, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    token = link.split("/")[2]
    client.get(link)
    client.post(f"/accounts/login/?next={link}", {"username": "nora", "password": "no"})
    client.post(link, {})
    client.post(link, ACCOUNT)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names of our own tables)
            assert token not in repr(cursor.fetchall()), table


def test_the_page_tells_no_other_site_its_address(link: str, client: Client) -> None:
    answer = client.get(link)
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"]


def test_no_more_than_a_known_role_can_be_given(owner: User, as_: As) -> None:
    answer = as_(owner).post("/team/default/invite", {"role": "superuser"})
    assert answer.status_code == 400
    assert not Invitation.objects.exists()


def test_an_account_and_its_place_come_together_or_not_at_all(
    link: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else uses the link between the look at it and its use."""
    monkeypatch.setattr(Invitation, "use", lambda self, user: False)
    assert client.post(link, ACCOUNT).status_code == 404
    assert not User.objects.filter(username="nora").exists()
    assert not Event.objects.filter(what=What.ACCOUNT_MADE).exists()
