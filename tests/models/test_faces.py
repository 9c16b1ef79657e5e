"""Looking for a picture's faces: of two who want to, one does; whoever waits is not left waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from swaps.models import Photo, User
from swaps.models.photo import MOST_LOOKS
from tests.faces.people import THREE

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo(alice: User, photo_of: Callable[..., Photo]) -> Photo:
    return photo_of(alice)


def again(photo: Photo) -> Photo:
    return Photo.objects.get(pk=photo.pk)


def after(**time: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**time), tick=False)


def test_nobody_has_looked_at_a_new_picture(photo: Photo) -> None:
    assert (photo.faces, photo.is_looked_at) == (None, False)


def test_of_two_workers_one_looks(photo: Photo) -> None:
    assert photo.begin_look(seconds=10)
    assert not again(photo).begin_look(seconds=10)


def test_what_was_found_is_kept_once(photo: Photo) -> None:
    assert photo.keep_faces(THREE)
    assert not photo.keep_faces([])
    assert again(photo).faces == THREE


def test_a_picture_without_a_face_is_looked_at(photo: Photo) -> None:
    photo.keep_faces([])
    assert again(photo).is_looked_at


def test_a_picture_whose_faces_are_known_is_not_looked_at_again(photo: Photo) -> None:
    photo.keep_faces(THREE)
    assert not photo.ask_for_faces()
    assert not photo.begin_look(seconds=10)


def test_whoever_asks_often_wakes_a_worker_once_in_a_while(photo: Photo) -> None:
    assert photo.ask_for_faces()
    assert not photo.ask_for_faces()
    with after(seconds=6):
        assert photo.ask_for_faces()


def test_whoever_asks_often_writes_nothing(
    photo: Photo, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    photo.ask_for_faces()
    asked = again(photo)
    with django_assert_num_queries(0):
        assert not asked.ask_for_faces()


def test_a_picture_is_looked_at_again_where_its_worker_died(photo: Photo) -> None:
    photo.begin_look(seconds=10)
    with after(seconds=11):
        assert photo.begin_look(seconds=10)


def test_a_picture_over_which_every_worker_dies_is_given_up(photo: Photo) -> None:
    for _ in range(MOST_LOOKS):
        assert photo.begin_look(seconds=-1)
    assert not photo.begin_look(seconds=10)
    assert again(photo).is_looked_at


def test_the_last_look_is_waited_for(photo: Photo) -> None:
    for seconds in (-1, -1, 10):
        photo.begin_look(seconds=seconds)
    assert not again(photo).is_looked_at


def test_a_look_that_could_not_be_taken_is_no_look(photo: Photo) -> None:
    for _ in range(MOST_LOOKS):
        photo.begin_look(seconds=10)
        assert photo.look_later()
    assert photo.begin_look(seconds=10)


def test_what_could_not_be_looked_at_may_be_much_later(photo: Photo) -> None:
    photo.ask_for_faces()
    photo.give_up_looking()
    assert again(photo).is_looked_at
    assert not photo.ask_for_faces()
    with after(hours=2):
        assert photo.ask_for_faces()
        assert photo.begin_look(seconds=10)


def test_what_the_shell_could_not_look_at_may_be_much_later(photo: Photo) -> None:
    photo.give_up_looking()
    assert not again(photo).ask_for_faces()
    with after(hours=2):
        assert again(photo).ask_for_faces()


def test_only_what_was_asked_for_lately_is_searched_for(
    alice: User, photo: Photo, photo_of: Callable[..., Photo]
) -> None:
    photo_of(alice)
    photo.ask_for_faces()
    assert list(Photo.objects.to_be_looked_at()) == [photo]
    with after(minutes=11):
        assert not Photo.objects.to_be_looked_at()
