"""The tables of `engine`: a line a face, and each figure beside its target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bench._engine_pairs import Identity, Measured, Pair

# Shares of the results, in per cent, and bounds of the ratios.
ALL_NEARER, LEAST_NEAREST, LEAST_SAME = 100.0, 99.5, 95.0
MOST_ERROR = (0.020, 0.035)
SEAM_MEDIAN, SEAM_MOST = (0.95, 1.05), 1.10


@dataclass(frozen=True)
class Figure:
    """One line of the last table; without a target it is only told, `kept` is None where nothing was asked."""

    name: str
    shown: str
    target: str = ""
    kept: bool | None = None
    in_groups: str = ""


def figures_of_pairs(faces: list[Measured], *, outside: int, portraits: int) -> list[Figure]:
    """The figures of the single portraits' pairs, beside them those of faces in groups.

    *outside* counts changed pixels in all pictures; the source may be the nearest of so many *portraits*.
    """
    usable = [face for face in faces if not face.repeated]
    single, groups = ([face for face in usable if face.group is group] for group in (False, True))
    return [
        *_identities(single, groups, portraits=portraits),
        *_gradients_and_landmarks(single, groups),
        Figure("pixels changed outside the ovals", f"{outside}", "0", kept=outside == 0),
    ]


def _gradients_and_landmarks(single: list[Measured], groups: list[Measured]) -> list[Figure]:
    errors, seams = (_spread(single, name) for name in ("landmarks", "seam"))
    kept = errors[0] <= MOST_ERROR[0] and errors[1] <= MOST_ERROR[1]
    seamless = SEAM_MEDIAN[0] <= seams[0] <= SEAM_MEDIAN[1] and seams[1] <= SEAM_MOST
    return [
        Figure(
            "landmarks kept: error / inter-ocular, median · p95",
            _shown(single, "landmarks", digits=4),
            "≤ {:.3f} · ≤ {:.3f}".format(*MOST_ERROR),
            kept=kept,
            in_groups=_shown(groups, "landmarks", digits=4),
        ),
        Figure(
            "gradient along the seam : the photo's, median · p95",
            _shown(single, "seam", digits=3),
            f"{SEAM_MEDIAN[0]}–{SEAM_MEDIAN[1]} · ≤ {SEAM_MOST:.2f}",
            kept=seamless,
            in_groups=_shown(groups, "seam", digits=3),
        ),
        Figure(
            "gradient in the rim behind it, median · p95",
            _shown(single, "rim", digits=3),
            in_groups=_shown(groups, "rim", digits=3),
        ),
    ]


def _shown(faces: list[Measured], name: str, *, digits: int) -> str:
    middle, high = _spread(faces, name)
    return f"{middle:.{digits}f} · {high:.{digits}f}" if faces else ""


def _spread(faces: list[Measured], name: str) -> tuple[float, float]:
    """The median and the 95th percentile, a measured value; a face that was lost counts as infinite."""
    values = [getattr(face, name) for face in faces]
    if not values:
        return float("nan"), float("nan")
    return float(np.median(values)), float(np.percentile(values, 95, method="higher"))


def _identities(single: list[Measured], groups: list[Measured], *, portraits: int) -> list[Figure]:
    rows: list[tuple[str, float, Callable[[Identity], bool]]] = [
        ("nearer to Face than to Photo", ALL_NEARER, lambda one: one.to_source < one.to_target),
        (f"Face is the nearest of {portraits}", LEAST_NEAREST, lambda one: one.is_nearest),
        ("same person as Face (distance < 0.6)", LEAST_SAME, lambda one: one.is_source),
    ]
    figures = []
    for name, least, holds in rows:
        share, shown = _share(single, holds)
        kept = None if share is None else share >= least
        target = f"≥ {least:g} %" if least < 100 else "100 %"
        figures.append(Figure(name, shown, target, kept, _share(groups, holds)[1]))
    return figures


def _share(faces: list[Measured], holds: Callable[[Identity], bool]) -> tuple[float | None, str]:
    told = [face.identity for face in faces if face.identity]
    if not told:
        return None, "skipped" if faces else ""
    count = sum(holds(one) for one in told)
    return 100 * count / len(told), f"{100 * count / len(told):.1f} % ({count} of {len(told)})"


def print_pairs_head() -> None:
    """What the columns of `print_pair` are."""
    print(
        "Distances by dlib's network; landmarks in inter-ocular distances; gradients against the photo's."
    )
    print(
        f"{'Face':26} {'Photo':26} {'to Face':>7} {'to Photo':>8} {'nearest':>7} {'landm.':>6} {'seam':>6} "
        f"{'rim':>6} {'outside':>7} {'ms':>5}"
    )


def print_pair(pair: Pair) -> None:
    """A line for each face that was replaced, or why none was."""
    if pair.refusal:
        print(f"{pair.source.name:26.26} {pair.target.name:26.26} refused: {pair.refusal}")
    for face in pair.faces:
        photo = f"{pair.target.name} #{face.number}" if face.group else pair.target.name
        print(
            f"{pair.source.name:26.26} {photo:26.26} {_who(face)} {face.landmarks:6.4f} "
            f"{face.seam:6.3f} {face.rim:6.3f} {pair.outside:7} {1000 * pair.seconds:5.0f}"
            + ("  the same picture, not counted" if face.repeated else ""),
            flush=True,
        )


def _who(face: Measured) -> str:
    told = face.identity
    if told is None:
        return f"{'—':>7} {'—':>8} {'—':>7}"
    return f"{told.to_source:7.3f} {told.to_target:8.3f} {'yes' if told.is_nearest else 'NO':>7}"


def print_figures(figures: list[Figure], *, skipped: str) -> bool:
    """The last table; *skipped* is why identity is missing. Whether every target was kept."""
    print(f"\n{'figure':54} {'measured':28} {'target':20} {'':6} in groups")
    for figure in figures:
        verdict = {True: "kept", False: "MISSED", None: ""}[figure.kept]
        line = (
            f"{figure.name:54} {figure.shown:28} {figure.target:20} {verdict:6} {figure.in_groups}"
        )
        print(line.rstrip())
    if skipped:
        print(f"identity skipped: {skipped}")
    missed = sum(figure.kept is False for figure in figures)
    print(f"\nverdict: {f'{missed} MISSED' if missed else 'kept'}")
    return not missed
