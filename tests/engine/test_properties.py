"""What holds of every swap: it goes with its input, spares the rest, and keeps a face laid onto itself."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from swaps.engine.arrays import Rgb
from swaps.engine.models import Models
from swaps.engine.options import Options
from swaps.engine.pipeline import SwapOutcome, swap_faces
from tests.engine import people

FEW = settings(
    max_examples=4,
    derandomize=True,
    # The pictures and the models are only read.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def swap(source: Rgb, target: Rgb, *, models: Models) -> SwapOutcome:
    return swap_faces(source, target, models=models, options=Options())


def mirrored(picture: Rgb) -> Rgb:
    return np.ascontiguousarray(picture[:, ::-1])


def relit(picture: Rgb, *, gamma: float, tint: float) -> Rgb:
    """The picture in other light: darker or brighter, warmer or colder."""
    lit = (picture / 255) ** gamma * [tint, 1.0, 1 / tint]
    return np.asarray(np.clip(lit * 255, 0, 255), np.uint8)


@given(x=st.integers(0, 90), y=st.integers(0, 90))
@FEW
def test_a_moved_target_gives_the_moved_result(
    x: int, y: int, astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    moved = people.on_canvas(cousin, corner=(x, y), size=(602, 602))
    back = swap(astronaut, moved, models=models).result_rgb[y : y + 512, x : x + 512]
    assert people.difference(back, swapped.result_rgb, where=swapped.changed) < 3


@given(x=st.integers(0, 90), y=st.integers(0, 90))
@FEW
def test_a_moved_source_gives_the_same_result(
    x: int, y: int, astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    moved = people.on_canvas(astronaut, corner=(x, y), size=(602, 602))
    result = swap(moved, cousin, models=models).result_rgb
    assert people.difference(result, swapped.result_rgb, where=swapped.changed) < 3


@given(factor=st.floats(0.75, 3))
@FEW
def test_a_scaled_target_gives_the_scaled_result(
    factor: float, astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    result = swap(astronaut, people.scaled(cousin, factor), models=models).result_rgb
    back = cv2.resize(result, (512, 512), interpolation=cv2.INTER_AREA)
    assert (
        people.difference(np.asarray(back, np.uint8), swapped.result_rgb, where=swapped.changed) < 5
    )


def test_mirrored_pictures_give_the_mirrored_result(
    astronaut: Rgb, cousin: Rgb, swapped: SwapOutcome, models: Models
) -> None:
    outcome = swap(mirrored(astronaut), mirrored(cousin), models=models)
    back = mirrored(outcome.result_rgb)
    assert people.difference(back, swapped.result_rgb, where=swapped.changed) < 5


@given(gamma=st.floats(0.6, 1.6), tint=st.floats(0.8, 1.2))
@FEW
def test_nothing_changes_outside_the_oval_in_any_light(
    gamma: float, tint: float, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    target = relit(cousin, gamma=gamma, tint=tint)
    outcome = swap(astronaut, target, models=models)
    np.testing.assert_array_equal(outcome.result_rgb[~outcome.changed], target[~outcome.changed])


@given(gamma=st.floats(0.6, 1.6), tint=st.floats(0.8, 1.2))
@FEW
def test_a_face_onto_itself_changes_little_in_any_light(
    gamma: float, tint: float, astronaut: Rgb, models: Models
) -> None:
    picture = relit(astronaut, gamma=gamma, tint=tint)
    outcome = swap(picture, picture, models=models)
    assert people.difference(outcome.result_rgb, picture, where=outcome.changed) <= 2


@pytest.mark.parametrize("factor", [0.5, 2.5])
def test_a_face_onto_itself_changes_little_at_any_size(
    factor: float, astronaut: Rgb, models: Models
) -> None:
    picture = people.scaled(astronaut, factor)
    outcome = swap(picture, picture, models=models)
    assert people.difference(outcome.result_rgb, picture, where=outcome.changed) <= 2
