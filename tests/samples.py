"""Plain things that tests and benches share: where the project is, a password, pictures. No Django."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "light table 9"


def picture_bytes(
    size: tuple[int, int] = (96, 64), *, colour: str = "#906040", file_format: str = "JPEG"
) -> bytes:
    """A picture of one colour, with a darker corner that shows which way up it is."""
    image = Image.new("RGB", size, colour)
    image.paste("#102030", (0, 0, size[0] // 4, size[1] // 4))
    written = BytesIO()
    image.save(written, file_format)
    return written.getvalue()


def shared_faces() -> dict[str, Path]:
    """Portraits beside the project, where there are any, by name."""
    return {file.stem: file for file in sorted((ROOT.parent / "shared" / "faces").glob("*.jpg"))}
