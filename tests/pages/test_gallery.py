"""The gallery."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
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
        path = f"/?before={older.pk}" if older else ""
    assert seen == made[::-1]


def test_a_swap_in_work_brings_its_card_up_to_date(
    alice: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap = swap_of(alice)
    card = reverse("card", args=[swap.pk])
    assert f'hx-get="{card}"' in as_(alice).get("/").content.decode()
    swap.cancel()
    assert "hx-get" not in as_(alice).get(card).content.decode()


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
