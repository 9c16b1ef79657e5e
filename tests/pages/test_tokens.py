"""A person's tokens of the API: made once, shown once, revoked at once, and nobody else's business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from swaps.models import ApiToken, Event, Membership, Role, Team, User, What

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PAGE = "/settings/tokens/"


def made(browser: Client, **form: Any) -> Any:
    """What the form is answered with; what is not given is as it stands there at first."""
    return browser.post(
        PAGE, {"label": "a program", "scopes": ["swap", "read"], "ends": "never", **form}
    )


def text_in(page: str) -> str:
    """The token that the page shows."""
    return page.split('data-text="fs_')[1].split('"', maxsplit=1)[0]


def the_token() -> ApiToken:
    return ApiToken.objects.get()


def the_first() -> ApiToken:
    return ApiToken.objects.order_by("pk")[0]


def problem(answer: Any) -> str:
    assert answer.status_code == 400
    return unescape(answer.content.decode())


# --- Making ----------------------------------------------------------------------------------------


def test_the_empty_page_says_what_to_do(alice: User, as_: As) -> None:
    page = as_(alice).get(PAGE).content.decode()
    assert "You have none yet. Make one above" in page
    assert '<details class="new-token" open>' in page


def test_a_token_is_shown_in_the_answer_to_its_form(alice: User, as_: As) -> None:
    page = made(as_(alice)).content.decode()
    shown = ApiToken.shown(f"fs_{text_in(page)}")
    assert shown == the_token()
    assert f'data-text="{the_token().webhook_secret}"' in page


def test_it_is_not_shown_again(alice: User, as_: As) -> None:
    browser = as_(alice)
    text = text_in(made(browser).content.decode())
    page = browser.get(PAGE).content.decode()
    assert text not in page
    assert the_token().start in page


def test_what_is_sent_a_second_time_makes_no_second_token(alice: User, as_: As) -> None:
    browser = as_(alice)
    made(browser)
    assert "There is a token “a program” already." in problem(made(browser))
    assert ApiToken.objects.count() == 1


def test_the_label_of_a_revoked_token_is_free_again(alice: User, as_: As) -> None:
    made(as_(alice))
    the_token().revoke()
    assert made(as_(alice)).status_code == 200


@pytest.mark.parametrize("path", [PAGE, PAGE + "{}/secret"])
def test_nothing_keeps_a_page_that_shows_a_secret(alice: User, as_: As, path: str) -> None:
    browser = as_(alice)
    first = made(browser)
    answer = first if path == PAGE else browser.post(path.format(the_token().pk))
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_secret_goes_through_no_cookie_and_no_session(alice: User, as_: As) -> None:
    browser = as_(alice)
    text = text_in(made(browser).content.decode())
    kept = " ".join(cookie.value for cookie in browser.cookies.values())
    assert text not in kept + str(dict(browser.session.items()))


def test_the_record_says_who_made_what(alice: User, as_: As) -> None:
    text = text_in(made(as_(alice), scopes=["read"]).content.decode())
    line = Event.objects.get(what=What.TOKEN_MADE)
    assert (line.actor, line.person, line.via) == (alice, alice, "page")
    assert line.details == {
        "label": "a program", "token": the_token().start, "team": "default", "scopes": ["read"],
    }  # fmt: skip
    assert text not in str(line.details)


@pytest.mark.parametrize(("ends", "days"), [("never", None), ("7", 7), ("90", 90), ("365", 365)])
def test_it_ends_when_the_form_says(alice: User, as_: As, ends: str, days: int | None) -> None:
    made(as_(alice), ends=ends)
    expires_at = the_token().expires_at
    left = expires_at and round((expires_at - timezone.now()) / timedelta(days=1))
    assert left == days


def test_it_lives_to_the_end_of_its_last_day(alice: User, as_: As) -> None:
    made(as_(alice), ends="date", date=f"{timezone.now().date()}")
    expires_at = the_token().expires_at
    assert expires_at is not None
    assert expires_at.date() == timezone.now().date() + timedelta(days=1)
    assert expires_at.time().isoformat() == "00:00:00"


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "Give the date"),
        ("soon", "Give a date like 2030-12-31."),
        ("2020-01-01", "This day is over."),
        (f"{date.max}", "within ten years"),
    ],
)
def test_a_date_that_cannot_be_is_said(alice: User, as_: As, day: str, said: str) -> None:
    assert said in problem(made(as_(alice), ends="date", date=day))


def test_its_limits_are_kept(alice: User, as_: As) -> None:
    made(as_(alice), swaps_a_day="200", swaps_at_once="")
    assert (the_token().swaps_a_day, the_token().swaps_at_once) == (200, None)


def test_errors_keep_what_was_typed(alice: User, as_: As) -> None:
    answer = made(as_(alice), label="the wedding script", scopes=[], swaps_a_day="0", ends="30")
    page = problem(answer)
    assert "Choose at least one." in page
    assert "Give a whole number from 1, or leave it empty." in page
    assert 'value="the wedding script"' in page
    assert '<option value="30" selected>' in page
    assert "checked" not in page.split('class="scopes"')[1].split("</fieldset>")[0]
    assert ApiToken.objects.count() == 0


# --- For whom and where ----------------------------------------------------------------------------


def test_a_viewer_makes_tokens_to_read_alone(viewer: User, as_: As) -> None:
    browser = as_(viewer)
    page = browser.get(PAGE).content.decode()
    assert 'value="swap"' not in page
    assert 'name="swaps_a_day"' not in page
    assert made(browser).status_code == 400
    assert made(browser, scopes=["read"]).status_code == 200
    assert the_token().scopes == ["read"]


def test_who_is_in_one_team_is_not_asked_for_it(alice: User, as_: As) -> None:
    assert 'name="team"' not in as_(alice).get(PAGE).content.decode()


def test_who_is_in_several_chooses_one(alice: User, as_: As) -> None:
    Membership.objects.create(user=alice, team=Team.objects.create(slug="studio", name="Studio"))
    made(as_(alice), team="studio")
    assert the_token().team.slug == "studio"


def test_other_teams_cannot_be_chosen(alice: User, charlie: User, as_: As) -> None:
    Membership.objects.create(user=alice, team=Team.objects.create(slug="studio", name="Studio"))
    assert "You are not in this team." in problem(made(as_(alice), team="others"))


def test_no_token_makes_swaps_where_its_person_may_only_look(alice: User, as_: As) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=alice, team=studio, role=Role.VIEWER)
    said = "may look at swaps of Studio, not make any. Leave “Make swaps” out."
    assert said in problem(made(as_(alice), team="studio"))


def test_what_a_token_is_for_is_a_sentence(alice: User, as_: As) -> None:
    browser = as_(alice)
    made(browser, scopes=["read"])
    said = f"Asking after swaps, in the team {alice.team.name}"
    assert said in browser.get(PAGE).content.decode()


# --- Seeing and revoking ---------------------------------------------------------------------------


def test_the_list_tells_what_became_of_each(alice: User, as_: As) -> None:
    now = timezone.now()
    for label, fields in {
        "used": {"last_used_at": now},
        "old": {"expires_at": now},
        "lost": {"revoked_at": now},
    }.items():
        token, _ = ApiToken.make(user=alice, team=alice.team, label=label)
        ApiToken.objects.filter(pk=token.pk).update(**fields)
    page = as_(alice).get(PAGE).content.decode()
    for label, state in (("used", "Good"), ("old", "Expired"), ("lost", "Revoked")):
        assert state in page.split(f"<h3>{label}</h3>")[1].split("<dl>")[0]


def test_the_webhook_secret_is_shown_to_its_person_again(alice: User, as_: As) -> None:
    browser = as_(alice)
    made(browser)
    page = browser.post(f"{PAGE}{the_token().pk}/secret").content.decode()
    assert f'data-text="{the_token().webhook_secret}"' in page


def test_a_secret_of_a_lost_key_is_a_sentence(alice: User, as_: As, settings: Settings) -> None:
    token, _ = ApiToken.make(user=alice, team=alice.team, label="a program")
    settings.SECRET_KEY = "another key of more than thirty-two characters"
    answer = as_(alice).post(f"{PAGE}{token.pk}/secret")
    assert answer.status_code == 409
    assert "Put that one into SECRET_KEY_FALLBACKS" in answer.content.decode()


def test_revoking_is_at_once_and_recorded(alice: User, as_: As) -> None:
    browser = as_(alice)
    made(browser)
    page = browser.post(f"{PAGE}{the_token().pk}/revoke", follow=True).content.decode()
    assert "“a program” is revoked. It opens nothing any more." in page
    assert the_token().is_revoked
    assert Event.objects.filter(what=What.TOKEN_REVOKED, person=alice).count() == 1


def test_revoking_twice_is_recorded_once(alice: User, as_: As) -> None:
    browser = as_(alice)
    made(browser)
    for _ in range(2):
        page = browser.post(f"{PAGE}{the_token().pk}/revoke", follow=True).content.decode()
    assert "was revoked before" in page
    assert Event.objects.filter(what=What.TOKEN_REVOKED).count() == 1


def test_the_admin_revokes_all_that_were_chosen(alice: User, admin_client: Client) -> None:
    for number in range(201):
        ApiToken.make(user=alice, team=alice.team, label=f"program {number}")
    chosen = {"_selected_action": [the_first().pk], "select_across": "1", "action": "revoke"}
    page = admin_client.post("/admin/swaps/apitoken/", chosen, follow=True).content.decode()
    assert "201 tokens are revoked." in page
    assert not ApiToken.objects.good().exists()


def test_nobody_sees_another_persons_tokens(alice: User, owner: User, as_: As) -> None:
    ApiToken.make(user=alice, team=alice.team, label="the wedding script")
    assert "the wedding script" not in as_(owner).get(PAGE).content.decode()


def test_a_label_is_text_and_nothing_else(alice: User, as_: As) -> None:
    made(as_(alice), label="<b>bold</b>")
    assert "<b>bold" not in as_(alice).get(PAGE).content.decode()


def test_the_page_asks_the_database_no_more_for_many_tokens(
    alice: User, as_: As, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        ApiToken.make(user=alice, team=alice.team, label=f"program {number}")
    browser = as_(alice)
    with django_assert_max_num_queries(9):
        browser.get(PAGE)
