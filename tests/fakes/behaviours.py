"""The ways in which the fake service can go wrong, one function each; `|` joins two of them."""

from __future__ import annotations

import enum
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, fields
from email.utils import formatdate
from functools import cache
from time import time

from tests.fakes.results import HTML, SOUND, Fault, Oddity
from tests.fakes.wire import Manner, Reply, json_reply


class Callbacks(enum.Enum):
    """Which callbacks a finished job sends."""

    ONCE = enum.auto()
    NONE = enum.auto()
    TWICE = enum.auto()
    EARLY = enum.auto()
    """Before the {task_id} answer is written: the job is done first."""
    FORGED = enum.auto()
    """First one to a made-up secret with a made-up task_id, then the true one."""
    MISNAMED = enum.auto()
    """First one to the true address with a made-up task_id, then the true one."""
    REORDERED = enum.auto()
    """First a failure, then the success."""


@dataclass(frozen=True)
class Names:
    """What a reply may need to say of its job."""

    task_id: str
    trace_id: str


@dataclass(frozen=True)
class Behaviour:
    """What is odd about one request; by default nothing.

    *extra_seconds* are added to the service time. *works* says whether the job is done (and billed), *waits*
    whether a synchronous request waits for it, *reply* is written instead of the contract's answer. *failure*
    (code, message) is how the job ends. *strings*, *bare*: sizes as strings; no `success`, no `trace_id`.
    """

    extra_seconds: float = 0
    works: bool = True
    waits: bool = True
    reply: Callable[[Names], Reply] | None = None
    failure: tuple[str, str] | None = None
    callbacks: Callbacks = Callbacks.ONCE
    result: Oddity = SOUND
    strings: bool = False
    bare: bool = False
    manner: Manner = Manner.WHOLE
    pause: float = 0.05

    def __or__(self, other: Behaviour) -> Behaviour:
        """Both; where both say something, *other* has the last word."""
        said = {f.name: getattr(other, f.name) for f in fields(self)}
        plain = {f.name: f.default for f in fields(self)}
        mine = {f.name: getattr(self, f.name) for f in fields(self)}
        return Behaviour(**mine | {name: v for name, v in said.items() if v != plain[name]})


FINE = Behaviour()


def late(seconds: float) -> Behaviour:
    return Behaviour(extra_seconds=seconds)


def silent() -> Behaviour:
    """No callback; the task can be retrieved."""
    return Behaviour(callbacks=Callbacks.NONE)


def double() -> Behaviour:
    return Behaviour(callbacks=Callbacks.TWICE)


def early() -> Behaviour:
    return Behaviour(callbacks=Callbacks.EARLY)


def forged() -> Behaviour:
    return Behaviour(callbacks=Callbacks.FORGED)


def misnamed() -> Behaviour:
    return Behaviour(callbacks=Callbacks.MISNAMED)


def reordered() -> Behaviour:
    return Behaviour(callbacks=Callbacks.REORDERED)


def failing(code: str = "api_error", message: str = "fetch failed") -> Behaviour:
    """The job is taken and fails: by callback, at /face/tasks, or as the synchronous answer."""
    return Behaviour(failure=(code, message))


def strings() -> Behaviour:
    """Width, height and size typed as strings, as one page of the vendor has them."""
    return Behaviour(strings=True)


def bare() -> Behaviour:
    """Neither success nor trace_id, as in some of the vendor's examples."""
    return Behaviour(bare=True)


def result(fault: str, *, location: str = "", failures: int = 1) -> Behaviour:
    """A result with a fault, by its name in `Fault`."""
    return Behaviour(result=Oddity(Fault(fault), location, failures))


def refusal(status: int, code: str, message: str = "no", **headers: str) -> Behaviour:
    """The contract's error object; nothing is done."""

    def reply(names: Names) -> Reply:
        error = {"code": code, "message": message}
        answer = {"success": False, "error": error, "trace_id": names.trace_id}
        return json_reply(answer, status=status, **headers)

    return Behaviour(works=False, reply=reply)


def rate_limited(after: str = "") -> Behaviour:
    """429, with *after* as its Retry-After (nothing: without one)."""
    headers = {"Retry_After": after} if after else {}
    return refusal(429, "too_many_requests", "Slow down.", **headers)


def rate_limited_until(seconds: float) -> Behaviour:
    """429 with an HTTP date, *seconds* after the answer."""

    def reply(names: Names) -> Reply:
        date = formatdate(time() + seconds, usegmt=True)
        error = {"code": "too_many_requests", "message": "Slow down."}
        answer = {"success": False, "error": error, "trace_id": names.trace_id}
        return json_reply(answer, status=429, Retry_After=date)

    return Behaviour(works=False, reply=reply)


