"""Opening the networks and the mesh of the model file; called once by whoever then calls the pipeline.

Conventions: a network takes one batch, float32 (1, side, side, 3), RGB: 128 pixels and -1–1 for the
detector, 256 and 0–1 for the landmarks. What it gives is float32, in pixels of its own input.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from ai_edge_litert.interpreter import Interpreter

from swaps.engine.arrays import Floats, floats
from swaps.engine.canonical import Canonical, read_canonical
from swaps.engine.model_file import read_model
from swaps.engine.process import settle_process


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
    content = read_model(path)
    settle_process(threads=threads)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        return Models(
            detector=Net(parts.read("face_detector.tflite"), threads=threads),
            landmarks=Net(parts.read("face_landmarks_detector.tflite"), threads=threads),
            canonical=read_canonical(parts.read("geometry_pipeline_metadata_landmarks.binarypb")),
        )
