"""The crops that a service which chooses faces by itself is sent, from being cut to the result's return.

They are pictures of ours under keys of their own, as private as all others, and stay with their attempt:
a result is put back where the very crop came from that it was made of.
"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction

from swaps import faces, hosted_faces, images, pictures, storage
from swaps.face_choice import FoundFace, Unfit
from swaps.images import Place
from swaps.models import Attempt, Photo, Swap
from swaps.providers.base import Refused

logger = logging.getLogger(__name__)

VARIANT = "full.jpg"
NOT_LOOKED_FOR = (
    "The faces in this picture could not be looked for, so none of them can be chosen. "
    "Leave the choice of the face, or tell the admin."
)


def prepare(swap: Swap, attempt: Attempt) -> Refused | None:
    """Cut what *attempt* is to be asked with for the swap's choice of faces; why it cannot be asked so.

    The row is written first: it knows of each crop before that is stored.
    """
    found = {}
    for role, choice in (("source", swap.source_face), ("target", swap.target_faces)):
        photo = getattr(swap, role)
        if not choice or photo is None:
            continue
        known = faces.known(photo)
        if known is None:
            return Refused("api_error", NOT_LOOKED_FOR, picture=role)
        try:
            crop = _crop_of(photo, choice, known, role=role)
        except Unfit as error:
            code = "api_not_implemented" if isinstance(error, hosted_faces.Several) else "no_face"
            return Refused(code, str(error), picture=role)
        if crop is not None:
            found[role] = crop
    if found:
        attempt.cut(found)
    for role, crop in found.items():
        _store(getattr(swap, role), crop)
        logger.info(
            "step=crop task_id=%s trace_id=%s role=%s box=%s",
            swap.pk, attempt.trace_id, role, ",".join(map(str, crop["box"])),
        )  # fmt: skip
    return None


def outside_url(attempt: Attempt, role: str, *, seconds: int) -> str:
    """Where the provider gets the crop of that picture; empty where the picture is sent as it is."""
    crop = attempt.crops.get(role)
    return storage.outside_url(crop["key"], VARIANT, seconds=seconds) if crop else ""


def place_of(swap: Swap, attempt: Attempt, folder: Path) -> Place | None:
    """Where the attempt's result is to be put back, with the Photo's bytes in *folder*; None: it is the whole.

    Raises FileNotFoundError where the Photo was deleted meanwhile.
    """
    crop = attempt.crops.get("target")
    if crop is None:
        return None
    x0, y0, x1, y1 = crop["box"]
    return Place(_copied(swap.target, folder), crop=(x0, y0, x1, y1), face=tuple(crop["face"]))


def remove(swap: Swap) -> None:
    """Nobody needs the swap's crops any more. What cannot be removed now goes with the orphans."""
    kept = swap.attempts.exclude(crops={}).values_list("crops", flat=True)
    names = [storage.name_of(crop["key"], VARIANT) for crops in kept for crop in crops.values()]
    if names:
        transaction.on_commit(partial(storage.remove_names, names), robust=True)


def _crop_of(
    photo: Photo, choice: str, known: list[FoundFace], *, role: str
) -> dict[str, Any] | None:
    found = hosted_faces.framed(choice, known, role=role, size=(photo.width, photo.height))
    if found is None:
        return None
    face, framed = found
    return {"key": storage.new_key(), "box": list(framed.crop), "face": face["box"]}


def _store(photo: Photo, crop: dict[str, Any]) -> None:
    with pictures.scratch() as folder:
        x0, y0, x1, y1 = crop["box"]
        storage.put(crop["key"], images.cut(_copied(photo, folder), folder, crop=(x0, y0, x1, y1)))


def _copied(photo: Photo | None, folder: Path) -> Path:
    if photo is None:
        raise FileNotFoundError
    file = folder / "photo"
    file.write_bytes(pictures.read_full(photo))
    return file
