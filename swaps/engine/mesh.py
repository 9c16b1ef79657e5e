"""The face mesh in three dimensions: the rigid fit, the head's angles, and the shape to be drawn.

Conventions: vertices are (468, 3) or (478, 3) in pixels, x right, y down, z away from the camera.
"""

from dataclasses import dataclass

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Doubles, Floats, floats
from swaps.engine.canonical import Canonical

_SMOOTHING = 1  # rounds; the more there are, the less is left of the source's proportions
_GROUP_SCALE = (0.7, 1.4)  # the least and most that eyes or lips are resized
_LIPS_WEIGHT = 0.1  # they show the expression, not the head
_LIPS_SHARE = 0.68  # of the way: they say less of who it is than the eyes, and more of the pose
_PULL = (0.57, 1.3)  # the least and most that is gone of the way to the source's own proportions
_FITTED_FROM = 3.0  # centimetres from the oval, which stays the target's whatever the fit
_OTHER_MOUTH = 1.0  # a difference in openness at which the lips stay wholly the target's


@dataclass(frozen=True)
class Similarity:
    """`scale * rotation @ point + shift`: rotation (3, 3), shift (3,)."""

    scale: float
    rotation: Doubles
    shift: Doubles

    def apply(self, points: Floats) -> Floats:
        """The points (n, 3) moved."""
        return floats(self.scale * points @ self.rotation.T + self.shift)


def umeyama(points: Floats, onto: Floats, *, weights: Floats) -> Similarity:
    """The similarity that moves `points` (n, 3) nearest to `onto` (n, 3), weighted least squares.

    Never a reflection. Umeyama 1991.
    """
    share = (weights / weights.sum()).astype(np.float64)[:, None]
    one, other = points.astype(np.float64), onto.astype(np.float64)
    mean_one, mean_other = (share * one).sum(axis=0), (share * other).sum(axis=0)
    one, other = one - mean_one, other - mean_other
    left, sizes, right = np.linalg.svd((share * other).T @ one)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    rotation = left @ np.diag(signs) @ right
    scale = float((sizes * signs).sum() / (share * one**2).sum())
    return Similarity(scale, rotation, mean_other - scale * rotation @ mean_one)


def head_angles(landmarks: Floats, *, canonical: Canonical) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees of landmarks (≥ 468, 3).

    Positive: turned to the picture's right, up, and clockwise as seen.
    """
    # Canonical axes point up and towards the camera, so y and z change their signs.
    seen = landmarks[canonical.rigid] * floats([1, -1, -1])
    fit = umeyama(canonical.vertices[canonical.rigid], seen, weights=canonical.rigid_weights)
    ahead = fit.rotation[:, 2]
    aside = fit.rotation[:, 0]
    yaw = np.degrees(np.arctan2(ahead[0], ahead[2]))
    pitch = np.degrees(np.arcsin(np.clip(ahead[1], -1, 1)))
    roll = np.degrees(np.arctan2(-aside[1], aside[0]))
    return float(yaw), float(pitch), float(roll)


def fit_shape(
    source: Floats, target: Floats, *, canonical: Canonical, reach: float
) -> tuple[Floats, Similarity]:
    """The vertices (468, 3) at which to draw the source, and the fit that was used.

    Inner vertices go from the target's place towards the source's own proportions, fitted rigidly:
    by `reach` in the mean (in distances between the target's eyes), but more than half of the way
    and at most a little further, as likenesses are drawn (Benson & Perrett 1991). The oval stays the
    target's. Eyes and lips move as groups (shift and size), so that they open as far as the
    target's do.
    """
    count = len(canonical.vertices)
    source, target = source[:count], target[:count]
    weights = np.clip(canonical.inward / np.float32(_FITTED_FROM), 0.02, 1)
    weights[regions.LIPS] *= _LIPS_WEIGHT
    fit = umeyama(source, target, weights=weights)
    wanted = fit.apply(source) - target
    wanted[canonical.oval] = 0
    pinned = np.zeros(count, bool)
    pinned[canonical.oval] = True
    lips = _LIPS_SHARE * _same_expression(source, target)
    for group in regions.GROUPS:
        share = lips if group is regions.LIPS else 1.0
        wanted[group] = _group_move(fit.apply(source[group]), target[group], share=share)
        pinned[group] = True
    moves = canonical.smooth(wanted, rounds=_SMOOTHING, free=~pinned)
    far = float(np.hypot(moves[:, 0], moves[:, 1]).mean())
    one, other = target[regions.EYE_CORNERS, :2]
    apart = float(np.hypot(*(one - other)))
    pull = float(np.clip(reach * apart / max(far, 1e-6), *_PULL))
    return floats(target + np.float32(pull) * moves), fit


def _same_expression(source: Floats, target: Floats) -> float:
    """1 where both mouths are as wide and as open, down to 0: a smile's lips are no proportion."""
    mouths = [regions.gap(one, regions.MOUTH_GAP) for one in (source, target)]
    return float(np.clip(1 - abs(mouths[0] - mouths[1]) / _OTHER_MOUTH, 0, 1))


def _group_move(source: Floats, target: Floats, *, share: float) -> Floats:
    centre_source, centre_target = source.mean(axis=0), target.mean(axis=0)
    spread_source = np.ptp(source[:, :2], axis=0).max()
    spread_target = np.ptp(target[:, :2], axis=0).max()
    ratio = np.clip(spread_source / max(float(spread_target), 1e-3), *_GROUP_SCALE)
    larger = share * (float(ratio) - 1)
    return floats((centre_source - centre_target) * share + (target - centre_target) * larger)
