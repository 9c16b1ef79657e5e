"""Faces wherever and however they lie in a picture: on their side, cut by its edge, tiny, covered."""

import cv2
import numpy as np
import pytest

from swaps.engine.arrays import Rgb
from swaps.engine.errors import EngineError
from swaps.engine.models import Models
from swaps.engine.options import Options
from swaps.engine.pipeline import SwapOutcome, find_faces, swap_faces
from tests.engine import people
from tests.engine.test_appraising import BELOW_THE_NOSE, painted, with_dark_glasses


def swap(source: Rgb, target: Rgb, *, models: Models) -> SwapOutcome:
    return swap_faces(source, target, models=models, options=Options())


def refusal(source: Rgb, target: Rgb, *, models: Models) -> EngineError:
    with pytest.raises(EngineError) as caught:
        swap(source, target, models=models)
    return caught.value


def quarters(picture: Rgb, times: int) -> Rgb:
    """The picture turned clockwise by so many right angles."""
    return np.ascontiguousarray(np.rot90(picture, -times))


@pytest.mark.parametrize("degrees", [45, 90, 135, 180, -90, -45])
def test_a_face_is_found_however_it_is_turned(degrees: int, astronaut: Rgb, models: Models) -> None:
    (upright,) = find_faces(astronaut, models=models)
    (found,) = find_faces(people.turned(astronaut, degrees), models=models)
    around = cv2.getRotationMatrix2D((256, 256), -degrees, 1.0)
    wanted = upright.landmarks[:, :2] @ around[:, :2].T + around[:, 2]
    apart = np.linalg.norm(found.landmarks[:, :2] - wanted, axis=1)
    assert apart.mean() < 0.025 * upright.size


