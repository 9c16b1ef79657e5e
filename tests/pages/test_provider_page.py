"""The admin's page about the provider: who sees it, what it tells, and what can be decided there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_ox.models import OxTask
from pytest_django import Settings

from swaps.models import Attempt, Event, ProviderState, Status, Swap, User, What
from swaps.standing import Standing

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
Make = Callable[..., Swap]
Capture = Callable[..., AbstractContextManager[object]]

PAGE = "/admin/swaps/providerstate/"
SECRET = "a-token-that-nobody-may-see"
SAID = "The balance of the hosted service is used up."


@pytest.fixture(autouse=True)
def hosted(settings: Settings) -> None:
    settings.FACESWAP_PROVIDER = "acedata"
    settings.ACEDATACLOUD_API_TOKEN = SECRET
    settings.SITE_URL = "https://swaps.example.org"
    settings.SECURE_SSL_REDIRECT = False


@pytest.fixture
def ada(team: object, as_: As) -> Client:
    return as_(User.objects.create_superuser("ada", password="correct horse"))


def paid(swap: Swap, **fields: object) -> Attempt:
    """An attempt of it that made a result."""
    told = {"outcome": "succeeded", "finished_at": timezone.now(), "cost": Decimal("0.01")}
    return Attempt.objects.create(swap=swap, provider="acedata", **{**told, **fields})


def paused() -> None:
    assert ProviderState.pause("acedata", code="used_up", message=SAID)


# --- Who sees it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["", "resume/", "roles/", "checks/"])
def test_nobody_but_the_admin_reaches_it(as_: As, owner: User, act: str) -> None:
    assert as_(owner).post(f"{PAGE}{act}").status_code in {302, 403}
    assert as_(owner).get(PAGE).status_code in {302, 403}
    assert not Event.objects.filter(what=What.PROVIDER_RESUMED).exists()


@pytest.mark.parametrize("address", ["/", "/new/", "/team/", "/accounts/password/", "/admin/"])
def test_a_pause_is_said_to_the_admin_on_every_page(ada: Client, address: str) -> None:
    paused()
    assert SAID in ada.get(address, follow=True).content.decode()


def test_others_read_that_swaps_wait_but_not_why(as_: As, alice: User) -> None:
    paused()
    page = as_(alice).get("/new/").content.decode()
    assert "paused until an admin has seen to it" in page
    assert SAID not in page


def test_whoever_waits_behind_a_busy_service_reads_why(as_: As, alice: User, swap_of: Make) -> None:
    ProviderState.hold("acedata", until=timezone.now() + timedelta(seconds=40))
    swap = swap_of(alice, provider="acedata")
    assert "has much to do" in as_(alice).get(f"/swaps/{swap.pk}/").content.decode()


def test_a_swap_of_the_sites_own_engine_does_not_wait_for_the_service(
    as_: As, alice: User, swap_of: Make
) -> None:
    ProviderState.hold("acedata", until=timezone.now() + timedelta(seconds=40))
    swap = swap_of(alice, provider="local")
    assert "has much to do" not in as_(alice).get(f"/swaps/{swap.pk}/").content.decode()


def test_a_pause_of_a_provider_that_is_not_in_use_is_said_to_nobody(
    ada: Client, settings: Settings
) -> None:
    paused()
    settings.FACESWAP_PROVIDER = "local"
    assert SAID not in ada.get("/").content.decode()


# --- What it tells -------------------------------------------------------------------------------


def test_the_token_is_said_to_be_set_and_never_shown(ada: Client) -> None:
    page = ada.get(PAGE).content.decode()
    assert "Set (never shown)" in page
    assert SECRET not in page


def test_it_counts_what_came_of_the_attempts(alice: User, swap_of: Make) -> None:
    swap = swap_of(alice, provider="acedata")
    paid(swap)
    paid(swap, outcome="failed", error_code="api_error", cost=None, uncertain=True)
    paid(swap, outcome="lost", cost=None, started_at=timezone.now() - timedelta(hours=2))
    hour, day, _ = Standing("acedata").tallies()
    assert (hour.asked, hour.succeeded, hour.failed, hour.lost, hour.uncertain) == (2, 1, 1, 0, 1)
    assert (hour.failing, day.failing) == ("50 %", "67 %")


def test_what_was_only_put_off_is_no_failure(alice: User, swap_of: Make) -> None:
    swap = swap_of(alice, provider="acedata")
    paid(swap)
    paid(swap, outcome="failed", error_code="too_many_requests", cost=None, counts=False)
    hour = Standing("acedata").tallies()[0]
    assert (hour.asked, hour.failed, hour.put_off, hour.failing) == (2, 0, 1, "0 %")


def test_it_says_what_went_wrong_and_how_often(alice: User, swap_of: Make) -> None:
    swap = swap_of(alice, provider="acedata")
    for code in ("api_error", "timeout", "api_error"):
        paid(swap, outcome="failed", error_code=code, cost=None)
    faults = Standing("acedata").faults()
    assert [(fault.code, fault.count) for fault in faults] == [("api_error", 2), ("timeout", 1)]


def test_it_counts_what_is_in_flight_and_what_waits(alice: User, swap_of: Make) -> None:
    Attempt.begin(swap_of(alice, provider="acedata", status=Status.RUNNING), provider="acedata")
    swap_of(alice, provider="acedata")
    standing = Standing("acedata")
    assert (standing.in_flight, standing.waiting) == (1, 1)


def test_money_is_added_up_by_day_and_by_person(alice: User, charlie: User, swap_of: Make) -> None:
    for user, many in ((alice, 1), (charlie, 2)):
        for _ in range(many):
            paid(swap_of(user, provider="acedata"))
    paid(swap_of(alice, provider="acedata"), started_at=timezone.now() - timedelta(days=3))
    paid(swap_of(alice, provider="acedata"), started_at=timezone.now() - timedelta(days=31))
    standing = Standing("acedata")
    assert [(row.swaps, row.cost) for row in standing.spent_by_day()] == [
        (3, Decimal("0.03")), (1, Decimal("0.01")),
    ]  # fmt: skip
    assert {row.whose: row.swaps for row in standing.spent_by_person()} == {
        "alice": 2, "charlie": 2,
    }  # fmt: skip


def test_a_result_that_was_paid_for_and_not_wanted_is_money_all_the_same(
    alice: User, swap_of: Make
) -> None:
    paid(swap_of(alice, provider="acedata"), outcome="lost")
    assert [row.cost for row in Standing("acedata").spent_by_day()] == [Decimal("0.01")]


def test_another_provider_can_be_looked_at(ada: Client) -> None:
    assert "Embedded engine" in ada.get(f"{PAGE}?name=local").content.decode()


def test_an_unknown_provider_leads_back_to_the_one_in_use(ada: Client) -> None:
    assert ada.get(f"{PAGE}?name=nobody").status_code == 302


def test_the_page_asks_the_same_few_questions_however_many_attempts_there_are(
    ada: Client, alice: User, swap_of: Make, django_assert_max_num_queries: Capture
) -> None:
    for _ in range(5):
        paid(swap_of(alice, provider="acedata"))
    with django_assert_max_num_queries(20):
        ada.get(PAGE)


# --- Roles ---------------------------------------------------------------------------------------


def test_results_in_the_faces_shape_are_told_to_the_admin(
    ada: Client, alice: User, swap_of: Make
) -> None:
    for _ in range(3):
        paid(swap_of(alice, provider="acedata"), shape=Attempt.Shape.SOURCE)
    assert "Exchange them" in ada.get("/admin/").content.decode()
    assert Standing("acedata").shapes().are_wrong


def test_one_odd_result_among_others_is_no_verdict(alice: User, swap_of: Make) -> None:
    for shape in (Attempt.Shape.TARGET, Attempt.Shape.TARGET, Attempt.Shape.SOURCE):
        paid(swap_of(alice, provider="acedata"), shape=shape)
    assert not Standing("acedata").shapes().are_wrong


def test_roles_can_be_exchanged_and_what_came_before_counts_no_more(
    ada: Client, alice: User, swap_of: Make
) -> None:
    for _ in range(3):
        paid(swap_of(alice, provider="acedata"), shape=Attempt.Shape.SOURCE)
    ada.post(f"{PAGE}roles/", {"name": "acedata", "roles": "inverted"})
    assert ProviderState.of("acedata").roles == "inverted"
    assert Event.objects.get(what=What.ROLES_CHOSEN).details["roles"] == "inverted"
    assert not Standing("acedata").shapes().are_wrong


def test_roles_that_are_none_are_refused(ada: Client) -> None:
    answer = ada.post(f"{PAGE}roles/", {"name": "acedata", "roles": "sideways"})
    assert answer.status_code == 403


# --- Going on ------------------------------------------------------------------------------------


def test_going_on_wakes_the_worker_and_is_recorded(
    ada: Client, django_capture_on_commit_callbacks: Capture
) -> None:
    paused()
    with django_capture_on_commit_callbacks(execute=True):
        answer = ada.post(f"{PAGE}resume/", {"name": "acedata"}, follow=True)
    assert "It goes on" in answer.content.decode()
    assert SAID not in answer.content.decode()
    assert Event.objects.get(what=What.PROVIDER_RESUMED).actor_name == "ada"
    assert OxTask.objects.filter(task_path="swaps.tasks.sweep").count() == 1


def test_the_shell_lets_whatever_is_paused_go_on(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    paused()
    settings.FACESWAP_PROVIDER = "local"
    for _ in range(2):
        call_command("resume_provider")
    assert capsys.readouterr().out.splitlines() == [
        "The provider acedata goes on.",
        "No provider is paused.",
    ]


def test_going_on_twice_says_that_it_goes_already(ada: Client) -> None:
    answer = ada.post(f"{PAGE}resume/", {"name": "acedata"}, follow=True)
    assert "not paused any more" in answer.content.decode()


# --- An attempt's own page -----------------------------------------------------------------------


def test_a_swaps_page_shows_trace_cost_and_timings_of_each_attempt(
    ada: Client, alice: User, swap_of: Make
) -> None:
    attempt = paid(swap_of(alice, provider="acedata"), timings={"fetch": 0.21})
    page = ada.get(f"/admin/swaps/swap/{attempt.swap_id}/change/").content.decode()
    assert attempt.trace_id in page
    assert "0.0100" in page
    assert "0.21" in page
