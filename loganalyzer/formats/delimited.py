"""The family "delivered text": the w3c and plain forms of log delivery, one record a line, fields between delimiters.

The customer chooses the fields and the delimiter (``recordFields`` and ``fieldDelimiter`` of
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html). A ``#Fields:`` line names
the fields of w3c (https://www.w3.org/TR/WD-logfile.html); plain text has none, there the values tell, and the user may
say a field by its number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO
from urllib.parse import unquote

from loganalyzer.coverage import Coverage, Example
from loganalyzer.formats import prefixes
from loganalyzer.formats.base import Chunk
from loganalyzer.formats.cleaning import LONGEST_LINE, clean, physical_lines
from loganalyzer.formats.fields import NO_FIELDS, Fields, Turnout, candidates, no_message, plain
from loganalyzer.formats.grammar import UUID, holds_message
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.records import RecordWriter
from loganalyzer.formats.shapes import is_message, row_of, time_of

_FIELDS = re.compile(r"#\s?fields:\s*(?P<names>\S.*)", re.IGNORECASE)
_DELIMITERS = "\t|;, "
_UUID = re.compile(UUID)
_ARN = re.compile(r"arn:\S+/restapis/\S+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FIELD = re.compile(r"[\w.:/@~$+*=\[\]-]*(?: [\d:.+-]+Z?)?")
_LEAST_RECORDS = 2
_SAMPLE = 60
_MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class Layout:
    """How the cells of a line lie: the delimiter, the names of the fields, and which of them is the message.

    ``whole`` says that the message takes the rest of the line, with delimiters in it.
    """

    delimiter: str
    names: tuple[str, ...]
    message: int
    form: str
    whole: bool = False

    def cells(self, line: str) -> list[str] | None:
        """The cells of a line that is a record; None for one that goes on with the record above."""
        parts = line.split(self.delimiter, self.message) if self.whole else line.split(self.delimiter)
        spare = len(parts) - len(self.names)
        if spare < 0:
            return None
        if spare:
            at = self.message
            parts = [*parts[:at], self.delimiter.join(parts[at : at + spare + 1]), *parts[at + spare + 1 :]]
        return [_bare(part) for part in parts]


class Delivered:
    """Reads w3c and plain text of log delivery; see :class:`loganalyzer.formats.base.Family`."""

    name = "delivered text"

    def __init__(self, *, suffix: str = "", fields: Fields = NO_FIELDS) -> None:
        self._suffix = suffix
        self._fields = fields

    def recognises(self, head: bytes) -> bool:
        """Whether a ``#Fields:`` line stands at the top, or the lines have an id or a time where no other form has."""
        lines = head[:LONGEST_LINE].decode("utf-8", "replace").split("\n")
        sample = [line.rstrip("\r") for line in lines[:_SAMPLE] if line.strip()]
        return any(map(_FIELDS.match, sample[:5])) or _plain_layout(sample[: len(lines) - 1 or 1]) is not None

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all records, by time."""
        naming = Naming(coverage, suffix=self._suffix)
        writer = RecordWriter(coverage, naming)
        lines = (clean(line) for line in physical_lines(stream, coverage))
        turnout = Turnout(self._fields)
        for layout, cells in _records(lines, self._fields, coverage):
            value = _named(layout, cells)
            turnout.look(value)
            row = row_of(value, self._fields)
            if row is None:
                coverage.unknown_lines += Example(1, layout.delimiter.join(cells)[:200])
            else:
                yield from writer.add(replace(row, form=layout.form))
        coverage.problems += turnout.problems()
        yield from writer.rest()
        yield from chunks_of(naming.rest())


def _records(lines: Iterator[str], fields: Fields, coverage: Coverage) -> Iterator[tuple[Layout, list[str]]]:
    """The records, each with its layout; lines that are none go on with the message of the record above."""
    sample = _sample(lines)
    header = next((found["names"] for line in sample if (found := _FIELDS.match(line))), "")
    layout = _w3c_layout(header, sample, fields) if header else _plain_layout(sample, fields)
    if layout is None:
        coverage.problems.append(no_message(_split_names(header)))
        return
    open_: list[str] | None = None
    for line in _again(sample, lines):
        if line.startswith("#") and (open_ is None or _FIELDS.match(line) or line.startswith("#Version:")):
            continue
        cells = layout.cells(line)
        if cells is None or not _starts(layout, cells):
            if open_ is not None:
                open_[layout.message] += "\n" + line
            elif line.strip():
                coverage.unknown_lines += Example(1, line[:200])
            continue
        if open_ is not None:
            yield layout, open_
        open_ = cells
    if open_ is not None:
        yield layout, open_


def _sample(lines: Iterator[str]) -> list[str]:
    sample: list[str] = []
    for line in lines:
        if line.strip():
            sample.append(line)
        if len(sample) >= _SAMPLE:
            break
    return sample


def _again(sample: Iterable[str], lines: Iterator[str]) -> Iterator[str]:
    yield from sample
    yield from lines


def _starts(layout: Layout, cells: Sequence[str]) -> bool:
    """Whether cells begin a record: where they have a time, it is one; nothing else tells a logged line from one."""
    times = [cell for name, cell in zip(layout.names, cells, strict=True) if plain(name) in _TIMES]
    return not times or any(time_of([cell]) is not None or _DATE.match(cell) for cell in times)


_TIMES = ("timestamp", "eventtimestamp", "time", "eventtime", "date", "datetime")


def _named(layout: Layout, cells: Sequence[str]) -> dict[str, str]:
    """The record by the names of its fields, without empty ones; the date and time of w3c are put together."""
    value = {name: cell for name, cell in zip(layout.names, cells, strict=True) if cell not in ("", "-")}
    text = value.get(layout.names[layout.message], "")
    if "%20" in text and " " not in text:
        value[layout.names[layout.message]] = unquote(text)
    if _DATE.fullmatch(value.get("date", "")) and "time" in value:
        value = {"timestamp": f"{value['date']} {value['time']}", **value}
    return value


def _bare(cell: str) -> str:
    """A cell without the quotation marks around it."""
    text = cell.strip()
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text


def _split_names(header: str) -> tuple[str, ...]:
    """The names of a ``#Fields:`` line, whatever stands between them."""
    between = next((mark for mark in "\t|;," if mark in header), None)
    return tuple(filter(None, (name.strip().strip('"') for name in header.split(between))))


