"""The Face Swap API as plain data: requests, answers, task objects, errors. Imports nothing of ours."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

Answer = dict[str, Any]

SWAP_PATH = "/face/swap"
TASKS_PATH = "/face/tasks"
THERE_ARE = f"There are {SWAP_PATH} and {TASKS_PATH}."
TRACE_HEADER = "X-Trace-Id"
"""The header of every answer that has its trace_id, too."""
LONGEST_BODY = 1 << 20
"""Bytes that a request may have; one of these has a few hundred."""
TOO_LONG = (
    "The body has more than 1 MB. Give links to the two pictures, not the pictures themselves."
)
LONGEST_SWAP = 120
"""Seconds after which a synchronous request gets `timeout` where it names no other limit (integration guide)."""

STATUS_OF = {
    "token_mismatched": 400,
    "api_not_implemented": 400,
    "bad_request": 400,
    "no_face": 400,
    "face_too_small": 400,
    "face_turned": 400,
    "unreadable_image": 400,
    "no_token": 400,
    "invalid_token": 401,
    "token_expired": 401,
    "used_up": 403,
    "disabled": 403,
    "forbidden": 403,
    "no_api": 404,
    "not_found": 404,
    "too_many_requests": 429,
    "rate_limited": 429,
    "api_error": 500,
    "timeout": 504,
}
"""The HTTP status of each error code, from the service's error table."""

SERVED_STATUS = {**STATUS_OF, "no_token": 401}
"""The status that this site sends with each code: where the vendor's pages disagree, the one that HTTP means."""

# What is read is kept in rows: names, codes and messages are bounded and printable wherever they come from.
LONGEST_NAME = 64
LONGEST_CODE = 40
LONGEST_MESSAGE = 500
LONGEST_URL = 8192
LARGEST_NUMBER = 2**53


# What is said


def result_answer(
    *, task_id: str, trace_id: str, image_url: str, width: int, height: int, size: int
) -> Answer:
    """The synchronous answer of a swap that succeeded; width and height in pixels, size in bytes."""
    return {
        "success": True,
        "task_id": task_id,
        "trace_id": trace_id,
        "image_url": image_url,
        "image_width": width,
        "image_height": height,
        "image_size": size,
    }


def error_object(*, code: str, message: str, picture: str = "") -> Answer:
    """An error: a code for programs, a sentence for people and, of a picture's error, which picture."""
    error = {"code": code, "message": message}
    return {**error, "picture": picture} if picture else error


def error_answer(*, error: Answer, trace_id: str, task_id: str = "") -> Answer:
    """The answer of a swap that failed."""
    answer = {"success": False, "error": error, "trace_id": trace_id}
    return {**answer, "task_id": task_id} if task_id else answer


def swap_request(
    *,
    source_image_url: str,
    target_image_url: str,
    callback_url: str = "",
    async_: bool = False,
    timeout: float | None = None,
) -> Answer:
    """The body that asks for a swap; *timeout* in seconds. What is not given is left out."""
    body: Answer = {"source_image_url": source_image_url, "target_image_url": target_image_url}
    if callback_url:
        body["callback_url"] = callback_url
    if async_:
        body["async"] = True
    if timeout is not None:
        body["timeout"] = timeout
    return body


def accepted_answer(*, task_id: str, trace_id: str) -> Answer:
    """The answer to whoever does not wait. No key may end in `_url`: clients take such for the picture."""
    return {"success": True, "task_id": task_id, "trace_id": trace_id}


def task_object(
    *, task_id: str, trace_id: str, request: Answer, response: Answer | None, created_at: float,
    started_at: float | None, finished_at: float | None,
) -> Answer:  # fmt: skip
    """A task of /face/tasks; times in Unix seconds. *response* is None while it runs, and is never left out."""
    task: Answer = {
        "id": task_id,
        "created_at": created_at,
        "started_at": started_at,
        "trace_id": trace_id,
        "request": request,
        "response": response,
    }
    if finished_at is None:
        return task
    elapsed = round(finished_at - (started_at or created_at), 3)
    return {**task, "finished_at": finished_at, "elapsed": elapsed}


def retrieve_request(*, task_id: str = "", trace_id: str = "") -> Answer:
    """The body that asks for one task, by its id where that is known, else by its trace_id."""
    name = {"id": task_id} if task_id else {"trace_id": trace_id}
    return {"action": "retrieve", **name}


# What is understood


@dataclass(frozen=True)
class Success:
    """A swap is done. *announced*: `width`, `height` in pixels, `size` in bytes, each where it was said."""

    image_url: str
    task_id: str = ""
    trace_id: str = ""
    announced: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An error; *code* is empty where none was given, *message* is the service's own."""

    code: str
    message: str
    picture: str = ""
    task_id: str = ""
    trace_id: str = ""


@dataclass(frozen=True)
class Taken:
    """The job was taken; its outcome comes later."""

    task_id: str
    trace_id: str = ""


@dataclass(frozen=True)
class Running:
    """A task that has no outcome yet."""

    trace_id: str = ""


