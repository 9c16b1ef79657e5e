"""Every way in which the engine can refuse; raised by the pipeline and by the loading of the model.

Exception
├── EngineError    a picture that cannot be swapped: the person who chose it can choose another
└── ModelMissing   no usable model file: the operator has to provide it
"""

from typing import Literal

Code = Literal["no_face", "face_too_small", "face_turned"]
Picture = Literal["source", "target"]

# What people call the two pictures.
_NAMES: dict[Picture, str] = {"source": "Face picture", "target": "Photo"}


class EngineError(Exception):
    """A picture that cannot be swapped: a `code` for machines, `str()` for people, and which."""

    def __init__(self, sentence: str, *, code: Code, picture: Picture) -> None:
        super().__init__(sentence)
        self.code: Code = code
        self.picture: Picture = picture

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling, and workers send errors home.
        return _rebuild, (str(self), self.code, self.picture)


class ModelMissing(Exception):
    """There is no model file, or it is not the one that the engine was built for."""


def _rebuild(sentence: str, code: Code, picture: Picture) -> EngineError:
    return EngineError(sentence, code=code, picture=picture)


def no_face(picture: Picture) -> EngineError:
    """The error for a picture without any face."""
    return EngineError(
        f"We found no face in the {_NAMES[picture]}. "
        "Choose one where the face looks towards the camera.",
        code="no_face",
        picture=picture,
    )


def no_such_face(picture: Picture, *, number: int, count: int) -> EngineError:
    """The error for face `number` of a picture with only `count` faces."""
    shows = "one face" if count == 1 else f"{count} faces"
    return EngineError(
        f"The {_NAMES[picture]} shows {shows}, so there is no face number {number}. "
        f"Choose a number from 1 to {count}, counted from the left.",
        code="no_face",
        picture=picture,
    )


def no_face_there(picture: Picture, *, point: tuple[float, float]) -> EngineError:
    """The error for a point (x, y) of a picture that lies on no face."""
    return EngineError(
        f"There is no face at the point {point[0]:g}, {point[1]:g} of the {_NAMES[picture]}. "
        "Choose a point on a face.",
        code="no_face",
        picture=picture,
    )


def face_too_small(picture: Picture, *, size: float, least: int) -> EngineError:
    """The error for a face of `size` pixels where `least` are needed."""
    return EngineError(
        f"The face in the {_NAMES[picture]} is only {size:.0f} pixels large, "
        f"and {least} are needed. Choose a larger version, or one where the face is closer.",
        code="face_too_small",
        picture=picture,
    )


def face_covered(picture: Picture) -> EngineError:
    """The error for a face that something hides a large part of."""
    return EngineError(
        f"Something covers a part of the face in the {_NAMES[picture]}. "
        "Choose one that shows the whole face.",
        code="no_face",
        picture=picture,
    )


def face_cut(picture: Picture) -> EngineError:
    """The error for a face whose eyes or mouth lie beyond the picture's edge."""
    return EngineError(
        f"The edge of the {_NAMES[picture]} cuts off too much of the face. "
        "Choose one that shows the whole face.",
        code="no_face",
        picture=picture,
    )


def face_turned(picture: Picture) -> EngineError:
    """The error for a face that looks too far to the side."""
    return EngineError(
        f"The face in the {_NAMES[picture]} is turned too far to the side. "
        "Choose one where the face looks towards the camera.",
        code="face_turned",
        picture=picture,
    )
