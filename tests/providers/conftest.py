"""What the provider tests share: the fake hosted service, and the provider that asks it through a real door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from swaps.http import Door
from swaps.providers.acedata import AceDataProvider
from swaps.providers.base import Job, Mode, Picture
from tests.contract import golden
from tests.fakes.behaviours import Behaviour
from tests.fakes.hosted import HostedApi
from tests.fakes.receiver import Receiver
from tests.fakes.wire import json_reply

TOKEN = "a-token-of-ours"
SOURCE = "https://pictures.example/face.jpg?signature=1"
TARGET = "https://pictures.example/photo.jpg?signature=2"


def unread() -> bytes:
    raise AssertionError("the hosted service takes addresses")


def job(**fields: Any) -> Job:
    """A job with two pictures at addresses outside; synchronous unless told otherwise."""
    plain = Job(Picture(unread, lambda: SOURCE), Picture(unread, lambda: TARGET))
    return replace(plain, **fields)


ASYNC = job(mode=Mode.ASYNC)


def answering(name: str, *, status: int | None = None) -> Behaviour:
    """The golden answer, as it is or with another status."""
    answer = golden(name)
    return Behaviour(
        works=False, reply=lambda names: json_reply(answer.body, status=status or answer.status)
    )


@pytest.fixture
def api() -> Iterator[HostedApi]:
    with HostedApi(token=TOKEN) as api:
        api.settings.fetches_pictures = False
        yield api


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def provider_of() -> Callable[..., AceDataProvider]:
    """A provider at *api*, whose address the door is told to allow."""

    def make(api: HostedApi, **settings: Any) -> AceDataProvider:
        plain: dict[str, Any] = {
            "token": TOKEN,
            "base_url": api.url,
            "door": Door(allow=[api.address]),
        }
        return AceDataProvider(**plain | settings)

    return make


@pytest.fixture
def provider(api: HostedApi, provider_of: Callable[..., AceDataProvider]) -> AceDataProvider:
    return provider_of(api, seconds=5, sync_seconds=10)
