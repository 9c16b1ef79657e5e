"""Where a face has a beard, stubble among it; called by `ground` for both faces.

Conventions: maps are float32 on one grid of cells (h, w), a few pixels each: `light` and `texture`
are the means and deviations of opponent values in a cell (see `skin`), places are in centimetres on
the canonical mesh (see `canonical`), masks 0–1.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats, smoothstep
from swaps.engine.relight import even_light

# Where a beard may grow, on the canonical mesh: below a line that rises towards the ears.
_LIP_HEIGHT, _RISE_FROM, _RISE, _SOFT = -2.3, 4.0, 0.75, 0.5
# Hair is rougher than skin, a few times as rough as the same person's cheeks and by itself.
_ROUGH, _ROUGH_AT_ALL = (1.4, 2.2), (0.06, 0.11)
# Or it is darker than the light explains and, unlike skin in shadow, not redder.
_DARK, _PALE = (0.45, 0.9), (0.06, 0.2)
_RIM = 0.5  # centimetres from the oval: there the edge of the face itself is rough
_BLUR = 0.02  # of the face's size
_CLOSED = 0.16  # of the face's size: skin between hairs so near is part of the beard
_MIDDLE = 3.2  # centimetres to either side: beside them a strand of hair may hang
_SPREAD = (0.2, 0.4)  # a share of the zone's middle: less is a mole or a shadow


def find_beard(
    light: Floats, texture: Floats, *, bare: Floats, places: Floats, facing: Floats, size: float
) -> Floats:
    """How much of each cell is beard (h, w), 0–1; all 0 on a face that is clean-shaven.

    `light` (h, w, 3) opponent values, `texture` (h, w) the deviation of lightness inside a cell,
    `bare` (h, w) where no brow, eye or lip is, `places` (h, w, 3): x, y and the distance from the
    oval; `facing` (h, w, 3) as in `relight`, `size` the face's, in cells.
    """
    zone = bare * _zone(places)
    above = bare * (1 - _zone(places)) * smoothstep(places[..., 1], 4.5, 3.5)
    above *= smoothstep(places[..., 2], 0.5, 1.5)
    sure = zone * smoothstep(places[..., 2], 0.6 * _RIM, _RIM)
    picked = above > 0.5
    if not picked.any() or sure.sum() < 1:
        return np.zeros_like(texture)
    beyond = light - even_light(light, weights=above, facing=facing)
    usual = float(np.median(texture[picked]))
    rough = _spread_out(texture, weights=sure, blur=_BLUR * size)
    beyond = _spread_out(beyond, weights=sure, blur=_BLUR * size)
    rough = smoothstep(rough / max(usual, 1e-3), *_ROUGH) * smoothstep(rough, *_ROUGH_AT_ALL)
    dark = smoothstep(-beyond[..., 0], *_DARK) * smoothstep(-beyond[..., 1], *_PALE)
    found = np.maximum(rough, dark)
    sure *= np.abs(places[..., 0]) < _MIDDLE
    share = smoothstep(floats((found * sure).sum() / max(float(sure.sum()), 1.0)), *_SPREAD)
    wide = 2 * max(1, round(0.5 * _CLOSED * size)) + 1
    round_ = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (wide, wide))
    closed = cv2.morphologyEx(floats(found * share), cv2.MORPH_CLOSE, round_)
    return floats(cv2.blur(closed, (3, 3)) * _zone(places))


def _zone(places: Floats) -> Floats:
    line = _LIP_HEIGHT + _RISE * np.maximum(np.abs(places[..., 0]) - _RISE_FROM, 0)
    return smoothstep(floats(line - places[..., 1]), 0.0, 2 * _SOFT)


def _spread_out(values: Floats, *, weights: Floats, blur: float) -> Floats:
    """Values (h, w) or (h, w, k) blurred, as if those without weight were not there."""
    shaped = weights if values.ndim == 2 else weights[..., None]
    blurred = cv2.GaussianBlur(floats(values * shaped), (0, 0), max(0.6, blur))
    weight = cv2.GaussianBlur(weights, (0, 0), max(0.6, blur)) + np.float32(1e-4)
    return floats(blurred / (weight if values.ndim == 2 else weight[..., None]))
