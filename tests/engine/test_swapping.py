"""A swap changes the face and nothing else, and keeps the pose, the place and the light."""

import cv2
import numpy as np
import pytest

from swaps.engine import regions
from swaps.engine.appraise import appraise
from swaps.engine.arrays import Rgb, floats
from swaps.engine.detail import match_sharpness
from swaps.engine.models import Models, load_models
from swaps.engine.options import Options
from swaps.engine.pipeline import SwapOutcome, find_faces, swap_faces
from tests.engine import people


def landmark_error(result: Rgb, target: Rgb, *, models: Models) -> float:
    """The mean distance of the points of both faces, against the distance of the eyes."""
    before, after = (find_faces(one, models=models)[0].landmarks[:, :2] for one in (target, result))
    left, right = before[regions.EYE_CORNERS]
    return float(np.hypot(*(after - before).T).mean() / np.hypot(*(right - left)))


def test_the_result_has_the_targets_size(cousin: Rgb, swapped: SwapOutcome) -> None:
    assert swapped.result_rgb.shape == cousin.shape
    assert swapped.result_rgb.dtype == np.uint8


def test_every_pixel_outside_the_oval_is_the_targets(cousin: Rgb, swapped: SwapOutcome) -> None:
    differs = (swapped.result_rgb != cousin).any(axis=2)
    assert not (differs & ~swapped.changed).any()


def test_the_face_inside_the_oval_is_another(cousin: Rgb, swapped: SwapOutcome) -> None:
    assert people.difference(swapped.result_rgb, cousin, where=swapped.changed) > 5


def test_the_oval_is_no_larger_than_the_face(cousin: Rgb, swapped: SwapOutcome) -> None:
    assert 0.02 < swapped.changed.mean() < 0.05


def test_the_pose_stays_the_targets(cousin: Rgb, swapped: SwapOutcome, models: Models) -> None:
    assert landmark_error(swapped.result_rgb, cousin, models=models) < 0.035


def test_the_colour_of_the_skin_stays_the_targets(cousin: Rgb, swapped: SwapOutcome) -> None:
    means = [one[swapped.changed].mean(axis=0) for one in (swapped.result_rgb, cousin)]
    np.testing.assert_allclose(means[0], means[1], atol=10)


def test_neither_picture_is_written_to(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    source, target = astronaut.copy(), cousin.copy()
    swap_faces(source, target, models=models, options=Options())
    np.testing.assert_array_equal(source, astronaut)
    np.testing.assert_array_equal(target, cousin)


def test_a_face_onto_itself_changes_little(astronaut: Rgb, models: Models) -> None:
    outcome = swap_faces(astronaut, astronaut, models=models, options=Options())
    assert people.difference(outcome.result_rgb, astronaut, where=outcome.changed) <= 2


@pytest.mark.parametrize(
    "name", ["f04_redhead_woman", "f11_three_quarter_man", "f13_glasses_bearded_man"]
)
def test_a_portrait_onto_itself_changes_little(name: str, models: Models) -> None:
    portrait = people.portrait(name)
    outcome = swap_faces(portrait, portrait, models=models, options=Options())
    assert people.difference(outcome.result_rgb, portrait, where=outcome.changed) <= 2


def test_the_same_pictures_give_the_same_result(
    astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    again = swap_faces(astronaut, cousin, models=models, options=Options())
    np.testing.assert_array_equal(again.result_rgb, swapped.result_rgb)


def test_the_number_of_threads_changes_nothing(
    astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome
) -> None:
    alone = load_models(None, threads=1)
    again = swap_faces(astronaut, cousin, models=alone, options=Options())
    load_models(None, threads=2)
    np.testing.assert_array_equal(again.result_rgb, swapped.result_rgb)


def test_the_result_moves_with_the_target(
    astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    moved = people.on_canvas(cousin, corner=(40, 24), size=(560, 540))
    outcome = swap_faces(astronaut, moved, models=models, options=Options())
    back = outcome.result_rgb[24 : 24 + 512, 40 : 40 + 512]
    assert people.difference(back, swapped.result_rgb, where=swapped.changed) < 2.5


def test_a_tilted_target_keeps_its_tilt(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    tilted = people.turned(cousin, 30)
    outcome = swap_faces(astronaut, tilted, models=models, options=Options())
    assert landmark_error(outcome.result_rgb, tilted, models=models) < 0.035


def test_a_grey_target_stays_grey(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    grey = np.repeat(cousin.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    result = swap_faces(astronaut, grey, models=models, options=Options()).result_rgb
    assert np.ptp(result.astype(np.int16), axis=2).max() <= 3


def test_a_grey_source_takes_the_targets_colour(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    grey = np.repeat(astronaut.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2)
    outcome = swap_faces(grey, cousin, models=models, options=Options())
    means = [one[outcome.changed].mean(axis=0) for one in (outcome.result_rgb, cousin)]
    np.testing.assert_allclose(means[0], means[1], atol=12)


def test_a_large_target_gets_the_same_face(
    astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    large = people.scaled(cousin, 3)
    small_work = Options(work_size=120)
    outcome = swap_faces(astronaut, large, models=models, options=small_work)
    shrunk = people.scaled(outcome.result_rgb, 1 / 3)
    assert people.difference(shrunk, swapped.result_rgb, where=swapped.changed) < 6


def test_a_face_cut_off_by_the_frame_is_swapped_all_the_same(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    cut = np.ascontiguousarray(cousin[90:300])
    outcome = swap_faces(astronaut, cut, models=models, options=Options())
    assert outcome.faces == 1


def test_teeth_of_an_open_mouth_stay_the_targets(models: Models) -> None:
    shut, smiling = people.portrait("f04_redhead_woman"), people.portrait("f02_smiling_man")
    (face,) = find_faces(smiling, models=models)
    result = swap_faces(shut, smiling, models=models, options=Options()).result_rgb
    x, y = face.landmarks[[13, 14], :2].mean(axis=0).astype(int)
    teeth = (slice(y - 10, y + 10), slice(x - 40, x + 40))
    assert np.abs(result[teeth].astype(np.int16) - smiling[teeth]).mean() < 25


def test_a_turned_target_keeps_its_pose(models: Models) -> None:
    front, turned = people.portrait("f07_bearded_man"), people.portrait("f11_three_quarter_man")
    result = swap_faces(front, turned, models=models, options=Options()).result_rgb
    assert landmark_error(result, turned, models=models) < 0.04


@pytest.mark.parametrize("blur", [8, 12])
def test_a_blurred_target_gets_a_face_as_blurred(
    blur: float, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    larger = people.scaled(cousin, 4)
    soft = np.asarray(cv2.GaussianBlur(larger, (0, 0), blur), np.uint8)
    result = swap_faces(people.scaled(astronaut, 4), soft, models=models, options=Options())
    sharpness = [
        appraise(one, face=find_faces(one, models=models)[0]).sharpness
        for one in (result.result_rgb, soft)
    ]
    assert sharpness[0] < 1.4 * sharpness[1]


def test_a_sharp_target_leaves_the_face_as_sharp_as_it_is() -> None:
    random = np.random.default_rng(5)
    face, target = floats(random.random((2, 100, 100, 3)))
    inside = np.ones((100, 100), bool)
    assert match_sharpness(face, target, inside=inside, extent=100) is face
