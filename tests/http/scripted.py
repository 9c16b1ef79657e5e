"""Servers on loopback that do as a script says, and count who came."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

type Script = Callable[[socket.socket], None]


@dataclass
class Peer:
    """Where it listens, and what it has met."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.address}/"


@contextmanager
def peer(
    script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Peer]:
    """A server that reads a request, does *script*, and hangs up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, 0), family=family)
    here = Peer(listener.getsockname()[1])
    with listener:
        threading.Thread(target=_serve, args=(listener, here, script, tls), daemon=True).start()
        try:
            yield here
        finally:
            # Wakes the thread that waits in accept, which closing does not.
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _serve(listener: socket.socket, here: Peer, script: Script, tls: ssl.SSLContext | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        here.connections += 1
        threading.Thread(target=_answer, args=(connection, here, script, tls), daemon=True).start()


def _answer(
    connection: socket.socket, here: Peer, script: Script, tls: ssl.SSLContext | None
) -> None:
    with contextlib.suppress(OSError), connection:
        if tls is None:
            here.requests.append(_request(connection))
            script(connection)
            return
        with tls.wrap_socket(connection, server_side=True) as secure:
            here.requests.append(_request(secure))
            script(secure)


def _request(connection: socket.socket) -> bytes:
    """A request with its body, by its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return data
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def says(*pieces: bytes) -> Script:
    """A script that sends *pieces* and hangs up."""

    def script(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)

    return script


def answers(body: bytes = b"{}", *, status: str = "200 OK", head: bytes = b"") -> Script:
    """A script that gives a whole answer; *head* is further lines, each with its end."""
    return says(
        f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n".encode() + head + b"\r\n" + body
    )


def redirects(to: str, status: str = "302 Found") -> Script:
    return answers(b"", status=status, head=f"Location: {to}\r\n".encode())


def drips(start: bytes, drop: bytes) -> Script:
    """A script that says *start* and then *drop*, again and again, until the other side hangs up."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        never = threading.Event()
        while True:
            connection.sendall(drop)
            never.wait(0.02)

    return script


def resets(start: bytes = b"") -> Script:
    """A script that says *start* and then breaks the connection instead of closing it."""

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script