def parse_answer(body: object) -> Success | Failure | Taken | None:
    """What an answer of /face/swap, or a callback, says; None where it says nothing of the contract.

    *body* is parsed JSON. `success` and `trace_id` may be absent, `error` a bare string, numbers strings.
    """
    if not isinstance(body, Mapping):
        return None
    task_id, trace_id = _name(body.get("task_id")), _name(body.get("trace_id"))
    success, error = body.get("success"), body.get("error")
    if success in (False, "false") or (error and success not in (True, "true")):
        return _failure(error or body, task_id=task_id, trace_id=trace_id)
    if body.get("image_url"):
        url = web_url(body["image_url"])
        return Success(url, task_id, trace_id, _announced(body)) if url else None
    return Taken(task_id, trace_id) if task_id else None


def parse_task(body: object) -> Success | Failure | Running | None:
    """What a task object of /face/tasks says; None where *body* is none.

    An outcome that lacks the wrapper is taken as it is, as long as it names a task: without one, an error
    is about the question, and `parse_answer` reads it.
    """
    if not isinstance(body, Mapping):
        return None
    trace_id = _name(body.get("trace_id"))
    if "response" not in body:
        found = parse_answer(body)
        if isinstance(found, Success) or (isinstance(found, Failure) and found.task_id):
            return found
        return Running(trace_id) if _name(body.get("id")) or isinstance(found, Taken) else None
    if body["response"] is None:
        return Running(trace_id)
    found = parse_answer(body["response"])
    if isinstance(found, Taken):
        return Running(found.trace_id or trace_id)
    return found


def trace_id_of(body: object) -> str:
    """The trace_id of an answer of any kind; empty where it has none."""
    return _name(body.get("trace_id")) if isinstance(body, Mapping) else ""


def is_outcome(body: object) -> bool:
    """Whether a callback's parsed JSON can be understood as a success or a failure."""
    return isinstance(parse_answer(body), Success | Failure)


def as_answer(found: Success | Failure) -> Answer:
    """What was understood of an outcome as plain JSON, which any database keeps; it parses to the same."""
    names = {"task_id": found.task_id, "trace_id": found.trace_id}
    answer: Answer = {name: value for name, value in names.items() if value}
    if isinstance(found, Failure):
        error = error_object(code=found.code, message=found.message, picture=found.picture)
        return {"success": False, "error": error, **answer}
    sizes = {f"image_{name}": number for name, number in found.announced.items()}
    return {"success": True, "image_url": found.image_url, **answer, **sizes}


def status_of(code: str, *, answered: int) -> int:
    """The HTTP status that an error stands for: its code's, else the one that was *answered* with.

    An unknown error in a 2xx counts as the service's own (500). 429 and 504 are never overruled: a gateway
    may send them with any body.
    """
    if answered in (429, 504):
        return answered
    return STATUS_OF.get(code, answered if answered >= 300 else 500)


def retry_after(header: str | None, *, now: float, most: float) -> float | None:
    """The seconds of a Retry-After header (seconds, or an HTTP date); None where it says nothing.

    *now* is in Unix seconds: the answer's own Date, where it has one. Never less than 0 or above *most*.
    """
    text = (header or "").strip()
    try:
        seconds = float(text)
    except ValueError:
        moment = http_date(text)
        if moment is None:
            return None
        seconds = moment - now
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), most)


def http_date(text: str | None) -> float | None:
    """An HTTP date in Unix seconds; None where it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def web_url(value: object) -> str:
    """*value* if it is an http(s) URL with a host, else an empty string."""
    if not isinstance(value, str) or len(value) > LONGEST_URL or value != printable(value):
        return ""
    try:
        parts = urlsplit(value)
        fine = parts.scheme in {"http", "https"} and parts.hostname and " " not in value
    except ValueError:
        return ""
    return value if fine else ""


def printable(text: str) -> str:
    """Without control characters and halves of characters, which a database may refuse; one space for many."""
    kept = (letter for letter in text if letter.isprintable() or letter.isspace())
    return " ".join("".join(kept).split())


def _failure(error: object, *, task_id: str, trace_id: str) -> Failure:
    if isinstance(error, str):
        code = error if error in STATUS_OF else ""
        return Failure(code, _message(error), "", task_id, trace_id)
    if not isinstance(error, Mapping):
        return Failure("", "", "", task_id, trace_id)
    said, picture = error.get("code"), error.get("picture")
    return Failure(
        _cut(said, LONGEST_CODE) if isinstance(said, str) else "",
        _message(error.get("message")),
        picture if picture in ("source", "target") else "",
        task_id,
        trace_id,
    )


def _cut(text: str, most: int) -> str:
    return printable(text)[:most].rstrip()


def _message(value: object) -> str:
    return _cut(value, LONGEST_MESSAGE) if isinstance(value, str) else ""


def _name(value: object) -> str:
    """A task_id or trace_id; one that could not be kept is none."""
    if not isinstance(value, str) or len(value) > LONGEST_NAME:
        return ""
    return printable(value)


def _announced(body: Mapping[str, Any]) -> dict[str, int]:
    said = {name: _number(body.get(f"image_{name}")) for name in ("width", "height", "size")}
    return {name: number for name, number in said.items() if number is not None}


def _number(value: object) -> int | None:
    """A whole number that is not negative, also as a string or a float; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return int(number) if 0 <= number < LARGEST_NUMBER else None
