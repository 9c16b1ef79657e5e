"""Hard light made as soft as the target's; called by `complexion`.

Conventions: maps are float32 on one grid of cells (h, w), log light; weights 0–1.
"""

import numpy as np

from swaps.engine.arrays import Floats, floats
from swaps.engine.cells import filled, relief_of

_WIDE = 0.09  # of the face's size: what is wider is the light's direction
_ENDS = (4, 96)  # percentiles: the deepest shadows, the brightest ridges
_LEAST = 0.45  # of a shadow stays; the rest of it may be the face's own form
_FEWEST = 32


def soften_shadows(face: Floats, target: Floats, *, bare: Floats, size: float) -> Floats:
    """What to add to the face's lightness (h, w) so that its shadows are hardly deeper than the target's.

    Both lightnesses (h, w) are of faces over one mesh; `bare` (h, w) where both show skin, `size`
    the face's in cells. A face in hard light has deeper sockets and brighter ridges than any face
    in soft light: both ends are pressed until they reach as far, by about half at most. Softer
    light is left alone.
    """
    picked = bare > 0.5
    if np.count_nonzero(picked) < _FEWEST:
        return np.zeros_like(face)
    relief, wanted = (relief_of(one, weights=bare, blur=_WIDE * size) for one in (face, target))
    low, high = np.percentile(relief[picked], _ENDS)
    low_wanted, high_wanted = np.percentile(wanted[picked], _ENDS)
    less_dark, less_bright = (
        1 - float(np.clip(have / min(been, -1e-3), _LEAST, 1))
        for have, been in ((low_wanted, low), (-high_wanted, -high))
    )
    change = np.maximum(-relief, 0) * less_dark - np.maximum(relief, 0) * less_bright
    return filled(floats(change), weights=bare, blur=0.015 * size)
