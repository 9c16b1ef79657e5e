"""Short-lived processes for work that may end badly: forked from one that has loaded all they need.

A Python that starts and imports takes longer than a small picture does to decode. So a first process does
that once, and forks for each job; it decodes nothing itself. It ends with whoever started it.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

LONGEST_REQUEST = 1 << 16
BEGUN = b"\0"
# Beyond its own time, for one that cannot even end itself.
GRACE_SECONDS = 5.0


class Nursery:
    """Has children do jobs. *command* starts the process that calls `serve`.

    Any number of threads may share one; each process that uses it has a first process of its own.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._asking: socket.socket | None = None
        self._first: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def run(self, arguments: Sequence[str], *, seconds: float) -> bytes:
        """What a child printed for these *arguments*; nothing where it was killed or took too long."""
        for _ in range(2):
            said = self._asked(arguments, seconds)
            if said.startswith(BEGUN):
                return said[1:]
            # It was the first process that is no more: another one is started.
            self._forget()
        return b""

    def _asked(self, arguments: Sequence[str], seconds: float) -> bytes:
        receiving, sending = os.pipe()
        try:
            request = json.dumps([seconds, *arguments]).encode()
            with suppress(ConnectionError), self._lock:
                socket.send_fds(self._started(), [request], [sending])
        finally:
            os.close(sending)
        with os.fdopen(receiving, "rb", buffering=0) as answer:
            return _all_of(answer.fileno(), seconds + GRACE_SECONDS)

    def _started(self) -> socket.socket:
        if self._asking is None or self._owner != os.getpid():
            self._asking, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                # It stays in our process group, so that it ends with us.
                self._first = subprocess.Popen(  # noqa: S603 (our own command)
                    self._command,
                    cwd=Path(__file__).resolve().parent.parent,
                    # Of our environment a decoder needs nothing, least of all our secrets.
                    env={"MALLOC_ARENA_MAX": "2"},
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            self._owner = os.getpid()
        return self._asking

    def _forget(self) -> None:
        with self._lock:
            if self._asking is not None:
                self._asking.close()
            if self._first is not None and self._owner == os.getpid():
                self._first.kill()
                self._first.wait()
            self._asking = self._first = None


def _all_of(pipe: int, seconds: float) -> bytes:
    """What comes out of the pipe until its other end is closed, or until the time is over."""
    deadline, said = time.monotonic() + seconds, b""
    while True:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([pipe], [], [], left)[0]:
            return said[:1]
        chunk = os.read(pipe, LONGEST_REQUEST)
        if not chunk:
            return said
        said += chunk


def serve(work: Callable[[list[str]], None]) -> None:
    """Fork for every request that comes in at standard input, until nobody is left who could ask.

    The child runs *work* with the request's arguments, and what it prints is the answer.
    """
    # The kernel sees to children that have ended.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=os.dup(0)) as asked:
        while True:
            request, sending, _, _ = socket.recv_fds(asked, LONGEST_REQUEST, 1)
            if not request:
                return
            if os.fork() == 0:
                asked.close()
                _live(work, json.loads(request), sending[0])
            for descriptor in sending:
                os.close(descriptor)


def _live(work: Callable[[list[str]], None], request: list[str], sending: int) -> None:
    status = 1
    try:
        os.write(sending, BEGUN)
        os.dup2(sending, 1)
        os.close(sending)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Its default is to end the process, whatever that is doing.
        signal.setitimer(signal.ITIMER_REAL, float(request[0]))
        sys.stdout = os.fdopen(1, "w", closefd=False)
        work([str(argument) for argument in request[1:]])
        sys.stdout.flush()
        status = 0
    finally:
        # Nothing of the first process' is to run on its way out.
        os._exit(status)
