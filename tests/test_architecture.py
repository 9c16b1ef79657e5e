"""What must never be, where imports alone cannot say it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.samples import ROOT

SOURCES = sorted(
    file
    for folder in ("faceswap_site", "swaps")
    for file in (ROOT / folder).rglob("*.py")
    if "migrations" not in file.parts
)
LAZY_IMPORTS = {
    "swaps/apps.py",
    "swaps/faces.py",
    "swaps/providers/local.py",
    "swaps/decoding.py",
    "swaps/pixels.py",
}


def name_of(file: Path) -> str:
    return str(file.relative_to(ROOT))


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_a_file_has_one_subject_and_says_which(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 400
    assert not text.strip() or ast.get_docstring(ast.parse(text))


@pytest.mark.parametrize("file", SOURCES, ids=name_of)
def test_no_function_is_longer_than_a_screen(file: Path) -> None:
    limit = 25 if "views" in file.parts else 40
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < limit, f"{node.name} in {name_of(file)}"


def test_imports_are_at_the_top_but_for_the_named_ones() -> None:
    found = set()
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef) and any(
                isinstance(inner, ast.Import | ast.ImportFrom) for inner in ast.walk(node)
            ):
                found.add(name_of(file))
    assert found <= LAZY_IMPORTS


def test_only_the_swaps_own_module_writes_its_status() -> None:
    writes = re.compile(
        r"(?<![\w.])status\s*=\s*(?:Status\.|[\"'](?:queued|running|fetching|succeeded|failed|canceled))"
        r"|\.status\s*=\s*[^=]"
    )
    offenders = []
    for file in SOURCES:
        if name_of(file) == "swaps/models/swap.py":
            continue
        offenders += [
            f"{name_of(file)}: {line.strip()}"
            for line in file.read_text().splitlines()
            if writes.search(line) and ".filter(" not in line
        ]
    assert offenders == []


def test_there_are_no_signals_and_no_rooms_without_a_name() -> None:
    names = {file.name for file in SOURCES}
    assert not names & {"utils.py", "helpers.py", "services.py", "enums.py", "signals.py"}
    assert not any("django.db.models.signals" in file.read_text() for file in SOURCES)


@pytest.mark.parametrize("file", sorted((ROOT / "templates").rglob("*.html")), ids=name_of)
def test_a_template_is_short_and_holds_no_script_and_no_style(file: Path) -> None:
    text = file.read_text()
    assert len(text.splitlines()) <= 150
    assert not re.search(r"<style|style=|\son\w+=", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)


def test_raw_values_of_the_design_are_in_the_tokens_alone() -> None:
    for file in (ROOT / "static" / "css").rglob("*.css"):
        if file.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b|oklch|rgba?\(", file.read_text()), file


def test_the_web_side_does_not_load_the_engine() -> None:
    code = (
        "import faceswap_site.wsgi, sys;"
        "from django.urls import get_resolver; get_resolver().url_patterns;"
        "print([m for m in sys.modules if m.split('.')[0] in {'numpy', 'cv2', 'ai_edge_litert'}"
        " or m.startswith('swaps.engine')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
