"""The result pictures of the fake service: sound ones, and every kind that a client must survive."""

from __future__ import annotations

import enum
import io
import struct
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from PIL import Image

from tests.fakes.wire import Manner, Reply

HTML = b"<!doctype html><title>Sign in</title><p>Please sign in to see this picture."
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><script>alert(1)</script></svg>'
BOMB_SIDE = 40_000
"""Pixels a side: 1.6 gigapixels in a file of some 200 kB."""


class Fault(enum.StrEnum):
    """What is wrong with a result."""

    NONE = "none"
    MISSING = "missing"
    FORBIDDEN = "forbidden"
    TRUNCATED = "truncated"
    ENDLESS = "endless"
    HTML = "html"
    SVG = "svg"
    BOMB = "bomb"
    ANIMATED = "animated"
    WRONG_SIZE = "wrong_size"
    """A sound picture, but not of the size that was announced."""
    DRIPPING = "dripping"
    REDIRECT = "redirect"
    FLAKY = "flaky"
    """503 for the first few fetches, and then fine."""


@dataclass(frozen=True)
class Oddity:
    """A fault with what it needs: *location* of a redirect, *failures* of a flaky one."""

    fault: Fault = Fault.NONE
    location: str = ""
    failures: int = 1


SOUND = Oddity()


@dataclass
class Result:
    """A picture that waits to be fetched. Its name ends in .png or .jpg."""

    name: str
    data: bytes
    oddity: Oddity = SOUND
    fetches: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def content_type(self) -> str:
        return "image/png" if self.name.endswith(".png") else "image/jpeg"

    def reply(self) -> Reply:
        """The answer to one more fetch."""
        with self.lock:
            self.fetches += 1
            failing = self.fetches <= self.oddity.failures
        fault = self.oddity.fault
        if fault is Fault.FLAKY and failing:
            return Reply(503, HTML, "text/html")
        if fault is Fault.REDIRECT:
            return Reply(302, headers={"Location": self.oddity.location})
        if fault in FIXED:
            return FIXED[fault]()
        manner = MANNERS.get(fault, Manner.WHOLE)
        return Reply(200, self.data, self.content_type, manner=manner)


def picture(size: tuple[int, int], *, file_format: str, seed: int) -> bytes:
    """A PNG or JPEG of *size* (width, height); another *seed*, other pixels."""
    colour = (seed & 255, seed >> 8 & 255, seed >> 16 & 255)
    image = Image.new("RGB", size, colour)
    image.putpixel((0, 0), tuple(255 - value for value in colour))
    out = io.BytesIO()
    if file_format == "png":
        image.save(out, "PNG", compress_level=1)
    else:
        image.save(out, "JPEG", quality=90)
    return out.getvalue()


@cache
def animated_png() -> bytes:
    """Two frames."""
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("#806040", "#408060")]
    out = io.BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


@cache
def bomb_png() -> bytes:
    """A PNG of a few hundred kilobytes that would fill gigabytes of memory."""
    packer = zlib.compressobj(1)
    rows = bytes(1 + BOMB_SIDE // 8) * 1000
    pixels = b"".join(packer.compress(rows) for _ in range(BOMB_SIDE // 1000)) + packer.flush()
    header = struct.pack(">IIBBBBB", BOMB_SIDE, BOMB_SIDE, 1, 0, 0, 0, 0)
    chunks = _chunk(b"IHDR", header) + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


MANNERS = {
    Fault.TRUNCATED: Manner.TRUNCATED,
    Fault.ENDLESS: Manner.ENDLESS,
    Fault.DRIPPING: Manner.DRIPPED,
}
FIXED: dict[Fault, Callable[[], Reply]] = {
    Fault.MISSING: lambda: Reply(404, HTML, "text/html"),
    Fault.FORBIDDEN: lambda: Reply(
        403, b"<Error><Code>AccessDenied</Code></Error>", "application/xml"
    ),
    Fault.HTML: lambda: Reply(200, HTML, "text/html"),
    Fault.SVG: lambda: Reply(200, SVG, "image/svg+xml"),
    Fault.BOMB: lambda: Reply(200, bomb_png(), "image/png"),
    Fault.ANIMATED: lambda: Reply(200, animated_png(), "image/png"),
}
