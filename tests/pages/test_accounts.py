"""The first account, log-in, log-out and the password."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from swaps import setup
from swaps.models import Role, Team, User
from tests.samples import PASSWORD

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def first_account(**changes: str) -> dict[str, str]:
    form = {"code": setup.code(), "username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    return {**form, **changes}


def test_the_first_visit_of_all_leads_to_the_set_up(client: Client) -> None:
    answer = client.get("/", follow=True)
    assert answer.redirect_chain[-1][0] == "/setup/"


def test_the_code_from_the_terminal_makes_the_first_account(client: Client) -> None:
    answer = client.post("/setup/", first_account())
    ada = User.objects.get()
    assert answer.headers["Location"] == "/new/"
    assert ada.is_superuser
    assert ada.role_in(Team.default()) is Role.OWNER


def test_another_code_makes_none(client: Client) -> None:
    answer = client.post("/setup/", first_account(code="aaaa-bbbb-cccc-dddd"))
    assert answer.status_code == 400
    assert "This is not the code" in answer.content.decode()
    assert not User.objects.exists()


def test_the_code_works_once(client: Client) -> None:
    form = first_account()
    client.post("/setup/", form)
    answer = Client().post("/setup/", {**form, "username": "eve"})
    assert answer.status_code == 404
    assert User.objects.count() == 1


def test_the_code_is_readable_by_its_owner_alone(db: None) -> None:
    setup.code()
    assert setup._file().stat().st_mode & 0o777 == 0o600


def test_the_code_stays_the_same_until_it_is_used(db: None) -> None:
    assert setup.code() == setup.code()


def test_logging_in_leads_on(client: Client, alice: User) -> None:
    form = {"username": "alice", "password": PASSWORD, "next": "/new/"}
    assert client.post("/accounts/login/", form).headers["Location"] == "/new/"


def test_logging_in_leads_to_no_other_site(client: Client, alice: User) -> None:
    form = {"username": "alice", "password": PASSWORD, "next": "https://elsewhere.example/"}
    assert client.post("/accounts/login/", form).headers["Location"] == "/"


def test_a_wrong_password_is_a_sentence(client: Client, alice: User) -> None:
    answer = client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    assert "do not belong together" in answer.content.decode()


def test_the_log_in_is_named_as_the_site_is(client: Client, alice: User) -> None:
    assert "<title>Log in · Face swap</title>" in client.get("/accounts/login/").content.decode()


def test_five_wrong_passwords_close_the_door_for_a_while(client: Client, alice: User) -> None:
    for _ in range(5):
        client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    answer = client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()


def test_wrong_passwords_for_one_close_no_door_for_another(
    client: Client, alice: User, bob: User
) -> None:
    for _ in range(6):
        client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    answer = client.post("/accounts/login/", {"username": "bob", "password": PASSWORD})
    assert answer.status_code == 302


def test_logging_out_ends_the_session(alice: User, as_: As) -> None:
    browser = as_(alice)
    assert browser.post("/accounts/logout/").headers["Location"] == "/accounts/login/"
    assert browser.get("/").status_code == 302


def test_a_password_can_be_changed_by_who_knows_it(alice: User, as_: As) -> None:
    new = "safelight 12"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    answer = as_(alice).post("/accounts/password/", form, follow=True)
    assert "Your password is changed." in answer.content.decode()
    alice.refresh_from_db()
    assert alice.check_password(new)
