"""The embedded engine as a provider: a swap on this machine's CPU, with no network and no token."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swaps import images
from swaps.providers.base import Done, Job, Pending, Probe, Refused, Unknown, Verdict

if TYPE_CHECKING:
    from swaps.engine.models import Models


class LocalProvider:
    """Swaps with the embedded engine, one at a time: its models are not safe to share by threads."""

    def __init__(self, *, model: Path | None, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._models: Models | None = None
        self._turn = threading.Lock()

    def submit(self, job: Job) -> Done | Refused:
        """Swap at once: `Done` with the picture's bytes, or `Refused` with the engine's reason."""
        # The engine is heavy and only workers need it: it is imported where it first works.
        from swaps.engine.errors import EngineError, ModelMissing  # noqa: PLC0415

        try:
            with self._turn:
                return self._swap(job)
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

    def _swap(self, job: Job) -> Done:
        import numpy as np  # noqa: PLC0415

        from swaps.engine.models import load_models  # noqa: PLC0415
        from swaps.engine.options import FaceChoice, Options  # noqa: PLC0415
        from swaps.engine.pipeline import swap_faces  # noqa: PLC0415

        clock = Clock()
        if self._models is None:
            self._models = load_models(self._model, threads=self._threads)
        clock.lap("load")
        source, _ = images.decode(job.source.read())
        target, alpha = images.decode(job.target.read())
        clock.lap("decode")
        outcome = swap_faces(
            np.asarray(source),
            np.asarray(target),
            models=self._models,
            options=Options(
                faces=FaceChoice.parse(job.target_faces),
                source_face=FaceChoice.parse(job.source_face),
            ),
        )
        clock.lap("swap")
        result = images.encode(outcome.result_rgb, alpha=alpha)
        clock.lap("encode")
        return Done(result, timings=clock.laps)


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
