"""The distinct texts that rows number: methods, paths, routes, APIs.

There may be as many paths as requests, so they lie in one piece of memory, with a table of numbers by hash beside it:
some 20 bytes for each beyond its own, where an object in a dictionary takes 150.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

from loganalyzer.parser.columns import stretches_of

Codes = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

TEXTS = ("method", "path", "resource", "api", "origin")
"""Columns of the request table that hold numbers of texts, 0 for none; they merge by the greatest text."""

_NUMBERING = frozenset({*TEXTS, "kind", "route"})
"""These columns, and those of :mod:`loganalyzer.parser.successes`."""

_FEWEST_SLOTS = 1 << 8
_AT_ONCE = 1 << 14


class Texts(Sequence[bytes]):
    """Distinct texts by number; 0 is the empty text, which is always there."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self._joined, self._ends = bytearray(), array("q", [0])
        self._slots = array("i")
        """A number by the hash of its text, 0 for none: at that place or in the ones behind it."""
        for text in texts:
            self.code(text)

    def __reduce__(self) -> tuple[object, tuple[Bytes, Bytes]]:
        return _restored, (np.frombuffer(self._joined, np.uint8), np.frombuffer(self._ends, np.uint8))

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, code: int) -> bytes: ...
    @overload
    def __getitem__(self, code: slice) -> list[bytes]: ...
    def __getitem__(self, code: int | slice) -> bytes | list[bytes]:
        if isinstance(code, slice):
            return [self[one] for one in range(*code.indices(len(self)))]
        return bytes(self._joined[self._ends[code - 1] : self._ends[code]]) if code else b""

    def __iter__(self) -> Iterator[bytes]:
        return map(self.__getitem__, range(len(self)))

    def code(self, text: bytes) -> int:
        """The number of ``text``, a new one if it was not seen before."""
        if not text:
            return 0
        if 2 * len(self._ends) > len(self._slots):
            self._make_room()
        place = self._place(text)
        found = self._slots[place]
        if not found:
            found = self._slots[place] = len(self._ends)
            self._joined += text
            self._ends.append(len(self._joined))
        return found

    def find(self, text: bytes) -> int:
        """The number of ``text``, 0 if it is not in the table."""
        if not self._slots:
            self._make_room()
        return self._slots[self._place(text)] if text else 0

    def codes(self, texts: Sequence[bytes]) -> Codes:
        """The numbers of many texts."""
        return np.fromiter(map(self.code, texts), np.int32, len(texts))

    def greatest(self, codes: Iterable[int]) -> int:
        """Of some numbers the one whose text comes last in the order of the texts."""
        return max(codes, key=self.__getitem__)

    def adopt(self, other: Texts, *tables: npt.NDArray[np.void]) -> None:
        """Rewrite the text columns of rows, numbered by ``other``, to the numbers of this table; signs stay."""
        _renumber(tables, self.codes(other))

    def part(self, *tables: npt.NDArray[np.void]) -> Texts:
        """No more texts than these rows number, which then number them in place of these."""
        columns = [np.abs(column) for column in _columns_of(tables)]
        used = np.unique(np.concatenate([np.zeros(1, np.int32), *columns]))
        for column in _columns_of(tables):
            column[:] = np.sign(column) * np.searchsorted(used, np.abs(column))
        return Texts(self[code] for code in used.tolist())

    def keep(self, *tables: npt.NDArray[np.void], most: float = 0.5) -> bool:
        """Hold no more texts than these rows number, and number them anew; not done if they are more than a share."""
        used = np.zeros(len(self), bool)
        for column in _columns_of(tables):
            for some in stretches_of(column):
                used[np.abs(column[some])] = True
        used[0] = True
        if np.count_nonzero(used) > most * len(used):
            return False
        joined, ends = bytearray(), array("q", [0])
        for start in range(1, len(self), _AT_ONCE):
            bounds = np.array(self._ends[start - 1 : start + _AT_ONCE])
            kept, lengths = used[start : start + _AT_ONCE], np.diff(bounds)
            text = np.frombuffer(self._joined[bounds[0] : bounds[-1]], np.uint8)
            ends.extend((len(joined) + np.cumsum(lengths[kept])).tolist())
            joined += text[np.repeat(kept, lengths)].tobytes()
        self._joined, self._ends, self._slots = joined, ends, array("i")
        _renumber(tables, np.cumsum(used, dtype=np.int32) - 1)
        return True

    def _place(self, text: bytes) -> int:
        """Where among the slots the number of the text stands, or could stand."""
        slots, last = self._slots, len(self._slots) - 1
        place = hash(text) & last
        while (code := slots[place]) and self[code] != text:
            place = place + 1 & last
        return place

    def _make_room(self) -> None:
        """Have at least four times as many slots as there are texts."""
        count = _FEWEST_SLOTS
        while count < 4 * len(self._ends):
            count *= 2
        self._slots = slots = array("i", bytes(4 * count))
        for code in range(1, len(self._ends)):
            place = hash(self[code]) & count - 1
            while slots[place]:
                place = place + 1 & count - 1
            slots[place] = code


def _columns_of(tables: Iterable[npt.NDArray[np.void]]) -> Iterator[Codes]:
    """The columns of rows that number texts."""
    for rows in tables:
        for name in _NUMBERING.intersection(rows.dtype.names or ()):
            yield rows[name]


def _renumber(tables: Iterable[npt.NDArray[np.void]], codes: Codes) -> None:
    for column in _columns_of(tables):
        for some in stretches_of(column):
            column[some] = np.sign(column[some]) * codes[np.abs(column[some])]


def _restored(joined: Bytes, ends: Bytes) -> Texts:
    """Texts as another process wrote them; the slots are made anew, for it has other hashes."""
    found = Texts()
    found._joined, found._ends = bytearray(joined), array("q", ends.tobytes())
    return found
