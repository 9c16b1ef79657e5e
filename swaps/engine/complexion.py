"""The drawn face in the target's skin colour and light; called by `transfer`.

Conventions: `…_log` is log light (h, w, 3); maps are float32 (h, w), 0–1, in pixels of the crop.
"""

import numpy as np

from swaps.engine.arrays import Floats, floats, smoothed, smoothstep, times
from swaps.engine.colour import Grid, Surface, match_colour
from swaps.engine.drawing import Drawn
from swaps.engine.ground import Ground
from swaps.engine.jaw import jaw_shade
from swaps.engine.relief import bring_out
from swaps.engine.shadows import soften_shadows
from swaps.engine.side_light import side_light
from swaps.engine.skin import Distance, lightness, opponent
from swaps.engine.stage import Stage

_LIT = 1.8  # tolerances of skin that still shows the light
_INSIDE = (0.2, 0.8)  # centimetres from the oval
_LEAST_HAIR = 0.02
# How much a beard shows of the light's colour: the skin between its hairs does.
_TINTED = np.float32(0.6)
_PORE = 0.06  # in log light; what is stronger is no pore


def match_complexion(
    drawn: Drawn, *, stage: Stage, ground: Ground, features: Floats
) -> tuple[Floats, Floats]:
    """The matched face as log light (h, w, 3), and where it and the target are plain skin (h, w).

    `features` (h, w, 2): where it is not skin, and inside eyes and mouth.
    """
    lit = [
        _lit(distance, hair=hair, stage=stage, ground=ground)
        for distance, hair in ((drawn.distance, drawn.hair), (stage.distance, stage.hair))
    ]
    surface = _surface(drawn, lit=lit, stage=stage, ground=ground, features=features)
    cells = ground.cells
    means = cells.means(drawn.face_log), cells.means(stage.crop_log)
    beards = drawn.beard, drawn.target_beard
    matched_log = match_colour(
        drawn.face_log,
        stage.crop_log,
        surface=surface,
        grid=Grid(
            cells=cells,
            sides=(
                _side(means[0], seen=np.maximum(lit[0], beards[0]), stage=stage, ground=ground),
                _side(means[1], seen=np.maximum(lit[1], beards[1]), stage=stage, ground=ground),
            ),
            facing=ground.facing,
            inward=ground.places[..., 2],
        ),
        blur=stage.light_blur,
    )
    shade = _shade(cells.means(matched_log), means[1], drawn=drawn, stage=stage, ground=ground)
    matched_log += cells.back(shade)
    # Plain skin has no pores: it takes the target's.
    if drawn.hair.max() > _LEAST_HAIR:
        pores = stage.crop_log - smoothed(stage.crop_log, blur=max(1.0, stage.skin_blur))
        matched_log += times(np.clip(pores, -_PORE, _PORE), drawn.hair * stage.likeness)
    return matched_log, surface.skin


def _surface(
    drawn: Drawn, *, lit: list[Floats], stage: Stage, ground: Ground, features: Floats
) -> Surface:
    # Around eyes lies paint and shade, around lips lies skin.
    away = np.clip(features[..., 0] * 1.5, 0, 1)
    away = np.minimum(away, 1 - ground.lower * smoothstep(features[..., 0], 0.8, 0.4))
    bare = (stage.oval & stage.raster.covered) * (1 - away)
    bare *= 1 - np.maximum(drawn.beard, drawn.target_beard)
    likeness = stage.likeness * drawn.distance.likeness(blur=stage.skin_blur)
    seen = floats(bare * lit[0] * lit[1])
    return Surface(
        skin=floats(bare * likeness * (1 - drawn.hair)),
        lit=seen,
        tinted=np.maximum(seen, _TINTED * drawn.beard * lit[1]),
        half=features[..., 1],
        beard=drawn.beard,
    )


def _lit(distance: Distance, *, hair: Floats, stage: Stage, ground: Ground) -> Floats:
    """Where a face shows the light: on its skin, and that is all of a lower face but its hair."""
    likeness = distance.likeness(blur=stage.skin_blur, tolerance=_LIT)
    return floats(np.maximum(likeness, ground.lower * (1 - hair)))


def _side(means_log: Floats, *, seen: Floats, stage: Stage, ground: Ground) -> Floats:
    """The light from one side in a face's cells, where it is `seen` (in pixels); opponent values."""
    return side_light(
        opponent(means_log),
        weights=floats(ground.cells.means(floats(seen)) * ground.bare),
        mirrored=ground.mirrored,
        blur=stage.light_blur / ground.cells.step,
    )


def _shade(
    matched: Floats, target: Floats, *, drawn: Drawn, stage: Stage, ground: Ground
) -> Floats:
    """What softens the face's own shadows, brings out its relief and shades its jaw.

    Cells of log light (h, w, 3), all.
    """
    # Hair is none of the face; a beard is, though no shadow.
    hair = np.maximum(drawn.hair, stage.hair)
    beard = np.maximum(drawn.beard, drawn.target_beard)
    face = 1 - ground.cells.means(floats(hair))
    skin = 1 - ground.cells.means(floats(np.maximum(hair, beard)))
    face_light, target_light = lightness(matched), lightness(target)
    softer = soften_shadows(
        face_light,
        target_light,
        bare=floats(ground.bare * skin),
        size=ground.size,
    )
    softer += bring_out(
        face_light,
        target_light,
        weights=floats(face * smoothstep(ground.places[..., 2], *_INSIDE)),
        size=ground.size,
    )
    matched = floats(matched + softer[..., None])
    jaw = jaw_shade(
        floats(target - matched),
        shaven=ground.cells.means(drawn.shaven),
        inward=ground.places[..., 2],
        size=ground.size,
    )
    return floats(jaw + softer[..., None])
