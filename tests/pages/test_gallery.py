"""The gallery."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from swaps.models import Swap, User
from swaps.views import gallery

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]


def test_an_empty_gallery_invites(alice: User, as_: As) -> None:
    page = as_(alice).get("/").content.decode()
    assert "No swaps yet." in page
    assert "Make the first swap" in page


def test_the_newest_comes_first(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    for title in ("first", "second", "third"):
        swap_of(alice, title=title)
    page = as_(alice).get("/").content.decode()
    assert page.index("third") < page.index("second") < page.index("first")


def test_older_swaps_are_a_link_away_and_none_is_missed(
    alice: User, as_: As, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PAGE", 2)
    made = [str(swap_of(alice).pk) for _ in range(5)]
    seen, path, browser = [], "/", as_(alice)
    while path:
        answer = browser.get(path)
        seen += [str(swap.pk) for swap in answer.context["swaps"]]
        older = answer.context["older"]
        path = f"/?{older}" if older else ""
    assert seen == made[::-1]


def titles(browser: Client, **query: str) -> set[str]:
    return {swap.title for swap in browser.get("/", query).context["swaps"]}


def test_swaps_are_found_by_title_maker_state_and_date(
    alice: User, bob: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    long_ago = timezone.now() - timedelta(days=30)
    swap_of(alice, title="Sea at dawn", status="failed")
    swap_of(alice, title="Sea at noon", created_at=long_ago)
    swap_of(bob, title="Mountain")
    browser = as_(alice)
    assert titles(browser, q="sea") == {"Sea at dawn", "Sea at noon"}
    assert titles(browser, maker=str(bob.pk)) == {"Mountain"}
    assert titles(browser, status="failed") == {"Sea at dawn"}
    assert titles(browser, until=f"{long_ago:%Y-%m-%d}") == {"Sea at noon"}
    assert titles(browser, since=f"{timezone.now():%Y-%m-%d}", q="sea") == {"Sea at dawn"}


def test_what_makes_no_sense_in_the_address_is_left_out(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice, title="Sea")
    assert titles(as_(alice), status="gone", since="yesterday", before="x", maker="0") == {"Sea"}


def test_a_stranger_is_no_maker_to_choose(
    alice: User, charlie: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice)
    swap_of(charlie)
    page = as_(alice).get("/").content.decode()
    assert "charlie" not in page


def test_the_next_page_keeps_the_filter(
    alice: User, as_: As, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PAGE", 1)
    for title in ("Sea 1", "Sea 2", "Land"):
        swap_of(alice, title=title)
    older = as_(alice).get("/", {"q": "sea"}).context["older"]
    answer = as_(alice).get(f"/?{older}", headers={"HX-Request": "true"})
    assert [swap.title for swap in answer.context["swaps"]] == ["Sea 1"]
    assert "<html" not in answer.content.decode()


def test_nothing_found_is_said(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    swap_of(alice, title="Sea")
    assert "No swap fits what you look for." in as_(alice).get("/?q=sky").content.decode()


def test_a_swap_in_work_brings_its_card_up_to_date(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    live = f"{reverse('live')}?id={swap.pk}&"
    assert f'hx-get="{live.replace("&", "&amp;")}"' in as_(alice).get("/").content.decode()
    assert f'id="badge-{swap.pk}"' in as_(alice).get(live).content.decode()
    swap.cancel()
    answer = as_(alice).get(live).content.decode()
    assert f'id="card-{swap.pk}"' in answer
    assert "hx-get" not in answer


def test_a_strangers_swap_is_not_among_what_is_told(
    alice: User, charlie: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    answer = as_(charlie).get(reverse("live"), {"id": str(swap.pk)})
    assert str(swap.pk) not in answer.content.decode()


def test_a_swap_that_waits_for_ever_is_asked_for_no_more(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice, queued_at=timezone.now() - timedelta(minutes=16))
    assert "hx-get" not in as_(alice).get("/").content.decode()


def test_its_length_does_not_change_the_number_of_queries(
    alice: User,
    as_: As,
    done_swap_of: Callable[..., Swap],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    browser = as_(alice)
    for _ in range(5):
        done_swap_of(alice)
    with django_assert_max_num_queries(6):
        browser.get("/")


def test_somebody_who_comes_back_gets_all_down_to_where_she_was(
    alice: User, as_: As, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "PAGE", 2)
    made = [swap_of(alice).pk for _ in range(6)][::-1]
    answer = as_(alice).get("/", {"through": str(made[4])}, headers={"HX-Request": "true"})
    assert [swap.pk for swap in answer.context["swaps"]] == made[:5]
    assert answer.context["older"] == f"before={made[4]}"


def test_a_place_very_far_down_comes_without_what_is_far_above_it(
    alice: User, as_: As, swap_of: Callable[..., Swap], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "LONGEST", 3)
    made = [swap_of(alice).pk for _ in range(6)][::-1]
    answer = as_(alice).get("/", {"through": str(made[4])}, headers={"HX-Request": "true"})
    assert [swap.pk for swap in answer.context["swaps"]] == made[2:5]
    assert "Newest" in answer.content.decode()


def test_a_card_leads_to_its_swap_within_the_same_filter(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice, title="Sea")
    address = reverse("swap", args=[swap.pk])
    assert f'href="{address}?q=sea"' in as_(alice).get("/?q=sea&status=").content.decode()
    assert f'href="{address}"' in as_(alice).get("/").content.decode()
