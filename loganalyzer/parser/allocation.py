"""How the C library gives memory to the scanner: what is freed is kept for the next block.

Blocks of megabytes come and go hundreds of times a second. Left to itself, glibc hands each back to the system, and the
system clears every page of the next one: half of the time of reading a log.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""https://man7.org/linux/man-pages/man3/mallopt.3.html"""

_KEPT = 64 << 20


def keep_freed_memory() -> None:
    """Have this process keep up to 64 MB that it has freed; for processes that do nothing but read logs."""
    if sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # other C libraries than glibc have none
    if mallopt is not None:
        for parameter, value in ((_MMAP_THRESHOLD, _KEPT), (_TRIM_THRESHOLD, _KEPT), (_ARENA_MAX, 1)):
            mallopt(parameter, value)
