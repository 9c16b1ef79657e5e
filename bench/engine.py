"""The engine's figures: who the results show, how well they sit, what they cost; and a sheet to look at.

    ./run bench engine [FOLDER] [-o SHEET] [--threads N]

FOLDER holds portraits (default: ../shared/faces). Every ordered pair of those with one face is swapped, and each
of them onto every face of the pictures with several. Ends with 1 where a target is missed. A good figure is not
a good picture: look at the sheet.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench import _engine_times as times
from bench._contact_sheet import ContactSheet
from bench._engine_figures import (
    Figure,
    figures_of_pairs,
    print_figures,
    print_pair,
    print_pairs_head,
)
from bench._engine_pairs import Measured, Portrait, read_portraits, swapped_pairs
from bench._identity import NotToBeHad, Recognition
from swaps.engine.models import Models, load_models
from tests.samples import ROOT

MEGAPIXELS = {1: 15.0, 4: 12.0}  # and the most that a swap may take against its floor
MOST_MEMORY, MOST_COLD = 350, 1.0
LEAST_SHARE = 0.03  # of a swap's time; smaller stages are not printed


def arguments_of(given: list[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="./run bench engine", description="The engine's figures.")
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT.parent / "shared" / "faces")
    parser.add_argument("-o", "--sheet", type=Path, default=Path("bench-engine.jpg"))
    parser.add_argument(
        "--threads", type=int, default=1, help="of the engine (default: 1, the site's)"
    )
    return parser.parse_args(given)


def pairs_measured(
    portraits: list[Portrait], *, models: Models, recognition: Recognition | None, sheet: Path
) -> list[Figure]:
    """Swap and measure all pairs, print a line a face, write the sheet; the figures of all of them."""
    faces: list[Measured] = []
    outside, refused = 0, 0
    rows = ContactSheet()
    print_pairs_head()
    for pair in swapped_pairs(portraits, models=models, recognition=recognition):
        print_pair(pair)
        rows.add(pair)
        faces += pair.faces
        outside += pair.outside
        refused += bool(pair.refusal)
    rows.write(sheet)
    print(f"\n{refused} pairs refused; sheet: {sheet.resolve()}")
    count = sum(not portrait.is_group for portrait in portraits)
    return figures_of_pairs(faces, outside=outside, portraits=count)


def speed_measured(portraits: list[Portrait], *, models: Models, threads: int) -> list[Figure]:
    """Times, stages, memory, a cold start, and two processes beside one; prints the stages."""
    pictures = [portrait.rgb for portrait in portraits if portrait.is_easy]
    if len(pictures) < 2:
        return [Figure("times and memory", "skipped: needs two faces that look ahead")]
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for megapixels, most in MEGAPIXELS.items():
            pairs = times.written_pairs(pictures, megapixels=megapixels, into=Path(folder))
            found = times.speed(pairs, models=models)
            shown = f"{found.ratio:.1f}× ({1000 * found.swap:.0f} : {1000 * found.floor:.0f} ms)"
            name = f"{megapixels} MP: whole swap : decode + encode"
            figures.append(Figure(name, shown, f"≤ {most:.0f}×", kept=found.ratio <= most))
            print_stages(pairs[-1], megapixels=megapixels, models=models, floor=found.floor)
        loaded, peak = times.peak_memory(pairs, threads=threads)
        figures.append(Figure("models loaded, memory", f"{loaded:.0f} MB"))
        figures.append(
            Figure(
                "4 MP: peak memory",
                f"{peak:.0f} MB",
                f"≤ {MOST_MEMORY} MB",
                kept=peak <= MOST_MEMORY,
            )
        )
        cold = times.cold_start(threads=threads)
        figures.append(
            Figure(
                "cold start, imports and models",
                f"{cold:.2f} s",
                f"≤ {MOST_COLD:g} s",
                kept=cold <= MOST_COLD,
            )
        )
        one, two, ratio = times.two_beside_one(pairs[-1], threads=threads)
        shown = f"{ratio:.2f}× ({one:.2f} → {two:.2f} swaps/s)"
        figures.append(Figure("4 MP: two processes : one", shown))
    return figures


def print_stages(pair: times.Files, *, megapixels: int, models: Models, floor: float) -> None:
    """Where one pair's swap spends its time, as a tree of the engine's functions."""
    print(f"\n{megapixels} MP, one pair, stages (profiled)            ms    own ms   : floor")
    for path, seconds, own in times.stages(pair, models=models).rows(least=LEAST_SHARE):
        name = "  " * (len(path) - 1) + path[-1]
        each, own_each = (1000 * value / times.STAGE_ROUNDS for value in (seconds, own))
        print(f"{name:40} {each:9.1f} {own_each:9.1f} {each / 1000 / floor:8.2f}×")


def main(arguments: list[str]) -> int:
    asked = arguments_of(arguments)
    if not asked.folder.is_dir():
        print(f"There is no folder {asked.folder}: name one with portraits.", file=sys.stderr)
        return 2
    models = load_models(None, threads=asked.threads)
    recognition, skipped = None, ""
    try:
        recognition = Recognition()
    except NotToBeHad as reason:
        skipped = str(reason)
        print(f"identity is skipped: {skipped}\n")
    portraits, left_out = read_portraits(asked.folder, models=models, recognition=recognition)
    for why in left_out:
        print(f"left out: {why}")
    if sum(not portrait.is_group for portrait in portraits) < 2:
        print(f"{asked.folder} holds fewer than two portraits with one face.", file=sys.stderr)
        return 2
    figures = pairs_measured(portraits, models=models, recognition=recognition, sheet=asked.sheet)
    figures += speed_measured(portraits, models=models, threads=asked.threads)
    return 0 if print_figures(figures, skipped=skipped) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
