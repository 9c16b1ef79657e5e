"""Whether something lies over a face: a mask, dark glasses, a thing held up; told by colour.

Called by `appraise`, and by `pipeline` for what cannot be swapped. Conventions: pictures are uint8
(H, W, 3), RGB; shares are 0–1.
"""

from dataclasses import dataclass

import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Floats, Rgb, floats
from swaps.engine.colour import log_light
from swaps.engine.crop import MARGIN, cut, hull_area
from swaps.engine.landmarks import Face
from swaps.engine.skin import Skin, opponent

COVERED = 0.85  # the share from which on a part is hidden; at most 0.75 on portraits that are bare
_SIZE = 128  # the most pixels of face that are looked at
_ENDS = (6, 94)  # percentiles of a part that still count as its skin
_DARK = 1.8  # in log light below the forehead's middle: no eye and its lids are as dark all over
# Differences of opponent values within which two parts of a face are of one skin.
_SAME_SKIN = 0.25
_LIGHTNESS_WEIGHT = 0.35  # light and shadow lie on one skin too
_ANOTHER_HUE = 0.7  # lips, beards and coloured light stay below that
_FARTHEST = 0.6  # all that is farther is equally far: one odd part must not decide


@dataclass(frozen=True)
class Cover:
    """How much does not look like the face's own skin: of mouth and chin, of both eyes, of a side.

    Of mouth and chin, and of a side, also how near their hue is to another one altogether.
    """

    below: float
    eyes: float
    side: float

    @property
    def most(self) -> float:
        """The greatest of them."""
        return max(self.below, self.eyes, self.side)


def find_cover(photo_rgb: Rgb, *, face: Face) -> Cover:
    """Look for what lies over a face of uint8 RGB (H, W, 3).

    Beards, lips, brows and glasses are no skin either, and a fringe belongs to the face: only where
    all that belongs together looks strange is something laid over it. A shadow leaves the hue alone,
    and only eyes are told by darkness too.
    """
    scale = min(1.0, _SIZE / face.size)
    crop = cut(photo_rgb, points=face.landmarks, margin=MARGIN * face.size, scale=scale)
    picture_log = log_light(crop.rgb)
    values = opponent(picture_log)
    places = crop.from_photo(face.landmarks)
    areas = {
        name: hull_area(places[part], shape=values.shape[:2])
        for name, part in regions.PARTS.items()
    }
    inside = face.inside(photo_rgb.shape)
    middles = {
        name: np.median(values[area], axis=0)
        for name, area in areas.items()
        if area.any() and inside[regions.PARTS[name]].all()
    }
    skin = _own_skin({name: values[areas[name]] for name in regions.SKIN_PARTS})
    distance = skin.distance(picture_log)
    strange, tinted = distance.whole > 1, distance.colour > 1
    hue = {name: float(tinted[area].mean()) for name, area in areas.items()}
    below = min(hue["mouth"], hue["chin"], max(hue["nose"], hue["upper lip"]))
    eyes = min(float(strange[areas[f"{side} eye"]].mean()) for side in ("left", "right"))
    dark = values[..., 0] < np.median(values[areas["forehead"], 0]) - _DARK
    glasses = min(float(dark[areas[f"{side} eye"]].mean()) for side in ("left", "right"))
    side = max(
        min(hue[f"{side} {part}"] for part in ("eye", "cheek", "jaw")) for side in ("left", "right")
    )
    return Cover(
        below=max(below, _lower(middles)),
        eyes=max(eyes, glasses),
        side=max(side, _half(middles)),
    )


def _lower(middles: dict[str, Floats]) -> float:
    """How far the hue of mouth, nose and chin is from what no mask covers, in the least: 1 is another.

    What covers more than half of a face passes for its skin; then the parts tell it. Under a fringe
    the forehead is not seen, so the bridge of the nose may speak for it.
    """
    bare = [middles[name] for name in ("forehead", "bridge") if name in middles]

    def far(name: str) -> float:
        return (
            min((_hues_apart(middles[name], one) for one in bare), default=0.0)
            if name in middles
            else 0.0
        )

    return min(far("mouth"), far("chin"), max(far("nose"), far("upper lip")))


def _half(middles: dict[str, Floats]) -> float:
    """How far the hues of both halves of a face are apart, in the least of eye and cheek."""
    return min(
        _hues_apart(middles[f"left {part}"], middles[f"right {part}"])
        if {f"left {part}", f"right {part}"} <= middles.keys()
        else 0.0
        for part in ("eye", "cheek")
    )


def _hues_apart(one: Floats, other: Floats) -> float:
    return min(1.0, float(np.abs(one - other)[1:].max()) / _ANOTHER_HUE)


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
