"""The faces of stored pictures: found by the embedded engine, and kept with the picture. Called by tasks.py.

Beside the local provider it is the only one that loads the engine, on first use: a web process never does.
"""

from __future__ import annotations

import logging
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from django.conf import settings

from swaps import images, pictures
from swaps.face_choice import FoundFace
from swaps.models import Photo
from swaps.outages import Outage, outage_of
from swaps.providers.local import Engine, decoded, engine

if TYPE_CHECKING:
    from swaps.engine.appraise import Appraisal

logger = logging.getLogger(__name__)


def find(photo: Photo) -> bool:
    """Find a picture's faces and keep them: True where this call was the one that did.

    A picture that cannot be looked at is left as such, so that nobody waits for it.
    """
    if not photo.begin_look(seconds=settings.LEASE_SECONDS):
        return False
    try:
        return _found(photo)
    except Exception as error:
        outage = outage_of(error)
        if outage is None:
            raise
        logger.warning("step=look_later photo=%s error=%s", _name(photo), error)
        if outage is not Outage.DATABASE:
            photo.look_later()
        return False


def known(photo: Photo) -> list[FoundFace] | None:
    """A picture's faces, looked for now where they are not known; None where it cannot be looked at.

    For whoever cannot go on without them and does not leave it to another worker. Raises what an outage raises.
    """
    if photo.faces is None:
        _found(photo)
        photo.refresh_from_db(fields=["faces"])
    found: list[FoundFace] | None = photo.faces
    return found


def _found(photo: Photo) -> bool:
    start = perf_counter()
    try:
        found = look_at(pictures.read_full(photo))
    except Exception as error:
        if outage_of(error) is not None:
            raise
        if photo.give_up_looking():
            logger.error("step=not_looked_at photo=%s", _name(photo), exc_info=error)
        return False
    kept = photo.keep_faces(found)
    if kept:
        seconds = perf_counter() - start
        logger.info("step=faces photo=%s faces=%d took=%.3f", _name(photo), len(found), seconds)
    return kept


def _name(photo: Photo) -> str:
    """Enough of its id to find it by; all of it is an address."""
    return str(photo.pk)[-12:]


def look_at(data: bytes) -> list[FoundFace]:
    """The faces of one of our own pictures, from left to right.

    Raises ModelMissing where the engine has no model; Pillow's errors where *data* is no picture.
    """
    from swaps.engine.appraise import appraise  # noqa: PLC0415
    from swaps.engine.pipeline import find_faces  # noqa: PLC0415

    with _engine().models() as models:
        # Decoded when it is its turn, so that a process never holds more than one.
        rgb, _ = decoded(data)
        found = find_faces(rgb, models=models)
        return [_kept(appraise(rgb, face=face)) for face in found]


def warm_up() -> None:
    """Load the engine before it is needed, so that the first picture of the day is not the slow one."""
    import numpy as np  # noqa: PLC0415

    from swaps.engine.errors import ModelMissing  # noqa: PLC0415

    blank = images.encode(np.zeros((64, 64, 3), np.uint8), alpha=None)
    try:
        look_at(blank)
    except ModelMissing as error:
        logger.warning("step=warm_up error=%s", error)


def _engine() -> Engine:
    model = settings.FACE_LANDMARKER_MODEL
    return engine(Path(model) if model else None, settings.ENGINE_THREADS)


def _kept(face: Appraisal) -> FoundFace:
    """A face as it is kept: pixels and degrees to a tenth, shares to a hundredth."""
    return FoundFace(
        box=[round(float(side), 1) for side in face.box],
        points=[[round(float(x), 1), round(float(y), 1)] for x, y in face.points],
        size=round(float(face.size), 1),
        yaw=round(float(face.yaw), 1),
        pitch=round(float(face.pitch), 1),
        sharpness=round(float(face.sharpness), 2),
        covered=round(float(face.covered), 2),
        outside=round(float(face.outside), 2),
    )
