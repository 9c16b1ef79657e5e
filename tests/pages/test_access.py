"""Owner, team mate, stranger and nobody, at every door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from swaps.models import Membership, Photo, Role, Status, Swap, Team, User
from tests.conftest import make_user
from tests.samples import picture_bytes

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]

PAGES = ["swap"]
PIECES = ["swap_json", "stage", "result"]
ACTIONS = ["retry", "cancel", "delete", "rename"]


@pytest.mark.parametrize("name", PAGES + PIECES)
def test_a_swap_is_shown_to_its_team_and_is_not_there_for_a_stranger(
    name: str, alice: User, bob: User, charlie: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    path = reverse(name, args=[done_swap_of(alice).pk])
    answers = [as_(user).get(path).status_code for user in (alice, bob, charlie)]
    assert answers == [200, 200, 404]


@pytest.mark.parametrize("name", PIECES)
def test_without_logging_in_pictures_and_json_are_not_there(
    name: str, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    path = reverse(name, args=[done_swap_of(alice).pk])
    assert as_(None).get(path).status_code == 404


@pytest.mark.parametrize("size", ["320", "1280", "full"])
def test_a_picture_is_shown_to_its_team_alone(
    size: str, alice: User, bob: User, charlie: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    path = reverse("photo", args=[swap.target_id, size])
    answers = [as_(user).get(path).status_code for user in (alice, bob, charlie, None)]
    assert answers == [200, 200, 404, 404]


@pytest.mark.parametrize("path", ["/", "/new/", "/accounts/password/"])
def test_without_logging_in_pages_lead_to_log_in(path: str, alice: User, as_: As) -> None:
    response = as_(None).get(path)
    assert response.status_code == 302
    assert response.headers["Location"] == f"/accounts/login/?next={path}"


@pytest.mark.parametrize("name", ACTIONS)
def test_a_swap_is_changed_by_its_maker_and_the_teams_owner_alone(
    name: str,
    alice: User,
    bob: User,
    charlie: User,
    owner: User,
    as_: As,
    done_swap_of: Callable[..., Swap],
) -> None:
    path = reverse(name, args=[done_swap_of(alice).pk])
    answers = [as_(user).post(path).status_code for user in (charlie, bob, owner)]
    assert answers == [404, 403, 302]
    path = reverse(name, args=[done_swap_of(alice).pk])
    assert as_(alice).post(path).status_code == 302


@pytest.mark.parametrize("name", ACTIONS)
def test_nothing_is_changed_by_looking(
    name: str, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    path = reverse(name, args=[done_swap_of(alice).pk])
    answer = as_(alice).get(path)
    swap = Swap.objects.get()
    assert answer.headers["Location"] == f"/swaps/{swap.pk}/"
    assert (swap.status, swap.deleted_at) == (Status.SUCCEEDED, None)


def test_a_viewer_may_look_but_not_make(
    viewer: User, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice)
    browser = as_(viewer)
    assert browser.get(reverse("swap", args=[swap.pk])).status_code == 200
    assert browser.get("/new/").status_code == 403
    file = SimpleUploadedFile("a.jpg", picture_bytes())
    assert browser.post("/photos/", {"file": file}).status_code == 403


def test_a_viewer_is_offered_nothing_to_make(
    viewer: User, alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    path = reverse("swap", args=[done_swap_of(alice).pk])
    for page in (as_(viewer).get("/"), as_(viewer).get(path)):
        assert "/new/" not in page.content.decode()


def test_who_may_make_swaps_in_one_team_makes_them_there(viewer: User) -> None:
    studio = Team.objects.create(slug="studio", name="Studio")
    Membership.objects.create(user=viewer, team=studio, role=Role.MEMBER)
    again = User.objects.get(pk=viewer.pk)
    assert (again.team, again.may_make) == (studio, True)


def test_a_strangers_picture_cannot_be_used(
    alice: User, charlie: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    form = {"source_photo": photo.pk, "target_photo": photo.pk, "consent": "on"}
    assert as_(charlie).post("/new/", form).status_code == 400
    assert not Swap.objects.exists()


def test_a_strangers_picture_is_not_shown_in_the_form(
    alice: User, charlie: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    page = as_(charlie).get("/new/", {"source": str(photo.pk)})
    assert str(photo.pk) not in page.content.decode()


def test_the_gallery_has_the_teams_swaps_and_no_others(
    alice: User, bob: User, charlie: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    swap_of(alice, title="On the beach")
    found = [
        "On the beach" in as_(user).get("/").content.decode() for user in (alice, bob, charlie)
    ]
    assert found == [True, True, False]


def test_pictures_cannot_be_guessed_at_a_static_address(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    photo = photo_of(alice)
    for path in (f"/media/{photo.key}/full.jpg", f"/{photo.key}/full.jpg"):
        assert as_(alice).get(path).status_code == 404


def test_pictures_are_private_to_the_browser_that_asked(
    alice: User, as_: As, photo_of: Callable[..., Photo]
) -> None:
    headers = as_(alice).get(reverse("photo", args=[photo_of(alice).pk, "full"])).headers
    assert headers["Cache-Control"].startswith("private")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_pages_allow_no_inline_script_and_no_inline_style(alice: User, as_: As) -> None:
    policy = as_(alice).get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "style-src 'self'" in policy


def test_a_role_in_another_team_gives_no_right_in_this_one(
    alice: User, charlie: User, as_: As, swap_of: Callable[..., Swap]
) -> None:
    dan = make_user("dan", team=charlie.team, role=Role.OWNER)
    swap = swap_of(alice)
    assert as_(dan).post(reverse("delete", args=[swap.pk])).status_code == 404
    assert Swap.objects.get().status == Status.QUEUED
