"""How well a found face would do, before any swap: its turn, size, sharpness, and what lies over it.

Called by whoever warns people before they swap. Conventions: pictures are uint8 (H, W, 3), RGB,
upright; points are (x, y) in its pixels; angles in degrees; shares and `sharpness` are 0–1.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Floats, Rgb, floats
from swaps.engine.cover import COVERED, find_cover
from swaps.engine.crop import cut, hull_area
from swaps.engine.landmarks import Face

_SIZE = 192  # the most pixels of face that are looked at
_BLURS = (0.8, 1.6)  # standard deviations, in pixels: one below the noise, one to compare it with
_EDGES = 97  # percentile of the gradients from which on they are edges
_BLURRED = 0.4  # at 192 pixels: a standard deviation of 2.5, where lashes and lips have gone soft
_CUT = 0.08
_NOSE_AND_MOUTH = (1, 61, 291)  # tip of the nose, corners of the mouth


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
        return self.covered > COVERED

    @property
    def is_cut(self) -> bool:
        """Whether the picture's edge cuts a part of the face off that a swap would need."""
        return self.outside > _CUT


def appraise(photo_rgb: Rgb, *, face: Face) -> Appraisal:
    """Look at a face that `find_faces` found in this picture, uint8 RGB (H, W, 3)."""
    flat = face.landmarks[:, :2]
    eyes = [flat[eye].mean(axis=0) for eye in (regions.LEFT_EYE, regions.RIGHT_EYE)]
    return Appraisal(
        box=face.box,
        size=face.size,
        yaw=face.yaw,
        pitch=face.pitch,
        roll=face.roll,
        points=floats([*eyes, *flat[list(_NOSE_AND_MOUTH)]]),
        sharpness=_sharpness(photo_rgb, face=face),
        covered=find_cover(photo_rgb, face=face).most,
        outside=1 - float(face.inside(photo_rgb.shape).mean()),
    )


def _sharpness(photo_rgb: Rgb, *, face: Face) -> float:
    """1 over the blur of the face's edges in pixels, at 192 pixels of face or at its own size.

    Independent of the face's size down to there, of contrast and, mostly, of noise: blurred a
    little more, sharp edges lose more of their gradient than soft ones. Zhuo and Sim 2011,
    "Defocus map estimation from a single image", at the strongest edges alone.
    """
    crop = cut(photo_rgb, points=face.landmarks, margin=0, scale=min(1.0, _SIZE / face.size))
    grey = floats(cv2.cvtColor(crop.rgb, cv2.COLOR_RGB2GRAY))
    inside = hull_area(crop.from_photo(face.landmarks), shape=grey.shape)
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
