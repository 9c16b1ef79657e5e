"""The people of the engine's tests: a photograph, others made from it, and pictures of nobody."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage import data

from swaps.engine.arrays import Bools, Doubles, Floats, Rgb, floats

PORTRAITS = Path(__file__).resolve().parents[2].parent / "shared" / "faces"


def astronaut() -> Rgb:
    """Eileen Collins by NASA (512 × 512, the face about 130 px), as bundled with scikit-image."""
    return np.ascontiguousarray(data.astronaut())  # type: ignore[no-untyped-call]


def cousin() -> Rgb:
    """Another person: the astronaut mirrored, in other proportions, other skin, other light."""
    mirrored = np.ascontiguousarray(astronaut()[:, ::-1])
    height, width = mirrored.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    # The mirrored face lies around (290, 125): a bulge there widens nose and mouth, narrows the
    # jaw.
    near = np.exp(-(((x - 290) / 60) ** 2 + ((y - 140) / 60) ** 2))
    shaped = cv2.remap(
        mirrored,
        x - 0.10 * (x - 290) * near,
        y + 5 * near,
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT,
    )
    light = np.linspace(1.1, 0.6, width, dtype=np.float32)[None, :, None]
    lit = (shaped / np.float32(255)) ** 1.2 * light * floats([0.95, 0.8, 0.7])
    return np.asarray(np.clip(lit * 255, 0, 255), np.uint8)


def noise() -> Rgb:
    return np.random.default_rng(7).integers(0, 256, (400, 500, 3), np.uint8)


def landscape() -> Rgb:
    """Sky over a field."""
    picture = np.empty((400, 600, 3), np.uint8)
    picture[:220] = np.linspace((90, 140, 220), (200, 220, 240), 220)[:, None]
    picture[220:] = np.linspace((110, 140, 60), (60, 90, 30), 180)[:, None]
    return picture


def scaled(picture: Rgb, factor: float) -> Rgb:
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, None, fx=factor, fy=factor, interpolation=how), np.uint8)


def turned(picture: Rgb, degrees: float) -> Rgb:
    """The picture turned clockwise about its middle, grey where nothing is left."""
    height, width = picture.shape[:2]
    around = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1.0)
    return np.asarray(
        cv2.warpAffine(picture, around, (width, height), borderValue=(128, 128, 128)), np.uint8
    )


def on_canvas(picture: Rgb, *, corner: tuple[int, int], size: tuple[int, int]) -> Rgb:
    """The picture at (x, y) on a grey canvas of (width, height)."""
    canvas = np.full((size[1], size[0], 3), 128, np.uint8)
    x, y = corner
    canvas[y : y + picture.shape[0], x : x + picture.shape[1]] = picture
    return canvas


def trio() -> Rgb:
    """Three faces from left to right: middling (about 108 px), largest (195), smallest (60)."""
    head = astronaut()[0:260, 120:360]
    canvas = np.full((520, 1000, 3), 128, np.uint8)
    for picture, x in (
        (scaled(head, 1.0), 20),
        (scaled(head, 1.8), 320),
        (scaled(head, 0.56), 850),
    ):
        canvas[20 : 20 + picture.shape[0], x : x + picture.shape[1]] = picture
    return canvas


def group(sizes: list[int], *, size: tuple[int, int]) -> Rgb:
    """Heads in a row, left to right, with faces of so many pixels, on a canvas of (width, height)."""
    canvas = landscape()
    canvas = np.asarray(cv2.resize(canvas, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    step = size[0] // len(sizes)
    for number, pixels in enumerate(sizes):
        person = astronaut() if number % 2 else cousin()
        left = 120 if number % 2 else 170
        head = scaled(person[0:260, left : left + 230], pixels / 110)
        y = min(size[1] - head.shape[0], (37 * number) % 90)
        x = step * number
        canvas[y : y + head.shape[0], x : x + head.shape[1]] = head
    return canvas


def portrait(name: str) -> Rgb:
    """A portrait of the folder beside the project; the test is skipped where that is missing."""
    path = PORTRAITS / f"{name}.jpg"
    if not path.is_file():
        pytest.skip(f"the portraits for looking and measuring are not at {PORTRAITS}")
    return np.ascontiguousarray(np.asarray(cv2.imread(str(path)), np.uint8)[..., ::-1])


def difference(one: Rgb, other: Rgb, *, where: Bools) -> float:
    """The mean difference in grey levels inside an area."""
    return float(np.abs(one[where].astype(np.int16) - other[where]).mean())


def wearing_glasses(
    picture: Rgb,
    landmarks: Floats,
    *,
    colour: tuple[int, int, int],
    thickness: float = 0.25,
    roundness: float = 2.0,
) -> tuple[Rgb, Bools]:
    """The picture with glasses drawn onto the face at `landmarks` (478, ≥ 2), and where they are.

    Measures are centimetres between eyes that are 6.3 apart; `roundness` 2 is an ellipse, more is
    a rounded rectangle.
    """
    left, right = (
        landmarks[list(eye), :2].mean(axis=0, dtype=np.float64) for eye in ((33, 133), (362, 263))
    )
    centimetre = (right - left) / 6.3
    axes = np.stack([centimetre, [-centimetre[1], centimetre[0]]])
    finer = 4
    drawn = np.zeros((picture.shape[0] * finer, picture.shape[1] * finer), np.uint8)
    wide = max(1, round(thickness * float(np.hypot(*centimetre)) * finer))

    def line(places: list[tuple[float, float]], *, around: Doubles, closed: bool = False) -> None:
        points = (around + np.array(places) @ axes + 0.5) * finer - 0.5
        cv2.polylines(drawn, [np.round(points).astype(np.int32)], closed, 255, wide)

    for side, eye in ((-1, left), (1, right)):
        angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
        along, up = np.cos(angles), np.sin(angles)
        x = side * 0.35 + 2.5 * np.sign(along) * np.abs(along) ** (2 / roundness)
        y = 0.4 + 2.0 * np.sign(up) * np.abs(up) ** (2 / roundness)
        line(list(zip(x, y, strict=True)), around=eye, closed=True)
        line([(side * 2.85, -0.3), (side * 7.0, -0.3)], around=eye)
    line([(-1.0, -0.2), (-0.5, -0.5), (0.5, -0.5), (1.0, -0.2)], around=(left + right) / 2)
    frames = cv2.resize(drawn, (picture.shape[1], picture.shape[0]), interpolation=cv2.INTER_AREA)
    share = frames[..., None] / np.float32(255)
    worn = picture * (1 - share) + np.array(colour, np.float32) * share
    return worn.round().astype(np.uint8), frames > 250
