"""The small maths of meshes: fits, shapes and rasters."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swaps.engine import regions
from swaps.engine.arrays import Floats, Ints, Rgb, floats
from swaps.engine.mesh import fit_shape, umeyama
from swaps.engine.models import Models
from swaps.engine.pipeline import find_faces
from swaps.engine.raster import rasterise
from swaps.engine.warp import warp

NEAR: Floats = floats([[2, 2, 0], [2, 40, 0], [40, 2, 0]])  # wound so that it faces the camera
ONE: Ints = np.array([[0, 1, 2]], np.int32)


@given(
    seed=st.integers(0, 10_000),
    scale=st.floats(0.1, 10),
    shift=st.tuples(st.floats(-50, 50), st.floats(-50, 50), st.floats(-50, 50)),
)
@settings(max_examples=40)
def test_umeyama_recovers_a_similarity(
    seed: int, scale: float, shift: tuple[float, float, float]
) -> None:
    random = np.random.default_rng(seed)
    points = floats(random.normal(size=(12, 3)))
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    turn *= np.sign(np.linalg.det(turn))
    moved = floats(scale * points @ turn.T + np.array(shift))
    fit = umeyama(points, moved, weights=floats(random.uniform(0.1, 1, 12)))
    np.testing.assert_allclose(
        fit.apply(points), moved, atol=1e-3 * max(1, scale, *map(abs, shift))
    )


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30)
def test_umeyama_never_mirrors(seed: int) -> None:
    points = floats(np.random.default_rng(seed).normal(size=(8, 3)))
    fit = umeyama(points, floats(points * [-1, 1, 1]), weights=np.ones(8, np.float32))
    assert np.linalg.det(fit.rotation) > 0


@given(depth=st.floats(0.5, 50), order=st.permutations([0, 1]))
@settings(max_examples=20)
def test_the_nearer_triangle_hides_the_farther(depth: float, order: list[int]) -> None:
    both = np.concatenate([NEAR, NEAR + floats([0, 0, depth])])
    triangles = np.array([[0, 1, 2], [3, 4, 5]], np.int32)[order]
    raster = rasterise(both, triangles=triangles, size=(48, 48))
    assert set(np.unique(raster.ids).tolist()) == {order.index(0), 2}


def test_a_triangle_that_faces_away_is_not_drawn() -> None:
    raster = rasterise(NEAR, triangles=ONE[:, ::-1], size=(48, 48))
    assert not raster.covered.any()


@given(a=st.floats(-5, 5), b=st.floats(-5, 5), c=st.floats(-50, 50))
@settings(max_examples=30)
def test_values_spread_linearly_over_a_triangle(a: float, b: float, c: float) -> None:
    raster = rasterise(NEAR, triangles=ONE, size=(48, 48))
    values = floats(a * NEAR[:, :1] + b * NEAR[:, 1:2] + c)
    y, x = np.nonzero(raster.covered)
    np.testing.assert_allclose(raster.spread(values)[y, x, 0], a * x + b * y + c, atol=1e-2)


def test_a_triangle_seen_from_its_edge_covers_nothing_that_others_show() -> None:
    thin = floats([[10.4, 4, -9], [10.45, 20, -9], [10.9, 4, -9]])
    both = np.vstack([NEAR, thin])
    raster = rasterise(both, triangles=np.array([[0, 1, 2], [3, 4, 5]], np.int32), size=(48, 48))
    assert set(np.unique(raster.ids)) == {0, 2}


def test_the_edge_of_what_hides_something_is_no_staircase() -> None:
    behind = floats([[0, 0, 9], [0, 90, 9], [90, 0, 9]])
    raster = rasterise(
        np.concatenate([NEAR, behind]),
        triangles=np.array([[0, 1, 2], [3, 4, 5]], np.int32),
        size=(48, 48),
    )
    black_and_white = np.zeros((100, 200, 3), np.uint8)
    black_and_white[:, 100:] = 255
    places = np.concatenate([NEAR, behind + floats([105, 0, 0])])
    drawn = warp(black_and_white, vertices=places, raster=raster)
    across = drawn[12, 22:38, 0].astype(np.int16)
    assert across[0] == 0
    assert across[-1] == 255
    assert np.diff(across).max() < 200


def test_a_mesh_drawn_where_it_is_gives_the_same_picture(astronaut: Rgb, models: Models) -> None:
    (face,) = find_faces(astronaut, models=models)
    vertices = face.landmarks[:468]
    raster = rasterise(vertices, triangles=models.canonical.triangles, size=(512, 512))
    same = warp(astronaut, vertices=vertices, raster=raster)
    gap = np.abs(same.astype(np.int16) - astronaut)[raster.covered]
    assert np.percentile(gap, 99) <= 2


def test_a_face_of_ones_own_keeps_its_shape(astronaut: Rgb, models: Models) -> None:
    (face,) = find_faces(astronaut, models=models)
    drawn, _ = fit_shape(face.landmarks, face.landmarks, canonical=models.canonical, reach=0.0175)
    np.testing.assert_allclose(drawn, face.landmarks[:468], atol=1e-2)


@pytest.mark.parametrize("reach", [0.012, 0.0175])
def test_vertices_go_as_far_as_they_may_in_the_mean(
    reach: float, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    source, target = (find_faces(one, models=models)[0].landmarks for one in (astronaut, cousin))
    drawn, _ = fit_shape(source, target, canonical=models.canonical, reach=reach)
    far = np.hypot(*(drawn - target[:468])[:, :2].T).mean()
    one, other = target[regions.EYE_CORNERS, :2]
    assert far / np.hypot(*(one - other)) == pytest.approx(reach, rel=0.01)


def test_the_oval_stays_the_targets(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    source, target = (find_faces(one, models=models)[0].landmarks for one in (astronaut, cousin))
    drawn, _ = fit_shape(source, target, canonical=models.canonical, reach=0.0175)
    oval = models.canonical.oval
    np.testing.assert_allclose(drawn[oval], target[oval], atol=1e-3)


def test_eyes_stay_as_open_as_the_targets(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    source, target = (find_faces(one, models=models)[0].landmarks for one in (astronaut, cousin))
    drawn, _ = fit_shape(source, target, canonical=models.canonical, reach=0.0175)
    before = regions.gap(target, regions.LEFT_EYE_GAP)
    assert abs(regions.gap(drawn, regions.LEFT_EYE_GAP) - before) < 1e-3
