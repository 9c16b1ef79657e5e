"""The line in which swaps wait: person by person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from swaps.models import Photo, Swap, User
from swaps.tasks import claim_next

pytestmark = pytest.mark.django_db


def wants(user: User, title: str, *, seconds_ago: int) -> Swap:
    queued_at = timezone.now() - timedelta(seconds=seconds_ago)
    photo, _ = Photo.objects.get_or_create(
        key="k", defaults={"team": user.team, "format": "jpg", "width": 1, "height": 1, "bytes": 1}
    )
    return Swap.objects.create(
        team=user.team, maker=user, title=title, provider="local", queued_at=queued_at,
        source=photo, target=photo,
    )  # fmt: skip


def order_taken() -> list[str]:
    taken = []
    while (step := claim_next()) is not None:
        taken.append(step.swap.title)
    return taken


def test_one_persons_swaps_are_taken_in_the_order_in_which_she_asked(alice: User) -> None:
    for age in (3, 2, 1):
        wants(alice, f"alice {age}", seconds_ago=age)
    assert order_taken() == ["alice 3", "alice 2", "alice 1"]


def test_one_persons_many_do_not_hold_up_anothers_one(alice: User, bob: User) -> None:
    for number in range(4):
        wants(alice, f"alice {number}", seconds_ago=20 - number)
    wants(bob, "bob", seconds_ago=1)
    assert order_taken() == ["alice 0", "bob", "alice 1", "alice 2", "alice 3"]


def test_the_place_that_is_shown_is_the_place_in_which_it_is_taken(alice: User, bob: User) -> None:
    for number in range(3):
        wants(alice, f"alice {number}", seconds_ago=20 - number)
    bobs = wants(bob, "bob", seconds_ago=1)
    assert bobs.place_in_line() == 2


def test_what_was_taken_has_no_place_any_more(alice: User) -> None:
    swap = wants(alice, "alice", seconds_ago=1)
    swap.claim(seconds=10)
    assert swap.place_in_line() is None


def test_a_deleted_swap_is_not_taken(alice: User) -> None:
    wants(alice, "alice", seconds_ago=1).discard()
    assert order_taken() == []
