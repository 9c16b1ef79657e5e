"""Waiting for swaps to end: any number of threads wait, and one of them all looks, with one query for all."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.db import Error, connection

from swaps.models import Swap
from swaps.models.status import SETTLED

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.02
# The watcher rests so many times as long as a look took the processor: however many wait, pages have it.
REST_TIMES = 20
# After a look that failed: what is broken is neither asked nor written about thirty times a second.
PAUSE_SECONDS = 1.0


class TooMany(Exception):
    """As many callers wait as may: the others are to come back later."""


class Watcher:
    """Watches over the swaps that somebody in this process waits for, with one thread while there are any.

    *most* callers may wait at the same time: nobody sees that one hung up, who keeps her place until her time is
    over. *ended* says which of some swaps have ended.
    """

    def __init__(self, *, most: int, ended: Callable[[set[UUID]], set[UUID]]) -> None:
        self._most = most
        self._ended = ended
        self._lock = threading.Lock()
        self._places = 0
        self._awaited: dict[UUID, list[threading.Event]] = {}
        self._is_watching = False

    @contextmanager
    def place(self) -> Iterator[None]:
        """One of the places for those who wait. Raises TooMany."""
        with self._lock:
            if self._places >= self._most:
                raise TooMany
            self._places += 1
        try:
            yield
        finally:
            with self._lock:
                self._places -= 1

    def wait(self, swap: UUID, *, seconds: float) -> None:
        """Wait until *swap* has ended, at most so many seconds."""
        end = threading.Event()
        try:
            with self._lock:
                self._awaited.setdefault(swap, []).append(end)
                if not self._is_watching:
                    # Where no thread can be had, this caller hears of it, and the next one tries again.
                    threading.Thread(target=self._watch, name="awaiting", daemon=True).start()
                    self._is_watching = True
            end.wait(seconds)
        finally:
            with self._lock:
                waiting = self._awaited.get(swap, [])
                if end in waiting:
                    waiting.remove(end)
                if not waiting:
                    self._awaited.pop(swap, None)

    def _watch(self) -> None:
        try:
            while swaps := self._swaps():
                before = time.thread_time()
                rest = LOOK_SECONDS if self._look(swaps) else PAUSE_SECONDS
                busy = time.thread_time() - before
                time.sleep(max(rest, min(REST_TIMES * busy, PAUSE_SECONDS)))
        finally:
            connection.close()

    def _swaps(self) -> set[UUID]:
        """Those to look for; where there are none the thread ends, and the next caller starts another one."""
        with self._lock:
            self._is_watching = bool(self._awaited)
            return set(self._awaited)

    def _look(self, swaps: set[UUID]) -> bool:
        """Tell those whose swap has ended; False where it could not be seen which have."""
        try:
            ended = self._ended(swaps)
        except Error as error:
            logger.warning("step=await error=%s", error)
        except Exception:
            logger.exception("step=await")
        else:
            self._tell(ended)
            return True
        # Whoever waits may still be told in time when the database is back.
        with suppress(Error):
            connection.close()
        return False

    def _tell(self, ended: set[UUID]) -> None:
        with self._lock:
            for swap in ended:
                for end in self._awaited.pop(swap, []):
                    end.set()


def ended(swaps: set[UUID]) -> set[UUID]:
    """Those of *swaps* that are in flight no more, in one query; hidden and erased ones too."""
    in_flight = Swap.objects.filter(pk__in=swaps).exclude(status__in=SETTLED)
    return swaps - set(in_flight.values_list("pk", flat=True))
