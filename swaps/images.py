"""Pictures from outside, opened safely: decoded in a child process that may be killed. Plain bytes and paths.

`prepare` is called for every upload and every result; what the children do is in decoding.py. Colours are
sRGB, 8 bits a channel, always upright, and nothing of the file's metadata is carried over.

PictureError
├── Unreadable      not a picture that we accept, damaged, animated, or it took too much to open
├── TooLarge        more bytes or more pixels than the limit
└── Misshapen       it cannot be what became of the crop into whose place it is to be set
"""

import json
import os
import sys
import threading
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image

from swaps import inlay
from swaps.children import Nursery

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
PREVIEW_SIZES = (320, 1280)
ACCEPTED = "JPEG, PNG, WebP, AVIF or HEIC"
JPEG_QUALITY = 95

# A large picture may have to wait for others; of its own work a child does not get this much.
CHILD_SECONDS = 90
CHILDREN = threading.BoundedSemaphore(2)
NURSERY = Nursery([sys.executable, "-m", "swaps.decoding"])

Pixels = Any
"""Whatever Pillow's `fromarray` takes: H×W×3 or H×W, uint8, RGB."""
Alpha = Image.Image
"""How opaque each pixel is: mode L."""


class PictureError(Exception):
    """A picture that cannot be taken; str() is a sentence for the person who gave it."""

    code = "unreadable_image"


class Unreadable(PictureError):
    """Not one of the accepted formats, damaged, animated, or too much work to open."""


class TooLarge(PictureError):
    """Over the limit of bytes or of pixels."""

    code = "image_too_large"


class Misshapen(PictureError):
    """Of another shape than the crop into whose place it is to be set."""

    code = "misshapen"


@dataclass(frozen=True)
class Place:
    """Where a result is to be set back: in *picture*, a file of ours, from which the *crop* was cut.

    Both boxes are (x0, y0, x1, y1) in pixels of the picture; *face* is the one that was to be changed.
    """

    picture: Path
    crop: inlay.Box
    face: tuple[float, ...]


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


def prepare(
    file: Path, into: Path, *, keep_bytes: bool = False, place: Place | None = None
) -> Prepared:
    """Decode *file* in a child process and write the picture and its previews to the folder *into*.

    With *keep_bytes* a JPEG or PNG that is upright, sRGB and without metadata stays as it is,
    bit for bit; everything else is encoded anew. With a *place* it is set back there, and the whole
    that this makes is written.

    Raises PictureError, and OSError where the disk is full.
    """
    size = file.stat().st_size
    # A result may weigh more than its Photo, where that was packed better; what is fetched has its own limit.
    check_size(min(size, MAX_BYTES) if keep_bytes else size)
    told = {} if place is None else vars(place) | {"picture": str(place.picture.resolve())}
    return Prepared(**_asked(file, into, keep_bytes=keep_bytes, place=told))


def cut(file: Path, into: Path, *, crop: inlay.Box) -> Path:
    """Cut *crop* out of a picture of ours, in a child process: a JPEG of at most 25 MB in the folder *into*.

    Raises PictureError, and OSError where the disk is full.
    """
    return into / str(_asked(file, into, crop=crop)["name"])


def _asked(file: Path, into: Path, **options: Any) -> dict[str, Any]:
    with CHILDREN:
        told = [str(file.resolve()), str(into.resolve()), json.dumps(options)]
        return _understood(NURSERY.run(told, seconds=CHILD_SECONDS))


def _understood(said: bytes) -> dict[str, Any]:
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
        errors = {error.code: error for error in (Unreadable, TooLarge, Misshapen)}
        raise errors[answer["error"]](answer["message"])
    return dict(answer)


# --- Our own pictures: trusted, opened where they are needed --------------------------------------


def decode(data: bytes) -> tuple[Image.Image, Alpha | None]:
    """A picture of ours as RGB and, where it has one, its alpha channel."""
    with Image.open(BytesIO(data), formats=["JPEG", "PNG"]) as image:
        image.load()
        alpha = image.getchannel("A") if "A" in image.getbands() else None
        # To convert what is RGB already would copy all of it.
        return (image if image.mode == "RGB" else image.convert("RGB")), alpha


def is_png(data: bytes) -> bool:
    """Whether a picture of ours is kept without loss."""
    return data.startswith(b"\x89PNG\r\n\x1a\n")


def encode(rgb: Pixels, *, alpha: Image.Image | None, lossless: bool = False) -> bytes:
    """Pixels as a JPEG at quality 95 with full colour resolution; *lossless*, or with alpha, as a PNG.

    *rgb* is H×W×3, uint8, RGB; *alpha* has mode L and the same size.
    """
    as_png = lossless or alpha is not None
    return encode_image(Image.fromarray(rgb), alpha=alpha, as_format="PNG" if as_png else "JPEG")


def encode_image(rgb: Image.Image, *, alpha: Image.Image | None, as_format: str) -> bytes:
    """An RGB image as `JPEG` (which drops the alpha), `PNG`, `WEBP` or `AVIF`."""
    if alpha is not None and as_format != "JPEG":
        rgb = rgb.copy()
        rgb.putalpha(alpha)
    written = BytesIO()
    save(rgb, written, as_format)
    return written.getvalue()


def save(image: Image.Image, to: BytesIO | Path, name: str) -> None:
    """Write an image in the format of that name, as all of ours are written."""
    if name == "JPEG":
        image.save(to, "JPEG", quality=JPEG_QUALITY, subsampling="4:4:4")
    elif name == "PNG":
        # Level 1: 50 megapixels take seconds instead of a minute, for a tenth more bytes.
        image.save(to, "PNG", compress_level=1)
    else:
        image.save(to, name, quality=90)
