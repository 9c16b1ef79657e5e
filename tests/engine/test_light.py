"""The small maths of light: blending, colour, grain."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from swaps.engine.arrays import Floats, Rgb, floats
from swaps.engine.blend import blend
from swaps.engine.cells import Cells
from swaps.engine.colour import (
    Grid,
    Surface,
    log_light,
    low_frequency_ratio,
    match_colour,
    unit_from_log,
    weighted_blur,
)
from swaps.engine.detail import match_grain
from swaps.engine.skin import from_opponent, opponent

SIDES = st.tuples(st.integers(20, 70), st.integers(20, 70))


def picture(seed: int, sides: tuple[int, int]) -> Floats:
    return np.random.default_rng(seed).random((*sides, 3), np.float32)


@given(seed=st.integers(0, 999), sides=SIDES)
@settings(max_examples=25)
def test_a_picture_blended_with_itself_is_itself(seed: int, sides: tuple[int, int]) -> None:
    one = picture(seed, sides)
    mask = np.random.default_rng(seed).random(sides, np.float32)
    np.testing.assert_allclose(blend(one, one, mask=mask), one, atol=1e-6)


@given(seed=st.integers(0, 999), sides=SIDES)
@settings(max_examples=25)
def test_a_full_mask_gives_the_face(seed: int, sides: tuple[int, int]) -> None:
    face, target = picture(seed, sides), picture(seed + 1, sides)
    np.testing.assert_allclose(
        blend(face, target, mask=np.ones(sides, np.float32)), face, atol=1e-5
    )


@given(seed=st.integers(0, 999), sides=SIDES)
@settings(max_examples=25)
def test_an_empty_mask_gives_the_target(seed: int, sides: tuple[int, int]) -> None:
    face, target = picture(seed, sides), picture(seed + 1, sides)
    np.testing.assert_allclose(
        blend(face, target, mask=np.zeros(sides, np.float32)), target, atol=1e-6
    )


def test_log_light_leads_back_to_the_same_bytes() -> None:
    every = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    back = np.rint(unit_from_log(log_light(every)) * 255)
    np.testing.assert_allclose(back, every, atol=1)


@given(seed=st.integers(0, 999))
@settings(max_examples=25)
def test_opponent_values_lead_back_to_the_same_light(seed: int) -> None:
    light = floats(np.log(picture(seed, (8, 9)) + 0.01))
    np.testing.assert_allclose(from_opponent(opponent(light)), light, atol=1e-5)


def matched_to(face_log: Floats, target_log: Floats, *, beard: float = 0.0) -> Floats:
    """The colours matched where all is skin, seen from ahead, in even light."""
    skin = np.ones(face_log.shape[:2], np.float32)
    cells = Cells((skin.shape[1], skin.shape[0]), 2)
    ahead = np.zeros_like(cells.means(face_log))
    ahead[..., 2] = 1
    return match_colour(
        face_log,
        target_log,
        surface=Surface(
            skin=skin, lit=skin, tinted=skin, half=0 * skin, beard=np.full_like(skin, beard)
        ),
        grid=Grid(cells, (0 * ahead, 0 * ahead), ahead, np.full_like(ahead[..., 0], 5)),
        blur=8,
    )


def test_a_face_in_its_own_light_keeps_it(astronaut: Rgb) -> None:
    light = log_light(astronaut[70:180, 180:270])
    matched = matched_to(light, light)
    apart = np.abs(unit_from_log(matched) - unit_from_log(light))
    assert np.percentile(apart, 90) < 0.01


def test_a_darker_target_darkens_the_face(astronaut: Rgb) -> None:
    light = log_light(astronaut[70:180, 180:270])
    dark = floats(light - 0.7)
    matched = matched_to(light, dark)
    assert abs(np.median(matched) - np.median(dark)) < 0.1


def test_a_beard_keeps_its_darkness_where_skin_is_evened_out() -> None:
    random = np.random.default_rng(4)
    light = floats(random.normal(-1, 0.4, (60, 60, 1)).repeat(3, axis=2))
    calm = floats(random.normal(-1, 0.1, (60, 60, 1)).repeat(3, axis=2))
    dark = light[..., 0] < -1.5
    as_skin, as_beard = (matched_to(light, calm, beard=beard)[dark] for beard in (0.0, 1.0))
    assert as_beard.mean() < as_skin.mean() - 0.05


def test_light_from_the_side_comes_from_that_side() -> None:
    flat = np.full((60, 60, 3), -1, np.float32)
    lit = floats(flat + np.linspace(0.4, -0.4, 60)[None, :, None])
    ratio = low_frequency_ratio(flat, lit, weights=np.ones((60, 60), np.float32), blur=5)
    assert ratio[30, 10, 0] > 0.15
    assert ratio[30, 50, 0] < -0.15


def test_what_has_no_weight_has_no_say() -> None:
    values = np.ones((40, 40, 3), np.float32)
    values[:, 20:] = 99
    weights = np.ones((40, 40), np.float32)
    weights[:, 20:] = 0
    assert weighted_blur(values, weights=weights, blur=3)[:, :20].max() < 1.01


def test_a_smooth_face_gets_the_grain_of_its_surroundings() -> None:
    random = np.random.default_rng(3)
    grainy = floats(0.5 + 0.03 * random.standard_normal((80, 80, 3)))
    smooth = np.full((80, 80, 3), 0.5, np.float32)
    result = match_grain(smooth, grainy, skin=np.ones((80, 80), np.float32))
    assert 0.01 < result.std() < 0.05
