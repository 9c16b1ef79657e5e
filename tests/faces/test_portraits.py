"""What is said of real faces: nothing of good portraits, and what is so of those that were spoilt."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageFilter

from swaps import face_warnings, faces
from swaps.face_choice import FoundFace
from tests.portraits import astronaut, other_person, portraits


def seen(image: Image.Image) -> list[FoundFace]:
    data = BytesIO()
    image.save(data, "PNG")
    return faces.look_at(data.getvalue())


def said(image: Image.Image) -> list[str]:
    (only,) = seen(image)
    return face_warnings.of_face(only, role="source")


def scaled(image: Image.Image, factor: float) -> Image.Image:
    return image.resize((round(image.width * factor), round(image.height * factor)))


def test_of_a_good_portrait_nothing_is_said(tmp_path: Path) -> None:
    known_to_be_turned = "f11_three_quarter_man"
    for file in portraits(tmp_path):
        with Image.open(file) as image:
            sentences = said(image.convert("RGB"))
        turned = [face_warnings.TURNED] if file.stem == known_to_be_turned else []
        assert sentences == turned, file.stem


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (scaled(astronaut(), 0.55), "This face is small (5"),
        (scaled(astronaut(), 0.4), "This face is too small to be swapped (4"),
        (scaled(astronaut(), 2).filter(ImageFilter.GaussianBlur(6)), "This face is blurred."),
        (astronaut().crop((0, 0, 340, 150)), "The picture’s edge cuts this face off"),
    ],
    ids=["small", "too small", "blurred", "cut off"],
)
def test_what_is_wrong_with_a_face_is_said(image: Image.Image, words: str) -> None:
    (sentence,) = said(image)
    assert sentence.startswith(words)


def test_a_landscape_has_no_face() -> None:
    assert seen(Image.linear_gradient("L").convert("RGB")) == []


def test_a_face_is_kept_with_its_eyes_nose_and_mouth_in_place() -> None:
    (found,) = seen(other_person())
    x0, y0, x1, y1 = found["box"]
    left, right, nose, *mouth = found["points"]
    assert x0 < left[0] < nose[0] < right[0] < x1
    assert y0 < left[1] < nose[1] < min(corner[1] for corner in mouth) < y1
