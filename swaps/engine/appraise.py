"""How well a found face would do, before any swap: its turn, size, sharpness, and what lies over it.

Called by whoever warns people before they swap. Conventions: pictures are uint8 (H, W, 3), RGB,
upright; points are (x, y) in its pixels; angles in degrees; shares and `sharpness` are 0–1.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Floats, Rgb, floats
from swaps.engine.colour import log_light
from swaps.engine.crop import cut
from swaps.engine.landmarks import Face
from swaps.engine.skin import Skin, opponent

_SHARPNESS_SIZE, _COLOUR_SIZE = 192, 128  # the most pixels of face that are looked at
_BLURS = (0.8, 1.6)  # standard deviations, in pixels: one below the noise, one to compare it with
_EDGES = 97  # percentile of the gradients from which on they are edges
_BLURRED = 0.4  # at 192 pixels: a standard deviation of 2.5, where lashes and lips have gone soft
_COVERED = 0.85
_CUT = 0.08
# Differences of opponent values within which two parts of a face are of one skin.
_SAME_SKIN = 0.25
_LIGHTNESS_WEIGHT = 0.35  # light and shadow lie on one skin too
_FARTHEST = 0.6  # all that is farther is equally far: one odd part must not decide
_ENDS = (6, 94)  # percentiles of a part that still count as its skin
_DARK = 1.8  # in log light below the forehead's middle: no eye and its lids are as dark all over
_FIVE = (1, 61, 291)  # tip of the nose, corners of the mouth


@dataclass(frozen=True)
class Appraisal:
    """What is seen of one face. Angles as in `Face`.

    `points` (5, 2): the eyes (the picture's left one first), the tip of the nose, the corners of
    the mouth. `sharpness`: 1 is as sharp as pixels can be. `covered`: how much of mouth and chin,
    of both eyes, or of one side does not look like the face's own skin, whichever is most.
    `outside`: the share of the landmarks that lie beyond the picture's edge.
    """

    box: tuple[float, float, float, float]
    size: float
    yaw: float
    pitch: float
    roll: float
    points: Floats
    sharpness: float
    covered: float
    outside: float

    @property
    def is_blurred(self) -> bool:
        """Whether the face is too soft to be told well."""
        return self.sharpness < _BLURRED

    @property
    def is_covered(self) -> bool:
        """Whether a mask, dark glasses or a thing held up hide a part of the face. Errs towards no:
        a hand has the colour of skin and is not seen."""
        return self.covered > _COVERED

    @property
    def is_cut(self) -> bool:
        """Whether the picture's edge cuts a part of the face off that a swap would need."""
        return self.outside > _CUT


def appraise(photo_rgb: Rgb, *, face: Face) -> Appraisal:
    """Look at a face that `find_faces` found in this picture, uint8 RGB (H, W, 3)."""
    height, width = photo_rgb.shape[:2]
    flat = face.landmarks[:, :2]
    outside = ((flat < -0.5) | (flat > floats([width, height]) - 0.5)).any(axis=1)
    eyes = [flat[eye].mean(axis=0) for eye in (regions.LEFT_EYE, regions.RIGHT_EYE)]
    return Appraisal(
        box=face.box,
        size=face.size,
        yaw=face.yaw,
        pitch=face.pitch,
        roll=face.roll,
        points=floats([*eyes, *flat[list(_FIVE)]]),
        sharpness=_sharpness(photo_rgb, face=face),
        covered=_covered(photo_rgb, face=face),
        outside=float(outside.mean()),
    )


def _sharpness(photo_rgb: Rgb, *, face: Face) -> float:
    """1 over the blur of the face's edges in pixels, at 192 pixels of face or at its own size.

    Independent of the face's size down to there, of contrast and, mostly, of noise: blurred a
    little more, sharp edges lose more of their gradient than soft ones. Zhuo and Sim 2011,
    "Defocus map estimation from a single image", at the strongest edges alone.
    """
    crop = cut(
        photo_rgb, points=face.landmarks, margin=0, scale=min(1.0, _SHARPNESS_SIZE / face.size)
    )
    grey = floats(cv2.cvtColor(crop.rgb, cv2.COLOR_RGB2GRAY))
    inside = _hull(crop.from_photo(face.landmarks), shape=grey.shape)
    less, more = (_gradient(grey, blur=blur) for blur in _BLURS)
    edges = inside & (less >= np.percentile(less[inside], _EDGES))
    ratio = float(np.median(less[edges] / np.maximum(more[edges], 1e-3))) ** 2
    first, second = (blur**2 for blur in _BLURS)
    variance = (second - ratio * first) / max(ratio - 1, 1e-4)
    return 1 / max(1.0, float(np.sqrt(max(variance, 0.0))))


def _gradient(grey: Floats, *, blur: float) -> Floats:
    smooth = cv2.GaussianBlur(grey, (0, 0), blur)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return floats(cv2.magnitude(across, down))


def _covered(photo_rgb: Rgb, *, face: Face) -> float:
    """See `Appraisal`. Beards, lips, brows and glasses are no skin either, and a fringe belongs to
    the face: only where all that belongs together looks strange is something laid over it."""
    scale = min(1.0, _COLOUR_SIZE / face.size)
    crop = cut(photo_rgb, points=face.landmarks, margin=0.04 * face.size, scale=scale)
    picture_log = log_light(crop.rgb)
    values = opponent(picture_log)
    places = crop.from_photo(face.landmarks)
    areas = {
        name: _hull(places[part], shape=values.shape[:2]) for name, part in regions.PARTS.items()
    }
    skin = _own_skin({name: values[areas[name]] for name in regions.SKIN_PARTS})
    strange = skin.distance(picture_log).whole > 1
    share = {name: float(strange[area].mean()) for name, area in areas.items()}
    below = min(share["mouth"], share["chin"], max(share["nose"], share["upper lip"]))
    eyes = min(share["left eye"], share["right eye"])
    dark = values[..., 0] < np.median(values[areas["forehead"], 0]) - _DARK
    glasses = min(float(dark[areas[f"{side} eye"]].mean()) for side in ("left", "right"))
    sides = (
        min(share[f"{side} {part}"] for part in ("eye", "cheek", "jaw"))
        for side in ("left", "right")
    )
    return max(below, eyes, glasses, *sides)


def _own_skin(samples: dict[str, Floats]) -> Skin:
    """The skin of most parts: the one that is nearest to the others, and all that are like it."""
    weight = floats([_LIGHTNESS_WEIGHT, 1, 1])
    middles = {name: np.median(values, axis=0) * weight for name, values in samples.items()}
    apart = {
        name: sum(
            regions.SKIN_PARTS[other] * min(float(np.abs(middle - one).sum()), _FARTHEST)
            for other, one in middles.items()
        )
        for name, middle in middles.items()
    }
    best = middles[min(apart, key=lambda name: apart[name])]
    alike = [
        np.percentile(samples[name], _ENDS, axis=0)
        for name, middle in middles.items()
        if np.abs(middle - best).max() < _SAME_SKIN
    ]
    return Skin(
        low=floats(np.min([low for low, _ in alike], axis=0)),
        high=floats(np.max([high for _, high in alike], axis=0)),
    )


def _hull(points: Floats, *, shape: tuple[int, ...]) -> Bools:
    """The convex hull of points (n, ≥ 2) as an area (h, w), never empty."""
    area = np.zeros(shape[:2], np.uint8)
    flat = np.clip(np.round(points[:, :2]), 0, [shape[1] - 1, shape[0] - 1]).astype(np.int32)
    cv2.fillConvexPoly(area, cv2.convexHull(flat), 1)
    return area > 0
