"""Files that are no pictures, broken ones and cruel ones: one sentence each, and the site stays up."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from swaps import images
from swaps.children import Nursery
from tests.samples import ROOT, picture_bytes


def png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png_of(width: int, height: int, *, rows: int = 0) -> bytes:
    """A PNG that announces width × height pixels and holds so many rows of them, all black."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    row = b"\0" * (1 + 3 * width)
    compressor = zlib.compressobj(1)
    data = b"".join(compressor.compress(row) for _ in range(rows)) + compressor.flush()
    chunks = (b"IHDR", header), (b"IDAT", data), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, body) for kind, body in chunks)


def animated(file_format: str) -> bytes:
    frames = [Image.new("RGB", (32, 32), colour) for colour in ("red", "green", "blue")]
    written = BytesIO()
    frames[0].save(written, file_format, save_all=True, append_images=frames[1:], duration=100)
    return written.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JPEG = picture_bytes((200, 200))
PNG = picture_bytes((200, 200), file_format="PNG")

HOSTILE = {
    "no bytes at all": (b"", "empty"),
    "text": (b"just some words, no picture at all\n" * 20, "not a picture"),
    "HTML": (b"<!doctype html><title>log in</title>", "not a picture"),
    "SVG": (SVG, "not a picture"),
    "GIF": (animated("GIF"), "not a picture"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", "not a picture"),
    "ZIP": (b"PK\x03\x04" + b"\0" * 100, "not a picture"),
    "random bytes": (os.urandom(5000), "not a picture"),
    "a JPEG's first bytes alone": (JPEG[:20], ""),
    "half a JPEG": (JPEG[: len(JPEG) // 2], "damaged"),
    "half a PNG": (PNG[: len(PNG) // 2], "damaged"),
    "a PNG without pixels": (png_of(10, 10), "damaged"),
    "an animated WebP": (animated("WEBP"), "animated"),
    "an animated PNG": (animated("PNG"), "animated"),
    "an animated AVIF": (animated("AVIF"), "animated"),
    "a PNG that announces 400 megapixels": (png_of(20_000, 20_000), "megapixels"),
    "a bomb of 60 megapixels": (png_of(10_000, 6_000, rows=6_000), "megapixels"),
    "a PNG that announces nothing": (png_of(0, 0), ""),
}


@pytest.mark.parametrize(("data", "said"), HOSTILE.values(), ids=HOSTILE)
def test_it_gets_one_sentence(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "upload.jpg"
    file.write_bytes(data)
    with pytest.raises(images.PictureError) as caught:
        images.prepare(file, tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


def test_the_sentence_names_what_is_accepted(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("words")
    with pytest.raises(images.Unreadable, match="JPEG, PNG, WebP, AVIF or HEIC"):
        images.prepare(file, tmp_path)


def test_too_many_bytes_are_not_even_opened(tmp_path: Path) -> None:
    file = tmp_path / "large.jpg"
    with file.open("wb") as handle:
        handle.truncate(31 * 1024 * 1024)
    with pytest.raises(images.TooLarge, match=r"This file is 31 MB; the limit is 25 MB\."):
        images.prepare(file, tmp_path)


@pytest.mark.parametrize("keep_bytes", [False, True], ids=["an upload", "a result"])
def test_what_hides_behind_a_picture_is_lost(tmp_path: Path, keep_bytes: bool) -> None:  # noqa: FBT001
    file = tmp_path / "polyglot.jpg"
    file.write_bytes(JPEG + SVG)
    images.prepare(file, tmp_path, keep_bytes=keep_bytes)
    assert b"script" not in (tmp_path / "full.jpg").read_bytes()


def test_a_child_that_takes_too_long_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Writing 25 megapixels anew takes a second or more, however fast the machine.
    monkeypatch.setattr(images, "CHILD_SECONDS", 0.05)
    file = tmp_path / "a.png"
    file.write_bytes(png_of(5_000, 5_000, rows=5_000))
    with pytest.raises(images.Unreadable, match="too much memory or time"):
        images.prepare(file, tmp_path)


def test_a_child_that_runs_out_of_memory_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png_of(7_000, 7_000, rows=7_000))
    # The same child, with a limit that 49 megapixels cannot keep.
    code = "from swaps import decoding; decoding.DECODER_MEMORY = 150 << 20; decoding.serve(decoding.main)"
    monkeypatch.setattr(images, "NURSERY", Nursery([sys.executable, "-c", code]))
    with pytest.raises(images.Unreadable, match="too much memory or time"):
        images.prepare(file, tmp_path)


def test_the_largest_picture_that_is_taken_fits_into_the_childs_limits(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png_of(10_000, 5_000, rows=5_000))
    assert images.prepare(file, tmp_path).width == 10_000


def test_the_child_needs_no_django() -> None:
    for name in ("decoding.py", "images.py"):
        source = (ROOT / "swaps" / name).read_text()
        assert "django" not in source.replace("Django", "")


ON_ITS_SIDE = Image.Exif()
ON_ITS_SIDE[0x0112] = 6


@pytest.mark.parametrize(
    ("mode", "file_format", "options"),
    [
        ("RGB", "JPEG", {"exif": ON_ITS_SIDE}),
        ("CMYK", "JPEG", {}),
        ("RGBA", "PNG", {"compress_level": 1, "exif": ON_ITS_SIDE}),
    ],
    ids=["turned", "CMYK", "see-through and turned"],
)
def test_fifty_megapixels_are_held_once(
    tmp_path: Path, mode: str, file_format: str, options: dict[str, Any]
) -> None:
    file, into = tmp_path / "large", tmp_path / "out"
    into.mkdir()
    colour: Any = (90, 60, 30, 128)[: len(mode)]
    Image.new(mode, (10_000, 5_000), colour).save(file, file_format, **options)
    code = "import sys; from swaps import decoding; decoding.main(sys.argv[1:]); "
    # Its own highest; what getrusage tells is never less than its parent's.
    code += "status = open('/proc/self/status').read(); "
    code += "print(status.split('VmHWM:')[1].split()[0], file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, file, into, "{}"],
        cwd=ROOT, env={"MALLOC_ARENA_MAX": "2"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert answer["width"] * answer["height"] == 50_000_000
    assert (answer["width"] < answer["height"]) == ("exif" in options)
    # One form of it is 200 MB; two would be 400.
    assert int(done.stderr) / 1024 < 330


@pytest.mark.parametrize(
    ("file_format", "options", "said"),
    [("WEBP", {"quality": 1, "method": 0}, "WebP, is 18"), ("AVIF", {"speed": 10}, "AVIF, is 31")],
)
def test_a_format_that_takes_more_memory_has_a_limit_of_its_own(
    tmp_path: Path, file_format: str, options: dict[str, Any], said: str
) -> None:
    file = tmp_path / "large"
    Image.new("RGB", (8_000, 5_000)).save(file, file_format, **options)
    with pytest.raises(images.TooLarge, match=said):
        images.prepare(file, tmp_path)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_crop_of_fifty_megapixels_is_set_back_within_the_childs_limits(
    tmp_path: Path, mode: str
) -> None:
    file, whole, into = tmp_path / "answer", tmp_path / "whole", tmp_path / "out"
    into.mkdir()
    colour: Any = (90, 60, 30, 128)[: len(mode)]
    Image.new("RGB", (7_000, 4_990), (90, 60, 30)).save(file, "JPEG")
    Image.new(mode, (10_000, 5_000), colour).save(whole, "PNG", compress_level=1)
    place = images.Place(whole, (2_900, 5, 9_900, 4_995), (5_000, 1_000, 7_000, 3_000))
    assert images.prepare(file, into, place=place).width == 10_000
