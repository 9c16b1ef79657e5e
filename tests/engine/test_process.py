"""Whatever a machine has of cores, the same pictures give the same result, bit for bit."""

import os
import subprocess
import sys

import pytest

from tests.samples import ROOT

SWAP = """
import hashlib, sys
from swaps.engine.models import load_models
from swaps.engine.options import Options
from swaps.engine.pipeline import swap_faces
from tests.engine import people

models = load_models(None, threads=int(sys.argv[1]))
outcome = swap_faces(people.cousin(), people.scaled(people.astronaut(), 4), models=models, options=Options())
print(hashlib.sha256(outcome.result_rgb.tobytes()).hexdigest())
"""


def digest(*, threads: int) -> str:
    """Of a swap's result in a process of its own, where everything may use so many threads."""
    libraries = {name: str(threads) for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", SWAP, str(threads)],
        cwd=ROOT,
        env={**os.environ, **libraries},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def of_one_thread() -> str:
    return digest(threads=1)


@pytest.mark.parametrize("threads", [2, 5])
def test_the_result_is_the_same_with_any_count_of_threads(threads: int, of_one_thread: str) -> None:
    assert digest(threads=threads) == of_one_thread
