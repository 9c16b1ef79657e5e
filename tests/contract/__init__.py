"""Golden answers of the Face Swap API, a file each: what our client understands and our server may say."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Golden:
    """One answer: its HTTP status and its parsed JSON."""

    name: str
    status: int
    body: Any


def golden(name: str) -> Golden:
    """The answer in NAME.json."""
    found = json.loads((FOLDER / f"{name}.json").read_text())
    return Golden(name, found["status"], found["body"])


def golden_names(prefix: str = "") -> list[str]:
    """The names of all answers that begin so."""
    return sorted(file.stem for file in FOLDER.glob(f"{prefix}*.json"))
