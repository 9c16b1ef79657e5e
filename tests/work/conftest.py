"""What the tests of work share: a hosted service that answers as it is told, the door, and a swap for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from swaps import asking, results
from swaps.models import Swap, User
from swaps.providers import HOSTED
from tests.work.service import Door, Engine, Service


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Service:
    """The site asks it for its swaps; those of the site's own engine succeed."""
    settings.FACESWAP_PROVIDER = "acedata"
    settings.SITE_URL = "https://swaps.example.org"
    settings.HOSTED_MODE = "auto"
    service, engine = Service(), Engine()
    monkeypatch.setattr(asking, "provider", lambda name: service if name in HOSTED else engine)
    return service


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """Results are fetched through it."""
    door = Door()
    monkeypatch.setattr(results, "door", lambda: door)
    return door


@pytest.fixture
def swap(alice: User, swap_of: Callable[..., Swap]) -> Swap:
    """Alice's, waiting for the hosted service."""
    return swap_of(alice, provider="acedata")
