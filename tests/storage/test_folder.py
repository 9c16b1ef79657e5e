"""Pictures in the site's own folder: signed addresses for outsiders, and what a crash left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from swaps import storage, tidying
from swaps.models import Photo, User

pytestmark = pytest.mark.django_db
MINUTE = 60
SITE = "https://swaps.example.org"


@pytest.fixture
def key(alice: User, photo_of: Callable[..., Photo], settings: Settings) -> str:
    settings.SITE_URL = SITE
    return photo_of(alice).key


def address_of(key: str, file: str = "full.jpg") -> str:
    return storage.outside_url(key, file, seconds=MINUTE).removeprefix(SITE)


def test_an_outsider_gets_the_picture_by_its_address(key: str, client: Client) -> None:
    answer = client.get(address_of(key))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"  # type: ignore[attr-defined]


def test_the_address_is_on_the_public_one_of_the_site(key: str) -> None:
    assert storage.outside_url(key, "full.jpg", seconds=MINUTE).startswith(f"{SITE}/p/")


def test_after_its_time_it_is_no_good(key: str, client: Client) -> None:
    address = address_of(key)
    with time_machine.travel(timezone.now() + timedelta(seconds=MINUTE + 1)):
        assert client.get(address).status_code == 404


def test_a_longer_time_cannot_be_forged(key: str, client: Client) -> None:
    _, mark, rest = address_of(key).removeprefix("/p").split("/", 2)
    until, _, signature = mark.partition("-")
    assert client.get(f"/p/{int(until) + 9}-{signature}/{rest}").status_code == 404


def test_it_is_for_one_picture_alone(
    key: str, client: Client, alice: User, photo_of: Callable[..., Photo]
) -> None:
    other = photo_of(alice).key.rpartition("/")[2]
    assert client.get(address_of(key).replace(key[-32:], other)).status_code == 404


def test_it_is_for_one_size_alone(key: str, client: Client) -> None:
    assert client.get(address_of(key).replace("full.jpg", "320.webp")).status_code == 404


def test_it_ends_with_the_picture(key: str, client: Client) -> None:
    address = address_of(key)
    storage.remove(key, "jpg")
    assert client.get(address).status_code == 404


def test_it_holds_when_the_secret_key_is_changed_for_a_new_one(
    key: str, client: Client, settings: Settings
) -> None:
    address = address_of(key)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "n" * 50
    assert client.get(address).status_code == 200


def test_orphans_go_after_a_day(key: str) -> None:
    lost = storage.new_key()
    default_storage.save(f"{lost}/full.jpg", ContentFile(b"left"))
    default_storage.save("pictures/readme.txt", ContentFile(b"not ours"))
    assert tidying.remove_orphans() == 0
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert tidying.remove_orphans() == 1
    assert not default_storage.exists(lost)
    assert default_storage.exists(f"{key}/full.jpg")
    assert default_storage.exists("pictures/readme.txt")


def test_the_command_only_lists_them_unless_told_to_remove(key: str) -> None:
    lost = storage.new_key()
    default_storage.save(f"{lost}/full.jpg", ContentFile(b"left"))
    out = StringIO()
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        call_command("orphans", stdout=out)
        assert out.getvalue() == f"{lost}/full.jpg\n1 files that no picture refers to.\n"
        call_command("orphans", "--remove", stdout=out)
    assert not default_storage.exists(lost)
