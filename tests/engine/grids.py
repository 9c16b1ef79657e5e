"""A face as a coarse grid, as the engine's tests of light and beards see it: no picture behind."""

import numpy as np

from swaps.engine.arrays import Floats, floats

SIDE = 61  # cells; the middle column is the middle of the face
SIZE = 60.0
_WIDE, _TOP, _CHIN = 7.5, 8.3, -9.4  # centimetres, as on the canonical mesh


def places() -> Floats:
    """x, y and the distance from the oval in centimetres (h, w, 3)."""
    across = np.linspace(-_WIDE, _WIDE, SIDE, dtype=np.float32)[None, :].repeat(SIDE, axis=0)
    up = np.linspace(_TOP, _CHIN, SIDE, dtype=np.float32)[:, None].repeat(SIDE, axis=1)
    middle, half = (_TOP + _CHIN) / 2, (_TOP - _CHIN) / 2
    inward = (1 - np.hypot(across / _WIDE, (up - middle) / half)) * _WIDE
    return floats(np.dstack([across, up, np.maximum(inward, 0)]))


def facing() -> Floats:
    """Unit normals of a head like an egg (h, w, 3)."""
    across, up, inward = np.moveaxis(places(), 2, 0)
    normals = np.dstack([across / _WIDE, (up + 0.5) / 9, 0.4 + inward / _WIDE])
    return floats(normals / np.linalg.norm(normals, axis=2, keepdims=True))


def mirrored() -> Floats:
    """Where the other half of the face shows the same place, in cells (h, w, 2)."""
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    return floats(np.dstack([SIDE - 1 - across, down]))


def bare() -> Floats:
    """Where there is face and neither eye, brow nor mouth (h, w)."""
    across, up, inward = np.moveaxis(places(), 2, 0)
    mouth = (np.abs(across) < 2.5) & (np.abs(up + 4.5) < 0.8)
    eyes = (np.abs(np.abs(across) - 3.2) < 1.5) & (np.abs(up - 3) < 1.2)
    return floats((inward > 0) & ~mouth & ~eyes)


def skin() -> Floats:
    """Opponent values of plain skin in even light (h, w, 3)."""
    return floats(np.full((SIDE, SIDE, 3), (-1.2, 0.6, -0.3)))
