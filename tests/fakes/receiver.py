"""Whoever is called back: it keeps what was POSTed to it and answers as it was told."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from tests.fakes.wire import LoopbackServer, Reply, Request


class Receiver:
    """`with Receiver() as receiver:` listens at `receiver.url`; what came is in `receiver.requests`."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply or Reply(204)
        self.requests: list[Request] = []
        self._server = LoopbackServer(self._answer)
        self.url = f"{self._server.url}/face/callback/secret"

    @property
    def bodies(self) -> list[Any]:
        return [request.json() for request in self.requests]

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.reply
