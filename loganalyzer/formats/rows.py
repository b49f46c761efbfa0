"""Rows of tables and lists → canonical text: no event ids, so the order within a millisecond is inferred."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.formats.base import Chunk
from loganalyzer.formats.grammar import read
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming, Said, order_of
from loganalyzer.formats.prefixes import ROW
from loganalyzer.formats.shapes import INSIGHTS, Row, split_id
from loganalyzer.model import Coverage

INSIGHTS_NOTE = "Logs Insights loses the order within a millisecond: there, the usual order of the sentences was taken"

_MOST = 200_000
_MOST_TEXT = 32 << 20
"""Characters of messages that are held: a delivered log may have bodies of 1 MB."""


class RowWriter:
    """Collects rows, up to a bound, and writes them in order, those of each API together."""

    def __init__(self, coverage: Coverage, naming: Naming) -> None:
        self._coverage = coverage
        self._naming = naming
        self._rows: list[Row] = []
        self._size = 0

    def add(self, row: Row) -> Iterator[Chunk]:
        """Take in a row; the chunks that are ready."""
        self._rows.append(row)
        self._size += len(row.message)
        if len(self._rows) >= _MOST or self._size >= _MOST_TEXT:
            yield from self.rest()

    def rest(self) -> Iterator[Chunk]:
        """The chunks of all rows that are left."""
        rows, self._rows, self._size = self._rows, [], 0
        times = [row.time for row in rows if row.time is not None]
        if times and times[0] > times[-1]:
            rows.reverse()
        said = [_said(row) for row in rows]
        if rows and rows[0].form == INSIGHTS:
            if len(set(times)) < len(times):
                self._coverage.note(INSIGHTS_NOTE)
            said.sort(key=_usual_order)
        elif times:
            said.sort(key=lambda one: one.time or 0)
        if len({one.group for one in said}) > 1:
            said.sort(key=lambda one: one.group)
        yield from chunks_of(placed for one in said for placed in self._naming.place(one))


def _said(row: Row) -> Said:
    request_id, text = split_id(row.message)
    sentence, spelled = read(text)
    return Said(spelled, sentence, row.time, request_id or row.request_id, ROW, row.form, row.group)


def _usual_order(said: Said) -> tuple[int, float]:
    """By time, and by the order of the vocabulary within a millisecond; as they stand where there is no time."""
    return (0, 0) if said.time is None else (said.time, order_of(said.sentence, -1))
