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
        path = f"/?before={older.pk}" if older else ""
    assert seen == made[::-1]


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
