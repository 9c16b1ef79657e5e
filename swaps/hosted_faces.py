"""PURE: what becomes of a choice of faces with a service that chooses by itself: a crop, a warning, a refusal.

Such a service takes one face of a picture and replaces one, whichever it likes. So one face of several is
shown to it alone, in a crop; several at once cannot be had of it, and are refused before anything is paid.
"""

from __future__ import annotations

from collections.abc import Sequence

from swaps import face_choice, face_warnings
from swaps.face_choice import FoundFace, Unfit
from swaps.framing import Box, Framed, Verdict, frame

SEVERAL = (
    "The hosted service replaces one face a swap, so several cannot be chosen. Choose one of them. "
    "For the others make further swaps, each with the last result as its Photo."
)
ONE_A_SWAP = (
    "The hosted service replaces one face a swap. For the others make further swaps, each with the last "
    "result as its Photo."
)
MAY_REFUSE = (
    "This face is very small or turned far to the side, so the hosted service may refuse it. "
    "A larger picture in which it looks towards the camera works better."
)
GETS_A_CROP = "The hosted service gets a crop around this face. "
SHOWS = {
    (
        "source",
        Verdict.CUTS,
    ): "It would show part of another face, too, so that one may be mixed in.",
    (
        "source",
        Verdict.HOLDS,
    ): "It would show another face as well, so that one may be taken instead.",
    ("target", Verdict.CUTS): "It would cut another face in half, so that one may change, too.",
    (
        "target",
        Verdict.HOLDS,
    ): "It would show another face as well, so that one may change instead.",
}


class Several(Unfit):
    """More faces were chosen than such a service replaces."""


def framed(
    choice: str, faces: Sequence[FoundFace], *, role: str, size: tuple[int, int]
) -> tuple[FoundFace, Framed] | None:
    """The face that a kept *choice* means and the crop to send for it; None: the picture is sent as it is.

    Raises Unfit where there is no such face, and Several.
    """
    chosen = face_choice.meant(choice, faces, role=role)
    if len(chosen) > 1:
        raise Several(SEVERAL, role=role)
    if not chosen or len(faces) < 2:
        return None
    return faces[chosen[0]], _frame(chosen[0], faces, size=size)


def check(choice: str, faces: Sequence[FoundFace] | None, *, role: str) -> None:
    """Refuse a fitting *choice* that cannot be honoured, as far as the *faces* are known. Raises Several."""
    if faces is not None and len(face_choice.meant(choice, faces, role=role)) > 1:
        raise Several(SEVERAL, role=role)


def of_picture(faces: Sequence[FoundFace] | None, *, role: str) -> list[str]:
    """What is to be said of a picture before it goes to such a service."""
    return [ONE_A_SWAP] if role == "target" and faces and len(faces) > 1 else []


def of_face(at: int, faces: Sequence[FoundFace], *, role: str, size: tuple[int, int]) -> list[str]:
    """What is to be said of choosing one of its faces: what our engine would refuse is not ours to forbid."""
    is_usual = face_warnings.is_usable(faces[at])
    said = face_warnings.of_face(faces[at], role=role) if is_usual else [MAY_REFUSE]
    verdict = _frame(at, faces, size=size).verdict
    return [*said, *([GETS_A_CROP + SHOWS[role, verdict]] if (role, verdict) in SHOWS else [])]


def _frame(at: int, faces: Sequence[FoundFace], *, size: tuple[int, int]) -> Framed:
    boxes = [_box(face) for face in faces]
    return frame(boxes[at], boxes[:at] + boxes[at + 1 :], size=size)


def _box(face: FoundFace) -> Box:
    x0, y0, x1, y1 = face["box"]
    return (x0, y0, x1, y1)