@pytest.mark.parametrize("times", [1, 3])
def test_of_the_ways_a_face_could_lie_the_likeliest_is_taken(times: int, models: Models) -> None:
    portrait = people.scaled(people.portrait("f02_smiling_man"), 0.503)
    grey = np.repeat(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    (face,) = find_faces(quarters(np.asarray(grey, np.uint8), times), models=models)
    assert face.roll == pytest.approx({1: 90, 3: -90}[times], abs=10)


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_target_on_its_side_or_head_gets_the_same_face(
    times: int, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    upright = swap(cousin, astronaut, models=models)
    turned = swap(cousin, quarters(astronaut, times), models=models)
    back = quarters(turned.result_rgb, 4 - times)
    assert people.difference(back, upright.result_rgb, where=upright.changed) < 4


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_source_on_its_side_or_head_gives_the_same_face(
    times: int, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    upright = swap(cousin, astronaut, models=models)
    turned = swap(quarters(cousin, times), astronaut, models=models)
    assert people.difference(turned.result_rgb, upright.result_rgb, where=upright.changed) < 5


@pytest.mark.parametrize("size", [(300, 300), (640, 480)])
def test_a_tiny_face_is_called_too_small_and_not_missing(
    size: tuple[int, int], astronaut: Rgb, models: Models
) -> None:
    tiny = people.scaled(astronaut, 30 / 108)
    error = refusal(astronaut, people.on_canvas(tiny, corner=(60, 90), size=size), models=models)
    assert error.code == "face_too_small"


def test_a_face_in_50_megapixels_is_swapped(astronaut: Rgb, cousin: Rgb, models: Models) -> None:
    huge = people.on_canvas(people.scaled(cousin, 6), corner=(900, 900), size=(8000, 6250))
    assert swap(astronaut, huge, models=models).faces == 1


def test_what_the_edge_cuts_off_a_source_is_drawn_from_its_other_side(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    # The face lies from 178 to 272: a quarter of it is cut off.
    cut = np.ascontiguousarray(astronaut[:, 203:])
    whole = swap(astronaut, cousin, models=models)
    result = swap(cut, cousin, models=models)
    assert people.difference(result.result_rgb, whole.result_rgb, where=whole.changed) < 8


def test_what_lies_below_the_edge_of_a_source_stays_the_targets(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    (face,) = find_faces(cousin, models=models)
    result = swap(np.ascontiguousarray(astronaut[:150]), cousin, models=models)
    chin = np.zeros(cousin.shape[:2], bool)
    x, y = np.round(face.landmarks[199, :2]).astype(int)
    chin[y - 5 : y + 6, x - 8 : x + 9] = True
    assert people.difference(result.result_rgb, cousin, where=chin) < 6


@pytest.mark.parametrize(
    "rows", [slice(0, 134), slice(110, 512)], ids=["without its mouth", "without its eyes"]
)
def test_a_source_that_the_edge_cuts_its_features_off_is_refused(
    rows: slice, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    error = refusal(np.ascontiguousarray(astronaut[rows]), cousin, models=models)
    assert error.picture == "source"
    assert "The edge of the Face picture cuts" in str(error)


def test_half_a_face_at_the_edge_is_not_taken_for_one_on_its_head(models: Models) -> None:
    # Its mouth and chin are cut off, and it lies at the foot of a taller picture.
    upper = cv2.resize(people.portrait("f02_smiling_man"), (450, 450), interpolation=cv2.INTER_AREA)
    half = cv2.copyMakeBorder(
        upper[:274], 190, 0, 0, 0, cv2.BORDER_CONSTANT, value=(90, 120, 60, 0)
    )
    target = np.asarray(half, np.uint8)
    (face,) = find_faces(target, models=models)
    outcome = swap(people.portrait("f04_redhead_woman"), target, models=models)
    assert not outcome.changed[: int(face.box[1])].any()


@pytest.mark.parametrize("picture", ["source", "target"])
def test_a_masked_face_is_refused_with_a_sentence(
    picture: str, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    (face,) = find_faces(astronaut, models=models)
    masked = painted(astronaut, face.landmarks[BELOW_THE_NOSE, :2], (120, 170, 215))
    pair = (masked, cousin) if picture == "source" else (cousin, masked)
    error = refusal(*pair, models=models)
    assert error.picture == picture
    assert "covers a part of the face" in str(error)


@pytest.mark.parametrize("name", ["f04_redhead_woman", "f06_woman_dark_skin", "f07_bearded_man"])
def test_a_portrait_under_a_wide_mask_is_refused(name: str, astronaut: Rgb, models: Models) -> None:
    # It covers more of the face than is left of its skin.
    portrait = people.portrait(name)
    (face,) = find_faces(portrait, models=models)
    masked = painted(portrait, face.landmarks[BELOW_THE_NOSE, :2], (150, 190, 215))
    assert refusal(astronaut, masked, models=models).picture == "target"


@pytest.mark.parametrize("colour", [(60, 110, 60), (30, 60, 160)])
@pytest.mark.parametrize("picture", ["source", "target"])
def test_a_face_half_behind_something_is_refused(
    picture: str, colour: tuple[int, int, int], astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    (face,) = find_faces(astronaut, models=models)
    half = astronaut.copy()
    half[:, round(float(face.landmarks[1, 0])) :] = colour
    pair = (half, cousin) if picture == "source" else (cousin, half)
    assert refusal(*pair, models=models).picture == picture


def test_coloured_light_from_one_side_covers_nothing(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    tint = np.ones((*astronaut.shape[:2], 3), np.float32)
    tint[:, 225:] = (0.75, 0.9, 1.1)
    lit = ((astronaut / 255) ** 2.2 * cv2.GaussianBlur(tint, (0, 0), 15)) ** (1 / 2.2) * 255
    assert swap(cousin, np.clip(lit, 0, 255).astype(np.uint8), models=models).faces == 1


def test_a_source_behind_dark_glasses_is_refused(
    astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    (face,) = find_faces(astronaut, models=models)
    error = refusal(with_dark_glasses(astronaut, face=face), cousin, models=models)
    assert (error.code, error.picture) == ("no_face", "source")


@pytest.mark.parametrize("side", ["left", "lower"])
def test_a_face_half_in_shadow_is_not_called_covered(
    side: str, astronaut: Rgb, cousin: Rgb, models: Models
) -> None:
    light = np.ones(astronaut.shape[:2], np.float32)
    if side == "left":
        light[:, :225] = 0.3
    else:
        light[130:] = 0.3
    shaded = ((astronaut / 255) ** 2.2 * light[..., None]) ** (1 / 2.2) * 255
    assert swap(cousin, shaded.astype(np.uint8), models=models).faces == 1
