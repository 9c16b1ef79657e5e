"""Which of several faces is replaced, and which is taken: the largest, all, by number or by points."""

import numpy as np
import pytest

from swaps.engine.arrays import Rgb
from swaps.engine.errors import EngineError
from swaps.engine.models import Models
from swaps.engine.options import FaceChoice, Options
from swaps.engine.pipeline import SwapOutcome, swap_faces
from tests.engine import people

# The columns in which the three faces of `people.trio` lie.
LEFT, MIDDLE, RIGHT = slice(0, 300), slice(320, 800), slice(850, 1000)


def swap(choice: str, *, source: Rgb, models: Models, min_face: int = 48) -> SwapOutcome:
    options = Options(faces=FaceChoice.parse(choice), min_face=min_face)
    return swap_faces(source, people.trio(), models=models, options=options)


def places(outcome: SwapOutcome) -> list[bool]:
    """Which of the three faces were replaced."""
    return [bool(outcome.changed[:, place].any()) for place in (LEFT, MIDDLE, RIGHT)]


def test_the_largest_is_replaced_where_nothing_is_said(cousin: Rgb, models: Models) -> None:
    assert places(swap("", source=cousin, models=models)) == [False, True, False]


def test_all_are_replaced_where_all_is_said(cousin: Rgb, models: Models) -> None:
    outcome = swap("all", source=cousin, models=models)
    assert places(outcome) == [True, True, True]
    assert outcome.faces == 3


def test_all_leaves_out_what_is_too_small(cousin: Rgb, models: Models) -> None:
    outcome = swap("all", source=cousin, models=models, min_face=90)
    assert places(outcome) == [True, True, False]
    assert (outcome.faces, outcome.left_out) == (2, 1)


def test_all_leaves_everything_beside_the_ovals_alone(cousin: Rgb, models: Models) -> None:
    outcome = swap("all", source=cousin, models=models)
    differs = (outcome.result_rgb != people.trio()).any(axis=2)
    assert not (differs & ~outcome.changed).any()


def test_a_face_among_all_looks_as_it_does_alone(cousin: Rgb, models: Models) -> None:
    among = swap("all", source=cousin, models=models).result_rgb[:, LEFT]
    alone = swap("1", source=cousin, models=models).result_rgb[:, LEFT]
    np.testing.assert_array_equal(among, alone)


def test_a_number_counts_from_the_left(cousin: Rgb, models: Models) -> None:
    assert places(swap("1", source=cousin, models=models)) == [True, False, False]


def test_a_point_means_the_face_it_lies_on(cousin: Rgb, models: Models) -> None:
    assert places(swap("125,150", source=cousin, models=models)) == [True, False, False]


def test_several_points_mean_the_faces_they_lie_on(cousin: Rgb, models: Models) -> None:
    outcome = swap("930,80;125,150", source=cousin, models=models)
    assert places(outcome) == [True, False, True]
    assert outcome.faces == 2


def test_two_points_on_one_face_mean_it_once(cousin: Rgb, models: Models) -> None:
    assert swap("125,150;130,155", source=cousin, models=models).faces == 1


def test_a_point_among_several_that_lies_on_no_face_is_refused(cousin: Rgb, models: Models) -> None:
    with pytest.raises(EngineError, match="no face at the point 700, 500 of the Photo"):
        swap("125,150;700,500", source=cousin, models=models)


def test_a_face_is_taken_by_number_as_by_point(astronaut: Rgb, models: Models) -> None:
    by_number, by_point = (
        swap_faces(
            people.trio(),
            astronaut,
            models=models,
            options=Options(source_face=FaceChoice.parse(text)),
        ).result_rgb
        for text in ("1", "125,150")
    )
    np.testing.assert_array_equal(by_number, by_point)


def test_the_largest_face_is_taken_where_nothing_is_said(astronaut: Rgb, models: Models) -> None:
    said = Options(source_face=FaceChoice.parse("2"))
    one, other = (
        swap_faces(people.trio(), astronaut, models=models, options=options).result_rgb
        for options in (Options(), said)
    )
    np.testing.assert_array_equal(one, other)


def test_another_face_than_the_largest_can_be_taken(astronaut: Rgb, models: Models) -> None:
    one, other = (
        swap_faces(
            people.trio(), astronaut, models=models, options=Options(source_face=choice)
        ).result_rgb
        for choice in (FaceChoice(), FaceChoice.parse("1"))
    )
    assert (one != other).any()


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ("7", "The Face picture shows 3 faces, so there is no face number 7"),
        ("700,500", "no face at the point 700, 500 of the Face picture"),
    ],
)
def test_a_face_to_take_that_there_is_not(
    choice: str, sentence: str, astronaut: Rgb, models: Models
) -> None:
    options = Options(source_face=FaceChoice.parse(choice))
    with pytest.raises(EngineError, match=sentence) as caught:
        swap_faces(people.trio(), astronaut, models=models, options=options)
    assert caught.value.picture == "source"


@pytest.mark.parametrize("choice", ["all", "1,2;3,4"])
def test_only_one_face_can_be_taken(choice: str) -> None:
    with pytest.raises(ValueError, match="Only one face can be taken from the Face picture"):
        Options(source_face=FaceChoice.parse(choice))


def test_all_three_people_of_a_group_are_replaced(astronaut: Rgb, models: Models) -> None:
    group = people.portrait("m01_three_people")
    options = Options(faces=FaceChoice.parse("all"))
    assert swap_faces(astronaut, group, models=models, options=options).faces == 3


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("", FaceChoice()),
        (" All ", FaceChoice(kind="all")),
        ("2", FaceChoice(kind="number", number=2)),
        ("120,340", FaceChoice(kind="point", point=(120, 340))),
        ("1,2;3.5,4", FaceChoice(kind="points", points=((1, 2), (3.5, 4)))),
        (" 120.5 , 0 ", FaceChoice(kind="point", point=(120.5, 0))),
    ],
)
def test_a_choice_is_read_from_text(text: str, choice: FaceChoice) -> None:
    assert FaceChoice.parse(text) == choice


@pytest.mark.parametrize(
    "text",
    ["0", "-1", "1,2,3", "left", "1;2", "nan,1", "9" * 5000, "²", ",", "-3,4", "1,2;", "1,2;all"],
)
def test_any_other_text_is_refused_with_the_ways_to_say_it(text: str) -> None:
    with pytest.raises(ValueError, match='Write "all", a number'):
        FaceChoice.parse(text)
