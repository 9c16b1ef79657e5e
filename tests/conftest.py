"""What all tests share: alice who makes swaps, bob in her team, charlie a stranger; and pictures."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache as remembered
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from pytest_django import Settings

from swaps import health, pictures, storage
from swaps.models import By, Membership, Photo, Role, Swap, Team, Upload, User
from tests.samples import PASSWORD, picture_bytes
from tests.sharing import Sharing

pytest_plugins = ["tests.postgres", "tests.seaweed"]

# How long an example takes says something of the machine, not of the code.
hypothesis.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis.load_profile("any machine")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: many tests wait for a site, for a peer, or for a time to pass."""
    return len(os.sched_getaffinity(0)) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing | None:
    """Ours, unless another one is asked for."""
    return Sharing(config, log) if config.getoption("dist") == "load" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is about SQLite alone is skipped where the tests run on PostgreSQL."""
    if "DATABASE_URL" in os.environ:
        for item in items:
            if item.get_closest_marker("sqlite"):
                item.add_marker(pytest.mark.skip(reason="This is about SQLite."))


@pytest.fixture(autouse=True)
def long_running(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has been up for long: nothing is excused as still starting."""
    monkeypatch.setattr(health, "STARTED", -1e9)


@pytest.fixture(autouse=True)
def own_storage(settings: Settings, tmp_path: Path) -> None:
    """Every test has a folder of its own for pictures, and static files by their plain names."""
    settings.DATA_DIR = tmp_path
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "tmp"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    storages = {name: {**storage} for name, storage in settings.STORAGES.items()}
    storages["default"]["OPTIONS"] = {
        **storages["default"]["OPTIONS"],
        "location": tmp_path / "media",
    }
    storages["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = storages
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


def make_user(name: str, *, team: Team | None = None, role: Role = Role.MEMBER) -> User:
    user = User.objects.create_user(name, password=PASSWORD)
    if team is not None:
        Membership.objects.create(user=user, team=team, role=role)
    return user


@pytest.fixture
def team(db: None) -> Team:
    return Team.default()


@pytest.fixture
def alice(team: Team) -> User:
    return make_user("alice", team=team)


@pytest.fixture
def bob(team: Team) -> User:
    """Her team mate."""
    return make_user("bob", team=team)


@pytest.fixture
def charlie(db: None) -> User:
    """A stranger: he is in another team."""
    return make_user("charlie", team=Team.objects.create(slug="others", name="Others"))


@pytest.fixture
def owner(team: Team) -> User:
    return make_user("olga", team=team, role=Role.OWNER)


@pytest.fixture
def viewer(team: Team) -> User:
    return make_user("victor", team=team, role=Role.VIEWER)


@pytest.fixture
def as_() -> Callable[[User | None], Client]:
    """A browser in which that person is logged in (nobody: None)."""

    def client(user: User | None) -> Client:
        browser = Client()
        if user is not None:
            browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return client


@pytest.fixture
def picture_file(tmp_path: Path) -> Callable[..., Path]:
    """A file with a picture in it."""
    count = iter(range(1000))

    def make(data: bytes | None = None, *, name: str = "", colour: str = "#906040") -> Path:
        path = tmp_path / (name or f"picture-{next(count)}.jpg")
        path.write_bytes(picture_bytes(colour=colour) if data is None else data)
        return path

    return make


@pytest.fixture
def upload_of(picture_file: Callable[..., Path]) -> Callable[..., Photo]:
    """A picture of somebody's, kept in the way of the site; each colour is another picture."""

    def make(user: User, *, colour: str = "#906040") -> Photo:
        return pictures.keep_upload(picture_file(colour=colour), team=user.team, by=By(user))

    return make


@remembered
def stored_variants() -> dict[str, bytes]:
    data = picture_bytes()
    preview = picture_bytes(file_format="WEBP")
    return {"full.jpg": data, "320.webp": preview, "1280.webp": preview}


@pytest.fixture
def photo_of(db: None) -> Callable[..., Photo]:
    """A picture as the site would have kept it, without the work of decoding one."""
    count = iter(range(10_000))

    def make(user: User, *, kind: str = "upload") -> Photo:
        key = storage.new_key()
        for name, data in stored_variants().items():
            default_storage.save(f"{key}/{name}", ContentFile(data))
        photo = Photo.objects.create(
            team=user.team, owner=user, kind=kind, key=key, sha256=f"{next(count):064}",
            format="jpg", width=96, height=64, bytes=len(stored_variants()["full.jpg"]),
            colour="#906040",
        )  # fmt: skip
        if kind == "upload":
            Upload.objects.create(photo=photo, user=user)
        return photo

    return make


@pytest.fixture
def swap_of(photo_of: Callable[..., Photo]) -> Callable[..., Swap]:
    """A waiting swap of somebody's, with two pictures of its own."""

    def make(user: User, **fields: object) -> Swap:
        return Swap.objects.create(
            team=user.team,
            maker=user,
            source=photo_of(user),
            target=photo_of(user),
            **{"provider": "local", **fields},
        )

    return make


@pytest.fixture
def done_swap_of(
    swap_of: Callable[..., Swap], photo_of: Callable[..., Photo]
) -> Callable[..., Swap]:
    """A swap that succeeded, with a result."""

    def make(user: User, **fields: object) -> Swap:
        swap = swap_of(user, **fields)
        assert swap.claim(seconds=10)
        assert swap.record_outcome()
        assert swap.succeed(result=photo_of(user, kind="result"))
        return swap

    return make
