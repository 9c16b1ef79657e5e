"""The target's light on the source's face, called by `complexion`; and log light, for all of them.

Conventions: `…_log` is float32 (h, w, 3), RGB, the natural logarithm of linear light plus a small
floor; 0 is white.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from swaps.engine.arrays import Floats, Rgb, floats, smoothstep, times
from swaps.engine.cells import Cells
from swaps.engine.relight import even_light
from swaps.engine.skin import from_opponent, opponent

_FLOOR = 0.004  # keeps the logarithm of black finite and its noise small
_STEPS = 65_535  # of the table that leads back to sRGB: as many as 16 bits have
_SAMPLES = 8_000
_FEWEST = 32
_GAMMA_RANGE = (0.7, 1.25)
_CHROMA_RANGE = (0.5, 1.1)
_SLOPE_RANGE = (-0.5, 0.5)
_LEAST_SPREAD = 0.04
_BRIGHTEST = 94  # percentile of the target's skin
_SHOULDER = 0.12
_HALF_LIMIT = 0.3  # more of their own light and teeth would glow in a dark picture
_LEAST_WEIGHT = 0.01
_SURE_WEIGHT = 0.5
_COLOUR_BLUR = 0.4
_RATIO_LIMIT = 0.7
# Inside the face only light that is much wider is taken over: what is narrower is its own relief.
# From so many centimetres to the oval on it is as it is beside it.
_WIDE, _EDGE = 4.0, (1.2, 0.3)


def _linear(encoded: Floats) -> Floats:
    return floats(np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4))


def _encoded(linear: Floats) -> Floats:
    return floats(
        np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    )


_LOG_OF_BYTE = floats(np.log(_linear(floats(np.arange(256) / 255)) + _FLOOR))
_LOG_LOW, _LOG_HIGH = float(_LOG_OF_BYTE[0]), float(_LOG_OF_BYTE[255])
_UNIT_OF_STEP = _encoded(
    floats(np.maximum(np.exp(np.linspace(_LOG_LOW, _LOG_HIGH, _STEPS + 1)) - _FLOOR, 0))
)


def log_light(picture_rgb: Rgb) -> Floats:
    """uint8 sRGB as log light (h, w, 3)."""
    return floats(cv2.LUT(picture_rgb, _LOG_OF_BYTE))


def unit_from_log(light_log: Floats) -> Floats:
    """Log light as float32 sRGB 0–1; brighter than white is white."""
    scale = _STEPS / (_LOG_HIGH - _LOG_LOW)
    # Beyond either end of the table the conversion to 16 bits saturates.
    position = cv2.addWeighted(light_log, scale, light_log, 0, -_LOG_LOW * scale, dtype=cv2.CV_16U)
    return floats(cv2.LUT(position, _UNIT_OF_STEP))


@dataclass(frozen=True)
class Surface:
    """What lies where on both faces, (h, w) each, 0–1.

    `skin`: plain skin; `lit`: what shows the light, and `tinted`: its colour; `half`: where the
    change is halved (eyes, teeth: they have the light of the skin, not its colour); `beard`: where
    the face has one, which stays as dark against its skin as it is.
    """

    skin: Floats
    lit: Floats
    tinted: Floats
    half: Floats
    beard: Floats


@dataclass(frozen=True)
class Grid:
    """What is known of both faces on the coarse grid `cells`, (h, w[, 3]).

    `sides`: the light from one side (`side_light`) in the face, which goes, and in the target, which
    comes; `facing` as in `relight`; `inward`: the distance from the oval in centimetres.
    """

    cells: Cells
    sides: tuple[Floats, Floats]
    facing: Floats
    inward: Floats


def match_colour(
    face_log: Floats, target_log: Floats, *, surface: Surface, grid: Grid, blur: float
) -> Floats:
    """The face in the target's colours and light, as log light (h, w, 3).

    A gain and a gamma from the skin, as Reinhard 2001 does with mean and deviation; then a
    low-frequency ratio, blurred by `blur` pixels, that keeps the direction of the target's light.
    """
    cells, sides = grid.cells, grid.sides
    face = opponent(face_log)
    even = face - cells.back(sides[0])
    picked = _picked(surface.skin)
    wanted = opponent(target_log.reshape(1, -1, 3)[:, picked])[0]
    one_hued = _is_one_hued(target_log)
    matched = _toned(
        even,
        own=_tone(even.reshape(-1, 3)[picked]),
        wanted=_tone(wanted - _at(sides[1], picked=picked, cells=cells)),
        chroma_range=(0.0, 0.0) if one_hued else _CHROMA_RANGE,
        beard=surface.beard,
    )
    lit, tinted = cells.means(surface.lit), cells.means(surface.tinted)
    apart = opponent(cells.means(times(target_log, surface.tinted)))
    apart -= cells.means(times(matched, surface.tinted)) + sides[1] * tinted[..., None]
    ratio = _light_ratio(apart, lit=lit, tinted=tinted, grid=grid, blur=blur / cells.step)
    matched += cells.back(floats(sides[1] + ratio))
    _press(matched[..., 0], skin=wanted[:, 0])
    kept = np.clip(np.float32(0.5) * (face - matched), -_HALF_LIMIT, _HALF_LIMIT)
    if one_hued:
        kept[..., 1:] = 0
    return from_opponent(matched + times(kept, surface.half))


def _at(values: Floats, *, picked: npt.NDArray[np.intp], cells: Cells) -> Floats:
    """What the cells (h, w, k) say at places of the flattened picture, (n, k)."""
    down, across = np.divmod(picked, cells.size[0])
    last = np.array(values.shape[:2]) - 1
    rows, columns = (
        np.minimum(at // cells.step, most) for at, most in zip((down, across), last, strict=True)
    )
    return floats(values[rows, columns])


def _picked(skin: Floats) -> npt.NDArray[np.intp]:
    """Places of some pixels of plain skin in the flattened picture; of any if it shows too few."""
    picked = np.flatnonzero(skin.ravel() > 0.5)
    if len(picked) < _FEWEST:
        picked = np.arange(skin.size)
    return picked[:: max(1, len(picked) // _SAMPLES)]


@dataclass(frozen=True)
class _Tone:
    """Skin in opponent values: its middle (3,), how far lightness and colour spread, and how the
    colour goes with the lightness (2,): highlights are less coloured than shadows."""

    middle: Floats
    spread: Floats
    slope: Floats
    reach: tuple[float, float]  # of the lightness, beyond which the slope is not known


def _tone(samples: Floats) -> _Tone:
    middle = floats(np.median(samples, axis=0))
    beside = samples - middle
    darkest, lightest = np.percentile(beside[:, 0], (4, 96)).tolist()
    lightness = np.clip(beside[:, :1], darkest, lightest)
    power = max(float((lightness**2).sum()), 1e-6)
    slope = np.clip((lightness * beside[:, 1:]).sum(axis=0) / power, *_SLOPE_RANGE)
    beside[:, 1:] -= lightness * slope
    low, high = np.percentile(beside, (15, 85), axis=0)
    spread = floats(np.maximum(high - low, _LEAST_SPREAD))
    return _Tone(middle, spread, floats(slope), (darkest, lightest))


def _is_one_hued(picture_log: Floats) -> bool:
    """Whether a picture is grey or of one tint: so must its new face be."""
    samples = picture_log.reshape(1, -1, 3)
    samples = np.ascontiguousarray(samples[:, :: max(1, samples.shape[1] // _SAMPLES)])
    spread = _tone(opponent(samples)[0]).spread
    return bool(spread[1:].max() <= _LEAST_SPREAD)


def _toned(
    face: Floats, *, own: _Tone, wanted: _Tone, chroma_range: tuple[float, float], beard: Floats
) -> Floats:
    """Opponent values (h, w, 3) from one tone to another.

    The colour follows the wanted skin's own way from shadow to highlight: with a gamma for each
    channel alone the highlights of dark skin turn grey on light skin.
    """
    ratio = wanted.spread / own.spread
    light, *colours = cv2.split(face)
    lightness = floats(light) - own.middle[0]
    gamma = np.float32(np.clip(ratio[0], *_GAMMA_RANGE))
    # The darkness of a beard is none of the light's: it is not evened out with it.
    lighter = lightness * gamma
    lighter += np.minimum(lightness, 0) * (beard * max(1 - gamma, np.float32(0)))
    toned = [lighter + wanted.middle[0]]
    trend, trend_wanted = np.clip(lightness, *own.reach), np.clip(lighter, *wanted.reach)
    for channel, colour in enumerate(colours, start=1):
        less = own.middle[channel] + trend * own.slope[channel - 1]
        more = wanted.middle[channel] + trend_wanted * wanted.slope[channel - 1]
        chroma = np.float32(np.clip(ratio[channel], *chroma_range))
        toned.append((floats(colour) - less) * chroma + more)
    return floats(cv2.merge(toned))


def _press(lightness: Floats, *, skin: Floats) -> None:
    """Press highlights beyond the brightest of `skin` together, in place: they would look like chalk."""
    brightest = float(np.percentile(skin, _BRIGHTEST))
    over = np.maximum(lightness - np.float32(brightest), 0)
    lightness += over / (1 + over / np.float32(_SHOULDER)) - over


def _light_ratio(
    weighted: Floats, *, lit: Floats, tinted: Floats, grid: Grid, blur: float
) -> Floats:
    """The smooth part of differences (h, w, 3) that come times `tinted`, all on a grid.

    What the face's form explains reaches everywhere; the rest stays around where it was seen.
    """
    difference = floats(weighted / np.maximum(tinted, _LEAST_WEIGHT)[..., None])
    even = even_light(difference, weights=lit, facing=grid.facing)
    rest = difference - even
    # The colour of skin lies in smaller patches than light does, and tells less of whose it is.
    near = smoothstep(grid.inward, *_EDGE)
    inner, edge = (_blurred(rest[..., :1], weights=lit, blur=one) for one in (_WIDE * blur, blur))
    light = inner + near[..., None] * (edge - inner)
    colour = _blurred(rest[..., 1:], weights=tinted, blur=_COLOUR_BLUR * blur)
    return floats(np.clip(even + np.dstack([light, colour]), -_RATIO_LIMIT, _RATIO_LIMIT))


def _blurred(values: Floats, *, weights: Floats, blur: float) -> Floats:
    """Values (h, w, k) blurred by their weights (h, w); they fade where little is weighed."""
    top, bottom = (
        cv2.GaussianBlur(one, (0, 0), max(0.6, blur), borderType=cv2.BORDER_CONSTANT)
        for one in (floats(values * weights[..., None]), weights)
    )
    return floats(top).reshape(values.shape) / (bottom[..., None] + np.float32(_SURE_WEIGHT))


def low_frequency_ratio(
    face_log: Floats, target_log: Floats, *, weights: Floats, blur: float
) -> Floats:
    """The smooth difference of two log lights, or opponents (h, w, 3); see `weighted_blur`."""
    smooth = weighted_blur(floats(target_log - face_log), weights=weights, blur=blur)
    return floats(np.clip(smooth, -_RATIO_LIMIT, _RATIO_LIMIT))


def weighted_blur(values: Floats, *, weights: Floats, blur: float) -> Floats:
    """Values (h, w, 3) blurred by `blur` pixels, as if those without weight (h, w) were not there.

    Far from any weight it fades to 0.
    """
    height, width = weights.shape
    # The result holds no detail below `blur`: a small copy gives the same much sooner.
    factor = max(1.0, blur / 4)
    size = (max(8, round(width / factor)), max(8, round(height / factor)))
    small = cv2.resize(times(values, weights), size, interpolation=cv2.INTER_AREA)
    small_weights = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    sigma = blur / factor
    top = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    bottom = cv2.GaussianBlur(small_weights, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    smooth = floats(top) / (floats(bottom)[..., None] + np.float32(_LEAST_WEIGHT))
    return floats(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))
