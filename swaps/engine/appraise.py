"""How well a found face would do, before any swap: its turn, size, sharpness, and what lies over it.

Called by whoever warns people before they swap. Conventions: pictures are uint8 (H, W, 3), RGB,
upright; points are (x, y) in its pixels; angles in degrees; shares and `sharpness` are 0–1.
"""

from dataclasses import dataclass

import cv2

from swaps.engine import regions
from swaps.engine.arrays import Floats, Rgb, floats
from swaps.engine.cover import COVERED, find_cover
from swaps.engine.crop import cut, hull_area
from swaps.engine.landmarks import Face
from swaps.engine.sharpness import SIZE, edge_blur

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

    Independent of the face's size down to there.
    """
    crop = cut(photo_rgb, points=face.landmarks, margin=0, scale=min(1.0, SIZE / face.size))
    grey = floats(cv2.cvtColor(crop.rgb, cv2.COLOR_RGB2GRAY))
    inside = hull_area(crop.from_photo(face.landmarks), shape=grey.shape)
    return 1 / edge_blur(grey, inside=inside)
