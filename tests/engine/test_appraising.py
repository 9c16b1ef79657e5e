"""What is said of a face before a swap: where it is, how sharp, and whether something lies over it."""

import cv2
import numpy as np
import pytest

from swaps.engine.appraise import Appraisal, appraise
from swaps.engine.arrays import Floats, Rgb
from swaps.engine.landmarks import Face
from swaps.engine.models import Models
from swaps.engine.pipeline import find_faces
from tests.engine import people

PORTRAITS = [
    "f02_smiling_man",
    "f04_redhead_woman",
    "f06_woman_dark_skin",
    "f07_bearded_man",
    "f11_three_quarter_man",
    "f13_glasses_bearded_man",
]
BELOW_THE_NOSE = [93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397]
BELOW_THE_NOSE += [288, 361, 323, 195]


def appraised(picture: Rgb, *, models: Models) -> Appraisal:
    return appraise(picture, face=_largest(picture, models=models))


def _largest(picture: Rgb, *, models: Models) -> Face:
    return max(find_faces(picture, models=models), key=lambda face: face.size)


def painted(picture: Rgb, outline: Floats, colour: tuple[int, int, int]) -> Rgb:
    """The picture with an area of one colour laid over it."""
    covered = picture.copy()
    cv2.fillPoly(covered, [np.round(outline).astype(np.int32)], colour, lineType=cv2.LINE_AA)
    return covered


def with_dark_glasses(picture: Rgb, *, face: Face) -> Rgb:
    covered = picture.copy()
    for one, other in ((33, 133), (263, 362)):
        x, y = face.landmarks[[one, other], :2].mean(axis=0).tolist()
        box = ((x, y), (0.34 * face.size, 0.26 * face.size), face.roll)
        cv2.ellipse(covered, box, (28, 28, 30), -1)
    return covered


def test_gives_eyes_nose_and_mouth_in_pixels_of_the_photo(astronaut: Rgb, models: Models) -> None:
    points = appraised(astronaut, models=models).points
    wanted = [(204, 101), (246, 103), (223, 131), (202, 139), (244, 140)]
    assert np.abs(points - wanted).max() < 4


def test_a_photograph_is_sharp(astronaut: Rgb, models: Models) -> None:
    assert appraised(astronaut, models=models).sharpness > 0.8


def test_a_face_out_of_focus_is_blurred(astronaut: Rgb, models: Models) -> None:
    soft = cv2.GaussianBlur(people.scaled(astronaut, 2.0), (0, 0), 6)
    assert appraised(np.asarray(soft, np.uint8), models=models).is_blurred


def test_sharpness_is_that_of_the_face_and_not_its_size(models: Models) -> None:
    portrait = people.portrait("f06_woman_dark_skin")
    large = appraised(portrait, models=models).sharpness
    small = appraised(people.scaled(portrait, 0.4), models=models).sharpness
    assert small == pytest.approx(large, abs=0.1)


def test_noise_is_not_taken_for_sharpness(models: Models) -> None:
    portrait = people.portrait("f04_redhead_woman")
    soft = cv2.GaussianBlur(portrait, (0, 0), 0.03 * 548)
    noise = np.random.default_rng(3).normal(0, 4, portrait.shape)
    noisy = np.clip(soft + noise, 0, 255).astype(np.uint8)
    assert appraised(noisy, models=models).is_blurred


@pytest.mark.parametrize("name", PORTRAITS)
def test_a_portrait_gives_no_alarm(name: str, models: Models) -> None:
    found = appraised(people.portrait(name), models=models)
    assert [found.is_blurred, found.is_covered, found.is_cut] == [False, False, False]


@pytest.mark.parametrize("colour", [(225, 228, 230), (120, 170, 215), (25, 25, 28)])
def test_a_mask_over_mouth_and_nose_is_seen(
    colour: tuple[int, int, int], astronaut: Rgb, models: Models
) -> None:
    face = _largest(astronaut, models=models)
    masked = painted(astronaut, face.landmarks[BELOW_THE_NOSE, :2], colour)
    assert appraised(masked, models=models).is_covered


@pytest.mark.parametrize("name", PORTRAITS)
def test_dark_glasses_are_seen(name: str, models: Models) -> None:
    portrait = people.portrait(name)
    face = _largest(portrait, models=models)
    assert appraised(with_dark_glasses(portrait, face=face), models=models).is_covered


def test_a_face_that_the_edge_cuts_in_two_is_seen(astronaut: Rgb, models: Models) -> None:
    assert appraised(np.ascontiguousarray(astronaut[:150]), models=models).is_cut


def test_a_face_close_to_the_edge_is_whole(astronaut: Rgb, models: Models) -> None:
    assert not appraised(np.ascontiguousarray(astronaut[:200]), models=models).is_cut
