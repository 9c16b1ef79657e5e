"""What makes a face this face, brought out a little; called by `complexion`.

Conventions: maps are float32 on one grid of cells (h, w), log light; weights 0–1.
"""

import numpy as np

from swaps.engine.arrays import Floats, floats
from swaps.engine.cells import relief_of

_MORE = 0.33
_LIGHTS = 0.7  # of that for what is brighter than beside it: it soon shines
# The mean difference of two reliefs, in log light: up to here it is one face (what the way onto its
# own head leaves is below 0.03), from there on two (different people are beyond 0.3).
_UNLIKE = (0.04, 0.1)
_HARD = 0.5  # the least that the other relief's strength counts for against the face's own
_BLUR = 0.1  # of the face's size: what is narrower is features, what is wider light


def bring_out(face: Floats, target: Floats, *, weights: Floats, size: float) -> Floats:
    """What to add to the face's lightness (h, w) so that its relief stands out by up to a third more.

    Brows, sockets, nose and mouth lose some of their weight in another head's light. A likeness is
    known sooner where it is exaggerated (Benson & Perrett 1991). A face on its own head stays as it
    is; one in harder light than the target's stands out already, and is brought out less. Both
    lightnesses (h, w) are of faces over one mesh, `weights` (h, w) says where they are seen, `size`
    the face's in cells.
    """
    relief, other = (relief_of(one, weights=weights, blur=_BLUR * size) for one in (face, target))
    apart = _mean(np.abs(relief - other), weights=weights)
    unlike = float(np.clip((apart - _UNLIKE[0]) / (_UNLIKE[1] - _UNLIKE[0]), 0, 1))
    have, want = (_mean(one * one, weights=weights) for one in (relief, other))
    soft = float(np.clip(want / max(have, 1e-6), _HARD**2, 1))
    more = np.where(relief > 0, np.float32(_LIGHTS), np.float32(1)) * relief
    return floats(more * weights * np.float32(_MORE * unlike * soft))


def _mean(values: Floats, *, weights: Floats) -> float:
    return float((values * weights).sum() / max(float(weights.sum()), 1.0))
