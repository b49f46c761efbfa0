"""Records of JSON, w3c and plain text → canonical text: most say time and request id and need no second thought."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.coverage import Coverage
from loganalyzer.formats.base import Chunk, Origin
from loganalyzer.formats.fields import NO_FIELDS, Turnout
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.pages import PageWriter
from loganalyzer.formats.rows import RowWriter
from loganalyzer.formats.shapes import INSIGHTS, Row, split_id

_MOST = 5_000
_MOST_TEXT = 4 << 20
"""Characters of messages that are held: a delivered log may have bodies of 1 MB."""


class RecordWriter:
    """Collects records, up to a bound, and writes them by time, those of each API together."""

    def __init__(self, coverage: Coverage, naming: Naming) -> None:
        self._pages = PageWriter(coverage, naming, Turnout(NO_FIELDS))
        self._rows = RowWriter(coverage, naming)
        self._held: dict[Origin, list[LogEvent]] = {}
        self._count = 0
        self._size = 0

    def add(self, row: Row) -> Iterator[Chunk]:
        """Take in a record; the chunks that are ready. What lacks time, id or order waits for others to tell."""
        known = row.message if split_id(row.message)[0] else f"({row.request_id}) {row.message}" * bool(row.request_id)
        if not known or row.time is None or row.form == INSIGHTS:
            yield from self._rows.add(row)
            return
        self._held.setdefault(Origin(row.form, group=row.group), []).append(LogEvent(known, row.time))
        self._count += 1
        self._size += len(known)
        if self._count >= _MOST or self._size >= _MOST_TEXT:
            yield from self._write()

    def rest(self) -> Iterator[Chunk]:
        """The chunks of all records that are left."""
        yield from self._write()
        yield from self._pages.rest()
        yield from self._rows.rest()

    def _write(self) -> Iterator[Chunk]:
        held, self._held, self._count, self._size = self._held, {}, 0, 0
        for origin, events in held.items():
            if (events[0].timestamp or 0) > (events[-1].timestamp or 0):
                events.reverse()
            yield from self._pages.write(events, origin)
