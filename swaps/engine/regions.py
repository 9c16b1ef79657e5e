"""Which vertices of the mesh belong to which part of the face. Facts of MediaPipe's topology.

Conventions: indices are int32 (n,), into 468 vertices or 478 landmarks. Left and right are the
PICTURE's: `LEFT_EYE` is the subject's right eye.
"""

import numpy as np

from swaps.engine.arrays import Floats, Ints


def _indices(text: str) -> Ints:
    return np.array(text.split(), np.int32)


LEFT_EYE = _indices("33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246")
RIGHT_EYE = _indices("263 249 390 373 374 380 381 382 362 398 384 385 386 387 388 466")
EYE_CORNERS = _indices("33 263")  # the outer ones
LEFT_LID = _indices("130 25 110 24 23 22 26 112 243 190 56 28 27 29 30 247")
RIGHT_LID = _indices("359 255 339 254 253 252 256 341 463 414 286 258 257 259 260 467")
LEFT_BROW = _indices("70 63 105 66 107 55 65 52 53 46")
RIGHT_BROW = _indices("300 293 334 296 336 285 295 282 283 276")
OUTER_LIPS = _indices("61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185")
INNER_LIPS = _indices("78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191")
LIP_RINGS = _indices("76 77 90 180 85 16 315 404 320 307 306 408 304 303 302 11 72 73 74 184")
LIP_RINGS_INNER = _indices("62 96 89 179 86 15 316 403 319 325 292 407 272 271 268 12 38 41 42 183")
# The inner cheeks: further out lies hair, further down a beard.
LEFT_CHEEK = _indices("50 101 36 205 118")
RIGHT_CHEEK = _indices("280 330 266 425 347")
CHEEKS = (LEFT_CHEEK, RIGHT_CHEEK)

# Parts of a face whose colour says whether something lies over it; each is the hull of its vertices.
PARTS = {
    "forehead": _indices("108 151 337 336 9 107"),
    "bridge": _indices("193 417 351 122"),
    "below left eye": _indices("111 117 118 119 120 100"),
    "below right eye": _indices("340 346 347 348 349 329"),
    "left cheek": LEFT_CHEEK,
    "right cheek": RIGHT_CHEEK,
    "nose": _indices("196 419 399 437 279 358 327 2 98 129 49 217 174"),
    "upper lip": _indices("167 164 393 391 322 269 0 39 92 165"),
    "mouth": OUTER_LIPS,
    "chin": _indices("83 18 313 406 428 199 208 182"),
    "left jaw": _indices("205 207 216 212 214 192 187"),
    "right jaw": _indices("425 427 436 432 434 416 411"),
    "left eye": _indices("226 31 228 229 230 231 232 244 221 222 223 224 225"),
    "right eye": _indices("446 261 448 449 450 451 452 464 441 442 443 444 445"),
}
# Those that are skin on everybody, and how much each counts: of a mask or of dark glasses, each
# covers fewer than half.
SKIN_PARTS = {
    "forehead": 3,
    "bridge": 1,
    "below left eye": 1,
    "below right eye": 1,
    "left cheek": 1,
    "right cheek": 1,
}

LIPS = np.concatenate([OUTER_LIPS, LIP_RINGS, LIP_RINGS_INNER, INNER_LIPS])
# What moves as one when the shape is fitted.
GROUPS = (
    np.concatenate([LEFT_EYE, LEFT_LID]),
    np.concatenate([RIGHT_EYE, RIGHT_LID]),
    LIPS,
)
# All that is not skin on everybody.
FEATURES = (*GROUPS, LEFT_BROW, RIGHT_BROW)
# Upper and lower middle, and both corners: how far something is open against its width.
LEFT_EYE_GAP = (159, 145, 33, 133)
RIGHT_EYE_GAP = (386, 374, 362, 263)
MOUTH_GAP = (13, 14, 78, 308)


def gap(landmarks: Floats, four: tuple[int, int, int, int]) -> float:
    """How far an eye or mouth (`…_GAP`) is open against its width; 0 is shut."""
    upper, lower, one, other = (landmarks[index, :2] for index in four)
    return float(np.hypot(*(upper - lower)) / max(float(np.hypot(*(one - other))), 1e-6))
