"""Limits of how many swaps a person may make."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from swaps import caps, submission
from swaps.caps import CapReached
from swaps.models import SITE, Photo, Swap, User

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PhotoOf = Callable[..., Photo]


@pytest.fixture
def make(photo_of: PhotoOf) -> Callable[[User], Swap]:
    def make(user: User) -> Swap:
        photo = photo_of(user)
        return submission.request_swap(maker=user, source=photo, target=photo, by=SITE)

    return make


def test_without_limits_nothing_is_counted(
    alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        used = caps.usage(alice)
    assert (used.said, used.reached) == ("", "")


def test_a_days_last_swap_is_the_last_until_midnight(
    alice: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_A_DAY = 2
    with time_machine.travel(datetime(2026, 5, 1, 23, 59, tzinfo=UTC), tick=False):
        make(alice)
        make(alice)
        with pytest.raises(CapReached, match=r"made 2 swaps today.*from 00:00 UTC\."):
            make(alice)
    with time_machine.travel(datetime(2026, 5, 2, 0, 0, tzinfo=UTC), tick=False):
        make(alice)
    assert Swap.objects.count() == 3


def test_deleted_swaps_were_made_too(
    alice: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_A_DAY = 2
    submission.trash_swap(make(alice), by=SITE)
    submission.delete_swap(make(alice), by=SITE)
    with pytest.raises(CapReached):
        make(alice)


def test_as_many_at_once_as_may_be_and_the_next_when_one_is_done(
    alice: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_AT_ONCE = 1
    first = make(alice)
    with pytest.raises(CapReached, match=r"1 swap in work.*Wait until one is done"):
        make(alice)
    submission.cancel_swap(first, by=SITE)
    make(alice)


def test_anothers_swaps_do_not_count(
    alice: User, bob: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_AT_ONCE = settings.SWAPS_A_DAY = 1
    make(alice)
    make(bob)


def test_her_own_limits_stand_before_the_sites(
    alice: User, bob: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_A_DAY = 1
    User.objects.filter(pk=alice.pk).update(swaps_a_day=0)
    User.objects.filter(pk=bob.pk).update(swaps_a_day=2)
    for person, most in ((alice, 3), (bob, 2)):
        for _ in range(most):
            make(person)
    with pytest.raises(CapReached):
        make(bob)


def test_trying_again_counts_for_what_is_in_work_alone(
    alice: User, make: Callable[[User], Swap], settings: Settings
) -> None:
    settings.SWAPS_A_DAY, settings.SWAPS_AT_ONCE = 2, 1
    first = make(alice)
    submission.cancel_swap(first, by=SITE)
    assert submission.retry_swap(first, by=SITE)
    submission.cancel_swap(first, by=SITE)
    make(alice)
    with pytest.raises(CapReached, match="in work"):
        submission.retry_swap(first, by=SITE)


def test_what_is_used_is_said_before_it_bites(alice: User, settings: Settings, as_: As) -> None:
    settings.SWAPS_A_DAY, settings.SWAPS_AT_ONCE = 20, 3
    browser = as_(alice)
    assert "0 of 20 swaps made today, 0 of 3 in work" in browser.get("/new/").content.decode()
    settings.SWAPS_A_DAY = 0
    assert browser.get("/new/left").json() == {"said": "0 of 3 swaps in work", "reached": ""}


def test_when_it_bites_all_the_same_nothing_is_lost(
    alice: User, photo_of: PhotoOf, make: Callable[[User], Swap], settings: Settings, as_: As
) -> None:
    settings.SWAPS_A_DAY = 1
    make(alice)
    face, photo = photo_of(alice), photo_of(alice)
    form = {"source_photo": face.pk, "target_photo": photo.pk, "title": "Kept", "consent": "on"}
    answer = as_(alice).post("/new/", form)
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "You have made 1 swap today" in page
    assert all(part in page for part in (f'value="{face.pk}"', f'value="{photo.pk}"', "Kept"))


def test_a_retry_that_is_too_much_is_said_on_the_swaps_page(
    alice: User, make: Callable[[User], Swap], settings: Settings, as_: As
) -> None:
    settings.SWAPS_AT_ONCE = 1
    first = make(alice)
    submission.cancel_swap(first, by=SITE)
    make(alice)
    page = as_(alice).post(f"/swaps/{first.pk}/retry", follow=True).content.decode()
    assert "Wait until one is done" in page
