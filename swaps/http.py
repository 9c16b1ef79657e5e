"""TEMPORARY stub."""

from __future__ import annotations
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


class DoorError(Exception): ...


class Forbidden(DoorError): ...


class NotSent(DoorError): ...


class Cut(DoorError): ...


class TooLarge(DoorError): ...


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Door:
    def __init__(
        self, *, allow: Iterable[str] = (), seconds: float = 30, most: int = 1 << 20
    ) -> None: ...
    def post_json(
        self,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] = {},
        seconds: float | None = None,
        most: int | None = None,
    ) -> Answer:
        raise NotImplementedError

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] = {},
        seconds: float | None = None,
        most: int | None = None,
    ) -> Answer:
        raise NotImplementedError

    def fetch(
        self, url: str, into: Path, *, seconds: float | None = None, most: int | None = None
    ) -> Answer:
        raise NotImplementedError

    def check(self, url: str) -> None: ...
