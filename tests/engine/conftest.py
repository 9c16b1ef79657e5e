"""What the engine's tests share: the models, loaded once, and the people."""

import pytest

from swaps.engine.arrays import Rgb
from swaps.engine.models import Models, load_models
from swaps.engine.options import Options
from swaps.engine.pipeline import SwapOutcome, swap_faces
from tests.engine import people


@pytest.fixture(scope="session")
def models() -> Models:
    return load_models(None, threads=2)


@pytest.fixture(scope="session")
def astronaut() -> Rgb:
    return people.astronaut()


@pytest.fixture(scope="session")
def cousin() -> Rgb:
    return people.cousin()


@pytest.fixture(scope="session")
def swapped(astronaut: Rgb, cousin: Rgb, models: Models) -> SwapOutcome:
    """The astronaut's face on the cousin."""
    return swap_faces(astronaut, cousin, models=models, options=Options())
