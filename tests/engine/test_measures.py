"""What the engine's bench measures: each measure tells the good case from the bad one."""

from __future__ import annotations

import numpy as np
import pytest

from bench import _measures as measures
from swaps.engine.arrays import Bools, Floats, Rgb, floats
from swaps.engine.mask import oval_area
from swaps.engine.models import Models
from swaps.engine.pipeline import SwapOutcome, find_faces


@pytest.fixture(scope="module")
def landmarks(cousin: Rgb, models: Models) -> Floats:
    return find_faces(cousin, models=models)[0].landmarks


@pytest.fixture(scope="module")
def oval(cousin: Rgb, landmarks: Floats, models: Models) -> Bools:
    size = (cousin.shape[1], cousin.shape[0])
    return oval_area(landmarks, canonical=models.canonical, size=size)


def seam(result_rgb: Rgb, target_rgb: Rgb, oval: Bools) -> float:
    size = float(np.ptp(np.flatnonzero(oval.any(axis=1))))
    return measures.gradient_ratio(result_rgb, target_rgb, oval=oval, size=size, band=measures.SEAM)


def test_a_picture_has_no_seam_against_itself(cousin: Rgb, oval: Bools) -> None:
    assert seam(cousin, cousin, oval) == 1


def test_a_face_pasted_in_another_light_has_a_seam(cousin: Rgb, oval: Bools) -> None:
    pasted = np.where(oval[..., None], cousin // 2, cousin)
    assert seam(pasted, cousin, oval) > 1.2


def test_landmarks_moved_by_a_tenth_of_the_eyes_distance_are_off_by_a_tenth(
    landmarks: Floats,
) -> None:
    moved = landmarks.copy()
    moved[:, 0] += 0.1 * measures.interocular(landmarks)
    assert measures.landmark_error(landmarks, landmarks) == 0
    assert measures.landmark_error(floats(moved), landmarks) == pytest.approx(0.1, rel=1e-3)


def test_one_changed_pixel_outside_is_seen(cousin: Rgb, oval: Bools) -> None:
    touched = cousin.copy()
    touched[0, 0, 2] ^= 1
    touched[oval] = 0
    assert measures.changed_outside(touched, cousin, ovals=oval) == 1


def test_what_the_engine_changes_lies_in_the_faces_outline(
    swapped: SwapOutcome, landmarks: Floats
) -> None:
    outline = measures.hull(landmarks, shape=swapped.changed.shape)
    assert not (swapped.changed & ~outline).any()
