"""Where the engine spends its time, by its own functions as they call each other; for `engine`.

Nothing in the engine is told of it: Python's profiler calls back at each call and return, and only functions of
the engine count. A row's time includes what it calls; what OpenCV and numpy take belongs to who called them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

_ENGINE = "swaps.engine."

Route = tuple[str, ...]


@dataclass
class Stages:
    """Seconds and calls, each by the functions that led there."""

    seconds: dict[Route, float] = field(default_factory=dict)
    calls: dict[Route, int] = field(default_factory=dict)
    _open: list[tuple[FrameType, float]] = field(default_factory=list)
    _path: Route = ()

    def watch(self, work: Callable[[], object]) -> None:
        """Do *work* once and add what it spends."""
        sys.setprofile(self._event)
        try:
            work()
        finally:
            sys.setprofile(None)

    def rows(self, *, least: float) -> Iterator[tuple[Route, float, float]]:
        """(path, seconds, of these its own) in the order of first calls, without shares below *least*."""
        whole = sum(seconds for path, seconds in self.seconds.items() if len(path) == 1)
        for path in self.calls:
            seconds = self.seconds.get(path, 0.0)
            if seconds >= least * whole:
                below = sum(part for one, part in self.seconds.items() if one[:-1] == path)
                yield path, seconds, seconds - below

    def _event(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "call":
            name = _name(frame)
            if name:
                self._path = (*self._path, name)
                self.calls[self._path] = self.calls.get(self._path, 0) + 1
                self._open.append((frame, time.perf_counter()))
        elif event == "return" and self._open and self._open[-1][0] is frame:
            _, start = self._open.pop()
            spent = time.perf_counter() - start
            self.seconds[self._path] = self.seconds.get(self._path, 0.0) + spent
            self._path = self._path[:-1]


def _name(frame: FrameType) -> str:
    module = str(frame.f_globals.get("__name__", ""))
    if not module.startswith(_ENGINE) or frame.f_code.co_name.startswith("<"):
        return ""
    return f"{module.removeprefix(_ENGINE)}.{frame.f_code.co_qualname}"
