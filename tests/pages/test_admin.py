"""The admin's history of swaps: what is found, what is shown, what can be done, and what it costs."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from swaps.models import SITE, Attempt, Event, Status, Swap, Team, User, What
from tests.conftest import make_user

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
Make = Callable[..., Swap]

LIST = "/admin/swaps/swap/"
ACTED = {"index": "0", "select_across": "0"}


@pytest.fixture
def admin(team: Team) -> User:
    return User.objects.create_superuser("ada", password="correct horse")


@pytest.fixture
def ada(admin: User, as_: As) -> Client:
    return as_(admin)


def page_of(swap: Swap) -> str:
    return f"{LIST}{swap.pk}/change/"


def found(ada: Client, query: str = "") -> set[str]:
    """The titles in the list."""
    answer = ada.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return {swap.title for swap in answer.context["cl"].result_list}


def act(ada: Client, action: str, *swaps: Swap, **more: str) -> str:
    """What is said of it on the page that follows."""
    chosen = {"action": action, "_selected_action": [str(swap.pk) for swap in swaps]}
    return ada.post(LIST, {**ACTED, **chosen, **more}, follow=True).content.decode()


def last_event(swap: Swap) -> Event:
    event = Event.objects.filter(swap=swap).last()
    assert event is not None
    return event


@pytest.fixture
def some(swap_of: Make, done_swap_of: Make, alice: User, charlie: User) -> dict[str, Swap]:
    """One of each: waiting, done, failed, in the trash and deleted."""
    made = {
        "waiting": swap_of(alice, title="waiting"),
        "done": done_swap_of(alice, title="done"),
        "failed": swap_of(charlie, title="failed"),
        "trashed": done_swap_of(alice, title="trashed"),
        "deleted": done_swap_of(alice, title="deleted"),
    }
    assert made["failed"].fail(code="no_face", message="We found no face.", picture="source")
    assert made["trashed"].trash()
    assert made["deleted"].discard()
    return made


# --- What is found -------------------------------------------------------------------------------


def test_the_history_has_every_swap_and_those_that_are_deleted(
    ada: Client, some: dict[str, Swap]
) -> None:
    assert found(ada) == set(some)


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("status__exact=failed", {"failed"}),
        ("place=trash", {"trashed"}),
        ("place=deleted", {"deleted"}),
        ("place=kept", {"waiting", "done", "failed"}),
        ("provider=local&status__exact=queued", {"waiting"}),
        ("q=charlie", {"failed"}),
        ("q=CHAR", {"failed"}),
        ("q=wait", {"waiting"}),
        ("q=alice+done", {"done"}),
        ("q=nobody", set()),
        ("to=2020-01-01", set()),
        ("created_at__year=2019", set()),
    ],
)
def test_filters_and_search_find(
    query: str, titles: set[str], ada: Client, some: dict[str, Swap]
) -> None:
    assert found(ada, query) == titles


def test_dates_include_both_days(ada: Client, some: dict[str, Swap]) -> None:
    today = timezone.localdate()
    assert found(ada, f"from={today}&to={today}") == set(some)


def test_a_date_that_is_none_leads_back_to_the_list(ada: Client) -> None:
    assert ada.get(f"{LIST}?from=soon").status_code == 302


def test_a_maker_and_a_team_can_be_chosen(
    ada: Client, some: dict[str, Swap], charlie: User
) -> None:
    assert found(ada, f"maker={charlie.pk}") == {"failed"}
    assert found(ada, f"team={charlie.team.pk}") == {"failed"}
    assert ada.get(f"{LIST}?team=nonsense").status_code == 302


def test_an_id_finds_its_swap_with_dashes_without_and_by_its_beginning(
    ada: Client, some: dict[str, Swap]
) -> None:
    swap = some["done"]
    Attempt.begin(swap, provider="local").close("succeeded", task_id="vendor-7", trace_id="tr-9")
    for term in (str(swap.pk), swap.pk.hex, str(swap.pk)[:-4], "vendor-7", "tr-9"):
        assert found(ada, f"q={term}") == {"done"}, term


def test_a_search_joins_no_table_and_sorts_out_no_doubles(
    ada: Client, some: dict[str, Swap]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        found(ada, "q=alice")
    assert not any("DISTINCT" in one["sql"] for one in asked.captured_queries)


# --- What is shown -------------------------------------------------------------------------------


def test_the_list_shows_small_pictures_and_says_which_are_gone(
    ada: Client, some: dict[str, Swap]
) -> None:
    text = ada.get(LIST).content.decode()
    assert f"/photos/{some['done'].result_id}/320" in text
    assert 'width="64" height="64" loading="lazy"' in text
    assert ">gone<" in text
    assert ">none<" in text


def test_a_swaps_page_shows_its_attempts_and_what_was_done_but_no_secret(
    ada: Client, some: dict[str, Swap], admin: User
) -> None:
    attempt = Attempt.begin(some["failed"], provider="local")
    Event.record(What.REQUESTED, by=SITE, swap=some["failed"])
    text = ada.get(page_of(some["failed"])).content.decode()
    assert "We found no face." in text
    assert attempt.trace_id in text
    assert attempt.secret not in text
    assert "Asked for" in text


def test_nothing_of_a_swap_can_be_edited(ada: Client, some: dict[str, Swap]) -> None:
    assert ada.post(page_of(some["done"]), {"title": "mine"}).status_code == 403
    assert ada.get(f"{LIST}add/").status_code == 403


def test_a_page_offers_what_can_be_done_with_its_swap(ada: Client, some: dict[str, Swap]) -> None:
    def offered(swap: Swap) -> set[str]:
        return {name for name, _ in ada.get(page_of(swap)).context["possible"]}

    assert offered(some["waiting"]) == {"cancel", "trash", "erase"}
    assert offered(some["failed"]) == {"retry", "trash", "erase"}
    assert offered(some["trashed"]) == {"put_back", "erase"}
    assert offered(some["deleted"]) == set()


def test_staff_see_the_swaps_of_their_own_teams_and_do_only_what_they_may(
    as_: As, some: dict[str, Swap], team: Team
) -> None:
    stan = make_user("stan", team=team)
    stan.is_staff = True
    stan.save()
    stan.user_permissions.add(Permission.objects.get(codename="view_swap"))
    assert found(as_(stan)) == {"waiting", "done"}
    assert browser_cannot(as_(stan), some["failed"])
    act(as_(stan), "trash", some["done"])
    assert Swap.objects.get(pk=some["done"].pk).trashed_at is None


def browser_cannot(ada: Client, swap: Swap) -> bool:
    return ada.get(page_of(swap)).status_code == 302


# --- What is done --------------------------------------------------------------------------------


def test_retrying_says_how_many_went_and_why_others_did_not(
    ada: Client, some: dict[str, Swap], admin: User
) -> None:
    said = act(ada, "retry", some["failed"], some["done"], some["trashed"])
    assert "1 swap: went back into the line." in said
    assert "1 swap: nothing was done, as it is neither failed nor cancelled." in said
    assert Swap.objects.get(pk=some["failed"].pk).status == Status.QUEUED
    event = last_event(some["failed"])
    assert (event.what, event.actor, event.via) == (What.RETRIED, admin, "admin")
    assert event.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("action", "name", "what"),
    [
        ("cancel", "waiting", What.CANCELED),
        ("trash", "done", What.TRASHED),
        ("put_back", "trashed", What.PUT_BACK),
    ],
)
def test_what_can_be_undone_is_done_without_a_question(
    action: str, name: str, what: What, ada: Client, some: dict[str, Swap]
) -> None:
    act(ada, action, some[name])
    assert last_event(some[name]).what == what


def test_deleting_pictures_asks_first(ada: Client, some: dict[str, Swap]) -> None:
    assert "This cannot be undone." in act(ada, "erase", some["done"])
    assert Swap.objects.get(pk=some["done"].pk).deleted_at is None
    chosen = {"action": "erase", "_selected_action": str(some["done"].pk), "sure": "yes"}
    answer = ada.post(LIST, chosen, follow=True).content.decode()
    assert "1 swap: deleted with their pictures." in answer
    assert Swap.objects.get(pk=some["done"].pk).result is None


def test_the_buttons_of_a_swaps_page_do_the_same(ada: Client, some: dict[str, Swap]) -> None:
    swap = some["failed"]
    form = {"CHANGE_FORM-action": "retry", "_selected_action": str(swap.pk)}
    text = ada.get(page_of(swap)).content.decode()
    assert 'name="CHANGE_FORM-action" value="retry"' in text
    said = ada.post(page_of(swap), form, follow=True)
    assert "went back into the line" in said.content.decode()
    assert said.redirect_chain == [(page_of(swap), 302)]


def test_erasing_a_row_takes_its_pictures_and_leaves_the_record(
    ada: Client, some: dict[str, Swap]
) -> None:
    swap = some["done"]
    ada.post(f"{LIST}{swap.pk}/delete/", {"post": "yes"})
    assert not Swap.objects.filter(pk=swap.pk).exists()
    whats = list(Event.objects.filter(swap_id=swap.pk).values_list("what", flat=True))
    assert whats[-2:] == [What.DELETED, What.ERASED]
    assert ada.get("/admin/swaps/event/").status_code == 200


def test_nobody_can_change_more_swaps_than_she_sees(ada: Client, alice: User) -> None:
    Swap.objects.bulk_create(
        Swap(team=alice.team, maker=alice, provider="local") for _ in range(201)
    )
    said = act(ada, "cancel", Swap.objects.all()[0], select_across="1")
    assert "nothing was done" in said
    assert not Swap.objects.filter(status=Status.CANCELED).exists()


# --- The export ----------------------------------------------------------------------------------


def exported(ada: Client, ending: str, query: str = "") -> str:
    answer = ada.get(f"{LIST}export.{ending}?{query}")
    assert isinstance(answer, StreamingHttpResponse)
    return b"".join(answer).decode()


def test_the_export_has_what_the_list_has_in_its_order(ada: Client, some: dict[str, Swap]) -> None:
    text = exported(ada, "csv")
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(StringIO(text.removeprefix("\ufeff"))))
    assert [row["title"] for row in rows] == ["deleted", "trashed", "failed", "done", "waiting"]
    rows = json.loads(exported(ada, "json", "q=charlie&status__exact=failed"))
    assert [row["title"] for row in rows] == ["failed"]
    assert rows[0]["task_id"] == str(some["failed"].pk)
    assert rows[0]["created_at"] == some["failed"].created_at.isoformat()
    assert rows[0]["error_code"] == "no_face"
    assert json.loads(exported(ada, "json", "q=xyzzy")) == []


def test_the_link_to_the_export_keeps_the_filter(ada: Client, some: dict[str, Swap]) -> None:
    text = ada.get(f"{LIST}?q=charlie&place=kept&p=1").content.decode()
    assert f"{LIST}export.csv?place=kept&amp;q=charlie" in text


def test_a_title_is_no_formula_in_a_spreadsheet(ada: Client, alice: User, swap_of: Make) -> None:
    for title in ("=1+1", "+1", "-1", "@SUM(A1)", "\tx"):
        swap_of(alice, title=title)
    text = exported(ada, "csv").removeprefix("\ufeff")
    titles = [row["title"] for row in csv.DictReader(StringIO(text))]
    assert titles == ["'\tx", "'@SUM(A1)", "'-1", "'+1", "'=1+1"]


def test_an_export_is_on_the_record_and_asks_once_for_all_rows(
    ada: Client, some: dict[str, Swap]
) -> None:
    with CaptureQueriesContext(connection) as asked:
        exported(ada, "csv", "place=kept")
    assert len(asked) <= 12
    event = Event.objects.get(what=What.EXPORTED)
    assert event.details == {"ending": "csv", "query": "place=kept"}


# --- What it costs -------------------------------------------------------------------------------

PAGES = [
    "/admin/", LIST, f"{LIST}?q=alice", f"{LIST}?status__exact=failed", f"{LIST}?place=trash",
    f"{LIST}?created_at__year=2026", "/admin/swaps/event/", "/admin/swaps/event/?q=alice",
    "/admin/swaps/user/", "/admin/swaps/team/", "/admin/swaps/invitation/",
]  # fmt: skip


def queries(ada: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert ada.get(address).status_code == 200
    return [one["sql"] for one in asked.captured_queries]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_no_more_for_more_rows_and_never_counts_to_the_end(
    address: str, ada: Client, swap_of: Make, alice: User
) -> None:
    def more(number: int) -> None:
        for _ in range(number):
            swap = swap_of(alice, title="A swap")
            Attempt.begin(swap, provider="local")
            Event.record(What.REQUESTED, by=SITE, swap=swap, person=alice)
            make_user(f"person-{User.objects.count()}", team=alice.team)

    more(2)
    queries(ada, address)
    few = queries(ada, address)
    more(6)
    many = queries(ada, address)
    assert len(many) == len(few) <= 20
    assert not [sql for sql in many if "COUNT(" in sql and "LIMIT" not in sql]


def test_a_long_list_says_that_it_goes_on(
    ada: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swaps.admin_site.COUNTED", 60)
    Swap.objects.bulk_create(
        Swap(team=alice.team, maker=alice, provider="local") for _ in range(70)
    )
    assert "More than 60 swaps" in ada.get(LIST).content.decode()
    assert ada.get(f"{LIST}?p=2").status_code == 200
    assert len(ada.get(f"{LIST}?p=2").context["cl"].result_list) == 10
