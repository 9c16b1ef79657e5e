"""The team's page: who is in it, and what its owners do about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from swaps.models import Event, Membership, Role, Swap, Team, User, What
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PAGE = "/team/default/"


@pytest.fixture
def admin(team: Team) -> User:
    admin = User.objects.create_superuser("root", password="light table 9")
    Membership.objects.create(user=admin, team=team, role=Role.OWNER)
    return admin


def said(client: Client, address: str, **form: object) -> str:
    return client.post(address, form, follow=True).content.decode()


def about(what: str, user: User) -> str:
    return f"{PAGE}people/{user.pk}/{what}"


def test_everybody_sees_who_is_in_the_team_and_nobody_else(
    owner: User, alice: User, viewer: User, charlie: User, as_: As
) -> None:
    page = as_(viewer).get("/team/", follow=True).content.decode()
    assert all(name in page for name in ("olga", "alice", "victor"))
    assert "charlie" not in page
    assert "Manage" not in page
    assert "Invite" not in page


def test_who_has_no_place_is_listed_in_the_default_team(owner: User, db: None, as_: As) -> None:
    make_user("nora")
    assert "nora" in as_(owner).get(PAGE).content.decode()


def test_an_owner_changes_a_role(owner: User, alice: User, as_: As) -> None:
    page = said(as_(owner), about("role", alice), role="viewer")
    assert "alice is a viewer of Everyone." in page
    assert User.objects.get(pk=alice.pk).role_in(Team.default()) is Role.VIEWER
    line = Event.objects.get(what=What.ROLE_CHANGED)
    assert (line.actor_name, line.person_name, line.details["before"]) == (
        "olga",
        "alice",
        "member",
    )


def test_who_had_no_place_gets_one_with_her_role(owner: User, as_: As) -> None:
    nora = make_user("nora")
    said(as_(owner), about("role", nora), role="owner")
    assert User.objects.get(pk=nora.pk).role_in(Team.default()) is Role.OWNER


@pytest.mark.parametrize("role", ["", "emperor"])
def test_a_role_that_there_is_not_changes_nothing(
    owner: User, alice: User, as_: As, role: str
) -> None:
    assert "Choose one of the roles." in said(as_(owner), about("role", alice), role=role)
    assert User.objects.get(pk=alice.pk).role_in(Team.default()) is Role.MEMBER


def test_the_last_owner_stays_owner(owner: User, admin: User, as_: As) -> None:
    said(as_(owner), about("role", admin), role="member")
    page = said(as_(owner), about("role", owner), role="member")
    assert "needs an owner" in page
    assert User.objects.get(pk=owner.pk).role_in(Team.default()) is Role.OWNER


def test_the_last_owner_cannot_be_taken_out_by_an_admin_either(
    owner: User, admin: User, as_: As
) -> None:
    said(as_(owner), about("role", admin), role="member")
    assert "needs an owner" in said(as_(admin), about("take-out", owner))
    assert User.objects.get(pk=owner.pk).is_active


def test_an_owner_whose_account_is_off_does_not_count(owner: User, as_: As) -> None:
    make_user("otto", team=Team.default(), role=Role.OWNER)
    User.objects.filter(username="otto").update(is_active=False)
    assert "needs an owner" in said(as_(owner), about("role", owner), role="member")


def test_who_is_taken_out_of_her_only_team_is_logged_out_and_her_swaps_stay(
    owner: User, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    hers = as_(alice)
    page = said(as_(owner), about("take-out", alice))
    assert "alice is not in Everyone any more. The account is switched off." in page
    assert hers.get("/").status_code == 302
    assert as_(owner).get(f"/swaps/{swap.pk}/").status_code == 200
    assert Event.objects.get(what=What.LEFT).details == {"team": "default", "account_off": True}


def test_who_is_in_another_team_keeps_it(owner: User, alice: User, as_: As) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=alice, team=studio)
    page = said(as_(owner), about("take-out", alice))
    assert "switched off" not in page
    kept = User.objects.get(pk=alice.pk)
    assert (kept.is_active, kept.teams()) == (True, [studio])


def test_who_had_no_place_goes_with_her_account(owner: User, as_: As) -> None:
    nora = make_user("nora")
    said(as_(owner), about("take-out", nora))
    assert not User.objects.get(pk=nora.pk).is_active


def test_nobody_takes_herself_out(owner: User, admin: User, as_: As) -> None:
    assert "You cannot take yourself out" in said(as_(owner), about("take-out", owner))


def test_an_owner_takes_out_no_admin(owner: User, admin: User, as_: As) -> None:
    assert "Only an admin can take her out" in said(as_(owner), about("take-out", admin))
    assert User.objects.get(pk=admin.pk).is_active


def test_people_of_other_teams_are_out_of_reach(owner: User, charlie: User, as_: As) -> None:
    for what in ("role", "take-out"):
        assert as_(owner).post(about(what, charlie), {"role": "viewer"}).status_code == 404


def test_an_admin_sees_and_makes_every_team(admin: User, charlie: User, as_: As) -> None:
    browser = as_(admin)
    assert "charlie" in browser.get("/team/others/").content.decode()
    page = said(browser, "/team/new", name="Night shift")
    assert "Nobody is in this team yet" in page
    assert "Night shift is there" in page
    assert Team.objects.get(slug="night-shift").name == "Night shift"


@pytest.mark.parametrize(("name", "why"), [("Everyone", ""), ("…", "letters or digits")])
def test_a_team_without_a_name_of_its_own_is_refused(
    admin: User, as_: As, name: str, why: str
) -> None:
    Team.objects.create(slug="everyone", name="Everyone")
    answer = as_(admin).post("/team/new", {"name": name})
    assert answer.status_code == 400
    assert (why or "There is a team of that name already") in answer.content.decode()


def test_an_admin_sets_limits_and_takes_them_back(admin: User, alice: User, as_: As) -> None:
    browser = as_(admin)
    said(browser, about("caps", alice), swaps_a_day="20", swaps_at_once="0")
    alice.refresh_from_db()
    assert (alice.swaps_a_day, alice.swaps_at_once) == (20, 0)
    assert 'value="20"' in browser.get(PAGE).content.decode()
    said(browser, about("caps", alice), swaps_a_day="", swaps_at_once="")
    alice.refresh_from_db()
    assert (alice.swaps_a_day, alice.swaps_at_once) == (None, None)
    assert "whole number" in said(browser, about("caps", alice), swaps_a_day="-1")


def test_the_page_asks_the_database_no_more_for_many_people(
    admin: User, as_: As, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(20):
        make_user(f"mate-{number}", team=Team.default())
    browser = as_(admin)
    with django_assert_max_num_queries(10):
        browser.get(PAGE)
