"""Who sees which swaps and pictures."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import AnonymousUser

from swaps import pictures
from swaps.models import SITE, Photo, Swap, Team, User

pytestmark = pytest.mark.django_db


def test_a_swap_is_seen_by_its_team_and_by_no_stranger(
    alice: User, bob: User, charlie: User, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice)
    seen = [Swap.objects.visible_to(user).count() for user in (alice, bob, charlie)]
    assert seen == [1, 1, 0]


def test_nobody_sees_anything_without_logging_in(alice: User, swap_of: Callable[..., Swap]) -> None:
    swap_of(alice)
    assert not Swap.objects.visible_to(AnonymousUser()).exists()
    assert not Photo.objects.visible_to(AnonymousUser()).exists()


def test_an_upload_that_no_swap_uses_is_its_uploaders_alone(
    alice: User, bob: User, charlie: User, photo_of: Callable[..., Photo]
) -> None:
    photo_of(alice)
    seen = [Photo.objects.visible_to(user).count() for user in (alice, bob, charlie)]
    assert seen == [1, 0, 0]


def test_the_pictures_of_a_swap_are_seen_by_its_team(
    alice: User, bob: User, charlie: User, done_swap_of: Callable[..., Swap]
) -> None:
    done_swap_of(alice)
    seen = [Photo.objects.visible_to(user).count() for user in (alice, bob, charlie)]
    assert seen == [3, 3, 0]


def test_a_deleted_swap_is_seen_by_nobody(alice: User, swap_of: Callable[..., Swap]) -> None:
    swap_of(alice).discard()
    assert not Swap.objects.visible_to(alice).exists()


def test_a_superuser_sees_every_teams_swaps(
    charlie: User, swap_of: Callable[..., Swap], db: None
) -> None:
    swap_of(charlie)
    root = User.objects.create_superuser("root")
    assert Swap.objects.visible_to(root).count() == 1


def test_the_same_upload_is_stored_once_a_team(
    alice: User, bob: User, charlie: User, upload_of: Callable[..., Photo]
) -> None:
    assert upload_of(alice) == upload_of(bob) == upload_of(alice)
    assert upload_of(charlie) != upload_of(alice)


def test_who_uploads_what_a_team_mate_had_uploaded_sees_it(
    alice: User, bob: User, upload_of: Callable[..., Photo]
) -> None:
    upload_of(alice)
    photo = upload_of(bob)
    assert photo in Photo.objects.visible_to(bob)


def test_recent_pictures_are_ones_own_and_the_last_comes_first(
    alice: User, bob: User, upload_of: Callable[..., Photo]
) -> None:
    old, new = upload_of(alice, colour="#111111"), upload_of(alice, colour="#222222")
    upload_of(bob, colour="#333333")
    upload_of(alice, colour="#111111")
    assert list(Photo.objects.recent_of(alice)) == [old, new]


def test_whoever_is_in_no_team_belongs_to_the_default_team(db: None) -> None:
    assert User.objects.create_user("dora").team == Team.default()


def test_discarding_keeps_what_another_swap_uses(alice: User, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice)
    assert swap.source is not None
    assert pictures.discard([swap.source], by=SITE) == 0
