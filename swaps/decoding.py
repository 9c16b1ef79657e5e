"""The child of images.py, which decodes pictures from outside: limited, and killed where it takes too much.

Run by `python -m swaps.decoding`, and forked from there for each picture. What it does comes as arguments,
and what it found goes back as JSON.
"""

import errno
import fcntl
import json
import os
import resource
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from swaps import inlay, pixels
from swaps.children import serve
from swaps.images import (
    ACCEPTED,
    JPEG_QUALITY,
    MAX_BYTES,
    MAX_PIXELS,
    PREVIEW_SIZES,
    Misshapen,
    PictureError,
    Prepared,
    TooLarge,
    Unreadable,
    save,
)

PREVIEW_QUALITY = 80

# What a decoder may say of a file that is nothing but pixels.
HARMLESS = {
    *("jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi", "adobe", "adobe_transform"),
    *("progressive", "progression", "interlace"),
}

CPU_SECONDS = 25
# For opening, and for a picture of no size; each megapixel gets more.
LEAST_CPU_SECONDS, CPU_SECONDS_A_MEGAPIXEL = 3, 0.3
ADDRESSES = 1536 * 1024 * 1024
# WebP reserves at the opening what it would need; nothing of it is touched before the limits are known.
OPENING_MEMORY = 640 * 1024 * 1024
DECODER_MEMORY = 400 * 1024 * 1024
# What the decoded form may take in bytes, and from where on only one picture is decoded at a time.
DECODED = 300_000_000
SMALL = 48_000_000
DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
# For a crop that would have more bytes than may be sent.
LESS_QUALITY = (85, 70)


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    resource.setrlimit(resource.RLIMIT_DATA, (OPENING_MEMORY, OPENING_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LEAST_CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_to_size_of(images: list[Image.Image]) -> None:
    """From here on the limits are those of pictures as large as these."""
    resource.setrlimit(resource.RLIMIT_DATA, (DECODER_MEMORY, DECODER_MEMORY))
    more = CPU_SECONDS_A_MEGAPIXEL * sum(image.width * image.height for image in images) / 1e6
    seconds = min(CPU_SECONDS, LEAST_CPU_SECONDS + int(more))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, CPU_SECONDS))


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
    jpeg, is_png = file if image.format == "JPEG" else None, image.format == "PNG"
    upright = pixels.upright(image, into)
    return _kept(upright, into, is_png=is_png, jpeg=jpeg, as_it_is=file if clean else None)


def _set_back(
    image: Image.Image, picture: Image.Image, into: Path, *, crop: list[int], face: list[float]
) -> Prepared:
    """Keep *picture* with *image* in the place of its *crop*; the two are never decoded at the same time."""
    box = (crop[0], crop[1], crop[2], crop[3])
    try:
        piece = inlay.Piece(pixels.upright(image, into), box=box, scratch=into)
    except inlay.Misshapen:
        raise Misshapen(
            "the service answered with a picture of another shape than the crop that it got, "
            "so it cannot be put back into the Photo."
        ) from None
    jpeg, is_png = into / "full.jpg" if picture.format == "JPEG" else None, picture.format == "PNG"
    whole = pixels.upright(picture, into)
    piece.set_back(whole, face=face)
    return _kept(whole, into, is_png=is_png, jpeg=jpeg)


def _cut_out(image: Image.Image, into: Path, crop: list[int]) -> dict[str, str]:
    part = pixels.upright(image, into).crop((crop[0], crop[1], crop[2], crop[3])).convert("RGB")
    full = into / "full.jpg"
    for quality in (JPEG_QUALITY, *LESS_QUALITY):
        part.save(full, "JPEG", quality=quality, subsampling="4:4:4")
        if full.stat().st_size <= MAX_BYTES:
            break
    return {"name": full.name}


def _kept(
    upright: Image.Image,
    into: Path,
    *,
    is_png: bool,
    jpeg: Path | None,
    as_it_is: Path | None = None,
) -> Prepared:
    """Write the picture (used up) and its previews; where the file is good *as_it_is*, a copy of that.

    Of a *jpeg* the previews are decoded anew: that takes less than scaling the picture in full.
    """
    width, height = upright.size
    as_png = is_png or "A" in upright.getbands()
    full = into / ("full.png" if as_png else "full.jpg")
    upright.info.clear()
    if as_it_is:
        shutil.copyfile(as_it_is, full)
    else:
        save(upright, full, "PNG" if as_png else "JPEG")
    if jpeg is not None:
        upright.close()
        with _opened(jpeg) as again:
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
def _one_large_at_a_time(images: list[Image.Image], beside: Path) -> Iterator[None]:
    """Large pictures are decoded one after another, whoever asked: web server, worker or shell."""
    if sum(map(_decoding_takes, images)) < SMALL:
        yield
        return
    folder = os.open(beside, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _answer(
    file: Path, into: Path, *,
    keep_bytes: bool = False, place: dict[str, Any] | None = None, crop: list[int] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Do what was asked with the picture in *file*: prepare it, set it back in a place, or cut a crop out."""
    with ExitStack() as opened:
        files = [file, Path(place.pop("picture"))] if place else [file]
        images = [opened.enter_context(_opened(one)) for one in files]
        opened.enter_context(_one_large_at_a_time(images, into.parent))
        _limit_to_size_of(images)
        if crop:
            return _cut_out(images[0], into, crop)
        if place:
            return asdict(_set_back(images[0], images[1], into, **place))
        return asdict(_written(images[0], file, into, keep_bytes=keep_bytes))


def main(arguments: list[str]) -> None:
    """Do the work with one file and print what was found, or the error, as JSON."""
    _limit_resources()
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    file, into = map(Path, arguments[:2])
    try:
        answer = _answer(file, into, **json.loads(arguments[2]))
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
