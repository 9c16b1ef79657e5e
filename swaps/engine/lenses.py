"""A face as if it wore no glasses; `source` and `stage` ask for it.

Conventions: pictures are uint8 RGB (h, w, 3), maps float32 (h, w), 0–1, vertices (468, ≥ 2) in the
picture's pixels.
"""

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats, mixed
from swaps.engine.colour import log_light, unit_from_log, weighted_blur
from swaps.engine.glasses import Glasses

_GLARE = 0.22  # log light above what is around it: no skin behind glass is so much lighter
_GLARE_WIDTH = 0.15  # of a lens's width: what is around, much broader shine is a tint
_GLARE_EDGE = 0.03  # of a lens's width
_RING = 0.16  # of a lens's width: how far from its edge its tint is measured
_LOCAL = 0.07  # of its width: the blur of what is measured
_EVEN = 0.35  # of its width: how far from there it holds
_SURE = 100  # the weight of a step that is known against none, which counts a little
_MOST = 4.0  # log light
_OPAQUE = 1.7  # log light: behind a tint this dark there is nothing to be seen
_GAMMA = 2.2  # about how encoded light follows the logarithm of linear light
_FILL_BLURS = (0.5, 0.15, 0.05, 0.02)  # of a lens's width
_EYES = ((regions.LEFT_EYE, regions.LEFT_LID), (regions.RIGHT_EYE, regions.RIGHT_LID))


def without_glasses(picture_rgb: Rgb, *, glasses: Glasses, vertices: Floats) -> tuple[Rgb, Floats]:
    """The face without frames, without glare on the lenses, and without a tint in them; and how
    much of it the lenses let through (h, w), 0–1.

    Frames and glare are filled by what lies around them. The tint is what the skin below
    the eyes steps by from inside a lens to outside, evened out; sunglasses stay what they are.
    """
    lens = (glasses.lenses > 0.5) & ~glasses.hidden
    if not lens.any():
        wide = float(np.ptp(vertices[:, 0])) / 3
        return _filled(picture_rgb, glasses.hidden, wide=wide), np.ones(lens.shape, np.float32)
    wide = 2 * float(np.sqrt(lens.sum() / 2 / np.pi))
    glare = _glare(picture_rgb, lens=lens, vertices=vertices, wide=wide)
    seen_log = log_light(picture_rgb)
    tint = _step(
        seen_log,
        inside=lens & ~glare,
        outside=~lens & ~glasses.hidden,
        edge=glasses.hidden,
        wide=wide,
        eyes=float(vertices[np.concatenate([regions.LEFT_EYE, regions.RIGHT_EYE]), 1].mean()),
    )
    if float(np.median(tint[lens].mean(axis=1))) > _OPAQUE:
        return _filled(picture_rgb, glasses.hidden, wide=wide), 1 - glasses.lenses
    cleared = unit_from_log(floats(seen_log + tint * lens[..., None]))
    cleared_rgb = np.asarray(np.rint(cleared * 255), np.uint8)
    through = np.where(lens, np.exp(np.minimum(-tint.mean(axis=2) / _GAMMA, 0)), 1)
    return _filled(cleared_rgb, glasses.hidden | glare, wide=wide), floats(through)


def _filled(picture_rgb: Rgb, hole: Bools, *, wide: float) -> Rgb:
    """A hole filled by what lies around it, ever finer towards its edge (normalised convolution,
    Knutsson & Westin 1993).

    A filling that carries lines inwards carries the frame's own blurred edge, too, as a row of specks.
    """
    hole = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    seen_log = log_light(picture_rgb)
    known, filled = floats(~hole), np.zeros_like(seen_log)
    for blur in _FILL_BLURS:
        filled += weighted_blur(seen_log - filled, weights=known, blur=blur * wide)
    share = np.maximum(floats(hole), cv2.GaussianBlur(floats(hole), (0, 0), 1.0))
    mended = unit_from_log(mixed(seen_log, filled, share=share))
    return np.asarray(np.rint(mended * 255), np.uint8)


def _glare(picture_rgb: Rgb, *, lens: Bools, vertices: Floats, wide: float) -> Bools:
    """Where a lens shines (h, w), outside the eyes: their whites are light as well."""
    eyes = np.zeros(lens.shape, np.uint8)
    for eye, lid in _EYES:
        outline = np.round(vertices[np.concatenate([eye, lid]), :2]).astype(np.int32)
        cv2.fillConvexPoly(eyes, cv2.convexHull(outline), 1)
    skin = lens & (eyes == 0)
    seen_log = log_light(picture_rgb)
    around = weighted_blur(seen_log, weights=floats(skin), blur=_GLARE_WIDTH * wide)
    shining = skin & ((seen_log - around).mean(axis=2) > _GLARE)
    edge = 2 * max(1, round(_GLARE_EDGE * wide)) + 1
    glare = cv2.dilate(shining.astype(np.uint8), np.ones((edge, edge), np.uint8))
    found: Bools = (glare > 0) & skin
    return found


def _step(
    seen_log: Floats, *, inside: Bools, outside: Bools, edge: Bools, wide: float, eyes: float
) -> Floats:
    """From inside the lenses to outside, in log light (h, w, 3), smooth; below the eyes only."""
    reach = max(3, round(_RING * wide))
    around = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    near = cv2.dilate(edge.astype(np.uint8), around) > 0
    near &= np.arange(len(inside))[:, None] > eyes
    values = [
        weighted_blur(seen_log, weights=floats(one & near), blur=_LOCAL * wide)
        for one in (inside, outside)
    ]
    there = [
        cv2.GaussianBlur(floats(one & near), (0, 0), _LOCAL * wide) for one in (inside, outside)
    ]
    # Only where both sides are near is there a step; from there it is spread over the lens.
    known = _SURE * edge * np.minimum(*there)
    step = np.clip(values[1] - values[0], -_MOST, _MOST)
    return weighted_blur(floats(step), weights=floats(known), blur=_EVEN * wide)
