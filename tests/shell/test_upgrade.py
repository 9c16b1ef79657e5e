"""Sites of the first version: they are upgraded where they stand, and their backups can be restored."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import programs
from tests.samples import ROOT

pytestmark = pytest.mark.once

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
# The first schema, with rows by the models of then.
FIRST_VERSION = """
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from swaps import storage
call_command("migrate", "swaps", "0001", verbosity=0)
for other in ("sessions", "axes", "django_ox", "admin"):
    call_command("migrate", other, verbosity=0)
apps = MigrationExecutor(connection).loader.project_state(("swaps", "0001_initial")).apps
model = lambda name: apps.get_model("swaps", name)
team, _ = model("Team").objects.get_or_create(slug="studio", defaults={"name": "Studio"})
ada = model("User").objects.create(username="ada", password="!", is_superuser=True)
model("Membership").objects.create(user=ada, team=team, role="owner")
def photo(number, kind):
    key = storage.new_key()
    for variant in storage.variants("jpg"):
        default_storage.save(storage.name_of(key, variant), ContentFile(b"picture"))
    return model("Photo").objects.create(
        team=team, owner=ada, kind=kind, key=key, sha256=str(number), format="jpg",
        width=96, height=64, bytes=7, colour="#906040",
    )
for number, status in enumerate(["succeeded", "failed", "canceled"]):
    swap = model("Swap").objects.create(
        team=team, maker=ada, title=f"Swap {number}", provider="local", status=status, face="all",
        source=photo(f"s{number}", "upload"), target=photo(f"t{number}", "upload"),
        result=photo(f"r{number}", "result") if status == "succeeded" else None,
        finished_at=timezone.now(), consent_at=timezone.now(),
    )
    model("Attempt").objects.create(swap=swap, provider="local", outcome="succeeded", secret=str(number))
"""
# All of it through the models of today.
WHAT_IS_THERE = """
import json
from django.core.files.storage import default_storage
from swaps import storage
from swaps.models import Attempt, Event, Favourite, Photo, Swap, User
ada = User.objects.get()
print(json.dumps([
    [ada.username, ada.swaps_a_day, [str(team) for team in ada.owned_teams()]],
    [[str(s.pk), s.title, s.status, s.target_faces, str(s.source_id), str(s.target_id), str(s.result_id),
      s.attempts.count()]
     for s in Swap.objects.visible_to(ada).order_by("title")],
    sorted(Photo.objects.values_list("key", flat=True)),
    [default_storage.exists(storage.name_of(p.key, v))
     for p in Photo.objects.all() for v in storage.variants(p.format)],
    [Event.objects.count(), Favourite.objects.count(), Attempt.objects.count()],
]))
"""


class Stored:
    """A site that does not run: its data and, maybe, its own database."""

    def __init__(self, data: Path, database: str = "") -> None:
        self.data = data
        self.environment = {**os.environ, "DATA_DIR": str(data)}
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def shell(self, code: str) -> str:
        return self.manage("shell", "--no-imports", "-c", code)

    def contents(self) -> Any:
        return json.loads(self.shell(WHAT_IS_THERE).splitlines()[-1])


def assert_whole(contents: Any) -> None:
    person, swaps, pictures, files, (events, favourites, attempts) = contents
    assert person == ["ada", None, ["Studio"]]
    assert [(swap[1], swap[2], swap[3]) for swap in swaps] == [
        ("Swap 0", "succeeded", "all"), ("Swap 1", "failed", "all"), ("Swap 2", "canceled", "all"),
    ]  # fmt: skip
    assert len(pictures) == 7
    assert len(files) == 21
    assert all(files)
    assert (events, favourites, attempts) == (0, 0, 3)


def test_a_site_of_the_first_version_is_upgraded_where_it_stands(tmp_path: Path) -> None:
    site = Stored(tmp_path / "data")
    site.shell(FIRST_VERSION)
    site.manage("prepare")
    assert_whole(site.contents())
    site.manage("migrate", "--check")


def test_a_backup_of_the_first_version_comes_back_up_to_date(tmp_path: Path) -> None:
    old = Stored(tmp_path / "old")
    old.shell(FIRST_VERSION)
    assert "7 pictures" in old.manage("backup", str(tmp_path / "old.tar"))
    new = Stored(tmp_path / "new")
    assert "7 pictures" in new.manage("restore", str(tmp_path / "old.tar"))
    assert_whole(new.contents())


def documented(pattern: str) -> list[str]:
    """The lines of the page's blocks that begin so."""
    return re.findall(rf"^({pattern} .*)$", OPERATIONS, re.MULTILINE)


def run(line: str, site: Stored, backups: Path) -> None:
    """A documented line, with its folder replaced by one of the test's own."""
    binaries = programs()
    path = f"{binaries}:{os.defpath}"
    subprocess.run(
        ["/bin/sh", "-c", line.replace("/srv/backups", str(backups))],
        env={**site.environment, "PATH": path}, check=True, timeout=120,
    )  # fmt: skip


def test_on_postgresql_the_documented_commands_bring_a_site_of_the_first_version_back(
    tmp_path: Path, postgres_url: str, request: pytest.FixtureRequest
) -> None:
    old = Stored(tmp_path / "old", postgres_url)
    old.shell(FIRST_VERSION)
    (dump,) = documented("pg_dump")
    (pack,) = documented("tar --create")
    run(dump, old, tmp_path)
    run(pack, old, tmp_path)
    new = Stored(tmp_path / "new", request.getfixturevalue("postgres").new_database())
    new.data.mkdir()
    (load,) = documented("pg_restore")
    (unpack,) = documented("tar --extract")
    run(load, new, tmp_path)
    run(unpack, new, tmp_path)
    assert (new.data / "secret_key").read_text() == (old.data / "secret_key").read_text()
    new.manage("prepare")
    assert_whole(new.contents())


def test_on_postgresql_the_backup_command_names_the_tool_instead(
    tmp_path: Path, postgres_url: str
) -> None:
    site = Stored(tmp_path / "data", postgres_url)
    with pytest.raises(AssertionError, match="use its own pg_dump"):
        site.manage("backup", str(tmp_path / "never.tar"))
    assert not (tmp_path / "never.tar").exists()


def test_the_documented_retention_runs(tmp_path: Path) -> None:
    site = Stored(tmp_path / "data")
    site.shell(FIRST_VERSION)
    site.manage("prepare")
    lines = documented(r"\./run manage retain")
    assert len(lines) == 2
    for line in lines:
        assert "0 swaps" in site.manage(*line.split()[2:])
    assert_whole(site.contents())
