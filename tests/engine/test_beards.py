"""Where the engine sees a beard, and what becomes of one that the other face has not."""

import numpy as np

from swaps.engine.arrays import Bools, Floats, floats
from swaps.engine.beard import find_beard
from swaps.engine.jaw import jaw_shade
from swaps.engine.mask import face_mask, oval_area
from swaps.engine.models import Models
from swaps.engine.raster import rasterise
from tests.engine import grids

SMOOTH, ROUGH = 0.03, 0.2
ACROSS, UP, INWARD = np.moveaxis(grids.places(), 2, 0)
CHIN = (UP < -6) & (INWARD > 0.6)
ABOVE = (UP > -1) & (INWARD > 0.6)


def found(light: Floats, texture: Floats) -> Floats:
    return find_beard(
        light,
        texture,
        bare=grids.bare(),
        places=grids.places(),
        facing=grids.facing(),
        size=grids.SIZE,
    )


def texture(rough: Bools) -> Floats:
    return floats(np.where(rough, ROUGH, SMOOTH))


def test_a_smooth_face_has_no_beard() -> None:
    assert not found(grids.skin(), texture(np.zeros_like(CHIN))).any()


def test_rough_skin_around_the_chin_is_a_beard() -> None:
    beard = found(grids.skin(), texture(UP < -3))
    assert beard[CHIN].min() > 0.8


def test_a_beard_ends_below_the_cheeks() -> None:
    assert not found(grids.skin(), texture(UP < 20))[ABOVE].any()


def test_a_chin_that_is_dark_and_pale_has_a_beard_though_it_is_blurred() -> None:
    light = grids.skin()
    light[UP < -3] += floats((-1.2, -0.3, 0.1))
    assert found(light, texture(np.zeros_like(CHIN)))[CHIN].mean() > 0.8


def test_a_chin_in_shadow_has_none() -> None:
    light = grids.skin()
    light[UP < -3] += floats((-1.2, 0.2, -0.1))
    assert not found(light, texture(np.zeros_like(CHIN))).any()


def test_hair_that_hangs_beside_a_smooth_chin_is_none() -> None:
    assert not found(grids.skin(), texture(np.abs(ACROSS) > 5)).any()


def test_a_bare_jaw_darkens_towards_a_beard_that_stays_below_it() -> None:
    darker = np.full((grids.SIDE, grids.SIDE, 3), -1, np.float32)
    everywhere = np.ones((grids.SIDE, grids.SIDE), np.float32)
    shade = jaw_shade(darker, shaven=everywhere, inward=INWARD, size=grids.SIZE)
    assert shade[-1, grids.SIDE // 2, 0] < -0.5
    assert not shade[INWARD > 1.5].any()


def test_a_jaw_is_never_lit_towards_its_edge() -> None:
    lighter = np.ones((grids.SIDE, grids.SIDE, 3), np.float32)
    everywhere = np.ones((grids.SIDE, grids.SIDE), np.float32)
    assert not jaw_shade(lighter, shaven=everywhere, inward=INWARD, size=grids.SIZE).any()


def test_the_mask_reaches_to_the_jaw_where_a_beard_ends(models: Models) -> None:
    canonical = models.canonical
    vertices = floats(canonical.vertices * (16, -16, -16) + (150, 150, 0))
    raster = rasterise(vertices, triangles=canonical.triangles, size=(300, 320))
    oval = oval_area(vertices, canonical=canonical, size=(300, 320))
    nothing = np.zeros(oval.shape, np.float32)
    plain, edged = (
        face_mask(oval, raster=raster, canonical=canonical, hair=nothing, edged=ends, size=250)
        for ends in (nothing, nothing + 1)
    )
    x, y = np.round(vertices[152, :2]).astype(int)
    assert plain[y - 4, x] < 0.5 < 0.9 < edged[y - 4, x]
    assert not edged[~oval].any()
