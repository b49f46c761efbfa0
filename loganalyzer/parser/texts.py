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

Codes = npt.NDArray[np.int32]

TEXTS = ("method", "path", "resource", "api", "origin")
"""Columns of the request table that hold numbers of texts, 0 for none; they merge by the greatest text."""

_FEWEST_SLOTS = 1 << 8


class Texts(Sequence[bytes]):
    """Distinct texts by number; 0 is the empty text, which is always there."""

    def __init__(self, texts: Iterable[bytes] = ()) -> None:
        self._joined, self._ends = bytearray(), array("q", [0])
        self._slots = array("i")
        """A number by the hash of its text, 0 for none: at that place or in the ones behind it."""
        for text in texts:
            self.code(text)

    def __reduce__(self) -> tuple[object, tuple[bytearray, array[int]]]:
        return _restored, (self._joined, self._ends)  # hashes differ from process to process

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
        codes = self.codes(other)
        for rows in tables:
            for name in {*TEXTS, "kind", "route"}.intersection(rows.dtype.names or ()):
                rows[name] = np.sign(rows[name]) * codes[np.abs(rows[name])]

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


def _restored(joined: bytearray, ends: array[int]) -> Texts:
    found = Texts()
    found._joined, found._ends = joined, ends
    return found
