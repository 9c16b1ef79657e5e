"""From a decoded picture to upright sRGB pixels, band by band, so that no large picture is held twice.

decoding.py calls this. Pillow keeps 4 bytes a pixel, so 50 megapixels are 200 MB each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageCms

BAND_PIXELS = 4_000_000
# What is larger passes through a file on its way from one form to the other.
HELD_TWICE = 12_000_000
ORIENTATION = 0x0112

Turn = Image.Transpose
TURNS = {
    2: Turn.FLIP_LEFT_RIGHT,
    3: Turn.ROTATE_180,
    4: Turn.FLIP_TOP_BOTTOM,
    5: Turn.TRANSPOSE,
    6: Turn.ROTATE_270,
    7: Turn.TRANSVERSE,
    8: Turn.ROTATE_90,
}
ON_ITS_SIDE = {5, 6, 7, 8}
FROM_THE_END = {3, 4, 6, 7}

Band = tuple[int, Image.Image]
"""The first row's number, and the rows as a picture of their own."""


def upright(image: Image.Image, scratch: Path) -> Image.Image:
    """*image* as RGB or RGBA, 8 bits, in sRGB, turned as its EXIF says. *image* is used up.

    What is too large to be held twice passes through a file in the folder *scratch*.
    """
    turn = orientation(image)
    lean = _is_lean_heif(image)
    alpha = not lean and is_see_through(image)
    mode, size = "RGBA" if alpha else "RGB", image.size
    if not lean and image.mode == mode and turn == 1:
        if image.info.get("icc_profile"):
            for top, band in _bands(image):
                image.paste(_converted(band, alpha=alpha), (0, top))
        return image
    rows: Iterator[Band] = (
        (top, _converted(band, alpha=alpha))
        for top, band in (_heif_bands(image) if lean else _bands(image))
    )
    if size[0] * size[1] > HELD_TWICE:
        spans = _into_file(rows, scratch / "rows")
        # Only now, with the first form out of memory, there is room for the second.
        image.close()
        rows = _from_file(scratch / "rows", spans, width=size[0], mode=mode)
    whole = Image.new(mode, size[::-1] if turn in ON_ITS_SIDE else size)
    for top, band in rows:
        offset = size[1] - top - band.height if turn in FROM_THE_END else top
        turned = band.transpose(TURNS[turn]) if turn in TURNS else band
        whole.paste(turned, (offset, 0) if turn in ON_ITS_SIDE else (0, offset))
    return whole


def reduced(image: Image.Image, size: int) -> Image.Image:
    """*image*, or where it has alpha and is large a smaller one, of *size* pixels a side at least.

    Pillow multiplies colours by alpha before it scales, in a copy of the whole: here, of one band.
    """
    factor = max(image.size) // size
    if "A" not in image.getbands() or factor < 2:
        return image
    width, height = image.size
    step = max(1, BAND_PIXELS // width // factor) * factor
    small = Image.new(image.mode, (-(-width // factor), -(-height // factor)))
    for top in range(0, height, step):
        band = image.crop((0, top, width, min(top + step, height)))
        small.paste(band.reduce(factor), (0, top // factor))
    return small


def orientation(image: Image.Image) -> int:
    """1 for upright, 2 to 8 as in EXIF; what makes no sense counts as upright."""
    found = image.getexif().get(ORIENTATION, 1)
    return found if found in TURNS else 1


def to_srgb(image: Image.Image) -> Image.Image:
    """A small picture as RGB or RGBA in sRGB, not turned."""
    return _converted(image, alpha=is_see_through(image))


def is_see_through(image: Image.Image) -> bool:
    """True where something of the picture really is see-through."""
    if not (image.has_transparency_data or "A" in image.getbands()):
        return False
    return any(_alpha(band).getextrema()[0] < 255 for _, band in _bands(image))  # type: ignore[operator]


def _alpha(image: Image.Image) -> Image.Image:
    return (image if "A" in image.getbands() else image.convert("RGBA")).getchannel("A")


def _bands(image: Image.Image) -> Iterator[Band]:
    width, height = image.size
    step = max(1, BAND_PIXELS // width)
    for top in range(0, height, step):
        yield top, image.crop((0, top, width, min(top + step, height)))


def _is_lean_heif(image: Image.Image) -> bool:
    """A HEIC whose pixels can be had without the copy that Pillow would hold beside the decoder's."""
    large = image.width * image.height > HELD_TWICE
    return image.format == "HEIF" and image.mode == "RGB" and large


def _heif_bands(image: Image.Image) -> Iterator[Band]:
    from pillow_heif import open_heif  # noqa: PLC0415 (an extra that may be left out)

    heif = open_heif(image.filename, convert_hdr_to_8bit=True)  # type: ignore[attr-defined]
    pixels, stride = heif.data, heif.stride
    width, height = heif.size
    if (width, height) != image.size:
        raise ValueError("A HEIC whose parts contradict each other.")
    step = max(1, BAND_PIXELS // width)
    for top in range(0, height, step):
        rows = min(step, height - top)
        data = bytes(pixels[top * stride : (top + rows) * stride])
        band = Image.frombytes("RGB", (width, rows), data, "raw", "RGB", stride)
        band.info = {name: image.info[name] for name in ("icc_profile",) if name in image.info}
        yield top, band


def _into_file(rows: Iterator[Band], file: Path) -> list[tuple[int, int]]:
    """Write the bands' pixels; the first row and the height of each."""
    with file.open("wb") as kept:
        spans = []
        for top, band in rows:
            kept.write(band.tobytes())
            spans.append((top, band.height))
    return spans


def _from_file(
    file: Path, spans: list[tuple[int, int]], *, width: int, mode: str
) -> Iterator[Band]:
    with file.open("rb") as kept:
        for top, height in spans:
            data = kept.read(width * height * len(mode))
            yield top, Image.frombytes(mode, (width, height), data)
    file.unlink()


def _converted(image: Image.Image, *, alpha: bool) -> Image.Image:
    """RGB or RGBA, 8 bits a channel, in sRGB by the picture's own colour profile where it has one."""
    profile = image.info.get("icc_profile")
    see_through = _alpha(image) if alpha else None
    if image.mode in {"I;16", "I;16B", "I;16L", "I"}:
        image = image.point(lambda value: value / 256).convert("L")
    elif image.mode in {"P", "PA", "LA", "RGBA", "1", "F", "La", "RGBa"}:
        image = image.convert("RGB")
    if profile and image.mode in {"RGB", "CMYK", "L"}:
        image = _by_profile(image, profile)
    image = image.convert("RGB")
    if see_through is not None:
        image.putalpha(see_through)
    return image


_transforms: dict[tuple[bytes, str], ImageCms.ImageCmsTransform | None] = {}


def _by_profile(image: Image.Image, profile: bytes) -> Image.Image:
    """In sRGB. A profile that is damaged, or of another colour space than the pixels, says nothing."""
    key = (profile, image.mode)
    try:
        if key not in _transforms:
            own = ImageCms.ImageCmsProfile(BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            _transforms[key] = ImageCms.buildTransform(own, srgb, image.mode, "RGB")
        transform = _transforms[key]
        return (transform and ImageCms.applyTransform(image, transform)) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        _transforms[key] = None
        return image
