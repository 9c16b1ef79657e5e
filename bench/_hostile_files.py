"""Files that nobody should upload, made by the hundred from a fixed seed. bench/hostile.py sends them."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from PIL import Image, PngImagePlugin
from pillow_heif import register_heif_opener

SEED = 20
LONG, SHORT = 8660, 5773
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'

File = tuple[str, bytes]


def every_file(count: int) -> Iterator[File]:
    """At least *count* files, each with its name: the made ones first, then damaged copies."""
    register_heif_opener()
    made = 0
    for maker in (_bombs, _at_the_limit, _metadata, _no_pictures, _turned_and_animated):
        for name, data in maker():
            made += 1
            yield name, data
    yield from _damaged(count - made)


def noise(width: int, height: int) -> Image.Image:
    """A picture as a camera would make one: broad light, fine noise."""
    rng = np.random.default_rng(SEED)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 128 + 70 * np.sin(x / 301) + 40 * np.cos(y / 203)
    grain = rng.normal(0, 6, (height, width)).astype(np.float32)
    colour = np.array([1.0, 0.9, 0.8], np.float32)
    return Image.fromarray(np.clip((light + grain)[..., None] * colour, 0, 255).astype(np.uint8))


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    written = BytesIO()
    image.save(written, file_format, **options)
    return written.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _png(
    width: int, height: int, *, rows: int, depth: int = 8, colour: int = 2, more: bytes = b""
) -> bytes:
    """A PNG that announces width × height and holds so many rows, all zero."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    row = b"\0" * (1 + channels * width * depth // 8)
    press = zlib.compressobj(9)
    data = b"".join(press.compress(row) for _ in range(rows)) + press.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = _chunk(b"IHDR", header) + more + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def _bombs() -> Iterator[File]:
    yield "png announces 400 MP", _png(20_000, 20_000, rows=0)
    yield "png announces 2^62 pixels", _png(2**31 - 1, 2**31 - 1, rows=0)
    yield "png bomb 60 MP", _png(10_000, 6_000, rows=6_000)
    yield "png bomb one row", _png(49_000_000, 1, rows=1)
    yield "png bomb one column", _png(1, 49_000_000, rows=200_000)
    yield "png bomb 16 bit 49 MP", _png(7_000, 7_000, rows=7_000, depth=16)
    yield "png bomb 16 bit RGBA 49 MP", _png(7_000, 7_000, rows=7_000, depth=16, colour=6)
    yield "png bomb RGBA 49 MP", _png(7_000, 7_000, rows=7_000, colour=6)
    yield "png bomb grey 1 bit 49 MP", _png(7_000, 7_000, rows=7_000, depth=1, colour=0)
    yield (
        "png interlaced header",
        _png(7_000, 7_000, rows=7_000)[:28] + b"\1" + _png(7_000, 7_000, rows=10)[29:],
    )
    flat = Image.new("RGB", (7_000, 7_000), "#806040")
    yield "jpeg bomb 49 MP", encoded(flat, "JPEG", quality=1)
    yield "jpeg bomb progressive 49 MP", encoded(flat, "JPEG", quality=1, progressive=True)
    yield "webp bomb 49 MP", encoded(flat, "WEBP", quality=1, method=0)
    yield "webp bomb lossless 49 MP", encoded(flat, "WEBP", lossless=True, method=0, quality=0)
    yield "avif bomb 49 MP", encoded(flat, "AVIF", quality=1, speed=10)
    yield "heic bomb 49 MP", encoded(flat, "HEIF", quality=1)
    large = Image.new("RGB", (12_000, 6_000))
    for name in ("JPEG", "WEBP", "AVIF"):
        options = {"speed": 10} if name == "AVIF" else {}
        yield f"{name} bomb 72 MP", encoded(large, name, quality=1, **options)
    header = encoded(Image.new("RGB", (64, 64)), "JPEG")
    start = header.index(b"\xff\xc0") + 5
    for side in (7_000, 16_000, 65_000):
        size = struct.pack(">HH", side, min(side, 65_000))
        yield f"jpeg lies: {side} px", header[:start] + size + header[start + 4 :]


