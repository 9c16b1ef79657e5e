"""Servers on loopback that answer byte by byte as they are told, and count who connects."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Script = Callable[[socket.socket, bytes], None]


class Peer:
    """Answers every connection by its script, which is given the connection and the request's head."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.connections = 0
        self.heads: list[bytes] = []
        self.closing = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.address}{path}"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._answer, args=[connection], daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            self.heads.append(head)
            self.script(connection, head)

    def drip(self, connection: socket.socket, data: bytes) -> None:
        """A byte at a time, for as long as anybody listens."""
        for byte in data:
            connection.sendall(bytes([byte]))
            if self.closing.wait(0.05):
                return


@contextmanager
def peer(script: Script | bytes) -> Iterator[Peer]:
    """A peer from here to the end of the block; bytes are written to whoever asks."""
    plain = script if isinstance(script, bytes) else b""

    def write(connection: socket.socket, head: bytes) -> None:
        connection.sendall(plain)

    made = Peer(write if isinstance(script, bytes) else script)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.closing.set()
        made.listener.shutdown(socket.SHUT_RDWR)
        made.listener.close()


def ok(body: bytes = b"", **headers: str) -> bytes:
    """A whole answer."""
    told = {
        "Content-Length": str(len(body)),
        **{k.replace("_", "-"): v for k, v in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return b"HTTP/1.1 200 OK\r\n" + head.encode() + b"\r\n" + body


def redirect(to: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()
