"""A piece that was changed elsewhere goes back into its picture, and nobody can tell where it ends."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw, ImageFilter

from swaps.inlay import Box, Misshapen, Piece

SIZE = (400, 300)
BOX = (120, 60, 300, 240)
FACE = (170, 110, 250, 190)
RED = (200, 40, 40)

Pixels = npt.NDArray[np.int16]


def photo() -> Image.Image:
    """A smooth picture with a little grain, where any rectangle would be seen."""
    noise = np.random.default_rng(7).normal(0, 2, (SIZE[1], SIZE[0], 3))
    down, across = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    light = np.stack([90 + across / 4, 120 + down / 5, 150 - across / 6], axis=2)
    return Image.fromarray(np.clip(light + noise, 0, 255).astype(np.uint8))


def swapped(picture: Image.Image, box: Box = BOX, face: Box = FACE) -> Image.Image:
    """What a service makes of the piece in *box*: a red face."""
    made = picture.convert("RGB")
    ImageDraw.Draw(made).ellipse(face, fill=RED)
    return made.crop(box)


def altered(
    piece: Image.Image, *, scale: float = 1, shift: int = 0, quality: int = 0
) -> Image.Image:
    """The same after what services do to it besides."""
    size = (round(piece.width * scale), round(piece.height * scale))
    piece = piece.resize(size).point(lambda level: level + shift)
    if quality:
        written = BytesIO()
        piece.save(written, "JPEG", quality=quality)
        piece = Image.open(written).convert("RGB")
    return piece


def set_back(
    piece: Image.Image, picture: Image.Image, scratch: Path, *, box: Box = BOX, face: Box = FACE
) -> Image.Image:
    whole = picture.copy()
    Piece(piece, box=box, scratch=scratch).set_back(whole, face=face)
    return whole


def pixels(picture: Image.Image) -> Pixels:
    return np.asarray(picture.convert("RGB")).astype(np.int16)


def smooth(picture: Image.Image) -> Pixels:
    """What an eye sees from afar: grain and the noise of compression are gone."""
    return pixels(picture.filter(ImageFilter.GaussianBlur(4)))


def test_the_changed_face_stands_in_its_place(tmp_path: Path) -> None:
    whole = set_back(swapped(photo()), photo(), tmp_path)
    assert np.abs(pixels(whole)[125:175, 185:235] - RED).max() <= 1


def test_outside_the_piece_every_pixel_stays_as_it_was(tmp_path: Path) -> None:
    piece = altered(swapped(photo()), scale=0.5, shift=9, quality=60)
    whole, before = pixels(set_back(piece, photo(), tmp_path)), pixels(photo())
    x0, y0, x1, y1 = BOX
    whole[y0:y1, x0:x1] = before[y0:y1, x0:x1] = 0
    assert (whole == before).all()


def test_what_the_service_left_alone_stays_as_it_was_too(tmp_path: Path) -> None:
    piece = altered(swapped(photo()), scale=0.5, shift=4, quality=80)
    whole, before = pixels(set_back(piece, photo(), tmp_path)), pixels(photo())
    assert (whole[60:80, 120:300] == before[60:80, 120:300]).all()


@pytest.mark.parametrize("scale", [0.5, 1, 1.6], ids=["smaller", "same size", "larger"])
@pytest.mark.parametrize("shift", [-8, 0, 8], ids=["darker", "same light", "brighter"])
def test_no_rectangle_can_be_seen(tmp_path: Path, scale: float, shift: int) -> None:
    piece = altered(swapped(photo()), scale=scale, shift=shift, quality=75)
    whole = set_back(piece, photo(), tmp_path)
    true = photo()
    true.paste(swapped(true), BOX[:2])
    away = np.abs(smooth(whole) - smooth(true))
    ring = np.ones(away.shape[:2], bool)
    # A compressed red bleeds into its neighbourhood; the seam would lie further out.
    ring[75:225, 135:285] = False
    assert away[ring].max() <= 2


def test_colours_in_the_face_follow_the_photo_again(tmp_path: Path) -> None:
    piece = altered(swapped(photo()), shift=8)
    whole = set_back(piece, photo(), tmp_path)
    assert np.abs(pixels(whole)[130:170, 190:230] - RED).max() <= 2


def test_a_face_at_the_photos_edge_is_taken_up_to_the_edge(tmp_path: Path) -> None:
    box, face = (0, 60, 150, 240), (-20, 110, 60, 190)
    whole = set_back(swapped(photo(), box, face), photo(), tmp_path, box=box, face=face)
    assert np.abs(pixels(whole)[130:170, :40] - RED).max() <= 1


def test_another_face_that_the_border_cuts_does_not_stain_the_colours(tmp_path: Path) -> None:
    """Half a face that the service changed as well lies across the border."""
    picture = photo()
    piece = swapped(picture)
    ImageDraw.Draw(piece).ellipse((150, 40, 210, 120), fill=(20, 200, 20))
    whole = set_back(piece, picture, tmp_path)
    assert np.abs(pixels(whole)[130:170, 190:230] - RED).max() <= 6


def test_a_see_through_photo_stays_so(tmp_path: Path) -> None:
    picture = photo()
    picture.putalpha(Image.linear_gradient("L").resize(SIZE))
    whole = set_back(swapped(picture), picture, tmp_path)
    assert whole.getchannel("A").tobytes() == picture.getchannel("A").tobytes()


@pytest.mark.parametrize("size", [(176, 184), (88, 90), (360, 352)])
def test_rounded_sizes_fit(tmp_path: Path, size: tuple[int, int]) -> None:
    assert Piece(swapped(photo()).resize(size), box=BOX, scratch=tmp_path).size == (180, 180)


@pytest.mark.parametrize("size", [(180, 120), (400, 300), (64, 48)])
def test_another_shape_does_not(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(Misshapen):
        Piece(swapped(photo()).resize(size), box=BOX, scratch=tmp_path)


def test_a_piece_of_many_bands_has_no_lines_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = altered(swapped(photo()), scale=0.7, shift=5)
    at_once = pixels(set_back(piece.copy(), photo(), tmp_path))
    monkeypatch.setattr("swaps.inlay.BAND_PIXELS", 180 * 7)
    assert np.abs(pixels(set_back(piece, photo(), tmp_path)) - at_once).max() <= 1
