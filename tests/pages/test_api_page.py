"""The API's page: this site's address in every example, the reader's own tokens, every error."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from swaps import error_table
from swaps.models import ApiToken, User

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


@pytest.fixture
def page(alice: User, as_: As) -> Callable[[], str]:
    return lambda: html.unescape(as_(alice).get("/api/", follow=True).content.decode())


def make(user: User, label: str) -> str:
    return ApiToken.make(user=user, team=user.team, label=label)[1]


def test_the_address_is_the_one_that_was_asked(page: Callable[[], str]) -> None:
    assert "curl -sS http://testserver/face/swap" in page()


def test_the_address_is_the_public_one_where_there_is_one(
    page: Callable[[], str], settings: Settings
) -> None:
    settings.SITE_URL = "https://swaps.example.org"
    shown = page()
    assert "curl -sS https://swaps.example.org/face/swap" in shown
    assert "http://testserver" not in shown


def test_it_has_every_example_in_every_language(page: Callable[[], str]) -> None:
    assert page().count('class="example"') == 9


def test_without_a_script_the_examples_have_a_place_for_the_token(page: Callable[[], str]) -> None:
    assert "authorization: Bearer {token}" in page()


def test_it_shows_the_readers_own_good_tokens_by_their_start(
    page: Callable[[], str], alice: User, bob: User
) -> None:
    own, others, ended = make(alice, "Mine"), make(bob, "His"), make(alice, "Ended")
    past = timezone.now() - timedelta(days=1)
    ApiToken.objects.filter(label="Ended").update(expires_at=past)
    shown = page()
    assert own[:8] in shown
    assert own not in shown
    assert others[:8] not in shown
    assert f'data-start="{ended[:8]}"' not in shown


def test_the_script_knows_which_of_her_tokens_have_ended(
    page: Callable[[], str], alice: User, bob: User
) -> None:
    ended, others = make(alice, "Ended"), make(bob, "His")
    for token in ApiToken.objects.all():
        token.revoke()
    shown = page()
    assert f'data-ended="{ended[:8]}"' in shown
    assert others[:8] not in shown


def test_who_may_only_look_is_told_so(viewer: User, as_: As) -> None:
    shown = as_(viewer).get("/api/").content.decode()
    assert "not make any: your tokens ask" in shown


def test_the_contents_lead_to_what_is_there(page: Callable[[], str]) -> None:
    shown = page()
    listed = re.findall(r'<li><a href="#([^"]+)">', shown)
    assert len(listed) == 7
    assert [one for one in listed if f'id="{one}"' not in shown] == []


def test_it_has_every_error_with_what_to_do(page: Callable[[], str]) -> None:
    shown = page()
    assert [one.name for one in error_table.ERRORS if one.advice not in shown] == []


def test_it_says_the_sites_own_limits(page: Callable[[], str], settings: Settings) -> None:
    settings.API_LONGEST_WAIT, settings.API_WAITING, settings.API_PICTURE_DAYS = 77, 5, 1
    shown = page()
    assert "77 at most, and 5 callers" in shown
    assert "good for 1 day;" in shown
    settings.API_WAITING = 1
    assert "and 1 caller at" in page()
