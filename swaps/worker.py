"""The queue's worker, with the engine loaded while it waits for its first task. Named by settings.TASKS."""

from __future__ import annotations

from threading import Thread

from django_ox.worker import Worker

from swaps import faces


class WarmWorker(Worker):
    """Loads the engine beside its first look into the queue: faces are found as soon as a picture came."""

    def run(self) -> None:
        Thread(target=faces.warm_up, name="warm-up", daemon=True).start()
        super().run()
