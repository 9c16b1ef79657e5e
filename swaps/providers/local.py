"""The embedded engine as a provider: a swap on this machine's CPU, with no network and no token."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swaps import images
from swaps.providers.base import Done, Job, Pending, Probe, Refused, Unknown, Verdict

if TYPE_CHECKING:
    from swaps.engine.arrays import Rgb
    from swaps.engine.models import Models

# Rows that are handed over at once.
BAND = 256


class Engine:
    """The engine's models: loaded when they are first used, and used by one thread at a time."""

    def __init__(self, model: Path | None, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._models: Models | None = None
        self._turn = threading.Lock()

    @contextmanager
    def models(self) -> Iterator[Models]:
        """The models, for whoever's turn it is. Raises ModelMissing."""
        from swaps.engine.models import load_models  # noqa: PLC0415

        with self._turn:
            if self._models is None:
                self._models = load_models(self._model, threads=self._threads)
            yield self._models


@cache
def engine(model: Path | None, threads: int) -> Engine:
    """The one of this process: swaps, and whoever looks for faces, share its models."""
    return Engine(model, threads)


class LocalProvider:
    """Swaps with the embedded engine, one at a time: its models are not safe to share by threads."""

    def __init__(self, *, model: Path | None, threads: int) -> None:
        self._model = model
        self._engine = engine(model, threads)

    def submit(self, job: Job) -> Done | Refused:
        """Swap at once: `Done` with the picture's bytes, or `Refused` with the engine's reason."""
        # The engine is heavy and only workers need it: it is imported where it first works.
        from swaps.engine.errors import EngineError, ModelMissing  # noqa: PLC0415

        try:
            clock = Clock()
            with self._engine.models() as models:
                clock.lap("load")
                return _swapped(job, models, clock)
        except EngineError as error:
            return Refused(error.code, str(error), picture=error.picture)
        except ModelMissing as error:
            return Refused("model_missing", str(error))

    def retrieve(self, *, task_id: str = "", trace_id: str = "") -> Pending:
        """It answers at once, so there is never anything to ask for."""
        return Pending(known=False)

    @staticmethod
    def understand(answer: Mapping[str, Any]) -> Unknown:  # noqa: ARG004 (the others read it)
        """It calls nobody back."""
        return Unknown("The embedded engine sends no callbacks.")

    def probe(self) -> Probe:
        """Whether its model is there, and the right one. Nothing heavy is loaded for that."""
        from swaps.engine.errors import ModelMissing  # noqa: PLC0415
        from swaps.engine.model_file import read_model  # noqa: PLC0415

        try:
            read_model(self._model)
        except ModelMissing as error:
            return Probe(Verdict.UNREACHABLE, "model_missing", str(error))
        return Probe(Verdict.ACCEPTED)


def _swapped(job: Job, models: Models, clock: Clock) -> Done:
    from swaps.engine.options import FaceChoice, Options  # noqa: PLC0415
    from swaps.engine.pipeline import swap_faces  # noqa: PLC0415

    source_rgb, _ = decoded(job.source.read())
    target = job.target.read()
    target_rgb, alpha = decoded(target)
    # What came without loss goes without loss: outside the face it is then the Photo's, bit for bit.
    lossless = images.is_png(target)
    # Its bytes are as large as all else that is held, and no longer needed.
    del target
    clock.lap("decode")
    outcome = swap_faces(
        source_rgb,
        target_rgb,
        models=models,
        options=Options(
            faces=FaceChoice.parse(job.target_faces),
            source_face=FaceChoice.parse(job.source_face),
        ),
    )
    clock.lap("swap")
    result = images.encode(outcome.result_rgb, alpha=alpha, lossless=lossless)
    clock.lap("encode")
    return Done(result, timings=clock.laps, left_out=outcome.left_out)


def decoded(data: bytes) -> tuple[Rgb, images.Alpha | None]:
    """A picture of ours as the engine takes it (H×W×3, uint8, RGB), and its alpha channel where it has one.

    Row by row, as all at once is held three times on the way: 50 megapixels would take 0.5 GB.
    """
    import numpy as np  # noqa: PLC0415

    image, alpha = images.decode(data)
    rgb = np.empty((image.height, image.width, 3), np.uint8)
    for top in range(0, image.height, BAND):
        band = image.crop((0, top, image.width, min(top + BAND, image.height)))
        rgb[top : top + BAND] = np.asarray(band)
    return rgb, alpha


class Clock:
    """Seconds from one lap to the next, by name."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        """What passed since the last lap is *name*'s."""
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 4)
        self._last = now
