"""The light on a face as far as its form explains it; called by `colour` and `beard`.

Conventions: maps are float32 (h, w) or (h, w, k) on one grid, weights 0–1; `facing` (h, w, 3) are the
unit normals of the face at rest (x right, y up, z ahead), whatever way it is turned: two pictures
of faces drawn over one mesh share them. Zeros lie beside the face.
"""

import numpy as np

from swaps.engine.arrays import Floats, floats

# Of the weights: a direction that is hardly seen gets hardly any light; colour follows it less.
_RIDGE, _COLOUR_RIDGE = 0.1, 0.6
_FEWEST, _SAMPLES = 32, 2000
_ROBUST = 0.35  # log light, beyond which a sample's say shrinks
_ROUNDS = 2


def even_light(values: Floats, *, weights: Floats, facing: Floats) -> Floats:
    """Opponent values (h, w, 3) of log light as a matt face under one wide lamp would have them.

    Robust least squares on the first two bands of the spherical harmonics of the normals
    (Ramamoorthi & Hanrahan 2001), in log light; measured where `weights` (h, w) says and valid
    everywhere on the face: under beards, hair and hard shadows too. Where nothing is measured it is
    all 0.
    """
    picked = (weights > 0.05) & (facing[..., 2] != 0)
    if np.count_nonzero(picked) < _FEWEST:
        return np.zeros_like(values)
    basis = np.concatenate([np.ones_like(facing[..., :1]), facing], axis=2)
    places = np.flatnonzero(picked)
    places = places[:: max(1, len(places) // _SAMPLES)]
    known, wanted = (one.reshape(-1, one.shape[2])[places].astype(float) for one in (basis, values))
    say = weights.ravel()[places].astype(float)
    shrunk = say
    for _ in range(_ROUNDS):
        # einsum without BLAS: its sums do not depend on the count of threads.
        weighed = known * shrunk[:, None]
        left = np.einsum("ni,nj->ij", weighed, known)
        right = np.einsum("ni,nk->ik", weighed, wanted)
        ridge = np.diag([0.0, 1.0, 1.0, 1.0]) * shrunk.sum()
        solved = np.linalg.solve(left + _COLOUR_RIDGE * ridge, right)
        solved[:, 0] = np.linalg.solve(left + _RIDGE * ridge, right[:, 0])
        apart = np.abs(wanted[:, 0] - np.einsum("ni,i->n", known, solved[:, 0]))
        shrunk = say / np.maximum(1.0, apart / _ROBUST)
    return floats(np.einsum("hwi,ik->hwk", basis, floats(solved)))
