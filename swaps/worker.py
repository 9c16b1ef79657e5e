"""The queue's worker, with what takes time to load loaded before its first task. Named by settings.TASKS."""

from __future__ import annotations

from threading import Thread

from django.urls import get_resolver
from django_ox.worker import Worker

from swaps import faces


class WarmWorker(Worker):
    """Loads the engine beside its first look into the queue: faces are found as soon as a picture came.

    And the site's addresses, which callbacks tell: the first one is due within a second, too.
    """

    def run(self) -> None:
        Thread(target=_warm_up, name="warm-up", daemon=True).start()
        super().run()


def _warm_up() -> None:
    faces.warm_up()
    _ = get_resolver().reverse_dict
