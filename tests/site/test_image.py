"""The container image: what its files say, and the site in a file system like the container's.

There is no container engine here: the Dockerfile's tree is laid out by hand and served with everything
read-only but the data and a tmpfs, by the image's user, without any capability.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tests.portraits import portraits
from tests.running import Browser, Site, running_site
from tests.samples import ROOT

pytestmark = pytest.mark.once

DOCKERFILE = ROOT / "Dockerfile"
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
UID = 10001


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions, each on a line of its own."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    lines = [line.split(maxsplit=1) for line in text.splitlines() if line.strip()]
    return [(name, " ".join(rest.split())) for name, rest in lines]


def last_stage() -> list[tuple[str, str]]:
    whole = instructions()
    begin = max(index for index, (name, _) in enumerate(whole) if name == "FROM")
    return whole[begin:]


def value_of(name: str) -> str:
    return [rest for instruction, rest in last_stage() if instruction == name][-1]


def environment() -> dict[str, str]:
    pairs = [pair for name, rest in last_stage() if name == "ENV" for pair in shlex.split(rest)]
    return dict(pair.split("=", maxsplit=1) for pair in pairs)


def is_sent(path: Path) -> bool:
    """Whether .dockerignore lets a path of the project into the build."""
    name = str(path.relative_to(ROOT))
    if not any(
        name == line[1:] or name.startswith(f"{line[1:]}/") for line in IGNORED if line[:1] == "!"
    ):
        return False
    return not any(
        fnmatch(f"/{name}", pattern) or fnmatch(f"/{name}", f"{pattern}/*")
        for pattern in (line.replace("**", "*") for line in IGNORED if line.startswith("**"))
    )


def lay_out(tree: Path) -> None:
    """What the Dockerfile copies from the project, where it copies it to."""
    for name, rest in instructions():
        if name != "COPY" or rest.startswith("--from"):
            continue
        *sources, into = rest.split()
        for source in sources:
            start = ROOT / source
            files = (
                [start] if start.is_file() else [one for one in start.rglob("*") if one.is_file()]
            )
            for file in filter(is_sent, files):
                goal = tree / into / (file.relative_to(start) if start.is_dir() else file.name)
                goal.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, goal)


def test_the_image_runs_as_nobody_in_particular() -> None:
    assert value_of("USER") == f"{UID}:{UID}"
    assert value_of("STOPSIGNAL") == "SIGTERM"
    assert value_of("VOLUME") == environment()["DATA_DIR"]
    assert environment()["HOST"] == "0.0.0.0"
    for name in ("CMD", "HEALTHCHECK"):
        assert value_of(name).rpartition("CMD ")[2].startswith('["python", "-m", "faceswap_site.')


def test_nothing_secret_and_nothing_unneeded_is_in_its_layers() -> None:
    said = [f"{name} {rest}" for name, rest in instructions()]
    assert not [one for one in said if re.search(r"SECRET|PASSWORD|TOKEN|_KEY", one)]
    assert not [one for one in said if one.startswith("ADD ") or "curl" in one or "apt-get" in one]
    assert sum(one.startswith("FROM") for one in said) == 2
    for name in (
        ".env",
        "var/secret_key",
        ".git/config",
        "tests/conftest.py",
        "secrets/x",
        "uv.lock.bak",
    ):
        assert not is_sent(ROOT / name)
    assert is_sent(ROOT / "swaps" / "models" / "swap.py")
    assert not is_sent(ROOT / "swaps" / "__pycache__" / "x.py")
    assert not is_sent(ROOT / "swaps" / "models" / "x.pyc")


def test_it_installs_from_the_lock_alone() -> None:
    runs = [rest for name, rest in instructions() if name == "RUN"]
    (sync,) = [rest for rest in runs if "uv sync" in rest]
    assert "--frozen" in sync
    assert "--no-dev" in sync


def services() -> dict[str, str]:
    """The text of each service in compose.yaml, with the template that it takes up."""
    text = (ROOT / "compose.yaml").read_text()
    template = text.split("x-site: &site\n")[1].split("\n\n")[0]
    body = text.split("\nservices:\n")[1].split("\nsecrets:\n")[0]
    parts = re.split(r"^  (\w+):\n", body, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {name: said.replace("    <<: *site", template) for name, said in found.items()}


@pytest.mark.parametrize("name", ["site", "web", "worker", "database"])
def test_every_container_is_shut_in(name: str) -> None:
    said = services()[name]
    for line in ("read_only: true", "cap_drop:", "- ALL", "no-new-privileges:true", "healthcheck:"):
        assert line in said
    assert re.search(r"tmpfs:\s+- /tmp", said)
    assert "privileged: true" not in said
    assert not re.search(r"(PASSWORD|TOKEN|KEY|DATABASE_URL): \S", said)


def test_compose_serves_one_service_unless_told_otherwise() -> None:
    found = services()
    assert [name for name, said in found.items() if "profiles: [split]" not in said] == ["site"]
    assert '"web"]' in found["web"]
    assert '"worker"]' in found["worker"]


NAMESPACE = """
set -eu
tree=$1; data=$2; venv=$3; base=$4; shift 4
mount --make-rprivate /
mount -t tmpfs none /mnt
mkdir /mnt/app /mnt/data /mnt/base
mount --bind "$base" /mnt/base
mount --bind "$tree" /mnt/app
mount --bind "$venv" /mnt/app/.venv
mount --bind "$data" /mnt/data
# The interpreter may be in a folder that the image's user cannot enter: it alone is shown to her.
first=/$(printf '%s' "$base" | cut -d/ -f2)
if [ "$first" != /usr ]; then
    mount -t tmpfs -o mode=755 none "$first"
    mkdir -p "$base"
    mount --bind /mnt/base "$base"
    mount -o remount,ro,bind "$base"
    mount -o remount,ro "$first"
