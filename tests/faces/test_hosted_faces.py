"""What a service that chooses by itself can be told of a choice, and what is said of it beforehand."""

from __future__ import annotations

import pytest

from swaps import hosted_faces
from swaps.face_choice import FoundFace, Unfit
from swaps.framing import Verdict
from tests.faces.people import PICTURE, THREE, face

CLOSE = [face(300, 200), face(370, 200)]
CHILD = [face(300, 200, size=200), face(330, 250, size=40)]


def of_face(at: int, faces: list[FoundFace], *, role: str = "target") -> list[str]:
    return hosted_faces.of_face(at, faces, role=role, size=PICTURE)


def test_one_face_of_several_is_framed_alone() -> None:
    found = hosted_faces.framed("450,180", THREE, role="target", size=PICTURE)
    assert found is not None
    assert found[0] == THREE[1]
    assert found[1].verdict is Verdict.ALONE


@pytest.mark.parametrize("choice", ["", "450,180"])
def test_an_only_face_needs_no_crop(choice: str) -> None:
    assert hosted_faces.framed(choice, THREE[1:2], role="target", size=PICTURE) is None


def test_an_open_choice_needs_no_crop() -> None:
    assert hosted_faces.framed("", THREE, role="target", size=PICTURE) is None


def test_two_points_in_the_same_face_are_one_face() -> None:
    found = hosted_faces.framed("450,180;455,185", THREE, role="target", size=PICTURE)
    assert found is not None
    assert found[0] == THREE[1]


@pytest.mark.parametrize("choice", ["all", "150,200;450,180"])
def test_several_faces_are_refused(choice: str) -> None:
    with pytest.raises(hosted_faces.Several, match="one face a swap"):
        hosted_faces.framed(choice, THREE, role="target", size=PICTURE)


def test_all_of_one_face_are_not_several() -> None:
    assert hosted_faces.framed("all", THREE[:1], role="target", size=PICTURE) is None


def test_a_point_beside_every_face_means_none() -> None:
    with pytest.raises(Unfit, match="There is no face"):
        hosted_faces.framed("890,10", THREE, role="target", size=PICTURE)


def test_nothing_is_refused_before_anybody_has_looked() -> None:
    hosted_faces.check("all", None, role="target")


def test_of_a_face_with_room_around_it_nothing_is_said() -> None:
    assert [of_face(at, THREE) for at in range(3)] == [[], [], []]


@pytest.mark.parametrize(
    ("faces", "role", "said"),
    [
        (CLOSE, "target", "cut another face in half, so that one may change, too"),
        (CLOSE, "source", "part of another face, too, so that one may be mixed in"),
        (CHILD, "target", "show another face as well, so that one may change instead"),
        (CHILD, "source", "show another face as well, so that one may be taken instead"),
    ],
)
def test_of_a_face_beside_another_it_is_said_what_the_crop_shows(
    faces: list[FoundFace], role: str, said: str
) -> None:
    assert said in of_face(0, faces, role=role)[0]


def test_of_a_photo_of_several_it_is_said_that_one_can_be_replaced() -> None:
    assert "replaces one face a swap" in hosted_faces.of_picture(THREE, role="target")[0]
    assert hosted_faces.of_picture(THREE[:1], role="target") == []
    assert hosted_faces.of_picture(THREE, role="source") == []


def test_what_the_engine_would_refuse_the_service_may_do() -> None:
    assert of_face(0, [face(300, 200, size=30)]) == [hosted_faces.MAY_REFUSE]
    assert of_face(0, [face(300, 200, yaw=60)]) == [hosted_faces.MAY_REFUSE]
