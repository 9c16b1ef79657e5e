"""An HTTP server on loopback that writes its answers as it is told: whole, dripped, cut short or without end."""

from __future__ import annotations

import enum
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

ENDLESS_BYTES = 1 << 31
"""Where even an endless answer ends: a client that reads so far has failed its test long ago."""


class Manner(enum.Enum):
    """How an answer is written."""

    WHOLE = enum.auto()
    CUT = enum.auto()
    """Not at all: the connection is closed."""
    TRUNCATED = enum.auto()
    """Its full length is announced, half of it is sent, and the connection is closed."""
    DRIPPED = enum.auto()
    """The head at once, then the body byte by byte, with a pause after each."""
    DRIPPED_HEAD = enum.auto()
    """The head byte by byte too."""
    ENDLESS = enum.auto()
    """The body again and again, without a length."""


@dataclass(frozen=True)
class Request:
    """What came: *body* is its bytes, *at* the time in Unix seconds."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """What goes back; *pause* is the seconds between the drips."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = Manner.WHOLE
    pause: float = 0.05


def json_reply(answer: object, *, status: int = 200, **headers: str) -> Reply:
    """An answer of JSON; underscores in the names of *headers* are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(answer).encode(), headers=named)


class LoopbackServer(ThreadingHTTPServer):
    """Calls *answer* for each request, in a thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(
        self, answer: Callable[[Request], Reply], *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.answer = answer
        self.closing = threading.Event()
        super().__init__((host, port), _Handler)
        # The default poll would make every stop wait half a second.
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        host, port = self.server_address[:2]
        return f"http://{host!s}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many tests are about; anything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it the head and the body are two packets, and the second waits for 40 ms.
    wbufsize = -1
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        server = cast("LoopbackServer", self.server)
        reply = server.answer(Request(self.command, self.path, headers, body))
        self._write(reply, server.closing)

    do_GET = do_POST = do_HEAD = do_PUT = _serve  # noqa: N815

    def _write(self, reply: Reply, closing: threading.Event) -> None:
        if reply.manner is not Manner.WHOLE:
            self.close_connection = True
        if reply.manner is Manner.CUT:
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        head = self._head(reply)
        match reply.manner:
            case Manner.WHOLE:
                self.wfile.write(head + reply.body)
            case Manner.TRUNCATED:
                self.wfile.write(head + reply.body[: len(reply.body) // 2])
            case Manner.DRIPPED:
                self.wfile.write(head)
                self._drip(reply.body, reply.pause, closing)
            case Manner.DRIPPED_HEAD:
                self._drip(head + reply.body, reply.pause, closing)
            case Manner.ENDLESS:
                self.wfile.write(head)
                self._repeat(reply.body, closing)
        self.wfile.flush()

    def _head(self, reply: Reply) -> bytes:
        reason = self.responses[reply.status][0] if reply.status in self.responses else ""
        lines = [f"HTTP/1.1 {reply.status} {reason}", f"Content-Type: {reply.content_type}"]
        if reply.manner is not Manner.ENDLESS:
            lines.append(f"Content-Length: {len(reply.body)}")
        if self.close_connection:
            lines.append("Connection: close")
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _drip(self, data: bytes, pause: float, closing: threading.Event) -> None:
        for index in range(len(data)):
            self.wfile.write(data[index : index + 1])
            self.wfile.flush()
            if closing.wait(pause):
                return

    def _repeat(self, data: bytes, closing: threading.Event) -> None:
        block = data * max(1, 65536 // len(data))
        for _ in range(ENDLESS_BYTES // len(block)):
            if closing.is_set():
                return
            self.wfile.write(block)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the record is kept by whoever answers."""
