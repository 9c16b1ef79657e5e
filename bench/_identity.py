"""Who a face is, as dlib's recognition network sees it; for `engine` alone.

The network, trained by Davis King and in the public domain, puts faces into a space of 128 dimensions in which
pictures of one person lie less than 0.6 apart (https://github.com/davisking/dlib-models). It has seen nothing of
the engine's own models. Faces are aligned by five points of the engine's landmarks, so neither of dlib's own
predictors takes part.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np

from swaps.engine.arrays import Doubles, Floats, Rgb

SAME_PERSON = 0.6
_CARRIER = (
    "face_recognition_models"  # found, never imported: it wants setuptools to find its own files
)
_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
# dlib's five points in its own order: right eye's outer and inner corner, left eye's (as seen), under the nose.
_FIVE = (263, 362, 33, 133, 2)
_CHIP, _PADDING = 150, 0.25  # as the network was trained


class NotToBeHad(Exception):
    """Identity cannot be measured on this machine; the sentence says why."""


class Recognition:
    """dlib's recognition network, opened once."""

    def __init__(self) -> None:
        """Raises NotToBeHad where dlib or the network's file is not installed."""
        self._dlib = _dlib()
        self._network = self._dlib.face_recognition_model_v1(str(_network_file()))

    def embed(self, picture_rgb: Rgb, landmarks: Floats) -> Doubles:
        """The place (128,) of one face of a picture (H, W, 3), uint8 RGB.

        *landmarks* (478, ≥ 2) in the picture's pixels. Metric learning: the `dlib-models` page above.
        """
        points = self._dlib.points()
        for x, y in landmarks[list(_FIVE), :2].round().astype(int).tolist():
            points.append(self._dlib.point(x, y))
        low, high = (
            landmarks[:, :2].min(axis=0).astype(int),
            landmarks[:, :2].max(axis=0).astype(int),
        )
        box = self._dlib.rectangle(*low.tolist(), *high.tolist())
        face = self._dlib.full_object_detection(box, points)
        chip_rgb = self._dlib.get_face_chip(
            np.ascontiguousarray(picture_rgb), face, size=_CHIP, padding=_PADDING
        )
        return np.array(self._network.compute_face_descriptor(chip_rgb), np.float64)


def distance(one: Doubles, other: Doubles) -> float:
    """How far two places (128,) lie apart, Euclidean; below `SAME_PERSON` it is one person."""
    return float(np.linalg.norm(one - other))


def _dlib() -> ModuleType:
    try:
        return importlib.import_module("dlib")
    except ImportError as error:
        message = f"dlib is not installed here ({error}); its wheels are for Linux on x86-64"
        raise NotToBeHad(message) from error


def _network_file() -> Path:
    spec = importlib.util.find_spec(_CARRIER)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        found = Path(folder) / "models" / _NETWORK
        if found.is_file():
            return found
    raise NotToBeHad(f"the package with {_NETWORK} is not installed here")
