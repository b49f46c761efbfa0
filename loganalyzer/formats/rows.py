"""Rows of tables and lists → canonical text: no event ids, so the order within a millisecond is inferred."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.coverage import Coverage
from loganalyzer.formats import losses
from loganalyzer.formats.base import Chunk
from loganalyzer.formats.grammar import is_open, read
from loganalyzer.formats.hints import finished
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.opened import Said
from loganalyzer.formats.order import AUTHORIZING, order_of
from loganalyzer.formats.prefixes import ROW
from loganalyzer.formats.shapes import INSIGHTS, Row, split_id

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
        watch = losses.Times(self._coverage)
        for row in rows:
            watch.see(row.time)
        watch.tell()
        times = [row.time for row in rows if row.time is not None]
        if times and times[0] > times[-1]:
            rows.reverse()
        said = [_said(row) for row in rows]
        if rows and rows[0].form == INSIGHTS:
            if len(set(times)) < len(rows):
                self._coverage.note(losses.ORDER)
            said.sort(key=_UsualOrder(said))
        elif times:
            said.sort(key=lambda one: one.time or 0)
        if len({one.group for one in said}) > 1:
            said.sort(key=lambda one: one.group)
        yield from chunks_of(placed for one in said for placed in self._naming.place(one))


def _said(row: Row) -> Said:
    request_id, text = split_id(row.message)
    sentence, spelled = read(text)
    meant = finished(spelled) if is_open(sentence) else None
    sentence, spelled = meant or (sentence, spelled)
    guessed = meant is not None
    return Said(spelled, sentence, row.time, request_id or row.request_id, ROW, row.form, row.group, guessed)


class _UsualOrder:
    """By time, and by the order of the vocabulary within a millisecond; as they stand where there is no time."""

    def __init__(self, events: list[Said]) -> None:
        self._authorized: dict[str, int] = {}
        self._started = {said.id for said in events if said.sentence.step == "authorizer start"}
        for said in events:
            if said.sentence.bound and said.time is not None:
                self._authorized[said.id] = min(said.time, self._authorized.get(said.id, said.time))

    def __call__(self, said: Said) -> tuple[int, float]:
        if said.time is None:
            return 0, 0
        waits = said.id in self._started and said.time < self._authorized.get(said.id, said.time + 1)
        return said.time, order_of(said.sentence, AUTHORIZING if waits else -1)
