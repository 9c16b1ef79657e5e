"""Which faces are meant: what can be chosen, how it is kept, and how it is said."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest

from swaps.engine import pipeline
from swaps.engine.errors import EngineError
from swaps.face_choice import LENGTH, Unfit, face_at, fitting, in_words, meant, numbered, point_of
from tests.faces.people import PICTURE, THREE, face


def target(text: str, *, is_looked_at: bool = True) -> str:
    return fitting(text, role="target", size=PICTURE, faces=THREE if is_looked_at else None)


def refusal(text: str, *, role: str = "target", is_looked_at: bool = True) -> str:
    with pytest.raises(Unfit) as caught:
        fitting(text, role=role, size=PICTURE, faces=THREE if is_looked_at else None)
    assert caught.value.role == role
    return str(caught.value)


@pytest.mark.parametrize("text", ["", "all", "150,200", "150,200;750,220"])
def test_the_largest_all_one_or_several_can_be_replaced(text: str) -> None:
    assert target(text) == text


@pytest.mark.parametrize("text", ["", "450,180"])
def test_the_largest_or_one_can_be_taken(text: str) -> None:
    assert fitting(text, role="source", size=PICTURE, faces=THREE) == text


@pytest.mark.parametrize("text", ["all", "150,200;450,180"])
def test_several_cannot_be_taken(text: str) -> None:
    assert "Choose one face." in refusal(text, role="source")


@pytest.mark.parametrize(
    "text", ["left", "150", "-3,5", "150,200;", "1e3,5", "nan,4", "150;200", "1,2,3"]
)
def test_what_is_no_choice_is_refused_with_a_sentence(text: str) -> None:
    assert "does not say which face of the Photo is meant" in refusal(text)


def test_a_number_is_never_kept() -> None:
    refusal("2")


def test_a_point_outside_the_picture_is_refused() -> None:
    assert refusal("900,10") == (
        "The chosen face lies outside the Photo, at 900, 10. Choose the face again."
    )


def test_a_point_beside_every_face_is_refused() -> None:
    assert refusal("300,390") == (
        "There is no face at 300, 390 of the Photo. "
        "Choose a point on one of its faces, or another picture."
    )


def test_a_picture_without_a_face_has_none_to_choose() -> None:
    with pytest.raises(Unfit):
        fitting("10,10", role="source", size=PICTURE, faces=[])


def test_where_nobody_has_looked_yet_any_point_of_the_picture_may_be_meant() -> None:
    assert target("300,390", is_looked_at=False) == "300,390"


def test_two_points_on_one_face_are_one_choice() -> None:
    assert target("150,200;160,210;450,180") == "150,200;450,180"


def test_the_faces_of_a_link_cannot_be_chosen_one_by_one() -> None:
    with pytest.raises(Unfit, match="Choose the picture as a file instead"):
        fitting("10,10", role="target", size=None, faces=None)


def test_all_faces_of_a_link_can_be_chosen() -> None:
    assert fitting("all", role="target", size=None, faces=None) == "all"


def test_more_points_than_can_be_kept_are_refused() -> None:
    too_many = ";".join(["150,200"] * LENGTH)
    assert "Choose fewer, or all of them." in refusal(too_many)


def test_a_point_a_little_outside_still_means_the_face() -> None:
    assert face_at((150, 285), THREE) == 0
    assert face_at((150, 295), THREE) is None


def test_the_engine_takes_a_point_for_the_same_face() -> None:
    known = [face(400, 200, size=240), face(470, 220, size=130), face(480, 190, size=60)]
    found: Any = [SimpleNamespace(box=one["box"], size=one["size"]) for one in known]
    for point in product(range(250, 600, 9), range(0, 400, 9)):
        try:
            meant_by_engine = pipeline._nearest(found, point=point, picture="target")
        except EngineError:
            meant_by_engine = None
        assert face_at(point, known) == meant_by_engine, point


def test_a_number_counts_from_the_left() -> None:
    assert numbered("2", role="target", size=PICTURE, faces=THREE) == point_of(
        THREE[1], size=PICTURE
    )


def test_a_number_that_no_face_has_is_refused() -> None:
    with pytest.raises(Unfit) as caught:
        numbered("4", role="target", size=PICTURE, faces=THREE)
    assert str(caught.value) == (
        "The Photo shows 3 faces, so there is no face number 4. "
        "Choose a number from 1 to 3, counted from the left."
    )


def test_the_point_of_a_face_means_that_face() -> None:
    for number, one in enumerate(THREE):
        x, y = point_of(one, size=PICTURE).split(",")
        assert face_at((float(x), float(y)), THREE) == number


def test_of_faces_that_overlap_each_ones_point_means_itself() -> None:
    cheek_to_cheek = [face(400, 200, size=240), face(470, 220, size=130)]
    points = [point_of(one, size=PICTURE) for one in cheek_to_cheek]
    kept = fitting(";".join(points), role="target", size=PICTURE, faces=cheek_to_cheek)
    assert kept == ";".join(points)
    assert [meant(point, cheek_to_cheek, role="target") for point in points] == [[0], [1]]


@pytest.mark.parametrize(
    ("text", "kept"),
    [("0.00001,5", "0,5"), ("1234.56,7.25", "1234.5,7.2"), ("199999.96,3", "199999.9,3")],
)
def test_a_point_is_kept_to_a_tenth_of_a_pixel_and_can_be_read_again(text: str, kept: str) -> None:
    for given in (text, kept):
        assert fitting(given, role="target", size=(200_000, 200), faces=None) == kept


def test_the_point_of_a_face_at_the_edge_lies_in_the_picture() -> None:
    assert point_of(face(-10, 395), size=PICTURE) == "0,391"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The largest face"),
        ("all", "All faces"),
        ("450,180", "Face 2 of 3, from the left"),
        ("750,220;150,200", "2 of 3 faces, from the left: 1, 3"),
        ("2", "Face 2, from the left"),
    ],
)
def test_a_choice_is_said_in_words(text: str, words: str) -> None:
    assert in_words(text, THREE) == words


def test_where_the_faces_are_not_known_the_points_are_said() -> None:
    assert in_words("300,390", THREE) == "The face at 300, 390"
    assert in_words("450,180", None) == "The face at 450, 180"
    assert in_words("450,180;150,200", None) == "The faces at 450, 180 and 150, 200"
