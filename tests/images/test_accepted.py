"""Pictures that are taken, and what becomes of them."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from pillow_heif import register_heif_opener

from swaps import images

RED, BLUE = (200, 40, 30), (30, 40, 200)


def half_red_half_blue(size: tuple[int, int] = (120, 80)) -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, BLUE)
    image.paste(RED, (0, 0, size[0] // 2, size[1]))
    return image


def written(image: Image.Image, tmp_path: Path, name: str, **options: Any) -> Path:
    path = tmp_path / name
    image.save(path, **options)
    return path


def prepared(path: Path, *, keep_bytes: bool = False) -> tuple[images.Prepared, Image.Image]:
    into = path.parent / "out"
    into.mkdir(exist_ok=True)
    found = images.prepare(path, into, keep_bytes=keep_bytes)
    return found, Image.open(into / f"full.{found.format}")


def is_near(pixel: object, colour: tuple[int, ...], *, by: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= by for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif", "a.heic"])
def test_every_accepted_format_is_read(tmp_path: Path, name: str) -> None:
    register_heif_opener()
    found, kept = prepared(written(half_red_half_blue(), tmp_path, name))
    assert (found.width, found.height) == kept.size == (120, 80)
    assert is_near(kept.getpixel((10, 40)), RED)


def test_a_png_stays_lossless_and_all_else_becomes_a_jpeg(tmp_path: Path) -> None:
    assert prepared(written(half_red_half_blue(), tmp_path, "a.png"))[0].format == "png"
    assert prepared(written(half_red_half_blue(), tmp_path, "a.webp"))[0].format == "jpg"


def test_a_picture_is_judged_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    path = written(half_red_half_blue(), tmp_path, "a.png")
    assert prepared(path.rename(tmp_path / "holiday.txt"))[0].format == "png"


def test_a_path_is_the_callers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(half_red_half_blue(), tmp_path, "a.jpg")
    monkeypatch.chdir(tmp_path)
    assert images.prepare(Path("a.jpg"), Path()).width == 120


@pytest.mark.parametrize(
    ("orientation", "undo"),
    [
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_turned_picture_becomes_upright(
    tmp_path: Path, orientation: int, undo: Image.Transpose
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = half_red_half_blue().transpose(undo)
    _, kept = prepared(written(turned, tmp_path, "a.jpg", exif=exif, quality=95))
    assert kept.size == (120, 80)
    assert is_near(kept.getpixel((10, 40)), RED)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.avif"])
def test_nothing_of_the_metadata_is_left(tmp_path: Path, name: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    path = written(half_red_half_blue(), tmp_path, name, exif=exif)
    assert b"SecretCamera" in path.read_bytes()
    _, kept = prepared(path)
    assert not dict(kept.getexif())
    assert not any(b"SecretCamera" in file.read_bytes() for file in (tmp_path / "out").iterdir())


def exchanged_primaries() -> bytes:
    """sRGB's own profile, with red and blue exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for old, new in ((b"rXYZ", b"tXYZ"), (b"bXYZ", b"rXYZ"), (b"tXYZ", b"bXYZ")):
        profile = profile.replace(old, new)
    return profile


def test_another_colour_space_becomes_srgb(tmp_path: Path) -> None:
    profile = exchanged_primaries()
    path = written(half_red_half_blue(), tmp_path, "a.jpg", icc_profile=profile, quality=95)
    _, kept = prepared(path)
    pixel = kept.getpixel((10, 40))
    assert isinstance(pixel, tuple)
    assert pixel[2] > pixel[0]
    assert "icc_profile" not in kept.info


def test_a_broken_colour_profile_is_ignored(tmp_path: Path) -> None:
    path = written(half_red_half_blue(), tmp_path, "a.jpg", icc_profile=b"nonsense", quality=95)
    assert is_near(prepared(path)[1].getpixel((10, 40)), RED)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = written(half_red_half_blue().convert("CMYK"), tmp_path, "a.jpg", quality=95)
    _, kept = prepared(path)
    assert kept.mode == "RGB"
    assert is_near(kept.getpixel((10, 40)), RED)


def test_grey_becomes_rgb(tmp_path: Path) -> None:
    path = written(Image.new("L", (50, 50), 90), tmp_path, "a.png")
    assert prepared(path)[1].getpixel((5, 5)) == (90, 90, 90)


