"""Rows that pile up while a log is read."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import Rows, exchanged
from loganalyzer.parser.merging import fold
from loganalyzer.parser.texts import Texts

_ROOM = 17 << 20
"""Bytes that are more than :mod:`loganalyzer.parser.allocation` keeps among the others."""


class Pile:
    """Rows that are added one after another, in one piece of memory: there may be millions of them.

    That piece is large from the start, so that it lies apart from what comes and goes and can grow without moving; of
    what is never written to there is nothing but the address.
    """

    def __init__(self, kind: np.dtype[np.void]) -> None:
        self._rows: Rows = np.empty(_ROOM // kind.itemsize, kind)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rows: Rows) -> None:
        """Put rows behind the others."""
        count = self._count + len(rows)
        if count > len(self._rows):
            self._rows.resize(count + count // 16, refcheck=False)
        self._rows[self._count : count] = rows
        self._count = count

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
