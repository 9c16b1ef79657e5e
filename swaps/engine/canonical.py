"""The canonical face mesh that the model file carries; read by `models`, used by all the geometry.

Conventions: canonical vertices are centimetres, x to the picture's right, y UP, z TOWARDS the
camera: the reverse of picture points in y and z.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from swaps.engine.arrays import Bools, Floats, Ints, floats

_FLOATS_A_VERTEX = 5  # x, y, z, u, v


@dataclass(frozen=True)
class Canonical:
    """The mesh: vertices (468, 3), triangles (898, 3), rigid points with weights, the oval (36)."""

    vertices: Floats
    triangles: Ints
    rigid: Ints
    rigid_weights: Floats
    oval: Ints
    mirror: Ints  # for each vertex the one on the other side of the face
    beside: Ints  # (most neighbours, 468): those of each vertex, filled up with itself
    shares: Floats  # (most neighbours, 468, 1): 1 over how many there are, 0 for what fills up
    inward: Floats  # (468,): distance from the oval, in centimetres
    facing: Floats  # (468, 3): unit normals, out of the face

    def smooth(self, values: Floats, *, rounds: int, free: Bools | None = None) -> Floats:
        """Values of the vertices (468, k) evened out over the mesh; all but `free` keep theirs."""
        for _ in range(rounds):
            # Not by a matrix: numpy's library would start threads for it, and sum as they come.
            even = 0.5 * values + 0.5 * (values[self.beside] * self.shares).sum(axis=0)
            values = even if free is None else np.where(free[:, None], even, values)
        return floats(values)


def read_canonical(content: bytes) -> Canonical:
    """Read MediaPipe's `geometry_pipeline_metadata_landmarks.binarypb`.

    A GeometryPipelineMetadata message: field 1 the mesh (field 3 floats, not packed, field 4
    indices), field 2 the landmarks for the rigid fit (1 index, 2 weight). That it is this very file
    `model_file` has checked; raises ValueError on fields of a kind that it has none of.
    """
    numbers: list[float] = []
    indices: list[int] = []
    rigid: list[tuple[int, float]] = []
    for number, value in _fields(content):
        if number == 1 and isinstance(value, bytes):
            for inner, item in _fields(value):
                if inner == 3 and isinstance(item, bytes):
                    numbers.append(struct.unpack("<f", item)[0])
                elif inner == 4 and isinstance(item, int):
                    indices.append(item)
        elif number == 2 and isinstance(value, bytes):
            landmark = dict(_fields(value))
            rigid.append((_whole(landmark[1]), struct.unpack("<f", bytes(landmark[2]))[0]))
    vertices = np.array(numbers, np.float32).reshape(-1, _FLOATS_A_VERTEX)[:, :3]
    triangles = np.array(indices, np.int32).reshape(-1, 3)
    oval = _rim(triangles)
    beside, shares = _beside(triangles, count=len(vertices))
    return Canonical(
        vertices=vertices,
        triangles=triangles,
        rigid=np.array([index for index, _ in rigid], np.int32),
        rigid_weights=np.array([weight for _, weight in rigid], np.float32),
        oval=oval,
        mirror=_mirror(vertices),
        beside=beside,
        shares=shares,
        inward=_distances(vertices, vertices[oval]).min(axis=1),
        facing=_normals(vertices, triangles),
    )


def _whole(value: int | bytes) -> int:
    if not isinstance(value, int):
        raise ValueError("The face mesh of the model is not in the expected form.")
    return value


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of one protobuf message: varints as int, all else as its bytes."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(content, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(content, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError("The face mesh of the model is not in the expected form.")
        yield number, content[at : at + length]
        at += length


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7


def _rim(triangles: Ints) -> Ints:
    """The closed loop of edges that belong to one triangle only: eyes and mouth are closed, so it
    is the face's oval."""
    uses: dict[tuple[int, int], int] = defaultdict(int)
    for a, b, c in triangles.tolist():
        for one, other in ((a, b), (b, c), (c, a)):
            uses[min(one, other), max(one, other)] += 1
    beside: dict[int, list[int]] = defaultdict(list)
    for (one, other), count in uses.items():
        if count == 1:
            beside[one].append(other)
            beside[other].append(one)
    loop = [min(beside)]
    while ahead := [vertex for vertex in beside[loop[-1]] if vertex not in loop]:
        loop.append(ahead[0])
    return np.array(loop, np.int32)


def _mirror(vertices: Floats) -> Ints:
    return _distances(vertices * floats([-1, 1, 1]), vertices).argmin(axis=1).astype(np.int32)


def _normals(vertices: Floats, triangles: Ints) -> Floats:
    """The unit normals (n, 3) of vertices (n, 3): the mean of the triangles around, by area."""
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices)
    for corner in range(3):
        np.add.at(normals, triangles[:, corner], across)
    return floats(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def _distances(points: Floats, others: Floats) -> Floats:
    """The distances (n, m) of points (n, 3) and others (m, 3)."""
    return floats(np.linalg.norm(points[:, None] - others[None], axis=2))


def _beside(triangles: Ints, *, count: int) -> tuple[Ints, Floats]:
    beside: list[set[int]] = [set() for _ in range(count)]
    for triangle in triangles.tolist():
        for vertex in triangle:
            beside[vertex].update(triangle)
    most = max(map(len, beside)) - 1
    indices = np.tile(np.arange(count, dtype=np.int32), (most, 1))
    shares = np.zeros((most, count, 1), np.float32)
    for vertex, around in enumerate(beside):
        others = sorted(around - {vertex})
        indices[: len(others), vertex] = others
        shares[: len(others), vertex] = 1 / max(len(others), 1)
    return indices, shares