fi
mount -o remount,ro,bind /mnt/base
mount -o remount,ro,bind /mnt/app/.venv
mount -o remount,ro,bind /mnt/app
mount -o remount,ro /mnt
mount -o remount,ro,bind /
mount -t tmpfs -o mode=1777,size=256m none /tmp
cd /mnt/app
exec setpriv --reuid UID --regid UID --clear-groups --bounding-set=-all --inh-caps=-all \
    --no-new-privs "$@"
""".replace("UID", str(UID))


@pytest.fixture
def contained(tmp_path: Path) -> list[str]:
    """What runs the image's command in such a file system; the tree is the Dockerfile's."""
    unshare = shutil.which("unshare")
    if (
        os.geteuid() != 0
        or not unshare
        or subprocess.run([unshare, "-m", "true"], check=False).returncode
    ):
        pytest.skip("Only root may lay out a read-only file system: run the tests in a container.")
    tree, data = tmp_path / "tree", tmp_path / "data"
    tree.mkdir()
    lay_out(tree)
    (tree / ".venv").mkdir()
    data.mkdir(mode=0o700)
    shutil.chown(data, UID, UID)
    enter = [unshare, "--mount", "sh", "-c", NAMESPACE, "sh"]
    return [*enter, str(tree), str(data), str(Path(sys.prefix).resolve()), sys.base_prefix]


def may(contained: list[str], *command: str) -> bool:
    return subprocess.run([*contained, *command], capture_output=True, check=False).returncode == 0


def test_only_the_data_and_tmp_can_be_written(contained: list[str]) -> None:
    places = ("/mnt/app", "/mnt/app/.venv", "/mnt", "/", "/var/tmp", "/tmp", "/mnt/data")  # noqa: S108
    written = [place for place in places if may(contained, "touch", f"{place}/written")]
    assert written == ["/tmp", "/mnt/data"]  # noqa: S108


def in_image() -> dict[str, str]:
    """The image's environment, but for the port, and for PATH."""
    found = {**environment(), "DATA_DIR": "/mnt/data", "PATH": f"/mnt/app/.venv/bin:{os.defpath}"}
    del found["PORT"]
    return found


@pytest.mark.sqlite
def test_the_site_swaps_with_everything_read_only_but_its_data(
    tmp_path: Path, contained: list[str]
) -> None:
    command = [*contained, *json.loads(value_of("CMD"))]
    with running_site(
        tmp_path, deaf_to=None, is_public=False, from_nothing=True, command=command, **in_image()
    ) as site:
        browser = Browser(site)
        photos = [browser.upload(file) for file in portraits(tmp_path)[:2]]
        assert browser.swap(photos[0], photos[1])[1] == "succeeded"
        health = browser.session.get(f"{site.url}/healthz", timeout=30).json()
        assert health["status"] == "ok"
        check = json.loads(value_of("HEALTHCHECK").partition("CMD ")[2])
        assert (
            subprocess.run([*contained, *check], env=site.environment, check=False).returncode == 0
        )
        assert_nobody_in_particular(site)
        started = site.descendants()
        site.process.terminate()
        assert site.process.wait(timeout=15) == 0
        asked = subprocess.run([*contained, *check], env=site.environment, check=False)
        assert asked.returncode == 1
    assert not [pid for pid in started if Path(f"/proc/{pid}/exe").exists()]
    assert (tmp_path / "data" / "db.sqlite3").stat().st_uid == UID
    assert not list((tmp_path / "tree").rglob("__pycache__"))


def assert_nobody_in_particular(site: Site) -> None:
    status = Path(f"/proc/{site.process.pid}/status").read_text()
    assert re.search(rf"^Uid:\t{UID}\t{UID}\t{UID}", status, re.MULTILINE)
    assert re.search(r"^CapEff:\t0+$", status, re.MULTILINE)
    assert re.search(r"^NoNewPrivs:\t1$", status, re.MULTILINE)