def _at_the_limit() -> Iterator[File]:
    """Real pictures of 50 megapixels: they may be taken."""
    image = noise(LONG, SHORT)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "jpeg 50 MP", encoded(image, "JPEG", quality=85)
    yield "jpeg 50 MP turned", encoded(image, "JPEG", quality=85, exif=exif)
    yield (
        "jpeg 50 MP progressive 4:4:4",
        encoded(image, "JPEG", quality=60, progressive=True, subsampling=0),
    )
    yield "jpeg 50 MP CMYK", encoded(image.convert("CMYK"), "JPEG", quality=50)
    smooth = image.resize((LONG // 16, SHORT // 16)).resize(image.size)
    yield "png 50 MP", encoded(smooth, "PNG", compress_level=3)
    smooth.putalpha(200)
    yield "png 50 MP see-through turned", encoded(smooth, "PNG", compress_level=1, exif=exif)
    yield "heic 50 MP", encoded(smooth.convert("RGB"), "HEIF", quality=50)
    yield "webp 18 MP", encoded(noise(5_200, 3_460), "WEBP", quality=70, method=0)
    yield "avif 30 MP", encoded(noise(6_700, 4_470), "AVIF", quality=50, speed=10)


def _metadata() -> Iterator[File]:
    image = noise(400, 300)
    text = PngImagePlugin.PngInfo()
    for number in range(3_000):
        text.add_text(f"key{number}", "x" * 2_000)
    yield "png with 3,000 texts", encoded(image, "PNG", pnginfo=text)
    bomb = b"".join(
        _chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 60_000_000, 9)) for _ in range(30)
    )
    yield "png with text bombs", _png(64, 64, rows=64, more=bomb)
    yield (
        "png with a profile bomb",
        _png(
            64, 64, rows=64, more=_chunk(b"iCCP", b"p\0\0" + zlib.compress(b"\0" * 200_000_000, 9))
        ),
    )
    yield (
        "png of a million chunks",
        _png(64, 64, rows=64, more=_chunk(b"teXt", b"k\0v") * 1_000_000),
    )
    jpeg = encoded(image, "JPEG")
    yield (
        "jpeg with 20 MB of EXIF",
        jpeg[:2] + (b"\xff\xe1\xff\xffExif\0\0" + b"\0" * 65_527) * 300 + jpeg[2:],
    )
    profile = b"".join(
        b"\xff\xe2\xff\xffICC_PROFILE\0" + bytes([number, 255]) + b"\7" * 65_519
        for number in range(1, 256)
    )
    yield "jpeg with 16 MB of profile", jpeg[:2] + profile + jpeg[2:]
    yield (
        "jpeg with 20 MB of comment",
        jpeg[:2] + (b"\xff\xfe\xff\xff" + b"c" * 65_533) * 300 + jpeg[2:],
    )
    exif = Image.Exif()
    exif[0x0112] = 99
    exif[0x010F] = "A" * 60_000
    yield "jpeg with a senseless turn", encoded(image, "JPEG", exif=exif)
    loop = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"
    yield (
        "jpeg whose EXIF refers to itself",
        (jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(loop) + 2) + loop + jpeg[2:]),
    )


def _no_pictures() -> Iterator[File]:
    rng = random.Random(SEED)  # noqa: S311 (the same files each time)
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    jpeg = encoded(noise(400, 300), "JPEG")
    yield "zip", packed.getvalue()
    yield "svg", SVG
    yield "html", b"<!doctype html><script>alert(1)</script>"
    yield "pdf", b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
    yield "gif", encoded(Image.new("P", (2_000, 2_000)), "GIF")
    yield "tiff", encoded(noise(2_000, 1_500), "TIFF")
    yield "bmp", encoded(noise(2_000, 1_500), "BMP")
    yield "postscript", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\nloop\n"
    yield "nothing", b""
    yield "one byte", b"\xff"
    yield "24 MB of zeros", b"\0" * 24_000_000
    yield "24 MB at random", rng.randbytes(24_000_000)
    yield "26 MB", rng.randbytes(26 * 1024 * 1024 + 1)
    yield "jpeg and svg", jpeg + SVG
    yield "jpeg and zip", jpeg + packed.getvalue()
    yield "gif and jpeg", encoded(Image.new("P", (10, 10)), "GIF") + jpeg
    yield (
        "html in a comment",
        jpeg[:2] + b"\xff\xfe\x00\x20" + b"<script>alert(1)</script>".ljust(30) + jpeg[2:],
    )


def _turned_and_animated() -> Iterator[File]:
    frames = [Image.new("RGB", (600, 400), colour) for colour in ("red", "green", "blue")] * 20
    for name in ("GIF", "WEBP", "AVIF", "PNG"):
        yield f"animated {name}", encoded(frames[0], name, save_all=True, append_images=frames[1:])
    small = noise(640, 480)
    for turn in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = turn
        yield f"jpeg turned {turn}", encoded(small, "JPEG", exif=exif)


def _damaged(count: int) -> Iterator[File]:
    """Valid files, cut off or with bytes changed."""
    rng = random.Random(SEED)  # noqa: S311 (the same files each time)
    image = noise(640, 480)
    valid = [(name, encoded(image, name)) for name in ("JPEG", "PNG", "WEBP", "AVIF", "HEIF")]
    valid += [
        ("progressive JPEG", encoded(image, "JPEG", progressive=True)),
        ("lossless WEBP", encoded(image, "WEBP", lossless=True)),
        ("PNG with alpha", encoded(image.convert("RGBA"), "PNG")),
    ]
    for number in range(max(0, count)):
        name, data = valid[number % len(valid)]
        broken = bytearray(data)
        if number % 3 == 0:
            broken = broken[: rng.randrange(1, len(broken))]
        else:
            # Most of what decoders trust stands at the beginning.
            within = 300 if number % 3 == 1 else len(broken)
            for _ in range(rng.randrange(1, 12)):
                broken[rng.randrange(min(within, len(broken)))] = rng.randrange(256)
        yield f"{name} damaged {number}", bytes(broken)
