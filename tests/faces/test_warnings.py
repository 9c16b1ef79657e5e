"""What is said of a face before it is swapped, and where that begins."""

from __future__ import annotations

import numpy as np
import pytest

from swaps import face_warnings
from swaps.engine.appraise import Appraisal
from swaps.engine.options import Options
from swaps.face_choice import FoundFace, box_inside
from tests.faces.people import PICTURE, face


def said(**fields: float) -> list[str]:
    return face_warnings.of_face(face(450, 200, **fields), role="source")


def test_of_a_good_face_nothing_is_said() -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"size": 62.4}, "This face is small (62 px). The result will be soft; a larger picture"),
        ({"yaw": -31}, "This face is turned to the side"),
        ({"sharpness": 0.3}, "This face is blurred. The result will be soft; a sharper picture"),
        ({"covered": 0.9}, "Something seems to cover this face"),
        ({"outside": 0.1}, "The picture’s edge cuts this face off"),
    ],
)
def test_what_may_spoil_the_result_is_said_and_the_face_stays_usable(
    fields: dict[str, float], words: str
) -> None:
    (sentence,) = said(**fields)
    assert sentence.startswith(words)
    assert sentence.endswith("works better.")
    assert face_warnings.is_usable(face(450, 200, **fields))


def test_of_a_blurred_photo_it_is_said_that_the_new_face_will_be_as_blurred() -> None:
    (sentence,) = face_warnings.of_face(face(450, 200, sharpness=0.3), role="target")
    assert sentence.startswith("This face is blurred, so the new one will be.")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"size": 47.9}, "This face is too small to be swapped (47 px; 48 are needed)."),
        ({"yaw": 46}, "This face is turned too far to the side to be swapped."),
    ],
)
def test_what_the_engine_refuses_is_said_so(fields: dict[str, float], words: str) -> None:
    (sentence,) = said(**fields)
    assert sentence.startswith(words)
    assert " Choose " in sentence
    assert not face_warnings.is_usable(face(450, 200, **fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"size": 96},
        {"yaw": 30},
        {"yaw": -30},
        {"sharpness": 0.4},
        {"covered": 0.85},
        {"outside": 0.08},
    ],
)
def test_what_is_just_good_enough_is_not_warned_of(fields: dict[str, float]) -> None:
    assert said(**fields) == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"size": 44.9}, "it is only 44 px"),
        ({"yaw": -50}, "it is turned too far to the side"),
        ({"covered": 1, "size": 60}, ""),
    ],
)
def test_why_a_face_is_sure_to_be_refused_is_half_a_sentence(
    fields: dict[str, float], why: str
) -> None:
    assert face_warnings.refused(face(450, 200, **fields)) == why


SMALL_AND_TURNED = [face(150, 200, size=44), face(450, 180), face(750, 220, yaw=60)]


@pytest.mark.parametrize(
    ("count", "choice", "words"),
    [
        (
            2,
            "all",
            "Face 1 stayed as it was: it is only 44 px. Face 3 stayed as it was: it is turned too far",
        ),
        (1, "450,180;750,220", "Face 3 stayed as it was: it is turned too far to the side."),
        (1, "all", "One of the chosen faces stayed as it was"),
        (3, "all", "3 of the chosen faces stayed as they were"),
        (1, "9,9", "One of the chosen faces stayed as it was"),
        (0, "all", ""),
    ],
)
def test_faces_that_stayed_are_named_where_it_is_known_which(
    count: int, choice: str, words: str
) -> None:
    said = face_warnings.of_left_out(count, choice=choice, faces=SMALL_AND_TURNED)
    assert said.startswith(words)


def judged(*, sharpness: float = 1, covered: float = 0, outside: float = 0) -> list[bool]:
    """What the engine says of a face of which it has measured that: blurred, covered, cut."""
    one = Appraisal(
        box=(0, 0, 1, 1), size=120, yaw=0, pitch=0, roll=0, points=np.zeros((5, 2), np.float32),
        sharpness=sharpness, covered=covered, outside=outside,
    )  # fmt: skip
    return [one.is_blurred, one.is_covered, one.is_cut]


def test_sizes_and_angles_that_are_refused_are_the_engines_own() -> None:
    options = Options()
    assert options.min_face == face_warnings.LEAST_SIZE
    assert options.max_yaw == face_warnings.MOST_YAW


def test_the_engine_draws_its_other_lines_at_the_same_places() -> None:
    sharpness, covered, outside = (
        face_warnings.LEAST_SHARPNESS,
        face_warnings.MOST_COVERED,
        face_warnings.MOST_OUTSIDE,
    )
    assert not any(judged(sharpness=sharpness, covered=covered, outside=outside))
    assert all(judged(sharpness=sharpness - 0.01, covered=covered + 0.01, outside=outside + 0.01))


@pytest.mark.parametrize(("role", "name"), [("source", "Face picture"), ("target", "Photo")])
def test_a_picture_without_a_face_says_so(role: str, name: str) -> None:
    (sentence,) = face_warnings.of_picture([], role=role)
    assert sentence.startswith(f"We found no face in the {name}. ")


def test_a_picture_with_faces_is_nothing_to_warn_of() -> None:
    assert face_warnings.of_picture([face(450, 200)], role="target") == []


def test_a_box_is_drawn_no_further_than_the_picture_goes() -> None:
    cut: FoundFace = face(880, 20)
    assert box_inside(cut, size=PICTURE) == [832, 0, 900, 80]
