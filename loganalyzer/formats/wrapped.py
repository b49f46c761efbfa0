"""The family "records in lines": a time, then a record in JSON, as tools print the events of a log group that logs are
delivered to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from loganalyzer.coverage import Coverage, Example
from loganalyzer.formats import prefixes
from loganalyzer.formats.base import Chunk
from loganalyzer.formats.cleaning import clean, physical_lines
from loganalyzer.formats.fields import NO_FIELDS, Fields, Turnout
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.prefixes import Prefix
from loganalyzer.formats.records import RecordWriter
from loganalyzer.formats.shapes import decoded, names_in, record_in, row_of

_SAMPLE = 20


class Wrapped:
    """Reads lines that hold a record behind their time; see :class:`loganalyzer.formats.base.Family`."""

    name = "records in lines"

    def __init__(self, *, suffix: str = "", fields: Fields = NO_FIELDS) -> None:
        self._suffix = suffix
        self._fields = fields

    def recognises(self, head: bytes) -> bool:
        """Whether most of the first lines are a time and a record of which one at least holds a message."""
        lines = [line for line in head.decode("utf-8", "replace").split("\n")[:_SAMPLE] if line.strip()]
        records = [found[1] for line in lines if (found := _parts(clean(line))) is not None]
        known = any(self._fields.of("message") or row_of(record) is not None for record in records)
        return known and len(records) * 2 >= len(lines)

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all records, by time."""
        naming = Naming(coverage, suffix=self._suffix)
        writer = RecordWriter(coverage, naming)
        turnout = Turnout(self._fields)
        for line in map(clean, physical_lines(stream, coverage)):
            found = _parts(line)
            if found is not None:
                turnout.look(names_in(found[1]))
            row = row_of(found[1], self._fields) if found else None
            if found is None or row is None:
                coverage.unknown_lines += Example(1, line[:200]) if line.strip() else Example()
                continue
            prefix = found[0]
            time = row.time if row.time is not None else prefix.time
            yield from writer.add(replace(row, time=time, group=row.group or prefix.group, form=prefix.form))
        coverage.problems += turnout.problems()
        yield from writer.rest()
        yield from chunks_of(naming.rest())


def _parts(line: str) -> tuple[Prefix, dict[str, object]] | None:
    """What stands in front of the record of a line, and the record; None for a line that has none."""
    prefix = prefixes.read(line)
    text = line[prefix.end :]
    if not prefix.timed or prefix.id or not record_in(text):
        return None
    value = decoded(text)
    return (prefix, value) if value else None
