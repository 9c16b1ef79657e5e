"""Backup and restore, by the very commands that docs/operations.md gives."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from tests.portraits import portraits
from tests.running import Browser, Site, running_site, wait_for
from tests.samples import ROOT

pytestmark = pytest.mark.sqlite

OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
LINES = re.findall(
    r"^((?:DATA_DIR=\S+ )?\./run manage (?:backup|restore) \S+)$", OPERATIONS, re.MULTILINE
)
KEYS = """
from swaps.models import Photo
answer = sorted(Photo.objects.values_list("key", flat=True))
"""


def run(line: str, *, folder: Path, data: Path) -> subprocess.CompletedProcess[str]:
    """A documented line, with its folders replaced by ones of the test's own."""
    arguments = line.split("./run manage ")[1].replace("/srv/backups", str(folder)).split()
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def pictures_of(site: Site) -> list[str]:
    found: list[str] = site.shell(KEYS)
    return found


def test_a_running_site_is_backed_up_and_comes_back_whole(tmp_path: Path) -> None:
    backup, restore = LINES[0], LINES[1]
    with running_site(tmp_path) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        assert browser.swap(photos[0], photos[1])[1] == "succeeded"
        done = run(backup, folder=tmp_path, data=site.data)
        assert done.returncode == 0, done.stderr
        expected = pictures_of(site)
    empty = tmp_path / "empty"
    done = run(restore, folder=tmp_path, data=empty)
    assert done.returncode == 0, done.stderr
    with running_site(tmp_path, DATA_DIR=str(empty)) as again:
        wait_for(again.answers)
        assert pictures_of(again) == expected
        page = Browser(again).session.get(f"{again.url}/", timeout=30).text
        previews = set(re.findall(r'src="(/photos/[^"]+)"', page))
        assert len(previews) == 1
        browser = Browser(again)
        assert browser.session.get(again.url + previews.pop(), timeout=30).status_code == 200


def test_the_backup_is_its_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0"],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, check=True,
    )  # fmt: skip
    run(LINES[0], folder=tmp_path, data=data)
    assert (tmp_path / "faceswap.tar").stat().st_mode & 0o777 == 0o600


def test_a_site_that_has_accounts_is_not_written_over(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        run(LINES[0], folder=tmp_path, data=site.data)
        done = run(LINES[1], folder=tmp_path, data=site.data)
    assert done.returncode != 0
    assert "Restore into an empty DATA_DIR" in done.stderr


@pytest.mark.parametrize("content", [b"no tar at all", b""], ids=["words", "nothing"])
def test_what_is_no_backup_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "faceswap.tar").write_bytes(content)
    done = run(LINES[1], folder=tmp_path, data=tmp_path / "empty")
    assert done.returncode != 0
    assert "cannot be read as a backup" in done.stderr


def test_a_forged_backup_writes_nothing_outside(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "faceswap.tar", "w") as tar:
        for name in ("../escaped", "/escaped", "pictures/../../escaped", "media/x.html"):
            entry = tarfile.TarInfo(name)
            entry.size = 5
            tar.addfile(entry, BytesIO(b"words"))
    data = tmp_path / "a" / "empty"
    run(LINES[1], folder=tmp_path, data=data)
    assert not list(tmp_path.rglob("escaped"))
    assert not list(data.rglob("x.html"))
