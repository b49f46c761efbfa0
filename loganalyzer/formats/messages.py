"""The texts of events out of any container, whatever log they are of: for what is read beside the execution log.

The containers are those that execution logs come in (S3 export, pages of filter-log-events, subscription and Firehose
records, the console's CSV, plain text, JSON lines); what the events say is not looked at.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.errors import LogAnalyzerError
from loganalyzer.formats import foreign, unpack
from loganalyzer.formats.fields import plain
from loganalyzer.formats.inputs import Input
from loganalyzer.formats.jsonvalues import JsonValues, LogEvent, NotJson
from loganalyzer.formats.shapes import packed_in, time_of

_LONGEST = 4 << 20
_DEEPEST = 4
_JSON = re.compile(rb"\s*[\[{]")
_NAME = re.compile(r'\s*"?[@$]?[A-Za-z_][\w.@ -]{0,60}"?\s*')
_WRAPPED = frozenset({"eventid", "id", "logstreamname", "logstream", "ingestiontime", "ptr", "log"})
_TIMES = ("timestamp", "time")
_ARRAYS = ("results", "Records", "records", "events", "logEvents")
_TIP = "copy or download the file again"


class Message(NamedTuple):
    """One event: its time (ms since 1970, None where only the text tells), and its text or the object that it is."""

    time: int | None
    text: str
    value: dict[str, Any] | None = None


def messages_of(source: Input, coverage: Coverage) -> Iterator[Message]:
    """The events of an input one by one, in bounded memory; what cannot be read stands in ``coverage``."""
    damage: dict[str, None] = {}
    opened: list[BinaryIO] = []

    def reopen() -> BinaryIO:
        opened.append(source.remote.open() if source.remote else source.path.open("rb"))
        return opened[-1]

    try:
        if source.origin:
            yield from _stored(unpack.unpacked(reopen, damage.setdefault)[1])
        else:
            yield from _unpacked(reopen, damage.setdefault, depth=0)
    except OSError as error:
        what = f"the file cannot be read: {error.strerror or error}"
        coverage.problems.append(Problem(source.name, what, "check the path and the permissions"))
    except LogAnalyzerError as error:
        coverage.problems.append(Problem(source.name, error.message, error.tip))
    finally:
        for stream in opened:
            stream.close()
    coverage.problems.extend(Problem(source.name, what, _TIP) for what in damage)


_CANONICAL = re.compile(r"(\S+) \(([^()\s]*)\) (.*)", re.DOTALL)


def _stored(stream: BinaryIO) -> Iterator[Message]:
    """The events that a fetch has stored: a line that begins with a TAB continues the one before."""
    held = ""
    for line in _lines(stream):
        if line.text.startswith("\t"):
            held += f"\n{line.text[1:]}"
            continue
        if held:
            yield _event(held)
        held = line.text
    if held:
        yield _event(held)


def _event(text: str) -> Message:
    """An event of canonical text, its request id where it has one as a part of it."""
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return Message(None, text)
    said = found[3] if found[2] == "-" else f"({found[2]}) {found[3]}"
    return Message(time_of([found[1]]), said)


def _unpacked(reopen: Callable[[], BinaryIO], report: unpack.Report, *, depth: int) -> Iterator[Message]:
    head, stream = unpack.unpacked(reopen, report)
    if not head.strip() or foreign.is_binary(head):
        return
    if _JSON.match(head):
        yield from _json(stream, report, depth=depth)
    else:
        first = head.lstrip().split(b"\n", 1)[0][:4000].decode("utf-8", "replace")
        delimiter = next((mark for mark in ",\t" if _is_header(first, mark)), "")
        yield from _table(stream, delimiter) if delimiter else _lines(stream)


def _json(stream: BinaryIO, report: unpack.Report, *, depth: int) -> Iterator[Message]:
    try:
        for part in JsonValues(stream).parts():
            if part.page is not None:
                events = part.page.logEvents or part.page.events or []
                yield from (Message(event.timestamp, event.message) for event in events)
            for item in part.items:
                yield from _item(item, report, depth=depth)
    except NotJson as end:
        yield from _lines(unpack.Rejoined(end.rest, stream))  # type: ignore[arg-type]


def _item(item: object, report: unpack.Report, *, depth: int) -> Iterator[Message]:
    if isinstance(item, LogEvent):
        yield Message(item.timestamp, item.message)
    elif isinstance(item, str):
        yield Message(None, item)
    elif isinstance(item, list):
        if item and all(isinstance(cell, dict) and {"field", "value"} <= cell.keys() for cell in item):
            item = [{str(cell["field"]): cell["value"] for cell in item}]  # a row of Insights
        for inner in item:
            yield from _item(inner, report, depth=depth)
    elif isinstance(item, dict) and (rows := [item[key] for key in _ARRAYS if isinstance(item.get(key), list)]):
        for inner in rows:
            for row in inner:
                yield from _item(row, report, depth=depth)
    elif isinstance(item, dict):
        packed = packed_in(item)
        if packed is None:
            yield _object(item)
        elif depth < _DEEPEST:
            yield from _unpacked(lambda: io.BytesIO(packed), report, depth=depth + 1)


def _object(item: dict[str, Any]) -> Message:
    """An event in an object of CloudWatch's own, or an object that is the event."""
    names = {plain(str(key)): value for key, value in item.items()}
    message = names.get("message")
    wrapped = "@message" in item or not _WRAPPED.isdisjoint(names) or names.keys() <= {"message", *_TIMES}
    time = time_of(names[name] for name in _TIMES if name in names)
    if isinstance(message, str) and wrapped:
        return Message(time, message)
    return Message(time, "", item)


def _is_header(line: str, delimiter: str) -> bool:
    cells = line.rstrip("\r").split(delimiter)
    return len(cells) > 1 and all(_NAME.fullmatch(cell) for cell in cells)


def _table(stream: BinaryIO, delimiter: str) -> Iterator[Message]:
    csv.field_size_limit(_LONGEST)
    rows = csv.reader((line.text + "\n" for line in _lines(stream)), delimiter=delimiter)
    names = next(rows, [])
    try:
        for row in rows:
            yield _object(dict(zip((name.strip() for name in names), row, strict=False)))
    except csv.Error:
        return


def _lines(stream: BinaryIO) -> Iterator[Message]:
    """Every line that says something; one that is too long ends where it does."""
    left = b""
    while block := stream.read(1 << 20):
        *whole, left = (left + block).split(b"\n")
        for line in whole:
            if line:
                yield Message(None, line.decode("utf-8", "replace").rstrip("\r"))
        left = left[:_LONGEST]
    if left.strip():
        yield Message(None, left.decode("utf-8", "replace").rstrip("\r"))
