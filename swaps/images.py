"""Pictures from outside, opened safely: decoded in a child process that may be killed. Plain bytes and paths.

`prepare` is called for every upload and every result; the children are forked from this same module, run
by `python -m swaps.images`. Colours are sRGB, 8 bits a channel, always upright, and nothing of the
file's metadata is carried over.

PictureError
├── Unreadable      not a picture that we accept, damaged, animated, or it took too much to open
└── TooLarge        more bytes or more pixels than the limit
"""

import errno
import fcntl
import json
import os
import resource
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from swaps import pixels
from swaps.children import Nursery, serve

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
PREVIEW_SIZES = (320, 1280)
ACCEPTED = "JPEG, PNG, WebP, AVIF or HEIC"
JPEG_QUALITY = 95
PREVIEW_QUALITY = 80

# What a decoder may say of a file that is nothing but pixels.
HARMLESS = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform"),
    *("progressive", "progression", "interlace"),
}

# A large picture may have to wait for others; of its own work a child does not get this much.
CHILD_SECONDS = 90
CHILD_CPU_SECONDS = 25
# For opening, and for a picture of no size; each megapixel gets more.
LEAST_CPU_SECONDS, CPU_SECONDS_A_MEGAPIXEL = 3, 0.3
CHILD_ADDRESSES = 1536 * 1024 * 1024
# WebP reserves at the opening what it would need; nothing of it is touched before the limits are known.
CHILD_MEMORY = 640 * 1024 * 1024
DECODER_MEMORY = 400 * 1024 * 1024
CHILDREN = threading.BoundedSemaphore(2)
NURSERY = Nursery([sys.executable, "-m", "swaps.images"])
# What the decoded form may take in bytes, and from where on only one picture is decoded at a time.
DECODED = 300_000_000
SMALL = 48_000_000
DISK_FULL = {errno.ENOSPC, errno.EDQUOT}

Pixels = Any
"""Whatever Pillow's `fromarray` takes: H×W×3 or H×W, uint8, RGB."""


class PictureError(Exception):
    """A picture that cannot be taken; str() is a sentence for the person who gave it."""

    code = "unreadable_image"


class Unreadable(PictureError):
    """Not one of the accepted formats, damaged, animated, or too much work to open."""


class TooLarge(PictureError):
    """Over the limit of bytes or of pixels."""

    code = "image_too_large"


@dataclass(frozen=True)
class Prepared:
    """What `prepare` found and wrote: `full.<format>`, `320.webp` and `1280.webp` in its folder.

    width and height in pixels as it is kept, upright; `bytes` of the full picture; `format` is
    `jpg` or `png`; `colour` is the picture's mean, as `#rrggbb`.
    """

    format: str
    width: int
    height: int
    bytes: int
    colour: str


def check_size(size: int) -> None:
    """Raise where a file of *size* bytes is not worth opening."""
    if size == 0:
        raise Unreadable("This file is empty. Choose another one.")
    if size > MAX_BYTES:
        raise TooLarge(f"This file is {_megabytes(size)} MB; the limit is 25 MB.")


def _megabytes(size: int) -> str:
    """Never 25 for what is over the limit of 25."""
    return f"{max(size / 1024 / 1024, 25.1):.1f}".removesuffix(".0")


def prepare(file: Path, into: Path, *, keep_bytes: bool = False) -> Prepared:
    """Decode *file* in a child process and write the picture and its previews to the folder *into*.

    With *keep_bytes* a JPEG or PNG that is upright, sRGB and without metadata stays as it is,
    bit for bit; everything else is encoded anew.

    Raises PictureError, and OSError where the disk is full.
    """
    check_size(file.stat().st_size)
    told = [str(file.resolve()), str(into.resolve()), *(["--keep-bytes"] if keep_bytes else [])]
    with CHILDREN:
        return _understood(NURSERY.run(told, seconds=CHILD_SECONDS))


def _understood(said: bytes) -> Prepared:
    """The child's answer. No answer means that it was killed or ran into one of its limits."""
    try:
        answer = json.loads(said)
    except ValueError:
        raise Unreadable(
            "This picture takes too much memory or time to open. Save it anew, smaller, and try again."
        ) from None
    if answer.get("error") == "disk":
        raise OSError(answer["errno"], os.strerror(answer["errno"]))
    if "error" in answer:
        raise (TooLarge if answer["error"] == TooLarge.code else Unreadable)(answer["message"])
    return Prepared(**answer)