def _w3c_layout(header: str, sample: Sequence[str], fields: Fields) -> Layout | None:
    """The layout of lines below a ``#Fields:`` line; their delimiter need not be that of the line."""
    names = _split_names(header)
    records = [line for line in sample if not line.startswith("#")]
    known = candidates(names, fields)["message"]
    best: Layout | None = None
    most = -1
    for delimiter in _DELIMITERS:
        for at in [names.index(known[0])] if known else range(len(names)):
            layout = Layout(delimiter, names, at, "log delivery (w3c)")
            hits = sum(is_message(_message_in(cells, at)) for line in records if (cells := layout.cells(line)))
            if hits > most:
                best, most = layout, hits
    return best if known or most > 0 else None


def _message_in(cells: Sequence[str], at: int) -> str:
    text = cells[at]
    return unquote(text) if "%20" in text else text


def _plain_layout(sample: Sequence[str], fields: Fields = NO_FIELDS) -> Layout | None:
    """The layout of lines without a header: the same cell begins with a message in them, others are a time or an id.

    None where the lines are of a form that has no need of it, since the text reader sees as much in them.
    """
    for delimiter in _DELIMITERS:
        split = [line.split(delimiter, _MOST_FIELDS) for line in sample]
        starts = Counter(at for parts in split if (at := _message_at(parts, delimiter)) > 0)
        if not starts:
            continue
        at, hits = starts.most_common(1)[0]
        records = [parts for parts in split if len(parts) > at and _message_at(parts, delimiter) == at]
        if hits * 2 < len(sample) or not all(_is_fields(parts[:at]) for parts in records):
            continue
        if (delimiter == " " and hits < _LEAST_RECORDS) or not _says_more(records, at, delimiter):
            continue
        wide = {len(parts) for parts in records}
        whole = len(wide) > 1 or delimiter == " "
        count = at + 1 if whole else wide.pop()
        return Layout(delimiter, _numbered(records, at, count, fields), at, "log delivery (plain text)", whole)
    return None


def _is_fields(cells: Sequence[str]) -> bool:
    """Whether what stands in front of a message are values of fields: no prose, no paste, no other message."""
    return all(_FIELD.fullmatch(_bare(cell)) for cell in cells) and not holds_message(" ".join(cells))


def _message_at(parts: Sequence[str], delimiter: str) -> int:
    """Which cell begins with a message, -1 if none does."""
    for at, part in enumerate(parts):
        if (part[:1].isupper() or part[:1] in '("') and is_message(_bare(delimiter.join(parts[at:]))):
            return at
    return -1


def _says_more(records: Sequence[Sequence[str]], at: int, delimiter: str) -> bool:
    """Whether cells give an id or a time that the text reader does not find in front of the message."""
    prefix = prefixes.read(delimiter.join(records[0]))
    known_id = prefix.id or _bare(records[0][at]).startswith("(")
    has_id = any(_UUID.fullmatch(_bare(cell)) for cell in records[0][:at])
    has_time = any(time_of([_bare(cell)]) is not None for cell in records[0][:at])
    return (has_id and not known_id) or (has_time and prefix.time is None and bool(has_id or known_id))


_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("request_id", lambda cell: _UUID.fullmatch(cell) is not None),
    ("timestamp", lambda cell: time_of([cell]) is not None),
    ("resource_arn", lambda cell: _ARN.fullmatch(cell) is not None),
)
"""What the values of a cell tell about it."""


def _numbered(records: Sequence[Sequence[str]], at: int, count: int, fields: Fields) -> tuple[str, ...]:
    """Names for the cells: what their values tell, else their numbers, by which the user may name them too."""
    names = [str(number) for number in range(1, count + 1)]
    said = {name for _, name in fields.said}
    names[at] = names[at] if names[at] in said else "message"
    for kind, fits in _KINDS:
        for place in range(min(at, count)):
            if names[place].isdecimal() and names[place] not in said and all(fits(_bare(r[place])) for r in records):
                names[place] = kind
                break
    return tuple(names)
