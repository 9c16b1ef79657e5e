"""Glasses: found where they are worn, kept on the target, and not brought along from the source."""

import cv2
import numpy as np
import pytest

from swaps.engine.arrays import Bools, Rgb, floats
from swaps.engine.glasses import Glasses, find_glasses
from swaps.engine.lenses import without_glasses
from swaps.engine.models import Models
from swaps.engine.options import Options
from swaps.engine.pipeline import find_faces, swap_faces
from tests.engine import people

_BARE = (
    "f02_smiling_man",
    "f04_redhead_woman",
    "f06_woman_dark_skin",
    "f07_bearded_man",
    "f11_three_quarter_man",
)
_COLOURS = {"black": (25, 22, 22), "brown": (110, 60, 30), "gold": (205, 170, 95)}
_BLACK = _COLOURS["black"]


def glasses_of(picture: Rgb, *, models: Models) -> Glasses | None:
    face = find_faces(picture, models=models)[0]
    return find_glasses(picture, vertices=face.landmarks, canonical=models.canonical)


def wearing(
    picture: Rgb,
    *,
    models: Models,
    colour: tuple[int, int, int],
    thickness: float = 0.25,
    roundness: float = 2.0,
) -> tuple[Rgb, Bools]:
    """The picture's largest face with glasses, and where their frames are."""
    faces = find_faces(picture, models=models)
    landmarks = max(faces, key=lambda face: face.size).landmarks
    return people.wearing_glasses(
        picture, landmarks, colour=colour, thickness=thickness, roundness=roundness
    )


@pytest.fixture(scope="module")
def large(astronaut: Rgb) -> Rgb:
    """A face large enough for thin frames."""
    return people.scaled(astronaut[0:260, 120:360], 3)


@pytest.mark.parametrize("name", _BARE)
def test_a_bare_face_wears_none(name: str, models: Models) -> None:
    assert glasses_of(people.portrait(name), models=models) is None


def test_the_astronaut_wears_none(large: Rgb, models: Models) -> None:
    assert glasses_of(large, models=models) is None


def test_a_mirrored_face_wears_none_either(large: Rgb, models: Models) -> None:
    assert glasses_of(np.ascontiguousarray(large[:, ::-1]), models=models) is None


def test_real_gold_frames_are_found(models: Models) -> None:
    assert glasses_of(people.portrait("f13_glasses_bearded_man"), models=models)


@pytest.mark.parametrize("roundness", [2.0, 4.0], ids=["round", "angular"])
@pytest.mark.parametrize("thickness", [0.15, 0.3, 0.45])
@pytest.mark.parametrize("colour", _COLOURS.values(), ids=_COLOURS)
def test_frames_are_found_where_they_are(
    colour: tuple[int, int, int], thickness: float, roundness: float, large: Rgb, models: Models
) -> None:
    worn, frames = wearing(
        large, models=models, colour=colour, thickness=thickness, roundness=roundness
    )
    found = glasses_of(worn, models=models)
    assert found
    near_the_eyes = cv2.dilate(found.lenses, np.ones((15, 15), np.uint8)) > 0.5
    assert found.frames[frames & near_the_eyes].mean() > 0.65
    # The thinnest is drawn with a margin as wide as itself on both sides, in whole pixels.
    assert found.frames.mean() < 3.3 * frames.mean()


def test_the_targets_frames_stay(large: Rgb, cousin: Rgb, models: Models) -> None:
    worn, frames = wearing(large, models=models, colour=_BLACK)
    outcome = swap_faces(cousin, worn, models=models, options=Options())
    rims = frames & outcome.changed
    assert people.difference(outcome.result_rgb, worn, where=rims) < 8


def test_there_is_another_face_behind_the_targets_frames(
    large: Rgb, cousin: Rgb, models: Models
) -> None:
    worn, _ = wearing(large, models=models, colour=_BLACK)
    outcome = swap_faces(cousin, worn, models=models, options=Options())
    assert people.difference(outcome.result_rgb, worn, where=outcome.changed) > 5


def test_the_sources_frames_are_left_behind(large: Rgb, cousin: Rgb, models: Models) -> None:
    worn, _ = wearing(large, models=models, colour=_BLACK)
    bare = swap_faces(large, cousin, models=models, options=Options())
    outcome = swap_faces(worn, cousin, models=models, options=Options())
    assert glasses_of(outcome.result_rgb, models=models) is None
    assert people.difference(outcome.result_rgb, bare.result_rgb, where=bare.changed) < 5


def test_a_blank_picture_has_no_glasses(models: Models) -> None:
    blank = np.full((300, 300, 3), 128, np.uint8)
    front = models.canonical.vertices * floats([12, -12, -12]) + floats([150, 150, 0])
    assert find_glasses(blank, vertices=front, canonical=models.canonical) is None


def test_a_tint_is_taken_from_the_sources_lenses(large: Rgb, models: Models) -> None:
    worn, _ = wearing(large, models=models, colour=_BLACK)
    glasses = glasses_of(worn, models=models)
    assert glasses
    tint = 1 - 0.3 * glasses.lenses[..., None]
    tinted = (worn * tint).round().astype(np.uint8)
    (face,) = find_faces(large, models=models)
    cleared, _ = without_glasses(tinted, glasses=glasses, vertices=face.landmarks)
    seen = (glasses.lenses > 0.9) & ~glasses.hidden
    left, before = (people.difference(one, large, where=seen) for one in (cleared, tinted))
    assert left < 0.4 * before


def test_glare_is_taken_from_the_sources_lenses(large: Rgb, models: Models) -> None:
    dim = (large * 0.6).astype(np.uint8)
    worn, _ = wearing(dim, models=models, colour=_BLACK)
    glasses = glasses_of(worn, models=models)
    assert glasses
    (face,) = find_faces(dim, models=models)
    x, y = face.landmarks[118, :2].round().astype(int).tolist()  # below the left eye
    shining = cv2.circle(worn.copy(), (x, y), 6, (255, 255, 255), -1).astype(np.uint8)
    cleared, _ = without_glasses(shining, glasses=glasses, vertices=face.landmarks)
    assert glasses.lenses[y, x] == 1
    assert np.abs(cleared[y, x].astype(np.int16) - dim[y, x]).max() < 40


def test_sunglasses_of_the_target_stay_whole(large: Rgb, cousin: Rgb, models: Models) -> None:
    worn, _ = wearing(large, models=models, colour=_BLACK)
    glasses = glasses_of(worn, models=models)
    assert glasses
    dark = (worn * (1 - 0.9 * glasses.lenses[..., None])).round().astype(np.uint8)
    outcome = swap_faces(cousin, dark, models=models, options=Options())
    behind = (glasses.lenses > 0.9) & outcome.changed
    assert people.difference(outcome.result_rgb, dark, where=behind) < 3