def api_error(message: str = "fetch failed") -> Behaviour:
    return refusal(500, "api_error", message)


def invalid_token() -> Behaviour:
    return refusal(401, "invalid_token", "Invalid token.")


def used_up() -> Behaviour:
    return refusal(403, "used_up", "Your balance is used up.")


def disabled() -> Behaviour:
    return refusal(403, "disabled", "This content is not allowed.")


def success_false(code: str = "api_error", message: str = "fetch failed") -> Behaviour:
    """An error with status 200."""
    return refusal(200, code, message)


def bare_string(status: int = 500, message: str = "something broke") -> Behaviour:
    """`error` is a string."""
    answer = {"success": False, "error": message}
    return Behaviour(works=False, reply=lambda names: json_reply(answer, status=status))


def error_without_success(status: int = 500, code: str = "api_error") -> Behaviour:
    answer = {"error": {"code": code, "message": "no"}}
    return Behaviour(works=False, reply=lambda names: json_reply(answer, status=status))


def timeout(*, works: bool = True) -> Behaviour:
    """504 at once; the job goes on, and can be retrieved by its trace_id."""
    return Behaviour(works=works, waits=False, reply=refusal(504, "timeout", "No result.").reply)


def page(status: int = 502, *, works: bool = False) -> Behaviour:
    """A gateway's HTML: 502, 504, or a log-in page in a 200."""
    return Behaviour(works=works, reply=lambda names: Reply(status, HTML, "text/html"))


def broken_json(*, works: bool = True) -> Behaviour:
    """A 200 whose JSON ends in the middle. The job was taken."""
    return Behaviour(works=works, reply=lambda names: Reply(200, b'{"success": true, "task_id": "'))


def odd_json(text: str = "[]", *, status: int = 200, works: bool = True) -> Behaviour:
    """An answer of JSON that is not the contract's."""
    return Behaviour(works=works, reply=lambda names: Reply(status, text.encode()))


def cut_before() -> Behaviour:
    """The connection is closed without an answer; nothing was done."""
    return Behaviour(works=False, reply=lambda names: Reply(manner=Manner.CUT))


def cut_after() -> Behaviour:
    """The job is taken (a synchronous one done) and billed; the connection is closed without an answer."""
    return Behaviour(manner=Manner.CUT)


def truncated() -> Behaviour:
    """The answer ends in the middle; the job was taken."""
    return Behaviour(manner=Manner.TRUNCATED)


def dripping(pause: float = 0.05, *, head: bool = False) -> Behaviour:
    """The answer comes byte by byte."""
    return Behaviour(manner=Manner.DRIPPED_HEAD if head else Manner.DRIPPED, pause=pause)


def huge(megabytes: int = 64) -> Behaviour:
    """A 200 whose JSON has no end in sight; the job was taken."""
    return Behaviour(reply=lambda names: Reply(200, padded(megabytes)))


def gzip_bomb(megabytes: int = 256) -> Behaviour:
    """A few hundred kilobytes that unpack to *megabytes*; the job was taken."""
    headers = {"Content-Encoding": "gzip"}
    return Behaviour(reply=lambda names: Reply(200, packed(megabytes), headers=headers))


def redirect(location: str, status: int = 307) -> Behaviour:
    return Behaviour(works=False, reply=lambda names: Reply(status, headers={"Location": location}))


@cache
def padded(megabytes: int) -> bytes:
    return json.dumps({"success": True, "padding": "a" * (megabytes << 20)}).encode()


@cache
def packed(megabytes: int) -> bytes:
    packer = zlib.compressobj(1, wbits=31)
    blocks = [packer.compress(b'{"success": true, "padding": "')]
    blocks += [packer.compress(b"a" * (1 << 20)) for _ in range(megabytes)]
    return b"".join([*blocks, packer.compress(b'"}'), packer.flush()])


NAMED: dict[str, Callable[..., Behaviour]] = {
    made.__name__: made
    for made in (
        late, silent, double, early, forged, misnamed, reordered, failing, strings, bare, result, refusal,
        rate_limited, rate_limited_until, api_error, invalid_token, used_up, disabled, success_false,
        bare_string, error_without_success, timeout, page, broken_json, odd_json, cut_before, cut_after,
        truncated, dripping, huge, gzip_bomb, redirect,
    )
}  # fmt: skip