# --- Our own pictures: trusted, opened where they are needed --------------------------------------


def decode(data: bytes) -> tuple[Image.Image, Image.Image | None]:
    """A picture of ours as RGB and, where it has one, its alpha channel (mode L)."""
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as image:
        image.load()
        alpha = image.getchannel("A") if "A" in image.getbands() else None
        return image.convert("RGB"), alpha


def encode(rgb: Pixels, *, alpha: Image.Image | None) -> bytes:
    """Pixels as a JPEG at quality 95 with full colour resolution, or a PNG where there is alpha.

    *rgb* is H×W×3, uint8, RGB; *alpha* has mode L and the same size.
    """
    return encode_image(
        Image.fromarray(rgb), alpha=alpha, as_format="JPEG" if alpha is None else "PNG"
    )


def encode_image(rgb: Image.Image, *, alpha: Image.Image | None, as_format: str) -> bytes:
    """An RGB image as `JPEG` (which drops the alpha), `PNG`, `WEBP` or `AVIF`."""
    if alpha is not None and as_format != "JPEG":
        rgb = rgb.copy()
        rgb.putalpha(alpha)
    written = BytesIO()
    _save(rgb, written, as_format)
    return written.getvalue()


def _save(image: Image.Image, to: BytesIO | Path, name: str) -> None:
    if name == "JPEG":
        image.save(to, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    elif name == "PNG":
        # Level 1: 50 megapixels take seconds instead of a minute, for a tenth more bytes.
        image.save(to, "PNG", compress_level=1)
    else:
        image.save(to, name, quality=90)


# --- The child: everything below runs in a process of its own -------------------------------------


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_ADDRESSES, CHILD_ADDRESSES))
    resource.setrlimit(resource.RLIMIT_DATA, (CHILD_MEMORY, CHILD_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LEAST_CPU_SECONDS, CHILD_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_to_its_size(image: Image.Image) -> None:
    """From here on the limits are those of a picture as large as this one."""
    resource.setrlimit(resource.RLIMIT_DATA, (DECODER_MEMORY, DECODER_MEMORY))
    more = CPU_SECONDS_A_MEGAPIXEL * image.width * image.height / 1e6
    seconds = min(CHILD_CPU_SECONDS, LEAST_CPU_SECONDS + int(more))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, CHILD_CPU_SECONDS))


def _formats() -> list[str]:
    known = ["JPEG", "PNG", "WEBP", "AVIF"]
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 (an extra that may be left out)
    except ImportError:
        return known
    register_heif_opener(thumbnails=False)
    return [*known, "HEIF"]


def _kind(image: Image.Image) -> str:
    names = {"WEBP": "WebP", "HEIF": "HEIC"}
    name = names.get(image.format or "", image.format or "")
    return f"progressive {name}" if "progressive" in image.info else name


def _bytes_a_pixel(image: Image.Image) -> float:
    """What decoding takes at its peak, as it was measured at 50 megapixels (bench/hostile.py)."""
    held = {"L": 1, "P": 1, "1": 1, "I;16": 2, "I;16B": 2, "LA": 4}.get(image.mode, 4)
    if image.format == "JPEG" and "progressive" in image.info:
        # Every coefficient is held, two bytes each, until the last pass has come.
        layers = getattr(image, "layer", [])
        samples = [int(across * down) for _, across, down, _ in layers]
        return held + 2 * sum(samples) / max(samples, default=1)
    if image.format == "HEIF":
        return 5.5 if image.mode == "RGB" else 10
    return {"WEBP": 16, "AVIF": 9.5}.get(image.format or "", held)


def _decoding_takes(image: Image.Image) -> float:
    return image.width * image.height * _bytes_a_pixel(image)


def _opened(file: Path) -> Image.Image:
    """The picture's header, judged by its bytes alone; no pixel is decoded yet."""
    try:
        image = Image.open(file, formats=_formats())
    except Image.DecompressionBombError:
        raise TooLarge(
            "This picture has more than 50 megapixels, which is the limit. Choose a smaller one."
        ) from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise Unreadable(
            f"This file is not a picture that can be opened here. Choose a {ACCEPTED} file."
        ) from None
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge(
            f"This picture has {image.width * image.height / 1e6:.0f} megapixels; the limit is 50."
        )
    most = int(DECODED / _bytes_a_pixel(image))
    if image.width * image.height > most:
        raise TooLarge(
            f"This picture has {image.width * image.height / 1e6:.0f} megapixels; the limit for its "
            f"format, {_kind(image)}, is {most // 1_000_000}. Save it as a plain JPEG, or smaller."
        )
    # A phone's JPEG may carry further pictures behind the first (MPO): the first is the photo.
    if getattr(image, "n_frames", 1) > 1 and image.format not in {"MPO", "HEIF"}:
        raise Unreadable("This picture is animated. Choose one that stands still.")
    return image


