"""What has to be measured in a process of its own: a cold start, peak memory, swaps beside others; for `engine`.

    python -m bench._engine_child THREADS cold
    python -m bench._engine_child THREADS memory SOURCE TARGET
    python -m bench._engine_child THREADS swaps SOURCE TARGET COUNT

Prints one line of JSON. `swaps` says "ready" first and waits for a line, so that several begin at once. Nothing
heavy is imported at the top: the cold start begins here.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

START = time.perf_counter()

if TYPE_CHECKING:
    from swaps.engine.models import Models


def loaded(threads: int) -> Models:
    """The engine imported and its models opened."""
    import swaps.engine.pipeline  # noqa: PLC0415
    from swaps.engine.models import load_models  # noqa: PLC0415

    assert swaps.engine.pipeline
    return load_models(None, threads=threads)


def swap_files(source: bytes, target: bytes, *, models: Models) -> bytes:
    """A whole swap, from two files' bytes to one's, as the site's own provider does it."""
    import numpy as np  # noqa: PLC0415

    from swaps import images  # noqa: PLC0415
    from swaps.engine.options import Options  # noqa: PLC0415
    from swaps.engine.pipeline import swap_faces  # noqa: PLC0415

    source_image, _ = images.decode(source)
    target_image, alpha = images.decode(target)
    outcome = swap_faces(
        np.asarray(source_image), np.asarray(target_image), models=models, options=Options()
    )
    return images.encode(outcome.result_rgb, alpha=alpha)


def peak_megabytes() -> float:
    """The most resident memory that this process had. Not getrusage: its figure outlives exec, so a child of a
    large process would show its parent's."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text())
    return int(found[1]) / 1024 if found else float("nan")


def main(arguments: list[str]) -> None:
    threads, what, *rest = arguments
    models = loaded(int(threads))
    said = {"seconds": time.perf_counter() - START}
    if what == "memory":
        said["loaded"] = peak_megabytes()
        swap_files(Path(rest[0]).read_bytes(), Path(rest[1]).read_bytes(), models=models)
        said["peak"] = peak_megabytes()
    elif what == "swaps":
        source, target = (Path(file).read_bytes() for file in rest[:2])
        swap_files(source, target, models=models)
        print("ready", flush=True)
        sys.stdin.readline()
        start = time.perf_counter()
        for _ in range(int(rest[2])):
            swap_files(source, target, models=models)
        said["seconds"] = time.perf_counter() - start
    print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
