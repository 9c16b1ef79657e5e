"""What the engine sets for the whole process that it runs in; called once, when its models are loaded.

Nothing else in the engine touches threads or memory of the process. Results depend on neither.
"""

import ctypes

import cv2

# Of glibc's malloc.h. A swap takes and frees some hundred arrays of a few megabytes; given back to
# the system each time, a fifth of the swap goes into having the same pages cleared anew.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_KEPT, _LARGE = 128 << 20, 32 << 20  # bytes: kept when free, and from which on an array is not


def settle_process(*, threads: int) -> None:
    """Let OpenCV use so many threads, and glibc keep what a swap frees for the next array.

    LiteRT has its count a network (see `models`); numpy is asked for nothing that starts threads.
    """
    cv2.setNumThreads(threads)
    # Where there is another C library this is not to be had, and costs time alone.
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option:
        set_option(_M_TRIM_THRESHOLD, _KEPT)
        set_option(_M_MMAP_THRESHOLD, _LARGE)
