"""Rows in a temporary file that is mapped into memory: they take memory only while they are looked at.

What the process lets go of stays with the system, which writes it to the disk when the memory is needed elsewhere.
https://man7.org/linux/man-pages/man2/madvise.2.html
"""

from __future__ import annotations

import mmap
import os
import tempfile
from contextlib import suppress
from io import FileIO
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.void]

_FEW = 256
"""So many rows are taken out of a file at a time: around each the system brings 64 KB."""


class MappedFile:
    """A file that only grows and has no name: it goes with this object and with the arrays that lie in it."""

    def __init__(self) -> None:
        """Raises :class:`OSError` where there is no place for one, or no way to give memory back."""
        self._file: FileIO | None = None
        if not (hasattr(os, "posix_fallocate") and hasattr(mmap.mmap, "madvise")):
            raise OSError("files cannot be mapped as it takes on this system")
        self._file = tempfile.TemporaryFile(prefix="loganalyzer-", buffering=0)  # noqa: SIM115 - see __del__

    def rows(self, count: int, kind: np.dtype[np.void]) -> Rows:
        """What stands in the file as so many rows, zeros where nothing was written; raises :class:`OSError` if there is
        no place for them.

        It is set aside now: a process that writes where there is none is ended by the system.
        """
        assert self._file is not None
        size = count * kind.itemsize
        os.posix_fallocate(self._file.fileno(), 0, size)
        return np.frombuffer(mmap.mmap(self._file.fileno(), size), kind)

    def __del__(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()


def let_go(rows: npt.NDArray[Any]) -> None:
    """Have rows (or a column) that lie in a mapped file take no memory until they are looked at again."""
    mapping = _mapping_of(rows)
    if mapping is not None:
        mapping.madvise(mmap.MADV_DONTNEED)


def taken(rows: npt.NDArray[Any], which: npt.NDArray[np.integer[Any]]) -> npt.NDArray[Any]:
    """Some rows (or values of a column), in this order, in memory.

    Of those in a file few are taken at a time: the system brings what lies around each.
    """
    if _mapping_of(rows) is None:
        return np.asarray(rows[which])
    found = np.empty((len(which), *rows.shape[1:]), rows.dtype)
    for start in range(0, len(which), _FEW):
        found[start : start + _FEW] = rows[which[start : start + _FEW]]
        let_go(rows)
    return found


def _mapping_of(rows: npt.NDArray[Any]) -> mmap.mmap | None:
    base: Any = rows
    while isinstance(base, np.ndarray):
        base = base.base
    return base.obj if isinstance(base, memoryview) and isinstance(base.obj, mmap.mmap) else None
