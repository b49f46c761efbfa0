"""How the C library gives memory to the scanner: what is freed is kept for the next block.

Blocks of megabytes come and go hundreds of times a second. Left to itself, glibc hands each back to the system, and the
system clears every page of the next one: half of the time of reading a log.
"""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""https://man7.org/linux/man-pages/man3/mallopt.3.html"""

_KEPT = 40 << 20
_LARGE = 16 << 20
"""Larger arrays are few, and have memory of their own that goes when they go."""


def keep_freed_memory() -> None:
    """Have this process keep up to 40 MB that it has freed; for processes that do nothing but read logs."""
    library = _glibc()
    if library is not None:
        for parameter, value in ((_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _KEPT), (_ARENA_MAX, 1)):
            library.mallopt(parameter, value)
        _keeping.append(library)


def give_back_freed_memory() -> None:
    """Give back what lies free between what is held, if this process keeps what it has freed; now and then."""
    for library in _keeping[:1]:
        library.malloc_trim(0)


_keeping: list[ctypes.CDLL] = []


def _glibc() -> ctypes.CDLL | None:
    """The C library, None if it is another one than glibc."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None
