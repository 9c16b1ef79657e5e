"""The way from a swap to the same two pictures with other faces of them, and what the form keeps of a choice."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs

import pytest
from django.test import Client
from django.urls import reverse

from swaps.face_choice import FoundFace
from swaps.models import Attempt, Photo, Status, Swap, User

pytestmark = pytest.mark.django_db
As = Callable[[User | None], Client]
SwapOf = Callable[..., Swap]


def face(left: float) -> FoundFace:
    points = [
        [left + 4, 10.0],
        [left + 12, 10.0],
        [left + 8, 14.0],
        [left + 5, 18.0],
        [left + 11, 18.0],
    ]
    box = [left, 4.0, left + 16, 24.0]
    return FoundFace(
        box=box,
        points=points,
        size=200.0,
        yaw=0.0,
        pitch=0.0,
        sharpness=1.0,
        covered=0.0,
        outside=0.0,
    )


def look(photo: Photo | None, *lefts: float) -> None:
    """Its faces were found: one at each of these places."""
    assert photo is not None
    Photo.objects.filter(pk=photo.pk).update(faces=[face(left) for left in lefts])


def link(browser: Client, swap: Swap) -> dict[str, list[str]]:
    """What the link to other faces asks of the form; empty where there is none."""
    page = browser.get(reverse("swap", args=[swap.pk])).content.decode()
    found = re.search(r'href="/new/\?([^"]+)">(?:(?!</a>).)*Choose other faces', page, re.DOTALL)
    return parse_qs(unescape(found[1])) if found else {}


def failed(swap: Swap, code: str, picture: str) -> Swap:
    Swap.objects.filter(pk=swap.pk).update(
        status=Status.FAILED, error_code=code, error_picture=picture, result=None
    )
    return swap


def test_where_the_photo_shows_several_faces_others_can_be_chosen(
    alice: User, as_: As, done_swap_of: SwapOf
) -> None:
    swap = done_swap_of(alice)
    look(swap.target, 10, 50)
    Swap.objects.filter(pk=swap.pk).update(target_faces="18,11")
    assert link(as_(alice), swap) == {
        "source": [str(swap.source_id)], "target": [str(swap.target_id)], "target_faces": ["18,11"],
    }  # fmt: skip


def test_where_there_is_one_face_there_is_nothing_to_choose(
    alice: User, as_: As, done_swap_of: SwapOf
) -> None:
    swap = done_swap_of(alice)
    for photo in (swap.source, swap.target):
        look(photo, 10)
    assert link(as_(alice), swap) == {}


def test_after_a_face_that_could_not_be_used_another_can_be_chosen(
    alice: User, as_: As, swap_of: SwapOf
) -> None:
    swap = failed(swap_of(alice), "face_turned", "target")
    assert set(link(as_(alice), swap)) == {"source", "target"}


def test_after_a_photo_that_shows_no_face_there_is_no_other_to_choose(
    alice: User, as_: As, swap_of: SwapOf
) -> None:
    swap = failed(swap_of(alice), "no_face", "target")
    look(swap.target)
    assert link(as_(alice), swap) == {}


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (
            1,
            "One of the chosen faces stayed as it was: it is too small, turned too far or covered.",
        ),
        (2, "2 of the chosen faces stayed as they were: too small, turned too far or covered."),
    ],
)
def test_a_result_says_which_faces_it_could_not_replace(
    alice: User, as_: As, done_swap_of: SwapOf, left_out: int, said: str
) -> None:
    swap = done_swap_of(alice, target_faces="all")
    Attempt.begin(swap, provider="local")
    swap.attempts.update(left_out=left_out)
    assert said in as_(alice).get(reverse("swap", args=[swap.pk])).content.decode()


def test_a_result_names_the_face_it_could_not_replace_where_its_photo_tells(
    alice: User, as_: As, done_swap_of: SwapOf
) -> None:
    swap = done_swap_of(alice, target_faces="all")
    Photo.objects.filter(as_target=swap).update(faces=[face(10), face(40) | {"size": 44.9}])
    Attempt.begin(swap, provider="local")
    swap.attempts.update(left_out=1)
    page = as_(alice).get(reverse("swap", args=[swap.pk])).content.decode()
    assert "Face 2 stayed as it was: it is only 44 px." in page


def test_a_result_with_all_chosen_faces_says_nothing_of_them(
    alice: User, as_: As, done_swap_of: SwapOf
) -> None:
    swap = done_swap_of(alice, target_faces="all")
    Attempt.begin(swap, provider="local")
    assert "stayed as" not in as_(alice).get(reverse("swap", args=[swap.pk])).content.decode()


def kept(page: str, role: str) -> str:
    """What the script starts with."""
    found = re.search(rf'<face-picker [^>]*data-role="{role}" data-choice="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_a_choice_survives_what_is_wrong_elsewhere_in_the_form(
    alice: User, as_: As, swap_of: SwapOf
) -> None:
    swap = swap_of(alice)
    form = {"source_photo": swap.source_id, "target_photo": swap.target_id, "target_faces": "all"}
    page = as_(alice).post(reverse("new"), form).content.decode()
    assert "Please confirm" in page
    assert kept(page, "target") == "all"


def test_a_choice_that_fits_no_face_is_said_and_not_kept(
    alice: User, as_: As, swap_of: SwapOf
) -> None:
    swap = swap_of(alice)
    look(swap.target, 10)
    form = {
        "source_photo": swap.source_id, "target_photo": swap.target_id, "target_faces": "90,60", "consent": "on",
    }  # fmt: skip
    page = as_(alice).post(reverse("new"), form).content.decode()
    assert "There is no face at 90, 60 of the Photo" in page
    assert kept(page, "target") == ""
    assert 'data-role="target" data-name="Photo" data-state="ready"' in page


def test_the_address_brings_a_choice_into_the_form(alice: User, as_: As, swap_of: SwapOf) -> None:
    swap = swap_of(alice)
    query = {"target": str(swap.target_id), "target_faces": "20,20"}
    assert kept(as_(alice).get(reverse("new"), query).content.decode(), "target") == "20,20"


def test_without_javascript_a_choice_is_not_sent_with_a_picture_that_is_chosen_instead(
    alice: User, as_: As, swap_of: SwapOf
) -> None:
    query = {"target": str(swap_of(alice).target_id), "target_faces": "20,20"}
    page = as_(alice).get(reverse("new"), query).content.decode()
    assert '<input type="hidden" name="target_faces" value="" ' in page
