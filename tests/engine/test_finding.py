"""Faces are found where they are, as they are turned, and only where they are."""

from dataclasses import replace

import numpy as np
import pytest

from swaps.engine import pipeline
from swaps.engine.arrays import Rgb, floats
from swaps.engine.detect import Detection, overlap
from swaps.engine.landmarks import Face, find_landmarks
from swaps.engine.models import Models
from swaps.engine.pipeline import find_faces
from tests.engine import people
from tests.portraits import astronaut as portrait
from tests.portraits import other_person


def test_finds_the_face_of_a_portrait(astronaut: Rgb, models: Models) -> None:
    (face,) = find_faces(astronaut, models=models)
    assert overlap(face.box, (178, 68, 272, 180)) > 0.9


def test_gives_478_points_in_pixels_of_the_photo(astronaut: Rgb, models: Models) -> None:
    (face,) = find_faces(astronaut, models=models)
    assert face.landmarks.shape == (478, 3)
    nose = face.landmarks[1, :2]
    assert np.hypot(*(nose - (225, 125))) < 15


def test_finds_nothing_in_noise(models: Models) -> None:
    assert find_faces(people.noise(), models=models) == []


def test_finds_nothing_in_a_landscape(models: Models) -> None:
    assert find_faces(people.landscape(), models=models) == []


def test_a_badge_beside_people_is_no_face(models: Models) -> None:
    pair = np.hstack([np.asarray(one) for one in (portrait(), other_person())])[:, ::-1]
    assert len(find_faces(np.ascontiguousarray(pair), models=models)) == 2


def test_points_that_all_lie_beyond_the_picture_are_no_face(
    astronaut: Rgb, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    def beyond(photo_rgb: Rgb, *, detection: Detection, models: Models) -> Face | None:
        face = find_landmarks(photo_rgb, detection=detection, models=models)
        return face and replace(face, landmarks=floats(face.landmarks + floats([512, 0, 0])))

    monkeypatch.setattr(pipeline, "find_landmarks", beyond)
    assert find_faces(astronaut, models=models) == []


def test_finds_a_face_that_fills_the_frame(astronaut: Rgb, models: Models) -> None:
    assert len(find_faces(astronaut[62:185, 172:280], models=models)) == 1


def test_finds_a_face_far_away_in_a_large_photo(astronaut: Rgb, models: Models) -> None:
    far = people.on_canvas(people.scaled(astronaut, 0.5), corner=(60, 500), size=(1280, 960))
    assert len(find_faces(far, models=models)) == 1


def test_counts_faces_from_left_to_right(models: Models) -> None:
    middles = [(face.box[0] + face.box[2]) / 2 for face in find_faces(people.trio(), models=models)]
    assert middles == sorted(middles)


def test_finds_each_face_once(models: Models) -> None:
    assert len(find_faces(people.trio(), models=models)) == 3


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        pytest.param([320, 70, 110, 70], (2800, 900), id="small beside large"),
        pytest.param([70] * 10, (1800, 1200), id="ten people in a large photo"),
        pytest.param([110] * 12, (3840, 380), id="a long row"),
    ],
)
def test_finds_everybody_in_a_group(
    sizes: list[int], size: tuple[int, int], models: Models
) -> None:
    assert len(find_faces(people.group(sizes, size=size), models=models)) == len(sizes)


def test_measures_how_far_a_head_is_tilted(astronaut: Rgb, models: Models) -> None:
    (upright,) = find_faces(astronaut, models=models)
    (tilted,) = find_faces(people.turned(astronaut, 30), models=models)
    assert tilted.roll - upright.roll == pytest.approx(30, abs=4)


def test_a_mirrored_head_looks_to_the_other_side(models: Models) -> None:
    portrait = people.portrait("f11_three_quarter_man")
    (face,) = find_faces(portrait, models=models)
    (mirrored,) = find_faces(np.ascontiguousarray(portrait[:, ::-1]), models=models)
    assert face.yaw < -20
    assert mirrored.yaw > 20
