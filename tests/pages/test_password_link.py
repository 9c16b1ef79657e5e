"""A new password by a link that an admin makes, and what is recorded of log-ins."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from swaps import setup
from swaps.models import Event, User
from tests.samples import PASSWORD

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
NEW = "safelight 12"
FORM = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def session(alice: User, as_: As) -> Client:
    """Where alice is logged in since before the link was made: a log-in after it would end it."""
    return as_(alice)


@pytest.fixture
def link(alice: User, session: Client, as_: As) -> str:
    """The path of a link that an admin made for alice."""
    root = User.objects.create_superuser("root")
    page = as_(root).post(f"/people/{alice.pk}/password-link").content.decode()
    found = re.search(r"<code>http://testserver(/accounts/reset/[^<]+)</code>", page)
    assert found
    return found[1]


def test_the_link_leads_to_a_new_password_and_the_log_in(
    link: str, alice: User, client: Client
) -> None:
    page = client.get(link, follow=True)
    form_at = page.redirect_chain[-1][0]
    assert form_at.endswith("/set-password/")
    answer = client.post(form_at, FORM, follow=True)
    assert "Log in with it." in answer.content.decode()
    entered = client.post("/accounts/login/", {"username": "alice", "password": NEW})
    assert entered.headers["Location"] == "/"


def open_and_change(link: str, client: Client) -> None:
    client.post(client.get(link).headers["Location"], FORM)


def is_dead(link: str) -> bool:
    answer = Client().get(link)
    return answer.status_code == 404 and "Ask your admin" in answer.content.decode()


def test_it_opens_once(link: str, client: Client) -> None:
    open_and_change(link, client)
    assert is_dead(link)


def test_it_opens_three_days_long(link: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert not is_dead(link)
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert is_dead(link)


def test_other_sessions_end(link: str, session: Client, client: Client) -> None:
    assert session.get("/").status_code == 200
    open_and_change(link, client)
    assert session.get("/").status_code == 302


def test_what_was_mistyped_before_locks_nobody_out(link: str, client: Client) -> None:
    for _ in range(5):
        client.post("/accounts/login/", {"username": "alice", "password": "wrong"})
    open_and_change(link, client)
    entered = client.post("/accounts/login/", {"username": "alice", "password": NEW})
    assert entered.status_code == 302


def test_a_password_that_is_too_simple_is_refused_and_the_link_stays(
    link: str, client: Client
) -> None:
    form_at = client.get(link).headers["Location"]
    page = client.post(form_at, {"new_password1": "12345678", "new_password2": "12345678"})
    assert "too common" in page.content.decode()
    assert not is_dead(link)


def test_an_account_that_is_off_gets_no_link(alice: User, as_: As) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    root = User.objects.create_superuser("root")
    assert as_(root).post(f"/people/{alice.pk}/password-link").status_code == 404


def test_the_record_says_who_made_the_link_and_never_the_link(link: str, client: Client) -> None:
    open_and_change(link, client)
    lines = list(Event.objects.values_list("what", "actor_name", "person_name", "details"))
    assert lines == [
        ("password_link", "root", "alice", {}),
        ("password_changed", "", "alice", {"by_link": True}),
    ]


def test_log_ins_and_log_outs_are_recorded(client: Client, alice: User) -> None:
    client.post("/accounts/login/", {"username": "alice", "password": PASSWORD})
    client.post("/accounts/logout/")
    lines = list(Event.objects.values_list("what", "actor_name", "address", "via"))
    assert lines == [
        ("logged_in", "alice", "127.0.0.1", "page"), ("logged_out", "alice", "127.0.0.1", "page"),
    ]  # fmt: skip


def test_of_a_failed_log_in_only_names_of_accounts_are_recorded(
    client: Client, alice: User
) -> None:
    for name in ("alice", PASSWORD):
        client.post("/accounts/login/", {"username": name, "password": "wrong"})
    lines = list(Event.objects.values_list("what", "person_name", "details"))
    assert lines == [("log_in_failed", "alice", {}), ("log_in_failed", "", {})]


def test_a_changed_password_is_recorded(alice: User, as_: As) -> None:
    form = {"old_password": PASSWORD, **FORM}
    as_(alice).post("/accounts/password/", form)
    assert Event.objects.get().what == "password_changed"


def test_the_first_account_is_recorded(client: Client, db: None) -> None:
    form = {"code": setup.code(), "username": "ada", "password1": NEW, "password2": NEW}
    client.post("/setup/", form)
    assert list(Event.objects.values_list("what", "person_name")) == [
        ("account_made", "ada"), ("logged_in", "ada"),
    ]  # fmt: skip
