"""Doing something in a thread of its own, which no end of the process waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future


def beside[T](do: Callable[[], T]) -> Future[T]:
    """What *do* answers or raises, once it has. A pool's threads would hold up the worker's end."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(do())
        except BaseException as error:  # noqa: BLE001 (raised again where the result is asked for)
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
