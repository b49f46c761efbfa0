"""Rows of the request table as people are given them: texts instead of numbers, the diagnosis beside, the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.judged.columns import ColumnReader, Columns, requests_in
from loganalyzer.judged.diagnosed import Carried, Diagnosed, of_part
from loganalyzer.judged.told import told
from loganalyzer.model import Request
from loganalyzer.parser.allocation import give_back_freed_memory
from loganalyzer.parser.columns import Ints, changes

_PART = 1024
"""So many requests are told at a time, fewer if they have more text."""

_PART_TEXT = 1 << 20


class Records:
    """Gives out rows of a table that was judged by ``entries``.

    ``cached_policy`` tells for a row whose policy it was that it was denied by.
    """

    def __init__(self, found: Diagnosed, *, entries: Mapping[str, Entry], cached_policy: Callable[[int], str]) -> None:
        self._found = found
        self._told = [told(diagnosis, entries) for diagnosis in found.diagnoses]
        self._reader = ColumnReader(found, self._told, cached_policy=cached_policy)

    def of(self, which: Ints) -> Iterator[Request]:
        """The requests in these rows, in this order."""
        for columns in self.columns(which):
            yield from requests_in(columns)

    def columns(self, which: Ints) -> Iterator[Columns]:
        """The same in columns, some at a time."""
        return (self.in_columns(which[start : start + _PART]) for start in range(0, len(which), _PART))

    def in_columns(self, which: Ints) -> Columns:
        """The same in columns, all at once."""
        return self._reader.read(which)

    def parts(self, which: Ints, *, elsewhere: bool) -> list[Part]:
        """The requests in these rows, in this order, in parts; ``elsewhere`` says that they are to be pickled.

        All are in one, which cannot, where requests share their ids: then the log has to be at hand.
        """
        if not elsewhere or self._found.closer.needs_the_log:
            return [Part(self, self._found, which)] if len(which) else []
        filled = np.arange(len(which)) / _PART + np.cumsum(self._found.closer.kept.sizes(which)) / _PART_TEXT
        ends = changes(filled.astype(np.int64))[1:]
        del filled
        give_back_freed_memory()  # for what telling them takes
        return [Part(self, self._found, some) for some in np.split(which, ends)]


class Part:
    """Some requests in order: told here or, as it can be pickled, in another process.

    Of those denied by a cached policy it is not said there whose it was.
    """

    def __init__(self, records: Records, found: Diagnosed, which: Ints) -> None:
        self._records, self._found, self._which = records, found, which

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return _remade, (self._found.part(self._which),)

    def __iter__(self) -> Iterator[Request]:
        return self._records.of(self._which)

    def columns(self) -> Iterator[Columns]:
        """The same in columns, some at a time."""
        return self._records.columns(self._which)


def _remade(carried: Carried) -> Part:
    """A part as it was pickled, judged by the built-in catalogue."""
    found = of_part(*carried)
    records = Records(found, entries=catalogue(), cached_policy=lambda index: CACHED)
    return Part(records, found, np.arange(len(found.case)))
