"""Faces as they are kept with a picture, for tests that need no engine."""

from __future__ import annotations

from swaps.face_choice import FoundFace


def face(
    x: float,
    y: float,
    *,
    size: float = 120,
    yaw: float = 0,
    sharpness: float = 1,
    covered: float = 0,
    outside: float = 0,
) -> FoundFace:
    """A face around the point (x, y), `size` pixels high."""
    half = size / 2
    return FoundFace(
        box=[x - 0.4 * size, y - half, x + 0.4 * size, y + half],
        points=[
            [x - 0.2 * size, y - 0.1 * size],
            [x + 0.2 * size, y - 0.1 * size],
            [x, y + 0.1 * size],
            [x - 0.1 * size, y + 0.25 * size],
            [x + 0.1 * size, y + 0.25 * size],
        ],
        size=size,
        yaw=yaw,
        pitch=0,
        sharpness=sharpness,
        covered=covered,
        outside=outside,
    )


# Three people in a picture of 900 × 400 pixels.
PICTURE = (900, 400)
THREE = [face(150, 200), face(450, 180), face(750, 220)]
