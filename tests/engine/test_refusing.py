"""A picture that cannot be used is refused with a code, which of the two it is, and a sentence."""

import pickle

import numpy as np
import pytest

from swaps.engine.arrays import Rgb
from swaps.engine.errors import EngineError
from swaps.engine.models import Models
from swaps.engine.options import FaceChoice, Options
from swaps.engine.pipeline import find_faces, swap_faces
from tests.engine import people


def refusal(
    source: Rgb, target: Rgb, *, models: Models, options: Options | None = None
) -> EngineError:
    with pytest.raises(EngineError) as caught:
        swap_faces(source, target, models=models, options=options or Options())
    return caught.value


def test_a_source_without_a_face(astronaut: Rgb, models: Models) -> None:
    error = refusal(people.noise(), astronaut, models=models)
    assert (error.code, error.picture) == ("no_face", "source")


def test_a_target_without_a_face(astronaut: Rgb, models: Models) -> None:
    error = refusal(astronaut, people.landscape(), models=models)
    assert (error.code, error.picture) == ("no_face", "target")


def test_the_source_is_named_first_where_both_are_wrong(models: Models) -> None:
    assert refusal(people.noise(), people.landscape(), models=models).picture == "source"


def test_a_source_that_is_too_small(astronaut: Rgb, models: Models) -> None:
    error = refusal(people.scaled(astronaut, 0.4), astronaut, models=models)
    assert (error.code, error.picture) == ("face_too_small", "source")


def test_a_target_that_is_too_small(astronaut: Rgb, models: Models) -> None:
    error = refusal(astronaut, people.scaled(astronaut, 0.4), models=models)
    assert (error.code, error.picture) == ("face_too_small", "target")


def test_a_source_that_is_turned(astronaut: Rgb, models: Models) -> None:
    portrait = people.portrait("f11_three_quarter_man")
    error = refusal(portrait, astronaut, models=models, options=Options(max_yaw=20))
    assert (error.code, error.picture) == ("face_turned", "source")


def test_a_target_that_is_turned(astronaut: Rgb, models: Models) -> None:
    portrait = people.portrait("f11_three_quarter_man")
    error = refusal(astronaut, portrait, models=models, options=Options(max_yaw=20))
    assert (error.code, error.picture) == ("face_turned", "target")


def test_a_face_number_that_there_is_not(astronaut: Rgb, models: Models) -> None:
    options = Options(faces=FaceChoice.parse("7"))
    error = refusal(astronaut, people.trio(), models=models, options=options)
    assert "no face number 7" in str(error)


def test_a_point_beside_every_face(astronaut: Rgb, models: Models) -> None:
    options = Options(faces=FaceChoice.parse("700,500"))
    error = refusal(astronaut, people.trio(), models=models, options=options)
    assert (error.code, error.picture) == ("no_face", "target")


def test_the_sentence_says_what_people_call_the_picture(astronaut: Rgb, models: Models) -> None:
    assert str(refusal(astronaut, people.noise(), models=models)) == (
        "We found no face in the Photo. Choose one where the face looks towards the camera."
    )


@pytest.mark.parametrize("shape", [(64, 64), (64, 64, 4), (64, 64, 3, 1)])
def test_an_array_that_is_no_picture(shape: tuple[int, ...], models: Models) -> None:
    with pytest.raises(ValueError, match=r"uint8 \(height, width, 3\)"):
        find_faces(np.zeros(shape, np.uint8), models=models)


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3)])
def test_a_picture_too_thin_for_a_face(size: tuple[int, int], models: Models) -> None:
    assert find_faces(np.zeros((*size, 3), np.uint8), models=models) == []


def test_a_refusal_survives_the_way_out_of_a_worker_process(models: Models) -> None:
    error = refusal(people.noise(), people.noise(), models=models)
    home = pickle.loads(pickle.dumps(error))  # noqa: S301 - it was made one line above
    assert (str(home), home.code, home.picture) == (str(error), error.code, error.picture)
