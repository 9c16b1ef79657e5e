"""The crop around one face of several: as much around it as there is room for, and nobody else."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from swaps.framing import LEAST_MARGIN, Box, Verdict, frame

SIZE = (1000, 800)
FACE = (400.0, 300.0, 500.0, 400.0)


def corners(side: float, x: float, y: float) -> Box:
    return (x, y, x + side, y + side)


boxes = st.builds(corners, st.floats(20, 300), st.floats(0, 700), st.floats(0, 500))


def test_a_face_with_room_around_it_gets_four_fifths_of_its_size_on_each_side() -> None:
    assert frame(FACE, [], size=SIZE).crop == (320, 220, 580, 480)


def test_a_crop_ends_where_the_picture_ends() -> None:
    assert frame((10, 20, 110, 120), [], size=SIZE).crop == (0, 0, 190, 200)


def test_it_draws_back_before_a_face_beside_it() -> None:
    framed = frame(FACE, [(540, 300, 640, 400)], size=SIZE)
    assert framed.verdict is Verdict.ALONE
    assert framed.crop == (320, 220, 534, 480)


def test_it_draws_back_on_the_side_that_costs_least() -> None:
    framed = frame(FACE, [(560, 430, 660, 530)], size=SIZE)
    assert framed.verdict is Verdict.ALONE
    assert framed.crop == (320, 220, 554, 480)


def test_it_draws_back_before_faces_on_both_sides() -> None:
    framed = frame(FACE, [(540, 300, 640, 400), (260, 290, 360, 390)], size=SIZE)
    assert framed.verdict is Verdict.ALONE
    assert framed.crop == (366, 220, 534, 480)


def test_a_face_at_the_cheek_is_cut_in_half() -> None:
    framed = frame(FACE, [(480, 300, 580, 400)], size=SIZE)
    assert framed.verdict is Verdict.CUTS
    assert framed.crop[2] == 500 + LEAST_MARGIN * 100


def test_a_small_face_before_a_large_one_is_in_its_crop() -> None:
    assert frame(FACE, [(460, 380, 490, 410)], size=SIZE).verdict is Verdict.HOLDS


def test_a_small_face_before_a_large_one_gets_a_crop_that_cuts_the_large_one() -> None:
    assert frame((460, 380, 490, 410), [FACE], size=SIZE).verdict is Verdict.CUTS


def test_the_gravest_of_several_neighbours_counts() -> None:
    neighbours: list[Box] = [(480, 300, 580, 400), (460, 380, 490, 410), (800, 100, 900, 200)]
    assert frame(FACE, neighbours, size=SIZE).verdict is Verdict.HOLDS


@given(face=boxes, others=st.lists(boxes, max_size=5))
def test_every_crop_holds_the_face_and_lies_in_the_picture(face: Box, others: list[Box]) -> None:
    x0, y0, x1, y1 = frame(face, others, size=SIZE).crop
    assert 0 <= x0 < x1 <= SIZE[0]
    assert 0 <= y0 < y1 <= SIZE[1]
    assert x0 <= max(0, face[0]) + 0.5
    assert y0 <= max(0, face[1]) + 0.5
    assert x1 >= min(SIZE[0], face[2]) - 0.5
    assert y1 >= min(SIZE[1], face[3]) - 0.5
