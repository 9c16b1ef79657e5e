"""The source's face over the target's mesh, with what its own picture does not show made good.

Conventions: `…_log` is log light (h, w, 3); maps are (h, w), 0–1.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine.arrays import Floats, floats, mixed, smoothed, smoothstep
from swaps.engine.canonical import Canonical
from swaps.engine.colour import log_light, low_frequency_ratio, weighted_blur
from swaps.engine.ground import Ground
from swaps.engine.raster import vertex_areas
from swaps.engine.skin import Distance, opponent
from swaps.engine.source import SourceFace
from swaps.engine.stage import Stage
from swaps.engine.warp import warp

_EVEN = (0.6, 0.8)  # a vertex's area in the source against the other side's: hidden, seen
_SHOWN = (0.2, 0.5)  # the same against the drawn area
_NO_AREA = 0.02  # of the mean area
_HAIR_EDGE = 0.2  # how far hair reaches beyond what is seen of it, in blurs of the light
_AGREE = (0.05, 0.2)  # differences of log light: the same hair in both pictures, not the same


@dataclass(frozen=True)
class Drawn:
    """The source's face, and its distance from the source's skin.

    `hair`: where plain skin replaces it; `shown`: where its picture showed it well; `beard`,
    `target_beard`: where either face has one.
    """

    face_log: Floats
    distance: Distance
    hair: Floats
    shown: Floats
    beard: Floats
    target_beard: Floats

    @property
    def shaven(self) -> Floats:
        """Where the target has a beard and this face has none."""
        return self.target_beard * (1 - self.beard)


def draw_source(source: SourceFace, *, stage: Stage, ground: Ground, canonical: Canonical) -> Drawn:
    """Draw the source over the stage's mesh.

    Where its picture hides a part of a turned face the other side of the same face is drawn; where
    hair hangs into it and the target has none, plain skin as light as what is around.
    """
    picture_rgb, vertices = source.at_scale(stage.scale)
    face_log = log_light(warp(picture_rgb, vertices=vertices, raster=stage.raster))
    hidden, shown = _sides(source, stage=stage, canonical=canonical)
    if hidden.any():
        mirrored_log = log_light(
            warp(picture_rgb, vertices=vertices[canonical.mirror], raster=stage.raster)
        )
        # The other side lies in other light: it takes that of its new surroundings first.
        mirrored_log += low_frequency_ratio(
            mirrored_log,
            face_log,
            weights=floats((1 - hidden) * source.skin.distance(face_log).likeness(blur=0)),
            blur=stage.light_blur,
        )
        face_log = mixed(face_log, mirrored_log, share=hidden)
    distance = source.skin.distance(face_log)
    beard = ground.beard(face_log)
    hair = _hair(distance, face_log=face_log, stage=stage) * (1 - beard)
    plain_log = weighted_blur(
        face_log, weights=floats((distance.whole < 1) * (1 - hair)), blur=stage.light_blur
    )
    return Drawn(
        face_log=mixed(face_log, plain_log, share=hair),
        distance=Distance(distance.light * (1 - hair), distance.colour * (1 - hair)),
        hair=hair,
        shown=shown,
        beard=beard,
        target_beard=ground.beard(stage.crop_log),
    )


def _hair(distance: Distance, *, face_log: Floats, stage: Stage) -> Floats:
    """Where hair hangs into the drawn face and not into the target's (h, w), and a little more.

    Brows and lashes are no skin either, but their colour is nearer to it: beside the eyes, in the
    generous zone, only a colour far from skin counts as hair.
    """
    hair = np.maximum(
        stage.generous * distance.dyed, stage.sparing * stage.likeness * distance.hairy
    )
    reach = max(1, round(_HAIR_EDGE * stage.light_blur))
    wider = cv2.dilate(floats(hair), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    difference = opponent(floats(cv2.absdiff(face_log, stage.crop_log)))[..., 0]
    apart = smoothstep(smoothed(difference, blur=reach), *_AGREE)
    return smoothed(floats(wider * stage.generous * apart), blur=reach)


def _sides(source: SourceFace, *, stage: Stage, canonical: Canonical) -> tuple[Floats, Floats]:
    """How much to take from the mirrored face (h, w), and where either side is seen well, 0–1.

    Measured by the area around a vertex in the source's picture: against the other side of the face
    (where the drawn face is as turned as the source, its own side does), and against what is drawn.
    """
    areas = vertex_areas(source.landmarks[: len(canonical.vertices)], canonical=canonical)
    areas = floats(areas * source.inside * stage.scale**2)
    drawn = vertex_areas(stage.drawn, canonical=canonical)
    # A little of every area, so that what is seen in neither picture counts as equal.
    areas += _NO_AREA * drawn.mean()
    drawn += _NO_AREA * drawn.mean()
    other = areas[canonical.mirror]
    turned = np.minimum(drawn / drawn[canonical.mirror], 1)
    hidden = 1 - smoothstep(floats(areas / (other * turned)), *_EVEN)
    shown = smoothstep(floats(np.maximum(areas, other) / drawn), *_SHOWN)
    sides = stage.raster.spread(floats(np.column_stack([hidden, shown])))
    return sides[..., 0], sides[..., 1]
