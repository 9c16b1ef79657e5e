"""How blurred the edges of a face are; `appraise` and `detail` ask.

Conventions: pictures are grey, float32 (h, w), in any unit; areas bool (h, w); blurs are standard
deviations in pixels.
"""

import cv2
import numpy as np

from swaps.engine.arrays import Bools, Floats, floats

SIZE = 192  # pixels of face at which edges are looked at: the most that is needed to tell
_BLURS = (0.8, 1.6)  # one below the noise, one to compare it with
_EDGES = 97  # percentile of the gradients from which on they are edges
_FEWEST = 64  # pixels


def edge_blur(grey: Floats, *, inside: Bools) -> float:
    """The blur of the strongest edges inside an area, 1 at least: pixels are no sharper.

    Independent of contrast and, mostly, of noise: blurred a little more, sharp edges lose more of
    their gradient than soft ones. Zhuo & Sim 2011, "Defocus map estimation from a single image".
    """
    if np.count_nonzero(inside) < _FEWEST:
        return 1.0
    less, more = (_gradient(grey, blur=blur) for blur in _BLURS)
    edges = inside & (less >= np.percentile(less[inside], _EDGES))
    ratio = float(np.median(less[edges] / np.maximum(more[edges], 1e-6))) ** 2
    first, second = (blur**2 for blur in _BLURS)
    variance = (second - ratio * first) / max(ratio - 1, 1e-4)
    return max(1.0, float(np.sqrt(max(variance, 0.0))))


def _gradient(grey: Floats, *, blur: float) -> Floats:
    smooth = cv2.GaussianBlur(grey, (0, 0), blur)
    across, down = (cv2.Sobel(smooth, cv2.CV_32F, *order) for order in ((1, 0), (0, 1)))
    return floats(cv2.magnitude(across, down))
