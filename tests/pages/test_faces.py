"""A picture's faces, as the page asks for them, and the choice of them when a swap is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from swaps.models import Photo, Swap, User
from tests.faces.people import THREE, face

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
PhotoOf = Callable[..., Photo]


@pytest.fixture
def seen(photo_of: PhotoOf) -> PhotoOf:
    """A picture of 900 × 400 pixels whose faces are known."""

    def make(user: User, *, faces: list[Any] = THREE) -> Photo:
        photo = photo_of(user)
        Photo.objects.filter(pk=photo.pk).update(width=900, height=400, faces=faces)
        photo.refresh_from_db()
        return photo

    return make


def answer(browser: Client, photo: Photo, *, role: str = "target") -> dict[str, Any]:
    found: dict[str, Any] = browser.get(reverse("faces", args=[photo.pk]), {"role": role}).json()
    return found


def sent(browser: Client, source: Photo, target: Photo, **more: str) -> Any:
    form = {"source_photo": str(source.pk), "target_photo": str(target.pk), "consent": "on"}
    return browser.post("/new/", {**form, **more})


def test_while_nobody_has_looked_the_page_waits(alice: User, as_: As, photo_of: PhotoOf) -> None:
    assert answer(as_(alice), photo_of(alice)) == {"state": "looking"}


def test_an_old_picture_is_looked_at_as_soon_as_somebody_asks(
    alice: User, as_: As, photo_of: PhotoOf
) -> None:
    photo = photo_of(alice)
    answer(as_(alice), photo)
    assert photo in Photo.objects.to_be_looked_at()


def test_each_face_has_its_place_its_name_and_a_point(alice: User, as_: As, seen: PhotoOf) -> None:
    found = answer(as_(alice), seen(alice))
    assert {name: found[name] for name in ("state", "width", "height", "warnings")} == {
        "state": "found",
        "width": 900,
        "height": 400,
        "warnings": [],
    }
    assert found["faces"][1] == {
        "point": "450,176",
        "box": [402, 120, 498, 240],
        "size": 120,
        "name": "Face 2 of 3, from the left",
        "usable": True,
        "refused": "",
        "warnings": [],
    }


def test_a_face_that_cannot_be_swapped_is_not_usable_and_says_why(
    alice: User, as_: As, seen: PhotoOf
) -> None:
    (found,) = answer(as_(alice), seen(alice, faces=[face(450, 200, size=40)]))["faces"]
    assert not found["usable"]
    assert "too small" in found["warnings"][0]


@pytest.mark.parametrize(("role", "name"), [("source", "Face picture"), ("target", "Photo")])
def test_a_picture_without_a_face_is_named_by_what_it_is_for(
    role: str, name: str, alice: User, as_: As, seen: PhotoOf
) -> None:
    said = answer(as_(alice), seen(alice, faces=[]), role=role)["warnings"]
    assert said == [
        f"We found no face in the {name}. Choose one where the face looks towards the camera."
    ]


def test_what_could_not_be_looked_at_says_so_and_ends_the_waiting(
    alice: User, as_: As, photo_of: PhotoOf
) -> None:
    photo = photo_of(alice)
    photo.give_up_looking()
    found = answer(as_(alice), photo)
    assert (found["state"], found["faces"]) == ("found", [])
    assert "could not be searched for faces" in found["warnings"][0]


def test_what_could_not_be_looked_at_is_looked_at_again_when_somebody_asks_much_later(
    alice: User, as_: As, photo_of: PhotoOf
) -> None:
    photo = photo_of(alice)
    photo.ask_for_faces()
    photo.give_up_looking()
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        assert answer(as_(alice), photo) == {"state": "looking"}
        assert photo in Photo.objects.to_be_looked_at()


def test_the_answer_is_kept_by_nobody(alice: User, as_: As, seen: PhotoOf) -> None:
    response = as_(alice).get(reverse("faces", args=[seen(alice).pk]))
    assert response.headers["Cache-Control"] == "private, no-store"


def test_a_swap_keeps_the_faces_that_were_chosen(alice: User, as_: As, seen: PhotoOf) -> None:
    chosen = {"source_face": "450,176", "target_faces": "150,196;750,216"}
    assert sent(as_(alice), seen(alice), seen(alice), **chosen).status_code == 302
    made = Swap.objects.get()
    assert (made.source_face, made.target_faces) == ("450,176", "150,196;750,216")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"source_face": "450,390"}, "There is no face at 450, 390 of the Face."),
        ({"target_faces": "1000,5"}, "The chosen face lies outside the Photo"),
        ({"target_faces": "left"}, "does not say which face of the Photo is meant"),
    ],
)
def test_a_choice_that_fits_no_face_is_a_sentence_and_nothing_is_lost(
    chosen: dict[str, str], said: str, alice: User, as_: As, seen: PhotoOf
) -> None:
    source, target = seen(alice), seen(alice)
    response = sent(as_(alice), source, target, title="Kept", **chosen)
    page = response.content.decode()
    assert response.status_code == 400
    assert all(part in page for part in (said, str(source.pk), str(target.pk), 'value="Kept"'))
    assert not Swap.objects.exists()


def test_another_face_takes_the_photos_choice_along(
    alice: User, as_: As, seen: PhotoOf, done_swap_of: Callable[..., Swap]
) -> None:
    swap = done_swap_of(alice, target_faces="150,196;750,216", source_face="450,176")
    page = as_(alice).get(reverse("swap", args=[swap.pk])).content.decode()
    assert f"?target={swap.target_id}&amp;target_faces=150%2C196%3B750%2C216" in page
    assert f"?source={swap.source_id}&amp;source_face=450%2C176" in page


def test_the_form_starts_with_the_choice_that_is_asked_for(
    alice: User, as_: As, seen: PhotoOf
) -> None:
    asked = {"target": str(seen(alice).pk), "target_faces": "150,196"}
    form = as_(alice).get("/new/", asked).context["form"]
    assert form["target_faces"].value() == "150,196"


def test_a_choice_of_another_picture_is_not_asked_for(alice: User, as_: As, seen: PhotoOf) -> None:
    asked = {"target": str(seen(alice).pk), "target_faces": "450,390"}
    form = as_(alice).get("/new/", asked).context["form"]
    assert form["target_faces"].value() is None


def test_a_retry_keeps_the_choice(alice: User, as_: As, swap_of: Callable[..., Swap]) -> None:
    swap = swap_of(alice, target_faces="10,10")
    swap.cancel()
    as_(alice).post(reverse("retry", args=[swap.pk]))
    swap.refresh_from_db()
    assert (swap.status, swap.target_faces) == ("queued", "10,10")


def test_a_swaps_details_say_in_words_which_faces_were_chosen(
    alice: User, as_: As, done_swap_of: Callable[..., Swap], seen: PhotoOf
) -> None:
    swap = done_swap_of(alice, source_face="450,176", target_faces="150,196;750,216")
    Swap.objects.filter(pk=swap.pk).update(source=seen(alice), target=seen(alice))
    page = as_(alice).get(reverse("swap", args=[swap.pk])).content.decode()
    assert "<dt>Chosen in the Face</dt><dd>Face 2 of 3, from the left</dd>" in page
    assert "<dt>Chosen in the Photo</dt><dd>2 of 3 faces, from the left: 1, 3</dd>" in page


def test_where_no_face_was_chosen_the_details_say_nothing_of_it(
    alice: User, as_: As, done_swap_of: Callable[..., Swap]
) -> None:
    page = as_(alice).get(reverse("swap", args=[done_swap_of(alice).pk])).content.decode()
    assert "Chosen in" not in page


def test_the_history_says_in_words_which_faces_were_chosen(
    as_: As, done_swap_of: Callable[..., Swap], alice: User
) -> None:
    admin = User.objects.create_superuser("root")
    swap = done_swap_of(alice, target_faces="all")
    address = reverse("admin:swaps_swap_change", args=[swap.pk])
    page = as_(admin).get(address).content.decode()
    assert "The largest face" in page
    assert "All faces" in page


# --- With the hosted service, which chooses by itself ---------------------------------------------------


def test_the_page_says_where_a_crop_for_the_hosted_service_cuts_another_face(
    alice: User, as_: As, seen: PhotoOf, settings: Settings
) -> None:
    photo = seen(alice, faces=[face(300, 200), face(370, 200), face(750, 200)])
    settings.FACESWAP_PROVIDER = "acedata"
    said = [one["warnings"] for one in answer(as_(alice), photo)["faces"]]
    assert "cut another face in half" in said[0][0]
    assert "cut another face in half" in said[1][0]
    assert said[2] == []


def test_with_the_hosted_service_one_face_can_be_chosen(
    alice: User, as_: As, seen: PhotoOf, settings: Settings
) -> None:
    assert answer(as_(alice), seen(alice))["several"]
    settings.FACESWAP_PROVIDER = "acedata"
    found = answer(as_(alice), seen(alice))
    assert "replaces one face a swap" in found["warnings"][0]
    assert not found["several"]


def test_a_small_face_can_be_sent_to_the_hosted_service(
    alice: User, as_: As, seen: PhotoOf, settings: Settings
) -> None:
    settings.FACESWAP_PROVIDER = "acedata"
    [small] = answer(as_(alice), seen(alice, faces=[face(300, 200, size=30)]))["faces"]
    assert small["usable"]
    assert "may refuse" in small["warnings"][0]


def test_of_the_embedded_engine_none_of_it_is_said(alice: User, as_: As, seen: PhotoOf) -> None:
    found = answer(as_(alice), seen(alice, faces=[face(300, 200), face(370, 200)]))
    assert found["warnings"] == []
    assert [one["warnings"] for one in found["faces"]] == [[], []]


def test_several_faces_for_the_hosted_service_are_a_sentence_and_nothing_is_lost(
    alice: User, as_: As, seen: PhotoOf, settings: Settings
) -> None:
    settings.FACESWAP_PROVIDER = "acedata"
    source, target = seen(alice), seen(alice)
    answered = sent(as_(alice), source, target, target_faces="all")
    assert answered.status_code == 400
    assert "replaces one face a swap" in answered.content.decode()
    assert str(target.pk) in answered.content.decode()
    assert not Swap.objects.exists()
