"""What the environment says: every variable is documented, and unsafe values stop the start."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import ROOT

pytestmark = pytest.mark.once

READS = re.compile(
    r"(?:env\.|return )(?:text|secret|number|decimal|flag|listing|one_of|origin)\(\s*\"([A-Z0-9_]+)\""
)
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
        ("METRICS_TOKEN", "short", "shorter than 16 characters"),
        ("LOG_FORMAT", "xml", "give one of: text, json"),
        ("RETENTION_DAYS", "a month", "give a whole number"),
        ("ALLOWED_HOSTS", "*", "lets anybody forge"),
        ("SITE_URL", "swaps.example.org", "give the public address alone"),
        ("SITE_URL", "https://swaps.example.org/path", "give the public address alone"),
        ("PORT", "eighty", "give a whole number"),
        ("PORT", "70000", "from 1 to 65535"),
        ("DEBUG", "perhaps", "give yes or no"),
        ("FACESWAP_PROVIDER", "magic", "give one of: local"),
        ("TRUSTED_PROXIES", "the proxy", "Give addresses or networks"),
        ("SECRET_KEY_FILE", "/nowhere/key", "cannot be read"),
        ("OUTBOUND_ALLOW", "minio", "write host:port"),
        ("ACEDATACLOUD_API_TOKEN", "a token", "characters that no token has"),
        ("ACEDATACLOUD_API_TOKEN", '"a-token"', "characters that no token has"),
        (
            "ACEDATACLOUD_API_BASE_URL",
            "https://api.example.org/v1",
            "like https://api.acedata.cloud",
        ),
        ("PRICE_PER_SWAP", "0,01", "give an amount like 0.01"),
    ],
)
def test_an_unsafe_value_stops_the_start_with_a_sentence(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    done = start(tmp_path, **{name: value})
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("reach", [{"HOST": "0.0.0.0"}, {"SITE_URL": "https://swaps.example.org"}])
def test_debug_on_a_site_that_others_reach_stops_the_start(
    tmp_path: Path, reach: dict[str, str]
) -> None:
    done = start(tmp_path, DEBUG="yes", **reach)
    assert done.returncode != 0
    assert "Unset DEBUG" in done.stderr


def shown(tmp_path: Path, names: str, **environment: str) -> str:
    """Some settings, as they come out."""
    code = f"from django.conf import settings as s; print({names})"
    return start(tmp_path, "shell", "--no-imports", "-c", code, **environment).stdout.strip()


@pytest.mark.parametrize(("host", "name"), [("192.0.2.7", "192.0.2.7"), ("::1", "[::1]")])
def test_the_site_answers_to_the_address_it_listens_on(
    tmp_path: Path, host: str, name: str
) -> None:
    assert shown(tmp_path, f"{name!r} in s.ALLOWED_HOSTS", HOST=host) == "True"


def test_behind_https_a_proxy_on_the_same_machine_is_believed(tmp_path: Path) -> None:
    said = shown(tmp_path, "s.TRUSTED_PROXIES", SITE_URL="https://swaps.example.org")
    assert said == "['127.0.0.1/32', '::1/128']"


def test_networks_of_proxies_may_be_written_loosely(tmp_path: Path) -> None:
    assert shown(tmp_path, "s.TRUSTED_PROXIES", TRUSTED_PROXIES="10.1.2.3/8") == "['10.0.0.0/8']"


def test_a_secret_can_come_from_a_file(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("a" * 50 + "\n")
    assert shown(tmp_path, "s.SECRET_KEY", SECRET_KEY_FILE=str(key)) == "a" * 50


@pytest.mark.parametrize("address", ["", "https://swaps.example.org"])
def test_the_deployment_checks_are_clean(tmp_path: Path, address: str) -> None:
    done = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", SITE_URL=address)
    assert done.returncode == 0, done.stderr


def test_listening_to_a_network_without_tls_is_warned_of(tmp_path: Path) -> None:
    done = start(tmp_path, "check", "--deploy", "--fail-level", "WARNING", HOST="0.0.0.0")
    assert done.returncode != 0
    assert "swaps.W001" in done.stderr


def test_a_public_https_address_makes_cookies_secure(tmp_path: Path) -> None:
    names = "s.SESSION_COOKIE_SECURE, s.CSRF_TRUSTED_ORIGINS"
    said = shown(tmp_path, names, SITE_URL="https://swaps.example.org")
    assert said == "True ['https://swaps.example.org']"


def test_there_is_no_model_without_its_migration(tmp_path: Path) -> None:
    assert start(tmp_path, "makemigrations", "--check", "--dry-run").returncode == 0
