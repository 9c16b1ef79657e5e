"""PURE: what speaks against a face before it is swapped, in sentences that say what to do next.

None of it stops a swap; where the engine is sure to refuse, the sentence says so, and `is_usable` is False.
The thresholds are on what the engine measures of a face; docs/faces.md has them in a table.
"""

from __future__ import annotations

from collections.abc import Sequence

from swaps.face_choice import FoundFace, Unfit, meant

# What the engine refuses; engine/options.py has these two as well. In pixels, and degrees to either side.
LEAST_SIZE = 48
MOST_YAW = 45.0
# Below it the result is visibly softer than the photo around it.
GOOD_SIZE = 96
# From here on a cheek is hidden that the other picture may show.
GOOD_YAW = 30.0
# Where the engine's own judgement begins; engine/appraise.py has these three as well.
LEAST_SHARPNESS = 0.4
MOST_COVERED = 0.85
MOST_OUTSIDE = 0.08

# So many faces that stayed are spoken of one by one.
NAMED = 3

# What people call the two pictures in the middle of a sentence.
_PICTURES = {"source": "Face picture", "target": "Photo"}
NOT_LOOKED_AT = (
    "This picture could not be searched for faces. The swap may work all the same; "
    "if it fails, save the picture anew and choose that."
)
CUT_OFF = (
    "The picture’s edge cuts this face off, and what it hides cannot be swapped. "
    "A picture that shows all of the face works better."
)
COVERED = (
    "Something seems to cover this face, such as a mask or dark glasses: the swap may be refused, or "
    "look wrong there. A picture in which the face is free works better."
)
TURNED = (
    "This face is turned to the side, and the result may look distorted. "
    "A picture in which it looks towards the camera works better."
)
SOFT = "The result will be soft; a larger picture of it works better."
BLURRED = {
    "source": "This face is blurred. The result will be soft; a sharper picture of it works better.",
    # The engine makes the new face as soft as its place, so that is right, but worth knowing.
    "target": "This face is blurred, so the new one will be. A sharper picture of it works better.",
}


def is_usable(face: FoundFace) -> bool:
    """False where the engine is sure to refuse this face."""
    return face["size"] >= LEAST_SIZE and abs(face["yaw"]) <= MOST_YAW


def of_picture(faces: Sequence[FoundFace] | None, *, role: str) -> list[str]:
    """What is to be said of the picture as a whole; None for *faces*: it could not be looked at."""
    if faces is None:
        return [NOT_LOOKED_AT]
    none_found = (
        f"We found no face in the {_PICTURES[role]}. "
        "Choose one where the face looks towards the camera."
    )
    return [] if faces else [none_found]


def of_face(face: FoundFace, *, role: str) -> list[str]:
    """What is to be said of a face of the picture in that *role*: why it is refused, or else all that may
    spoil the result.
    """
    refusals = [sentence for sentence in (_too_small(face), _too_far_turned(face)) if sentence]
    if refusals:
        return refusals
    doubts = [
        (face["outside"] > MOST_OUTSIDE, CUT_OFF),
        (face["covered"] > MOST_COVERED, COVERED),
        (abs(face["yaw"]) > GOOD_YAW, TURNED),
        (face["size"] < GOOD_SIZE, f"This face is small ({_pixels(face)}). {SOFT}"),
        (face["sharpness"] < LEAST_SHARPNESS, BLURRED[role]),
    ]
    return [sentence for is_so, sentence in doubts if is_so]


def refused(face: FoundFace) -> str:
    """Why the engine is sure to refuse this face, in half a sentence; empty where it is not."""
    if face["size"] < LEAST_SIZE:
        return f"it is only {_pixels(face)}"
    return "" if is_usable(face) else "it is turned too far to the side"


def of_left_out(count: int, *, choice: str = "", faces: Sequence[FoundFace] | None = None) -> str:
    """What is to be said of a result in which *count* of the chosen faces could not be replaced.

    Which they are, where the kept *choice* of the picture's *faces* tells.
    """
    if count == 0:
        return ""
    known = _refused_of(choice, faces or [])
    if len(known) == count <= NAMED:
        return " ".join(f"Face {number} stayed as it was: {why}." for number, why in known)
    why = "too small, turned too far or covered."
    if count == 1:
        return f"One of the chosen faces stayed as it was: it is {why}"
    return f"{count} of the chosen faces stayed as they were: {why}"


def _refused_of(choice: str, faces: Sequence[FoundFace]) -> list[tuple[int, str]]:
    """The numbers of those of the chosen faces that the engine refuses, and why."""
    try:
        chosen = meant(choice, faces, role="target")
    except Unfit:
        return []
    return [(at + 1, refused(faces[at])) for at in sorted(chosen) if refused(faces[at])]


def _too_small(face: FoundFace) -> str:
    return (
        f"This face is too small to be swapped ({_pixels(face)}; {LEAST_SIZE} are needed). "
        "Choose a larger version of the picture, or one where the face is closer."
        if face["size"] < LEAST_SIZE
        else ""
    )


def _too_far_turned(face: FoundFace) -> str:
    return (
        "This face is turned too far to the side to be swapped. "
        "Choose a picture in which it looks towards the camera."
        if abs(face["yaw"]) > MOST_YAW
        else ""
    )


def _pixels(face: FoundFace) -> str:
    # Cut off, not rounded: what is too small must not read like what is needed.
    return f"{int(face['size'])} px"
