"""`manage swap`: one swap from the shell, with the real engine."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django_ox.models import OxTask
from PIL import Image
from pytest_django import Settings

from swaps import asking
from swaps.models import Attempt, ProviderState, Status, Swap
from tests.portraits import astronaut, other_person
from tests.work.service import Service

pytestmark = pytest.mark.django_db


@pytest.fixture
def faces(tmp_path: Path) -> tuple[Path, Path]:
    source, target = tmp_path / "source.png", tmp_path / "target.jpg"
    other_person().save(source)
    astronaut().save(target, quality=95)
    return source, target


def swap(source: Path, target: Path, output: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """The exit status and what was printed."""
    said = StringIO()
    status = 0
    try:
        call_command("swap", str(source), str(target), "-o", str(output), *more, stdout=said)
    except SystemExit as end:
        status = int(str(end.code))
    return status, json.loads(said.getvalue())


def test_it_writes_the_result_and_prints_the_contracts_answer(
    faces: tuple[Path, Path], tmp_path: Path
) -> None:
    output = tmp_path / "result.jpg"
    status, answer = swap(*faces, output)
    made = Swap.objects.get()
    assert status == 0
    assert answer["success"] is True
    assert answer["task_id"] == str(made.pk)
    assert answer["trace_id"] == Attempt.objects.get().trace_id
    assert (answer["image_width"], answer["image_height"]) == Image.open(output).size == (340, 512)
    assert answer["image_size"] == output.stat().st_size
    assert set(answer["timings"]) == {"load", "decode", "swap", "encode"}


def test_it_needs_no_server_and_no_queue(faces: tuple[Path, Path], tmp_path: Path) -> None:
    swap(*faces, tmp_path / "result.jpg")
    assert Swap.objects.get().status == Status.SUCCEEDED
    assert not OxTask.objects.exists()


@pytest.mark.parametrize(
    ("name", "kind"), [("r.jpg", "JPEG"), ("r.png", "PNG"), ("r.webp", "WEBP")]
)
def test_the_results_format_follows_its_name(
    faces: tuple[Path, Path], tmp_path: Path, name: str, kind: str
) -> None:
    swap(*faces, tmp_path / name)
    assert Image.open(tmp_path / name).format == kind


def test_a_photo_that_is_see_through_stays_so(faces: tuple[Path, Path], tmp_path: Path) -> None:
    image = astronaut().convert("RGBA")
    alpha = Image.linear_gradient("L").resize(image.size)
    image.putalpha(alpha)
    target = tmp_path / "see_through.png"
    image.save(target)
    swap(faces[0], target, tmp_path / "result.png")
    result = Image.open(tmp_path / "result.png")
    assert result.getchannel("A").tobytes() == alpha.tobytes()


def test_a_png_photo_comes_back_without_loss(faces: tuple[Path, Path], tmp_path: Path) -> None:
    # Grain, which a JPEG would change everywhere.
    grain = np.random.default_rng(1).integers(0, 256, (512, 200, 3), np.uint8)
    photo = Image.new("RGB", (540, 512))
    photo.paste(astronaut(), (0, 0))
    photo.paste(Image.fromarray(grain), (340, 0))
    target, output = tmp_path / "photo.png", tmp_path / "result.png"
    photo.save(target)
    _, answer = swap(faces[0], target, output)
    assert np.array_equal(np.asarray(Image.open(output))[:, 340:], grain)
    assert answer["image_size"] == output.stat().st_size


@pytest.mark.parametrize("role", ["source", "target"])
def test_a_picture_without_a_face_is_named(
    faces: tuple[Path, Path], tmp_path: Path, role: str
) -> None:
    blank = tmp_path / "blank.png"
    Image.linear_gradient("L").save(blank)
    pair = (blank, faces[1]) if role == "source" else (faces[0], blank)
    status, answer = swap(*pair, tmp_path / "result.jpg")
    assert status == 1
    assert (answer["success"], answer["error"]["code"]) == (False, "no_face")
    assert answer["error"]["picture"] == role
    assert not (tmp_path / "result.jpg").exists()


def test_a_file_that_is_no_picture_is_an_error_object(
    faces: tuple[Path, Path], tmp_path: Path
) -> None:
    words = tmp_path / "words.jpg"
    words.write_text("no picture")
    status, answer = swap(faces[0], words, tmp_path / "result.jpg")
    assert status == 1
    assert (answer["error"]["code"], answer["error"]["picture"]) == ("unreadable_image", "target")


def test_a_point_that_meets_no_face_is_an_error_object(
    faces: tuple[Path, Path], tmp_path: Path
) -> None:
    status, answer = swap(*faces, tmp_path / "result.jpg", "--face", "5,505")
    assert (status, answer["error"]["code"]) == (1, "no_face")


@pytest.mark.parametrize("face", ["all", "1", "164,120", " 164, 120 "])
def test_the_face_to_replace_can_be_chosen(
    faces: tuple[Path, Path], tmp_path: Path, face: str
) -> None:
    assert swap(*faces, tmp_path / "result.jpg", "--face", face)[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["missing.jpg", "{target}", "-o", "{folder}/r.jpg"],
        ["{source}", "{target}", "-o", "{folder}/r.gif"],
        ["{source}", "{target}", "-o", "{target}"],
        ["{source}", "{target}", "-o", "{folder}/no/such/folder/r.jpg"],
        ["{source}", "{target}", "-o", "{folder}/r.jpg", "--face", "left"],
        ["{source}", "{target}", "-o", "{folder}/r.jpg", "--face", ""],
        ["{source}", "{target}", "-o", "{folder}/r.jpg", "--source-face", "all"],
    ],
    ids=[
        "no file",
        "unknown ending",
        "over its own input",
        "no folder",
        "no face of that kind",
        "an empty variable",
        "all of the Face",
    ],
)
def test_a_wrong_call_is_a_sentence_and_status_2(
    faces: tuple[Path, Path], tmp_path: Path, arguments: list[str]
) -> None:
    names = {"source": faces[0], "target": faces[1], "folder": tmp_path}
    with pytest.raises(CommandError) as caught:
        call_command("swap", *(argument.format(**names) for argument in arguments))
    assert caught.value.returncode == 2
    assert not Swap.objects.exists()


def test_a_provider_that_is_paused_is_said_and_not_asked(
    faces: tuple[Path, Path],
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.FACESWAP_PROVIDER = "acedata"
    service = Service()
    monkeypatch.setattr(asking, "provider", lambda name: service)
    ProviderState.pause("acedata", code="used_up", message="The balance is spent.")
    status, answer = swap(*faces, tmp_path / "result.jpg")
    assert (status, answer["success"], answer["error"]["code"]) == (1, False, "provider_paused")
    assert answer["task_id"] == str(Swap.objects.get().pk)
    assert service.jobs == []


# --- Which faces -----------------------------------------------------------------------------------


@pytest.fixture
def group(tmp_path: Path) -> Path:
    """Two faces side by side, at about (164, 120) and (516, 120)."""
    pair = np.hstack([np.asarray(astronaut()), np.asarray(other_person())])
    file = tmp_path / "group.png"
    Image.fromarray(pair).save(file)
    return file


def places(choice: str) -> list[int]:
    """Of each point the nearest person of the group, 1 or 2."""
    return [1 if float(point.split(",")[0]) < 340 else 2 for point in choice.split(";")]


def test_a_number_counts_from_the_left_and_is_kept_as_a_point(
    faces: tuple[Path, Path], group: Path, tmp_path: Path
) -> None:
    assert swap(faces[0], group, tmp_path / "result.jpg", "--face", "2")[0] == 0
    assert places(Swap.objects.get().target_faces) == [2]


def test_several_points_replace_several_faces(
    faces: tuple[Path, Path], group: Path, tmp_path: Path
) -> None:
    chosen = "516,120;164,120"
    assert swap(faces[0], group, tmp_path / "result.jpg", "--face", chosen)[0] == 0
    assert places(Swap.objects.get().target_faces) == [2, 1]


def test_faces_that_could_not_be_replaced_are_told_beside_the_answer(
    faces: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = Image.new("RGB", (500, 512), "#848c96")
    photo.paste(astronaut(), (0, 0))
    photo.paste(other_person().resize((120, 180)), (360, 20))
    photo.save(tmp_path / "pair.png")
    status, answer = swap(faces[0], tmp_path / "pair.png", tmp_path / "result.jpg", "--face", "all")
    assert (status, answer["success"]) == (0, True)
    assert "One of the chosen faces stayed as it was" in capsys.readouterr().err


@pytest.mark.parametrize("chosen", ["2", "516,120"])
def test_the_face_to_take_can_be_chosen(
    faces: tuple[Path, Path], group: Path, tmp_path: Path, chosen: str
) -> None:
    assert swap(group, faces[1], tmp_path / "result.jpg", "--source-face", chosen)[0] == 0
    assert places(Swap.objects.get().source_face) == [2]


@pytest.mark.parametrize(
    ("option", "role", "name"), [("--face", "target", "Photo"), ("--source-face", "source", "Face")]
)
def test_a_number_that_no_face_has_is_an_error_object(
    group: Path, tmp_path: Path, option: str, role: str, name: str
) -> None:
    other = tmp_path / "other.png"
    with Image.open(group) as image:
        image.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(other)
    status, answer = swap(group, other, tmp_path / "result.jpg", option, "3")
    assert status == 1
    assert answer["error"] == {
        "code": "no_face",
        "message": f"The {name} shows 2 faces, so there is no face number 3. "
        "Choose a number from 1 to 2, counted from the left.",
        "picture": role,
    }


def test_only_one_face_can_be_taken(faces: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--source-face is 'all'; give a number, or a point"):
        swap(*faces, tmp_path / "result.jpg", "--source-face", "all")
