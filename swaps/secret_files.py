"""Secrets that are made once and kept in a file that its owner alone can read. Settings and set-up use it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile


def kept_secret(path: Path, *, make: Callable[[], str]) -> str:
    """The secret in *path*; where there is none, what *make* gives, from now on.

    Of two processes that start at once one wins, and no crash leaves half a secret behind: the file
    appears under its name only when it is complete.
    """
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent, encoding="ascii") as draft:
            draft.write(make())
            draft.flush()
            with suppress(FileExistsError):
                os.link(draft.name, path)
    return path.read_text(encoding="ascii").strip()
