"""A picture on its way to the engine: all of its pixels, and not several times over in memory."""

from __future__ import annotations

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from swaps.providers.local import BAND, decoded
from tests.samples import ROOT

MEGAPIXELS = 24
DECODE = """
import resource, sys
from swaps.providers.local import decoded

decoded(open(sys.argv[2], "rb").read())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
decoded(open(sys.argv[1], "rb").read())
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("height", [1, BAND, BAND + 1, 3 * BAND - 1])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_every_row_arrives(height: int, mode: str) -> None:
    pixels = np.random.default_rng(height).integers(0, 256, (height, 5, 4), np.uint8)
    image = Image.fromarray(pixels).convert(mode)
    data = BytesIO()
    image.save(data, "PNG")
    rgb, alpha = decoded(data.getvalue())
    np.testing.assert_array_equal(rgb, np.asarray(image.convert("RGB")))
    assert (alpha is not None) == (mode == "RGBA")


def test_a_large_picture_is_held_twice_at_most(tmp_path: Path) -> None:
    """Pillow holds four bytes a pixel, the engine three."""
    for name, size in (
        ("large.jpg", (6000, MEGAPIXELS * 1_000_000 // 6000)),
        ("small.jpg", (8, 8)),
    ):
        Image.new("RGB", size, "#b08c78").save(tmp_path / name)
    files = [str(tmp_path / name) for name in ("large.jpg", "small.jpg")]
    done = subprocess.run(
        [sys.executable, "-c", DECODE, *files], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < (4 + 3) * MEGAPIXELS * 1.2
