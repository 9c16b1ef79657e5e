"""What the environment says: every variable is documented, and unsafe values stop the start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import ROOT

READS = re.compile(r"env\.(?:text|secret|number|flag|listing|one_of|origin)\(\s*\"([A-Z0-9_]+)\"")
SECRETS = re.compile(r"env\.secret\(\s*\"([A-Z0-9_]+)\"")
SCRIPT_READS = {"EXTRAS"}


def sources() -> str:
    files = [*(ROOT / "faceswap_site").glob("*.py"), *(ROOT / "swaps").rglob("*.py")]
    return "\n".join(file.read_text() for file in files)


def documented() -> set[str]:
    text = (ROOT / "docs" / "configuration.md").read_text()
    return set(re.findall(r"^\| `([A-Z0-9_]+)`", text, re.MULTILINE))


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    assert documented() == set(READS.findall(sources())) | SCRIPT_READS


def test_no_module_reads_the_environment_behind_the_settings_back() -> None:
    offenders = [
        str(file.relative_to(ROOT))
        for file in [*(ROOT / "swaps").rglob("*.py"), *(ROOT / "faceswap_site").glob("*.py")]
        if "os.environ" in file.read_text() and "setdefault" not in file.read_text()
    ]
    assert offenders == ["faceswap_site/env.py"]


def test_the_example_names_only_documented_variables() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z0-9_]+)=", example, re.MULTILINE))
    assert named
    assert named <= documented() | {f"{name}_FILE" for name in SECRETS.findall(sources())}


def start(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if name not in documented()}
    return subprocess.run(
        [sys.executable, "manage.py", *(arguments or ("check",))],
        cwd=ROOT, env={**clean, "DATA_DIR": str(tmp_path), **environment},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "short", "shorter than 32 characters"),
        ("ALLOWED_HOSTS", "*", "lets anybody forge"),
        ("SITE_URL", "swaps.example.org", "give the public address alone"),
        ("SITE_URL", "https://swaps.example.org/path", "give the public address alone"),
        ("PORT", "eighty", "give a whole number"),
        ("DEBUG", "perhaps", "give yes or no"),
        ("FACESWAP_PROVIDER", "magic", "give one of: local"),
        ("TRUSTED_PROXIES", "the proxy", "Give addresses or networks"),
        ("SECRET_KEY_FILE", "/nowhere/key", "cannot be read"),
    ],
)
def test_an_unsafe_value_stops_the_start_with_a_sentence(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    done = start(tmp_path, **{name: value})
    assert done.returncode != 0
    assert said in done.stderr


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a" * 50 + "\n")
    show = "from django.conf import settings; print(settings.SECRET_KEY)"
    done = start(tmp_path, "shell", "--no-imports", "-c", show, SECRET_KEY_FILE=str(key))
    assert done.stdout.strip() == "a" * 50


@pytest.mark.parametrize("address", ["", "https://swaps.example.org"])
def test_the_deployment_checks_are_clean(tmp_path: Path, address: str) -> None:
    done = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SITE_URL=address)
    assert done.returncode == 0, done.stderr


def test_listening_to_a_network_without_tls_is_warned_of(tmp_path: Path) -> None:
    done = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", HOST="0.0.0.0")
    assert done.returncode != 0
    assert "swaps.W001" in done.stderr


def test_a_public_https_address_makes_cookies_secure(tmp_path: Path) -> None:
    show = "from django.conf import settings as s; print(s.SESSION_COOKIE_SECURE, s.CSRF_TRUSTED_ORIGINS)"
    done = start(
        tmp_path, "shell", "--no-imports", "-c", show, SITE_URL="https://swaps.example.org"
    )
    assert done.stdout.strip() == "True ['https://swaps.example.org']"


def test_there_is_no_model_without_its_migration(tmp_path: Path) -> None:
    assert start(tmp_path, "makemigrations", "--check", "--dry-run").returncode == 0
