"""A hosted Face Swap service on loopback: it speaks the contract as the vendor does, and misbehaves on demand."""

from __future__ import annotations

import argparse
import contextlib
import itertools
import threading
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Literal, Self

from tests.fakes.behaviours import FINE, NAMED, Behaviour, Callbacks, Names
from tests.fakes.records import Task
from tests.fakes.wire import LoopbackServer, Manner, Reply, Request, json_reply
from tests.fakes.work import Work

Where = Literal["swap", "tasks"]
TOKEN = "test-token"
LONGEST = 120
"""Seconds after which a synchronous request gets 504 where it names no other `timeout`."""

STATUS_OF = {
    "token_mismatched": 400,
    "no_face": 400,
    "disabled": 403,
    "forbidden": 403,
    "used_up": 403,
}
"""Of a job that fails while a synchronous request waits for it; of every other code 500."""


class HostedApi(Work):
    """`with HostedApi(token="…") as api:` serves at `api.url` until the end of the block.

    `next` and `always` say how it misbehaves, `settings` how it is. What happened is in `requests`, `tasks`,
    `billed` (swaps done, by pair), `callbacks`, `fetches` and `results`; all of it grows while it runs.
    """

    def __init__(self, *, token: str = TOKEN, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__()
        self.token = self._usual_token = token
        self.requests: list[Request] = []
        self._once: dict[Where, deque[Behaviour]] = {"swap": deque(), "tasks": deque()}
        self._standing: dict[Where, Behaviour] = {"swap": FINE, "tasks": FINE}
        self._server = LoopbackServer(self._answer, host=host, port=port)
        self.url = self._server.url

    @property
    def address(self) -> str:
        """Its `host:port`, for OUTBOUND_ALLOW."""
        return self.url.removeprefix("http://")

    @property
    def environment(self) -> dict[str, Any]:
        """The environment of a site that has its swaps made here."""
        return {
            "ACEDATACLOUD_API_TOKEN": TOKEN,
            "ACEDATACLOUD_API_BASE_URL": self.url,
            "OUTBOUND_ALLOW": self.address,
        }

    @property
    def swap_requests(self) -> list[Request]:
        """The requests for a swap, refused ones too."""
        return [r for r in self.requests if r.path == "/face/swap"]

    @property
    def task_requests(self) -> list[Request]:
        return [r for r in self.requests if r.path == "/face/tasks"]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.stop()

    def next(self, behaviour: Behaviour, *, times: int = 1, on: Where = "swap") -> None:
        """The next requests, in the order of the calls; refused tokens use none up."""
        self._once[on].extend([behaviour] * times)

    def always(self, behaviour: Behaviour = FINE, *, on: Where = "swap") -> None:
        """Every request for which `next` has nothing."""
        self._standing[on] = behaviour

    def behave(self) -> None:
        """As at first: what `next` and `always` were told is forgotten, and the token is the usual one."""
        self.token = self._usual_token
        with self._lock:
            for where in self._once:
                self._once[where].clear()
                self._standing[where] = FINE

    def record(self) -> dict[str, Any]:
        """The counts as plain JSON, for a bench in another process."""
        with self._lock:
            return {
                "requests": Counter(_kind(request) for request in self.requests),
                "billed": {" ".join(pair): count for pair, count in self.billed.items()},
                "swaps_billed": self.swaps_billed,
                "tasks": len(self.tasks),
                "callbacks": [asdict(delivery) for delivery in self.callbacks],
                "fetches": Counter(str(fetch.status) for fetch in self.fetches),
                "result_fetches": sum(result.fetches for result in self.results.values()),
                "most_at_once": self.most_at_once,
            }  # fmt: skip

    # Requests

    def _answer(self, request: Request) -> Reply:
        if request.path.startswith("/_fake/"):
            return self._control(request)
        with self._lock:
            self.requests.append(request)
        path = PurePosixPath(request.path.partition("?")[0])
        if request.method == "GET" and path.parent == PurePosixPath("/results"):
            result = self.results.get(path.name)
            return result.reply() if result else Reply(404, b"", "text/plain")
        if request.method != "POST" or str(path) not in self._paths():
            return _error(404, "no_api", f"No such API: {path}.")
        return self._refusal(request) or self._paths()[str(path)](request)

    def _paths(self) -> dict[str, Callable[[Request], Reply]]:
        paths: dict[str, Callable[[Request], Reply]] = {"/face/swap": self._swap}
        if self.settings.has_tasks:
            paths["/face/tasks"] = self._tasks
        return paths

    def _refusal(self, request: Request) -> Reply | None:
        given = request.headers.get("authorization")
        if given is None:
            return _error(400, "no_token", "No token is given.")
        if given != f"Bearer {self.token}":
            return _error(401, "invalid_token", "The token is invalid.")
        try:
            body = request.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return _error(400, "bad_request", "The body is not a JSON object.")
        return None

    def _behaviour(self, where: Where) -> Behaviour:
        with self._lock:
            return self._once[where].popleft() if self._once[where] else self._standing[where]

    def _swap(self, request: Request) -> Reply:
        body = request.json()
        for name in ("source_image_url", "target_image_url"):
            if not str(body.get(name, "")).startswith(("http://", "https://")):
                return _error(400, "token_mismatched", f"{name} is not a URL.")
        behaviour = self._behaviour("swap")
        task = Task(body, behaviour)
        names = Names(task.id, task.trace_id)
        if not behaviour.works:
            return behaviour.reply(names) if behaviour.reply else _error(500, "api_error", "no")
        reply = self._take(task)
        if behaviour.reply:
            reply = behaviour.reply(names)
        if behaviour.manner is not Manner.WHOLE:
            reply = replace(reply, manner=behaviour.manner, pause=behaviour.pause)
        return reply

    def _take(self, task: Task) -> Reply:
        """Start the job, and wait for it if it is synchronous; the contract's answer."""
        synchronous = not (task.request.get("callback_url") or task.request.get("async"))
        self._start(task)
        if synchronous and task.behaviour.waits:
            if not task.finished.wait(float(task.request.get("timeout") or LONGEST)):
                return _error(504, "timeout", "No result in time.", trace_id=task.trace_id)
            response = task.response or {}
            code = response.get("error", {}).get("code")
            return json_reply(response, status=STATUS_OF.get(code, 500) if code else 200)
        if task.behaviour.callbacks is Callbacks.EARLY:
            task.finished.wait()
        answer = {"success": True, "task_id": task.id, "trace_id": task.trace_id}
        return json_reply({"task_id": task.id} if task.behaviour.bare else answer)

    def _tasks(self, request: Request) -> Reply:
        body = request.json()
        behaviour = self._behaviour("tasks")
        if behaviour.reply:
            return behaviour.reply(Names(str(uuid.uuid4()), str(uuid.uuid4())))
        reply = self._retrieve(body)
        return replace(reply, manner=behaviour.manner, pause=behaviour.pause)

    def _retrieve(self, body: dict[str, Any]) -> Reply:
        with self._lock:
            by_name = {**{task.trace_id: task for task in self.tasks.values()}, **self.tasks}
        many = body.get("ids") or body.get("task_ids")
        if body.get("action", "retrieve_batch" if many else "retrieve") == "retrieve_batch":
            items = [by_name[name].as_object() for name in many or [] if name in by_name]
            return json_reply({"items": items, "count": len(items)})
        task = by_name.get(body.get("id") or body.get("task_id") or body.get("trace_id") or "")
        return json_reply(task.as_object()) if task else _error(404, "not_found", "No such task.")

    # Control from another process

    def _control(self, request: Request) -> Reply:
        """GET /_fake/record; POST /_fake/next and /_fake/always with a behaviour by its name."""
        if request.method == "GET":
            return json_reply(self.record())
        told = request.json()
        behaviour = NAMED[told["behaviour"]](**told.get("arguments", {}))
        on: Where = told.get("on", "swap")
        if request.path == "/_fake/always":
            self.always(behaviour, on=on)
        else:
            self.next(behaviour, times=told.get("times", 1), on=on)
        return json_reply({})


def _error(status: int, code: str, message: str, *, trace_id: str = "") -> Reply:
    error = {"code": code, "message": message}
    answer = {"success": False, "error": error, "trace_id": trace_id or str(uuid.uuid4())}
    return json_reply(answer, status=status)


def _kind(request: Request) -> str:
    """Method and path, the results' paths as one."""
    path = PurePosixPath(request.path.partition("?")[0])
    return f"{request.method} {path.parent if path.parent.name == 'results' else path}"


def _behaviour_of(text: str) -> Behaviour:
    """NAME or NAME:VALUE, of the functions in `behaviours`; the value is a number or a word."""
    name, _, value = text.partition(":")
    if not value:
        return NAMED[name]()
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return NAMED[name](kind(value))
    return NAMED[name](value)


def _configured(options: argparse.Namespace) -> HostedApi:
    api = HostedApi(token=options.token, host=options.host, port=options.port)
    settings = api.settings
    settings.service_seconds = options.seconds
    settings.fetches_pictures = not options.no_fetch
    settings.has_tasks = not options.no_tasks
    settings.result_format = options.format
    if options.size:
        width, height = options.size.split("x")
        settings.result_size = (int(width), int(height))
    if options.result:
        files = itertools.cycle([path.read_bytes() for path in options.result])
        settings.make_result = lambda task: next(files)
    if options.always:
        api.always(_behaviour_of(options.always))
    return api


def main() -> None:
    """Serve until killed; see --help. What happened is at GET /_fake/record."""
    parser = argparse.ArgumentParser(description="A hosted Face Swap service of ours.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--token", default=TOKEN)
    parser.add_argument("--seconds", type=float, default=0, help="how long a swap takes")
    parser.add_argument("--no-fetch", action="store_true", help="do not fetch the two pictures")
    parser.add_argument("--no-tasks", action="store_true", help="there is no /face/tasks")
    parser.add_argument("--format", choices=("png", "jpg"), default="png")
    parser.add_argument("--size", default="", help="of results: WIDTHxHEIGHT; default the target's")
    parser.add_argument("--result", type=Path, nargs="*", help="files to take results from")
    parser.add_argument("--always", default="", help="a behaviour: NAME or NAME:VALUE")
    with _configured(parser.parse_args()) as api:
        print(f"listening on {api.url}", flush=True)  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
