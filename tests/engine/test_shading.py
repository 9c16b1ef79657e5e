"""Light told from form: even over a matt face, from one side, and the grid on which it is seen."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from swaps.engine.arrays import Floats, floats
from swaps.engine.cells import Cells
from swaps.engine.relief import bring_out
from swaps.engine.relight import even_light
from swaps.engine.shadows import soften_shadows
from swaps.engine.side_light import side_light
from tests.engine import grids

EVERYWHERE = np.ones((grids.SIDE, grids.SIDE), np.float32)


def test_light_that_follows_the_form_is_found_where_nothing_was_measured() -> None:
    facing = grids.facing()
    lit = floats(grids.skin() + 0.5 * facing[..., :1])
    above = floats(grids.places()[..., 1] > -1)
    even = even_light(lit, weights=above, facing=facing)
    below = above < 1
    plain = lit[..., 0][~below].mean()
    wrong, without = (np.abs(one - lit[..., 0])[below].mean() for one in (even[..., 0], plain))
    assert wrong < 0.6 * without


def test_a_hard_shadow_does_not_sway_the_rest() -> None:
    shadowed = grids.skin()
    shadowed[20:26, 10:20] -= 2
    even = even_light(shadowed, weights=EVERYWHERE, facing=grids.facing())
    np.testing.assert_allclose(even[45, 30], shadowed[45, 30], atol=0.1)


def test_no_light_is_known_of_a_face_that_is_not_seen() -> None:
    assert not even_light(grids.skin(), weights=0 * EVERYWHERE, facing=grids.facing()).any()


def test_a_face_alike_on_both_sides_has_no_light_from_one() -> None:
    side = side_light(grids.skin(), weights=EVERYWHERE, mirrored=grids.mirrored(), blur=4)
    np.testing.assert_allclose(side, 0, atol=1e-5)


def test_light_from_one_side_is_light_there_and_shade_across() -> None:
    lit = grids.skin()
    lit[:, : grids.SIDE // 2, 0] += 0.8
    side = side_light(lit, weights=EVERYWHERE, mirrored=grids.mirrored(), blur=3)
    np.testing.assert_allclose(side[30, 10, 0], 0.4, atol=0.05)
    np.testing.assert_allclose(side[30, -11, 0], -0.4, atol=0.05)


def test_what_one_half_hides_is_told_from_neither() -> None:
    lit = grids.skin()
    lit[:, : grids.SIDE // 2, 0] += 0.8
    hidden = EVERYWHERE.copy()
    hidden[:, grids.SIDE // 2 :] = 0
    assert not side_light(lit, weights=hidden, mirrored=grids.mirrored(), blur=3).any()


def ridged(depth: float) -> Floats:
    """The lightness of skin with shadows and ridges of one depth."""
    across = grids.places()[..., 0]
    return floats(-1.2 + depth * np.sin(across * 2.2))


def softened(face: Floats, target: Floats) -> Floats:
    return face + soften_shadows(face, target, bare=EVERYWHERE, size=grids.SIZE)


def test_hard_shadows_grow_softer_on_a_softly_lit_face() -> None:
    hard, soft = ridged(0.8), ridged(0.3)
    inside = (slice(10, -10), slice(10, -10))
    assert softened(hard, soft)[inside].std() < 0.75 * hard[inside].std()


def test_soft_shadows_grow_no_harder() -> None:
    np.testing.assert_allclose(softened(ridged(0.3), ridged(0.8)), ridged(0.3), atol=1e-5)


def featured(depth: float) -> Floats:
    """The lightness of a face with brows and a mouth that are darker than its skin (h, w)."""
    face = grids.skin()[..., 0]
    face[20:24, 8:26] -= depth
    face[20:24, 35:53] -= depth
    face[44:48, 20:41] -= depth
    return face


def brought_out(face: Floats, target: Floats) -> Floats:
    return bring_out(face, target, weights=EVERYWHERE, size=grids.SIDE)


def test_a_face_on_its_own_head_stands_out_no_more() -> None:
    assert not brought_out(featured(0.8), featured(0.8)).any()


def test_a_face_on_its_own_head_stands_out_no_more_whatever_little_is_lost_on_the_way() -> None:
    lost = np.random.default_rng(1).normal(0, 0.02, (grids.SIDE, grids.SIDE))
    assert not brought_out(featured(0.8), floats(featured(0.8) + lost)).any()


def test_features_stand_out_more_on_another_head() -> None:
    more = brought_out(featured(0.8), grids.skin()[..., 0])
    assert more[21, 15] < -0.02
    assert abs(more[34, 4]) < 0.005


def test_features_in_hard_light_stand_out_already() -> None:
    face, other = featured(0.8), np.ascontiguousarray(featured(0.8)[::-1])
    among_hard, among_soft = (
        brought_out(face, floats(depth * (other - other.max()))) for depth in (1.0, 0.6)
    )
    assert 0.5 * among_hard[21, 15] < among_soft[21, 15] < 0


@given(step=st.integers(2, 7), high=st.integers(20, 60), wide=st.integers(20, 60))
@settings(max_examples=25)
def test_a_plain_picture_stays_plain_on_the_grid_and_back(step: int, high: int, wide: int) -> None:
    plain = np.full((high, wide, 3), 0.3, np.float32)
    cells = Cells((wide, high), step)
    np.testing.assert_allclose(cells.back(cells.means(plain)), plain, atol=1e-6)


def test_a_cell_knows_how_rough_it_is() -> None:
    stripes = np.zeros((12, 12), np.float32)
    stripes[:, ::2] = 1
    np.testing.assert_allclose(Cells((12, 12), 4).deviations(stripes), 0.5, atol=1e-3)
