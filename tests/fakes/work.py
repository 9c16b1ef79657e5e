"""The work of the fake service: jobs done in threads, results made and billed, callbacks sent."""

from __future__ import annotations

import io
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import requests
from PIL import Image, UnidentifiedImageError

from tests.fakes.behaviours import Callbacks
from tests.fakes.records import Delivery, Fetch, Pair, Task, fingerprint
from tests.fakes.results import Fault, Result, picture

SMALL = (64, 48)
"""A result's width and height where nothing says another."""


class FetchFailed(Exception):
    """One of the two pictures could not be read."""


@dataclass
class Settings:
    """How the service is when nothing odd was asked for; all of it can be changed while it runs.

    *result_size* (width, height) is None for the kept picture's own; *keeps* says whose, as the roles do.
    *make_result* gives a result's bytes instead of a picture of one colour. *service_seconds* is how long a
    swap takes.
    """

    service_seconds: float = 0
    fetches_pictures: bool = True
    has_tasks: bool = True
    result_format: Literal["png", "jpg"] = "png"
    result_size: tuple[int, int] | None = None
    keeps: Literal["source", "target"] = "target"
    make_result: Callable[[Task], bytes] | None = None


class Work:
    """Everything between taking a job and its last callback; `HostedApi` puts HTTP before it."""

    def __init__(self) -> None:
        self.url = ""
        """The base URL, under which results are served."""
        self.settings = Settings()
        self.tasks: dict[str, Task] = {}
        self.billed: Counter[Pair] = Counter()
        self.callbacks: list[Delivery] = []
        self.fetches: list[Fetch] = []
        self.results: dict[str, Result] = {}
        self.most_at_once = 0
        """How many jobs were unfinished at the same time, at most."""
        self._at_once = 0
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._closing = threading.Event()

    @property
    def swaps_billed(self) -> int:
        return self.billed.total()

    def call_back(self, task: Task, body: dict[str, Any] | None = None, *, url: str = "") -> None:
        """Send a callback by hand: by default the outcome of *task* to its own URL."""
        self._post(url or task.request["callback_url"], body or task.response or {})

    def _start(self, task: Task) -> None:
        with self._lock:
            self.tasks[task.id] = task
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        threading.Thread(target=self._work, args=(task,), daemon=True).start()

    def _work(self, task: Task) -> None:
        """Do the job: wait, fetch, make the result, bill it, and call back."""
        self._prepare(task)
        seconds = self.settings.service_seconds + task.behaviour.extra_seconds
        if self._closing.wait(max(0.0, task.created_at + seconds - time.time())):
            return
        try:
            pictures = self._fetch_both(task)
        except FetchFailed as error:
            response = failure(task, "api_error", f"fetch failed: {error}")
        else:
            response = self._outcome(task, pictures)
        with self._lock:
            task.finished_at = time.time()
            task.response = response
            self._at_once -= 1
            if task.billed:
                self.billed[task.pair] += 1
        url = task.request.get("callback_url")
        if url and task.behaviour.callbacks is Callbacks.EARLY:
            self._post(url, response)
        task.finished.set()
        if url and task.behaviour.callbacks is not Callbacks.EARLY:
            self._call_back(task, url, response)

    def _outcome(self, task: Task, pictures: dict[str, bytes]) -> dict[str, Any]:
        if task.behaviour.failure:
            return failure(task, *task.behaviour.failure)
        task.billed = True
        return self._success(task, pictures)

    def _fetch_both(self, task: Task) -> dict[str, bytes]:
        if not self.settings.fetches_pictures:
            return {}
        found = {}
        for role in ("source", "target"):
            found[role] = self._fetch(task.request[f"{role}_image_url"])
        task.pair = (fingerprint(found["source"]), fingerprint(found["target"]))
        return found

    def _fetch(self, url: str) -> bytes:
        status, data = 0, b""
        try:
            answer = direct("GET", url)
            status, data = answer.status_code, answer.content
        except requests.RequestException as error:
            raise FetchFailed(f"{url}: {type(error).__name__}") from error
        finally:
            with self._lock:
                size = _size(data, unknown=(0, 0))
                self.fetches.append(Fetch(url, status, fingerprint(data), time.time(), size))
        if status != 200:
            raise FetchFailed(f"{url} answered {status}")
        return data

    def _prepare(self, task: Task) -> None:
        """Make the result before the wait where nothing need be known for it: many may end at once."""
        settings = self.settings
        if settings.make_result or settings.result_size or not settings.fetches_pictures:
            task.result = self._make(task, settings.result_size or SMALL)

    def _make(self, task: Task, size: tuple[int, int]) -> bytes:
        """The result's bytes, one result at a time: two hundred at once would fill the memory."""
        with self._making:
            if self.settings.make_result:
                return self.settings.make_result(task)
            seed = uuid.UUID(task.id).int & 0xFFFFFF
            return picture(size, file_format=self.settings.result_format, seed=seed)

    def _success(self, task: Task, pictures: dict[str, bytes]) -> dict[str, Any]:
        settings = self.settings
        data = task.result or self._make(task, _size(pictures.get(settings.keeps)))
        width, height = _size(data)
        if task.behaviour.result.fault is Fault.WRONG_SIZE:
            width *= 2
        name = f"{uuid.uuid4()}.{settings.result_format}"
        with self._lock:
            self.results[name] = Result(name, data, task.behaviour.result)
        kind = str if task.behaviour.strings else int
        response = {
            "success": True,
            "task_id": task.id,
            "trace_id": task.trace_id,
            "image_url": f"{self.url}/results/{name}",
            "image_width": kind(width),
            "image_height": kind(height),
            "image_size": kind(len(data)),
        }
        if task.behaviour.bare:
            del response["success"], response["trace_id"]
        return response

    def _call_back(self, task: Task, url: str, response: dict[str, Any]) -> None:
        lie = {**response, "task_id": str(uuid.uuid4())}
        match task.behaviour.callbacks:
            case Callbacks.NONE:
                return
            case Callbacks.FORGED:
                self._post(f"{url.rpartition('/')[0]}/{uuid.uuid4().hex}", lie)
            case Callbacks.MISNAMED:
                self._post(url, lie)
            case Callbacks.TWICE:
                self._post(url, response)
            case Callbacks.REORDERED:
                self._post(url, failure(task, "api_error", "something broke"))
        self._post(url, response)

    def _post(self, url: str, body: dict[str, Any]) -> None:
        status, start = 0, time.time()
        try:
            answer = direct("POST", url, body=body)
            status = answer.status_code
        except requests.RequestException:
            # Nobody there: the record says so, and a failing callback never fails a task.
            status = 0
        with self._lock:
            now = time.time()
            self.callbacks.append(Delivery(url, body, status, now - start, now))


def _size(data: bytes | None, *, unknown: tuple[int, int] = SMALL) -> tuple[int, int]:
    """Width and height of a picture; *unknown* where it cannot be told."""
    try:
        with Image.open(io.BytesIO(data or b"")) as image:
            return image.size
    except UnidentifiedImageError:
        return unknown


def failure(task: Task, code: str, message: str) -> dict[str, Any]:
    names = {"task_id": task.id, "trace_id": task.trace_id}
    return {"success": False, **names, "error": {"code": code, "message": message}}


def direct(method: str, url: str, *, body: dict[str, Any] | None = None) -> requests.Response:
    """One request past any proxy of the environment; a POST follows no redirect."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, url, json=body, timeout=10, allow_redirects=method == "GET")
