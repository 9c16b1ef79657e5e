"""What makes a face this face, brought out a little; called by `complexion`.

Conventions: maps are float32 on one grid of cells (h, w), log light; weights 0–1.
"""

import numpy as np

from swaps.engine.arrays import Floats, floats
from swaps.engine.cells import relief_of

_MORE = 0.2
_UNLIKE = 0.1  # the mean difference of two reliefs, in log light, from which on faces are unlike
_BLUR = 0.1  # of the face's size: what is narrower is features, what is wider light


def bring_out(face: Floats, target: Floats, *, weights: Floats, size: float) -> Floats:
    """What to add to the face's lightness (h, w) so that its relief stands out a fifth more.

    Brows, sockets, nose and mouth lose some of their weight in another head's light. A likeness is
    known sooner where it is exaggerated (Benson & Perrett 1991); the less the two faces differ, the
    less there is to tell apart, and a face on its own head stays as it is. Both lightnesses (h, w)
    are of faces over one mesh, `weights` (h, w) says where they are seen, `size` the face's in cells.
    """
    relief, other = (relief_of(one, weights=weights, blur=_BLUR * size) for one in (face, target))
    apart = float((np.abs(relief - other) * weights).sum() / max(float(weights.sum()), 1.0))
    return floats(relief * weights * np.float32(_MORE * min(1.0, apart / _UNLIKE)))
