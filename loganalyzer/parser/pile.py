"""Rows that pile up while a log is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import Rows, exchanged
from loganalyzer.parser.mapped import MappedFile, let_go
from loganalyzer.parser.merging import fold
from loganalyzer.parser.texts import Texts

_ROOM = 17 << 20
"""Bytes that are more than :mod:`loganalyzer.parser.allocation` keeps among the others."""

MOST_HELD = 8 << 20
"""Bytes that stand in memory before a file is asked for."""


class Pile:
    """Rows that are added one after another: there may be millions of them.

    They stand in one piece of memory, which is large from the start, so that it lies apart from what comes and goes and
    can grow without moving; of what is never written to there is nothing but the address. Where they are many they
    stand in a temporary file, if one can be had.
    """

    def __init__(self, kind: np.dtype[np.void]) -> None:
        self._rows: Rows = np.empty(_ROOM // kind.itemsize, kind)
        self._most = min(len(self._rows), MOST_HELD // kind.itemsize)
        self._count = 0
        self._file: MappedFile | None = None

    def __len__(self) -> int:
        return self._count

    def add(self, rows: Rows) -> None:
        """Put rows behind the others."""
        count = self._count + len(rows)
        if count > self._most:
            self._make_room(count + count // 16)
        self._rows[self._count : count] = rows
        self._count = count
        let_go(self._rows)

    def _make_room(self, count: int) -> None:
        """Have room for so many rows: in a file, or where there is no place in one, in memory."""
        try:
            file = self._file or MappedFile()
            found = file.rows(count, self._rows.dtype)
        except OSError:
            self._make_room_in_memory(count)
        else:
            if file is not self._file:
                found[: self._count] = self.rows
            self._file, self._rows = file, found
        self._most = len(self._rows)

    def _make_room_in_memory(self, count: int) -> None:
        if self._file is not None:
            self._file, self._rows = None, self.rows.copy()
        if count > len(self._rows):
            self._rows.resize(count, refcheck=False)

    @property
    def rows(self) -> Rows:
        """All of them; of no use any more once the pile has changed."""
        return self._rows[: self._count]

    def fold(self, texts: Texts) -> None:
        """Merge rows of the same request, which number ``texts``."""
        self._count = len(fold(self.rows, texts))

    def exchange(self, gone: npt.NDArray[np.bool_], come: Rows) -> None:
        """Put others, no more of them, in the place of some."""
        self._count = len(exchanged(self.rows, gone, come))
