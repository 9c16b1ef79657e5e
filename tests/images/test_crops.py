"""A crop is cut out of a picture of ours, and a result is set back in its place, both in the child."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swaps import images

CROP = (40, 20, 140, 100)
FACE = (70.0, 40.0, 110.0, 80.0)


def photo(mode: str = "RGB") -> Image.Image:
    down, across = np.mgrid[0:120, 0:200]
    image = Image.fromarray(np.stack([across, down, across // 2], axis=2).astype(np.uint8))
    return image if mode == "RGB" else image.convert(mode)


def stored(image: Image.Image, folder: Path, *, name: str) -> Path:
    file = folder / name
    image.save(file)
    return file


def opened(folder: Path, found: images.Prepared) -> Image.Image:
    with Image.open(folder / f"full.{found.format}") as image:
        image.load()
        return image.copy()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def test_a_crop_is_a_jpeg_of_that_size_and_nothing_else(tmp_path: Path, into: Path) -> None:
    file = images.cut(stored(photo(), tmp_path, name="whole.png"), into, crop=CROP)
    with Image.open(file) as cut:
        assert (cut.format, cut.size) == ("JPEG", (100, 80))
        assert np.abs(np.asarray(cut).astype(int)[40, 50] - [90, 60, 45]).max() <= 2
    assert [one.name for one in into.iterdir()] == ["full.jpg"]


def test_a_crop_of_a_see_through_picture_is_not(tmp_path: Path, into: Path) -> None:
    file = images.cut(stored(photo("RGBA"), tmp_path, name="whole.png"), into, crop=CROP)
    with Image.open(file) as cut:
        assert cut.mode == "RGB"


def test_what_is_set_back_makes_the_whole_picture_with_previews(tmp_path: Path, into: Path) -> None:
    whole = stored(photo(), tmp_path, name="whole.png")
    answer = stored(Image.new("RGB", (100, 80), "red"), tmp_path, name="answer.png")
    found = images.prepare(answer, into, keep_bytes=True, place=images.Place(whole, CROP, FACE))
    assert (found.format, found.width, found.height) == ("png", 200, 120)
    made, before = np.asarray(opened(into, found)), np.asarray(photo())
    assert made[60, 90, 0] > 200 > 60 > made[60, 90, 1]
    left = np.ones(made.shape[:2], bool)
    left[CROP[1] : CROP[3], CROP[0] : CROP[2]] = False
    assert (made[left] == before[left]).all()
    assert {one.name for one in into.iterdir()} >= {"full.png", "320.webp", "1280.webp"}


def test_a_jpeg_stays_one_and_hardly_changes_elsewhere(tmp_path: Path, into: Path) -> None:
    written = BytesIO()
    photo().save(written, "JPEG", quality=95, subsampling="4:4:4")
    whole = tmp_path / "whole.jpg"
    whole.write_bytes(written.getvalue())
    answer = stored(photo().crop(CROP), tmp_path, name="answer.png")
    found = images.prepare(answer, into, keep_bytes=True, place=images.Place(whole, CROP, FACE))
    assert found.format == "jpg"
    with Image.open(whole) as before:
        away = np.asarray(opened(into, found)).astype(int) - np.asarray(before)
    assert np.abs(away).max() <= 3


def test_what_has_another_shape_cannot_be_set_back(tmp_path: Path, into: Path) -> None:
    whole = stored(photo(), tmp_path, name="whole.png")
    answer = stored(Image.new("RGB", (64, 96)), tmp_path, name="answer.png")
    with pytest.raises(images.Misshapen, match="another shape"):
        images.prepare(answer, into, place=images.Place(whole, CROP, FACE))


def test_what_is_no_picture_cannot_either(tmp_path: Path, into: Path) -> None:
    whole = stored(photo(), tmp_path, name="whole.png")
    answer = tmp_path / "answer.png"
    answer.write_bytes(b"<html>" * 100)
    with pytest.raises(images.Unreadable):
        images.prepare(answer, into, place=images.Place(whole, CROP, FACE))
