"""The 478 points of one face, and what is measured from them; `pipeline` asks for each detection.

Conventions: landmarks are (478, 3) float32 in pixels of the photo, z away from the camera in the
same unit, zero near the head's middle.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from swaps.engine import regions
from swaps.engine.arrays import Bools, Doubles, Floats, Rgb, floats
from swaps.engine.canonical import Canonical
from swaps.engine.crop import shrunk
from swaps.engine.detect import Detection
from swaps.engine.mesh import head_angles
from swaps.engine.models import Models, Net

_INPUT = 256
_MARGIN = 1.5  # side of the crop against the longer side of the face's box
_MIN_PRESENCE = 0.5
_AGREED = 0.02  # of the face's extent: the mean distance between what two crops give
_FINEST = 0.9  # pixels of the shrunk photo for one of the crop, at least


@dataclass(frozen=True)
class Face:
    """A face: box (x0, y0, x1, y1) and size in pixels, landmarks (478, 3), angles in degrees."""

    box: tuple[float, float, float, float]
    score: float
    landmarks: Floats
    yaw: float
    pitch: float
    roll: float

    @property
    def size(self) -> float:
        """The longer side of the box, in pixels."""
        return max(self.box[2] - self.box[0], self.box[3] - self.box[1])

    def inside(self, shape: tuple[int, ...]) -> Bools:
        """Which landmarks (478,) lie in the photo, of `shape` (H, W, …), and not beyond its edge."""
        flat, edge = self.landmarks[:, :2], floats([shape[1], shape[0]]) - np.float32(0.5)
        inside: Bools = ((flat >= -0.5) & (flat <= edge)).all(axis=1)
        return inside


def find_landmarks(photo_rgb: Rgb, *, detection: Detection, models: Models) -> Face | None:
    """The face at a detection in uint8 RGB (H, W, 3), or None where there is none.

    Face mesh with attention, Grishchenko et al. 2020. Run twice: the second crop is laid by the
    first one's points, which are better than the detector's box. Each crop gives the points an
    error of its own, so that the mean of both is nearer than either, as long as they agree.
    """
    x0, y0, x1, y1 = detection.box
    centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    first, presence = _run(
        photo_rgb,
        net=models.landmarks,
        photo_from_crop=_crop_frame(centre, side=_MARGIN * detection.size, eyes=detection.eyes),
    )
    if presence < _MIN_PRESENCE:
        return None
    low, high = first[:, :2].min(axis=0), first[:, :2].max(axis=0)
    extent = float((high - low).max())
    points, presence = _run(
        photo_rgb,
        net=models.landmarks,
        photo_from_crop=_crop_frame(
            (low + high) / 2, side=_MARGIN * extent, eyes=first[regions.EYE_CORNERS, :2]
        ),
    )
    if presence < _MIN_PRESENCE:
        return None
    apart = float(np.linalg.norm(points[:, :2] - first[:, :2], axis=1).mean())
    if apart < _AGREED * extent:
        points = floats((points + first) / 2)
    return _measured(points, score=presence, canonical=models.canonical)


def _measured(points: Floats, *, score: float, canonical: Canonical) -> Face:
    yaw, pitch, roll = head_angles(points, canonical=canonical)
    rim = points[canonical.oval, :2]
    x0, y0 = rim.min(axis=0).tolist()
    x1, y1 = rim.max(axis=0).tolist()
    return Face((x0, y0, x1, y1), score, points, yaw, pitch, roll)


def _crop_frame(centre: Doubles | Floats, *, side: float, eyes: Floats) -> Doubles:
    """`photo_from_crop` (2, 3) of a square crop in which the line of the eyes is level."""
    along = (eyes[1] - eyes[0]).astype(np.float64)
    along /= max(float(np.hypot(*along)), 1e-6)
    down = np.array([-along[1], along[0]])
    step = side / _INPUT
    axes = np.stack([along, down], axis=1) * step
    middle = (_INPUT - 1) / 2
    return np.column_stack([axes, centre - axes @ np.array([middle, middle])])


def _run(photo_rgb: Rgb, *, net: Net, photo_from_crop: Doubles) -> tuple[Floats, float]:
    """Landmarks (478, 3) in pixels of the photo, and the presence of a face, 0–1."""
    crop_rgb = _cut(photo_rgb, photo_from_crop)
    outputs = net.run(crop_rgb[None] * np.float32(1 / 255))
    local = outputs[0].reshape(-1, 3).astype(np.float64)
    presence = 1.0 / (1.0 + np.exp(-np.clip(float(outputs[1].ravel()[0]), -80, 80)))
    # The network counts from the pixels' corners, we from their centres.
    flat = (local[:, :2] - 0.5) @ photo_from_crop[:, :2].T + photo_from_crop[:, 2]
    step = float(np.hypot(*photo_from_crop[:, 0]))
    return floats(np.column_stack([flat, local[:, 2] * step])), float(presence)


def _cut(photo_rgb: Rgb, photo_from_crop: Doubles) -> Rgb:
    """The square crop. A face much larger than it is shrunk by area first: sampling would alias."""
    corners = np.array([[0, 0], [_INPUT, 0], [0, _INPUT], [_INPUT, _INPUT]], np.float64)
    reached = corners @ photo_from_crop[:, :2].T + photo_from_crop[:, 2]
    height, width = photo_rgb.shape[:2]
    x0, y0 = np.clip(np.floor(reached.min(axis=0)).astype(int) - 2, 0, [width - 1, height - 1])
    x1, y1 = np.clip(
        np.ceil(reached.max(axis=0)).astype(int) + 3, [x0 + 1, y0 + 1], [width, height]
    )
    part_from_crop = photo_from_crop - np.array([[0, 0, x0], [0, 0, y0]])
    # By a whole number of pixels, which is many times faster than by a fraction of them.
    times = int(np.hypot(*photo_from_crop[:, 0]) / _FINEST)
    times = max(1, min(times, x1 - x0, y1 - y0))
    part_rgb = shrunk(photo_rgb[y0:y1, x0:x1], times=times)
    part_from_crop /= times
    part_from_crop[:, 2] += (1 / times - 1) / 2
    crop_rgb = cv2.warpAffine(
        part_rgb,
        part_from_crop,
        (_INPUT, _INPUT),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop_rgb, np.uint8)