def test_sixteen_bits_a_channel_keep_their_brightness(tmp_path: Path) -> None:
    path = written(Image.new("I;16", (50, 50), 90 * 256), tmp_path, "a.png")
    assert is_near(prepared(path)[1].getpixel((5, 5)), (90, 90, 90), by=1)


def test_a_palette_becomes_rgb(tmp_path: Path) -> None:
    path = written(half_red_half_blue().convert("P"), tmp_path, "a.png")
    assert is_near(prepared(path)[1].getpixel((10, 40)), RED, by=40)


@pytest.mark.parametrize("name", ["a.png", "a.webp"])
def test_what_is_see_through_stays_so_as_a_png(tmp_path: Path, name: str) -> None:
    image = half_red_half_blue().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    found, kept = prepared(written(image, tmp_path, name))
    assert (found.format, kept.mode) == ("png", "RGBA")


def test_an_alpha_channel_that_hides_nothing_is_dropped(tmp_path: Path) -> None:
    path = written(half_red_half_blue().convert("RGBA"), tmp_path, "a.webp", lossless=True)
    assert prepared(path)[0].format == "jpg"


def test_of_a_phones_several_pictures_in_one_file_the_first_is_taken(tmp_path: Path) -> None:
    second = Image.new("RGB", (60, 40), BLUE)
    path = written(
        half_red_half_blue(), tmp_path, "a.mpo", save_all=True, append_images=[second], quality=95
    )
    assert is_near(prepared(path)[1].getpixel((10, 40)), RED)


def test_previews_fit_their_sizes_and_keep_the_shape(tmp_path: Path) -> None:
    prepared(written(half_red_half_blue((3000, 2000)), tmp_path, "a.jpg"))
    sizes = [Image.open(tmp_path / "out" / f"{size}.webp").size for size in (320, 1280)]
    assert sizes == [(320, 213), (1280, 853)]


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    prepared(written(half_red_half_blue(), tmp_path, "a.jpg"))
    assert Image.open(tmp_path / "out" / "1280.webp").size == (120, 80)


def test_the_mean_colour_is_found(tmp_path: Path) -> None:
    found, _ = prepared(written(Image.new("RGB", (64, 64), RED), tmp_path, "a.png"))
    assert found.colour == "#c8281e"


def test_the_mean_colour_of_a_large_picture_is_right(tmp_path: Path) -> None:
    found, _ = prepared(written(Image.new("RGB", (4000, 3000), "#7f7f7f"), tmp_path, "a.png"))
    assert found.colour == "#7f7f7f"


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_a_sound_result_keeps_its_bytes(tmp_path: Path, name: str) -> None:
    path = written(half_red_half_blue(), tmp_path, name)
    found, _ = prepared(path, keep_bytes=True)
    assert (tmp_path / "out" / f"full.{found.format}").read_bytes() == path.read_bytes()


def test_a_result_may_weigh_more_than_an_upload(tmp_path: Path) -> None:
    # A PNG that is packed well is 25 MB at most; the one that is made of it takes what it takes.
    path = tmp_path / "a.png"
    noise = np.random.default_rng(1).integers(0, 256, (3000, 3000, 3), np.uint8)
    path.write_bytes(images.encode(noise, alpha=None, lossless=True))
    with pytest.raises(images.TooLarge):
        prepared(path)
    assert prepared(path, keep_bytes=True)[0].bytes > images.MAX_BYTES


def test_a_result_with_metadata_does_not_keep_its_bytes(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    path = written(half_red_half_blue(), tmp_path, "a.jpg", exif=exif)
    found, _ = prepared(path, keep_bytes=True)
    assert b"SecretCamera" not in (tmp_path / "out" / f"full.{found.format}").read_bytes()


def test_alpha_survives_encoding_and_decoding() -> None:
    image = half_red_half_blue()
    data = images.encode_image(image, alpha=Image.new("L", image.size, 9), as_format="PNG")
    assert Image.open(BytesIO(data)).getchannel("A").getpixel((0, 0)) == 9
    rgb, alpha = images.decode(data)
    assert rgb.mode == "RGB"
    assert alpha is not None
