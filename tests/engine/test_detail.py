"""What stays the target's inside the face: teeth of an open mouth, an eye that is closed."""

import numpy as np
import pytest

from swaps.engine import regions
from swaps.engine.arrays import Floats, Rgb
from swaps.engine.detail import own_parts
from swaps.engine.models import Models
from swaps.engine.pipeline import find_faces

SIZE = (512, 512)


@pytest.fixture(scope="module")
def landmarks(astronaut: Rgb, models: Models) -> Floats:
    (face,) = find_faces(astronaut, models=models)
    return face.landmarks


def with_gap(landmarks: Floats, four: tuple[int, int, int, int], *, gap: float) -> Floats:
    """The face with an eye or the mouth open by a share of its width."""
    changed = landmarks.copy()
    upper, lower, one, other = four
    middle = (landmarks[upper] + landmarks[lower]) / 2
    half = np.hypot(*(landmarks[one] - landmarks[other])[:2]) * gap / 2
    changed[upper, :2] = middle[:2] - (0, half)
    changed[lower, :2] = middle[:2] - (0, -half)
    return changed


def stays_at(point: int, *, source: Floats, target: Floats) -> bool:
    stay = own_parts(target[:468], source=source, target=target, size=SIZE)
    x, y = np.round(target[point, :2]).astype(int)
    return bool(stay[y, x] > 0.3)


def test_nothing_stays_of_a_face_like_the_sources(landmarks: Floats) -> None:
    assert not own_parts(landmarks[:468], source=landmarks, target=landmarks, size=SIZE).any()


def test_a_closed_eye_stays_where_the_sources_is_open(landmarks: Floats) -> None:
    awake = with_gap(landmarks, regions.LEFT_EYE_GAP, gap=0.3)
    asleep = with_gap(landmarks, regions.LEFT_EYE_GAP, gap=0.02)
    assert stays_at(159, source=awake, target=asleep)


def test_an_open_mouth_stays_where_the_sources_is_shut(landmarks: Floats) -> None:
    shut = with_gap(landmarks, regions.MOUTH_GAP, gap=0.0)
    wide = with_gap(landmarks, regions.MOUTH_GAP, gap=0.5)
    assert stays_at(14, source=shut, target=wide)


def test_the_sources_teeth_are_drawn_where_both_smile(landmarks: Floats) -> None:
    wide = with_gap(landmarks, regions.MOUTH_GAP, gap=0.5)
    assert not own_parts(wide[:468], source=wide, target=wide, size=SIZE).any()