def previews(image: Image.Image, into: Path) -> str:
    """Write both previews to the folder *into*; the mean colour as `#rrggbb`. *image* is used up.

    Of a JPEG that is opened and not loaded, only as much is decoded as the large one needs. It is
    turned once it is small, and the small one is made from the large one.
    """
    image = pixels.reduced(image, max(PREVIEW_SIZES))
    for size in sorted(PREVIEW_SIZES, reverse=True):
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=1.0)
        if size == max(PREVIEW_SIZES):
            image = pixels.upright(image, into)
        image.save(into / f"{size}.webp", "WEBP", quality=PREVIEW_QUALITY, method=0)
    mean = image.convert("RGB").resize((1, 1), Image.Resampling.BOX)
    return f"#{mean.tobytes().hex()}"


def _is_clean(image: Image.Image, data: bytes) -> bool:
    """True where the file holds upright sRGB pixels and nothing else, so that it can stay as it is."""
    if image.mode not in {"RGB", "RGBA"} or set(image.info) - HARMLESS:
        return False
    if image.format == "JPEG":
        segments = {name for name, _ in getattr(image, "applist", [])}
        # Pixel data never holds the end marker: where it comes earlier, something hides behind it.
        return segments <= {"APP0", "APP14"} and data.find(b"\xff\xd9") == len(data) - 2
    if image.format == "PNG":
        # The last chunk: no length, its name, its checksum.
        return not getattr(image, "private_chunks", []) and data.find(b"IEND") == len(data) - 8
    return False


def _written(image: Image.Image, file: Path, into: Path, *, keep_bytes: bool) -> Prepared:
    clean = keep_bytes and _is_clean(image, file.read_bytes())
    source_format = image.format
    upright = pixels.upright(image, into)
    width, height = upright.size
    as_png = source_format == "PNG" or "A" in upright.getbands()
    full = into / ("full.png" if as_png else "full.jpg")
    upright.info.clear()
    if clean:
        shutil.copyfile(file, full)
    else:
        _save(upright, full, "PNG" if as_png else "JPEG")
    if source_format == "JPEG":
        upright.close()
        with _opened(file) as again:
            colour = previews(again, into)
    else:
        colour = previews(upright, into)
    return Prepared(
        format="png" if as_png else "jpg",
        width=width,
        height=height,
        bytes=full.stat().st_size,
        colour=colour,
    )


@contextmanager
def _one_large_at_a_time(image: Image.Image, beside: Path) -> Iterator[None]:
    """Large pictures are decoded one after another, whoever asked: web server, worker or shell."""
    if _decoding_takes(image) < SMALL:
        yield
        return
    folder = os.open(beside, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main(arguments: list[str]) -> None:
    """The child: prepare one file and print what was found, or the error, as JSON."""
    _limit_resources()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    file, into, *options = arguments
    try:
        with _opened(Path(file)) as image, _one_large_at_a_time(image, Path(into).parent):
            _limit_to_its_size(image)
            keep_bytes = "--keep-bytes" in options
            answer = asdict(_written(image, Path(file), Path(into), keep_bytes=keep_bytes))
    except PictureError as error:
        answer = {"error": error.code, "message": str(error)}
    except MemoryError:
        return
    except Exception as error:  # noqa: BLE001 (decoders raise whatever they like over hostile bytes)
        answer = {
            "error": Unreadable.code,
            "message": "This picture is damaged and cannot be read. "
            "Save it anew or choose another one.",
        }
        if isinstance(error, OSError) and error.errno in DISK_FULL:
            answer = {"error": "disk", "errno": error.errno}
    sys.stdout.write(json.dumps(answer))


def _load_everything() -> None:
    """What the children need, so that none of them has to load it: all of Pillow's parts that are used."""
    _formats()
    image = Image.new("RGBA", (8, 8))
    for name in ("JPEG", "PNG", "WEBP", "AVIF"):
        written = BytesIO()
        (image.convert("RGB") if name == "JPEG" else image).save(written, name)
        Image.open(written).load()


if __name__ == "__main__":
    _load_everything()
    serve(main)
