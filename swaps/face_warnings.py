"""PURE: what speaks against a face before it is swapped, in sentences that say what to do next.

None of it stops a swap; where the engine is sure to refuse, the sentence says so, and `is_usable` is False.
The thresholds are on what the engine measures of a face: see docs/engine.md.
"""

from __future__ import annotations

from collections.abc import Sequence

from swaps.face_choice import FoundFace

# The engine refuses smaller faces and those turned further: engine/options.py has these two as well.
LEAST_SIZE = 48
MOST_YAW = 45.0
# Below it the result is visibly softer than the photo around it.
GOOD_SIZE = 96
# From here on a cheek is hidden that the other picture may show.
GOOD_YAW = 30.0

# What people call the two pictures in the middle of a sentence.
_PICTURES = {"source": "Face picture", "target": "Photo"}
NOT_LOOKED_AT = (
    "This picture could not be searched for faces. The swap may work all the same; "
    "if it fails, save the picture anew and choose that."
)


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


def of_face(face: FoundFace, *, size: tuple[int, int]) -> list[str]:
    """What is to be said of one face of a picture of *size* (width, height), the gravest first."""
    said = [_about_size(face), _about_turn(face), _about_edge(face, size=size)]
    return [sentence for sentence in said if sentence]


def _about_size(face: FoundFace) -> str:
    pixels = f"{face['size']:.0f} px"
    if face["size"] < LEAST_SIZE:
        return (
            f"This face is too small to be swapped ({pixels}; {LEAST_SIZE} are needed). "
            "Choose a larger version of the picture, or one where the face is closer."
        )
    if face["size"] < GOOD_SIZE:
        return (
            f"This face is small ({pixels}). The result will be soft; "
            "a larger picture of it works better."
        )
    return ""


def _about_turn(face: FoundFace) -> str:
    if abs(face["yaw"]) > MOST_YAW:
        return (
            "This face is turned too far to the side to be swapped. "
            "Choose a picture in which it looks towards the camera."
        )
    if abs(face["yaw"]) > GOOD_YAW:
        return (
            "This face is turned to the side. The result may look distorted; "
            "a picture in which it looks towards the camera works better."
        )
    return ""


def _about_edge(face: FoundFace, *, size: tuple[int, int]) -> str:
    x0, y0, x1, y1 = face["box"]
    if min(x0, y0) < 0 or x1 > size[0] - 1 or y1 > size[1] - 1:
        return (
            "This face is cut off by the picture’s edge. Only what is seen of it can be swapped; "
            "a picture that shows all of it works better."
        )
    return ""
