"""The family "table": the console's CSV, Insights as CSV, TSV or Markdown, and the text output of the AWS CLI."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import BinaryIO

from loganalyzer.coverage import Coverage, Example
from loganalyzer.formats.base import Chunk
from loganalyzer.formats.cleaning import LONGEST_LINE, clean, physical_lines
from loganalyzer.formats.fields import NO_FIELDS, Fields, Turnout, plain
from loganalyzer.formats.grammar import holds_message
from loganalyzer.formats.lines import chunks_of, said_in
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.rows import RowWriter
from loganalyzer.formats.shapes import INSIGHTS, Row, is_message, names_in, row_of, time_of

_DELIMITERS = ",\t|;"
_NAMES = frozenset({"message", "msg", "payload"})
_OTHERS = frozenset(
    {"timestamp", "time", "logstream", "logstreamname", "rid", "requestid", "ingestiontime", "ptr", "log"}
    | {"eventtimestamp", "resourcearn"}
)
_LONGEST_NAME = 80
_RULE = re.compile(r"[\s|:+-]+$")
_CLI = re.compile(
    r"EVENTS\t(?:\d{50,60}\t)?\d{13}\t(?:[0-9a-zA-Z_./\[\]$-]+\t(?=[^\t]))?(?P<message>.*)\t(?P<time>\d{13})$",
    re.DOTALL,
)
_QUERY = re.compile(r"\W*(?:fields|display|filter|parse|sort|stats)\s+@", re.IGNORECASE)
"""How a query of Logs Insights begins, which names the columns as a header does."""
_MOST_LINES = 5_000
_NEAR = 4_000


class Tables:
    """Reads tables with a header that names a message column; see :class:`loganalyzer.formats.base.Family`."""

    name = "table"

    def __init__(self, *, suffix: str = "", fields: Fields = NO_FIELDS) -> None:
        self._suffix = suffix
        self._fields = fields

    def recognises(self, head: bytes) -> bool:
        """Whether the first line is such a header, or a row of the CLI's text output."""
        first = head.lstrip().split(b"\n", 1)[0][:4000].decode("utf-8", "replace").strip()
        return (
            first.startswith("EVENTS\t") or header_of(first, self._fields) is not None or b"\nEVENTS\t" in head[:_NEAR]
        )

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all rows, by time."""
        naming = Naming(coverage, suffix=self._suffix)
        writer = RowWriter(coverage, naming)
        lines = (clean(line) for line in physical_lines(stream, coverage))
        first = next((line for line in lines if line.strip()), "")
        found = header_of(first, self._fields)
        turnout = Turnout(self._fields)
        rows = _cli_rows(first, lines) if found is None else _rows(found[0], found[1], lines, turnout)
        for row in rows:
            if isinstance(row, Row):
                yield from writer.add(row)
            elif self._fields.of("message"):
                coverage.unknown_lines += Example(1, row[:200])
            else:
                yield from writer.rest()
                yield from _foreign(row, coverage, naming)
        coverage.problems += turnout.problems()
        yield from writer.rest()
        yield from chunks_of(naming.rest())


def header_of(line: str, fields: Fields = NO_FIELDS) -> tuple[str, list[str]] | None:
    """The delimiter and the column names of a header that names a message; None if ``line`` is none."""
    said = plain(fields.of("message"))
    if _QUERY.match(line) or holds_message(line):
        return None  # a whole table on one line is text: it has no rows
    for delimiter in _DELIMITERS:
        names = [plain(name) for name in line.strip().strip("|").split(delimiter)]
        if "@message" in line and "message" in names:
            return delimiter, _names(line, delimiter)
        if said and said in names and (len(names) > 1 or len(line) < _LONGEST_NAME):
            return delimiter, _names(line, delimiter)
        if not _NAMES.isdisjoint(names) and not _OTHERS.isdisjoint(names):
            return delimiter, _names(line, delimiter)
    return None


def _names(line: str, delimiter: str) -> list[str]:
    return [name.strip().strip('"') for name in line.strip().strip("|").split(delimiter)]


def _rows(delimiter: str, names: list[str], lines: Iterable[str], turnout: Turnout) -> Iterator[Row | str]:
    """The rows below the header; text for one that holds no message."""
    csv.field_size_limit(LONGEST_LINE)
    form = INSIGHTS if any(name.startswith("@") for name in names) else "console CSV"
    for row in _split(lines) if delimiter == "|" else _read_csv(lines, delimiter):
        if isinstance(row, str):
            yield row
            continue
        if not any(cell.strip() for cell in row):
            continue
        value = dict(zip(names, _fitted(row, names, delimiter), strict=False))
        if turnout.fields:
            turnout.look(names_in(value))
        found = row_of(value, turnout.fields)
        yield replace(found, form=form) if found else delimiter.join(row)


def _read_csv(lines: Iterable[str], delimiter: str) -> Iterator[list[str] | str]:
    """The cells of each row; the text of a line that the format does not allow."""
    last = ""

    def ended() -> Iterator[str]:
        nonlocal last
        for last in lines:
            yield last + "\n"

    rows = csv.reader(ended(), delimiter=delimiter)
    while True:
        try:
            yield next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield last


def _split(lines: Iterable[str]) -> Iterator[list[str]]:
    """The cells of a Markdown table."""
    for line in lines:
        if not _RULE.match(line):
            yield [cell.strip() for cell in line.strip().strip("|").split("|")]


def _fitted(row: list[str], names: list[str], delimiter: str) -> list[str]:
    """Cells that match the columns: a number in front goes, a message with delimiters in it is whole again."""
    if len(row) > len(names) and row[0].strip().isdecimal() and len(row[0].strip()) < 6:
        row = row[1:]
    spare = len(row) - len(names)
    at = next((i for i, name in enumerate(names) if plain(name) in _NAMES), len(names) - 1)
    if spare > 0:
        row = [*row[:at], delimiter.join(row[at : at + spare + 1]), *row[at + spare + 1 :]]
    return [cell.strip("\r\n") for cell in row]


def _cli_rows(first: str, lines: Iterable[str]) -> Iterator[Row | str]:
    """The rows of ``--output text``; a message with line breaks goes on over lines."""
    held: list[str] = [first]
    for line in lines:
        if line.startswith("EVENTS\t") or len(held) > _MOST_LINES:
            yield _cli_row("\n".join(held))
            held = []
        held.append(line)
    yield _cli_row("\n".join(held))


def _cli_row(text: str) -> Row | str:
    found = _CLI.match(text.rstrip("\n"))
    if found is None or not is_message(found["message"]):
        return text
    return Row(found["message"], time_of([found["time"]]), "", "AWS CLI text")


def _foreign(text: str, coverage: Coverage, naming: Naming) -> Iterator[Chunk]:
    """A row that is none: it may still hold messages, else it is counted."""
    missed = Coverage()
    events = list(said_in(text.split("\n"), missed, naming=naming))
    if events:
        yield from chunks_of(events)
        coverage.merge(missed)
    else:
        coverage.unknown_lines += Example(1, text[:200])
