"""What belongs to the target though it lies inside the face: mouth, eyes, sharpness and grain.

Called by `transfer`. Conventions: landmarks in pixels of the crop, maps float32 (h, w), 0–1.
"""

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, floats, smoothed, smoothstep
from swaps.engine.sharpness import SIZE, edge_blur

_OPEN_MOUTH = 0.04  # inner gap against the mouth's width
_LESS_OPEN = 0.5  # a mouth open less than this share of the other one counts as shut
_OPEN_EYE = 0.18
_SHUT_EYE = 0.10
_AS_SHARP = 1.35  # times the face's own blur
_TILE = 256  # pixels of grain that are made
_GRAIN_SEED = 20_260_101  # any constant: the same pictures have to give the same result


def own_parts(drawn: Floats, *, source: Floats, target: Floats, size: tuple[int, int]) -> Floats:
    """Where the target's own mouth or eyes stay, (h, w), 0–1.

    Inside the lips where one mouth is open and the other hardly is (teeth of nobody, or pressed
    into a line); an eye where one's is closed and the other's open. `drawn` (468, 3) is the mesh as
    drawn, in pixels of `size` (width, height); `source` and `target` (478, 3) are landmarks.
    """
    stay = np.zeros((size[1], size[0]), np.float32)
    mouths = regions.gap(source, regions.MOUTH_GAP), regions.gap(target, regions.MOUTH_GAP)
    if max(mouths) > _OPEN_MOUTH and min(mouths) < _LESS_OPEN * max(mouths):
        stay = np.maximum(stay, _soft_area(drawn[regions.INNER_LIPS], size=size, grow=0.0))
    for gap, lid in (
        (regions.LEFT_EYE_GAP, regions.LEFT_LID),
        (regions.RIGHT_EYE_GAP, regions.RIGHT_LID),
    ):
        eyes = regions.gap(source, gap), regions.gap(target, gap)
        if min(eyes) < _SHUT_EYE and max(eyes) > _OPEN_EYE:
            stay = np.maximum(stay, _soft_area(drawn[lid], size=size, grow=0.1))
    return stay


def _soft_area(outline: Floats, *, size: tuple[int, int], grow: float) -> Floats:
    """The polygon of `outline` grown by a share of its width, with a soft edge (h, w), 0–1."""
    area = np.zeros((size[1], size[0]), np.uint8)
    middle = outline[:, :2].mean(axis=0)
    wide = float(np.ptp(outline[:, :2], axis=0).max())
    points = middle + (outline[:, :2] - middle) * (1 + grow)
    outer = [np.round(points).astype(np.int32)]
    cv2.fillPoly(area, outer, 255)
    # Lips that are shut enclose nothing: the line between them is as wide as the edge is soft.
    cv2.polylines(area, outer, isClosed=True, color=255, thickness=max(1, round(0.03 * wide)))
    return floats(cv2.GaussianBlur(area, (0, 0), max(0.8, 0.02 * wide))) / np.float32(255)


def match_sharpness(
    face_unit: Floats, target_unit: Floats, *, inside: Bools, extent: float
) -> Floats:
    """The face (h, w, 3), 0–1, as blurred as a target that is clearly more blurred than it.

    `inside` (h, w) is where both are looked at, `extent` the face's size in pixels. Edges differ
    from face to face, so that a little more is no blur.
    """
    scale = min(1.0, SIZE / extent)
    size = [max(1, round(length * scale)) for length in inside.shape[::-1]]
    small = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_AREA) > 0
    have, want = (
        edge_blur(
            floats(cv2.resize(cv2.extractChannel(one, 1), size, interpolation=cv2.INTER_AREA)),
            inside=small,
        )
        for one in (face_unit, target_unit)
    )
    missing = want**2 - (_AS_SHARP * have) ** 2
    if missing <= 0:
        return face_unit
    return smoothed(face_unit, blur=float(np.sqrt(missing)) / scale)


def match_grain(face_unit: Floats, target_unit: Floats, *, skin: Floats) -> Floats:
    """The face with as much fine detail on its skin as the target has, (h, w, 3), 0–1.

    Fine detail is damped where the face has more, raised a little where it has less, and the rest
    is noise: the same for the same size.
    """
    picked = skin > 0.7
    if np.count_nonzero(picked) < 64:
        return face_unit
    fine = _fine(face_unit)
    have = _strength(fine[..., 1], picked)
    want = _strength(_fine(floats(cv2.extractChannel(target_unit, 1))), picked)
    gain = float(np.clip(want / max(have, 1e-4), 0.45, 1.25))
    grained = face_unit + np.float32(gain - 1) * fine
    missing = want**2 - (gain * have) ** 2
    if missing > (0.5 / 255) ** 2:
        noise = _noise(skin.shape) * smoothstep(skin, 0.2, 0.8)
        noise *= np.float32(np.sqrt(missing))
        grained += floats(cv2.merge([noise, noise, noise]))
    return floats(grained)


def _noise(shape: tuple[int, ...]) -> Floats:
    """Film grain of deviation 1 (h, w), in tiles: there is more of it than one can tell apart."""
    tile = np.random.default_rng(_GRAIN_SEED).standard_normal((_TILE, _TILE), np.float32)
    tile = floats(cv2.GaussianBlur(tile, (0, 0), 0.7, borderType=cv2.BORDER_REFLECT_101))
    tile /= tile.std()
    beyond = [max(0, length - _TILE) for length in shape]
    bordered = cv2.copyMakeBorder(tile, 0, beyond[0], 0, beyond[1], cv2.BORDER_WRAP)
    return floats(bordered[: shape[0], : shape[1]])


def _fine(picture_unit: Floats) -> Floats:
    return floats(picture_unit - cv2.GaussianBlur(picture_unit, (0, 0), 1.2))


def _strength(fine: Floats, picked: Bools) -> float:
    """A deviation that single hairs and lashes do not sway: from the median of magnitudes."""
    return float(np.median(np.abs(fine[picked])) * 1.4826)
