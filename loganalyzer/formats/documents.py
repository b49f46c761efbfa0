"""The family "JSON": pages of events, subscription records, answers of TestInvoke, Insights results."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, cast

from loganalyzer.coverage import Coverage, Example, Problem
from loganalyzer.formats import losses, unpack
from loganalyzer.formats.base import Chunk, Origin
from loganalyzer.formats.cleaning import physical_lines
from loganalyzer.formats.fields import NO_FIELDS, Fields, Turnout
from loganalyzer.formats.foreign import is_other_record
from loganalyzer.formats.grammar import holds_message, read
from loganalyzer.formats.jsonvalues import JsonValues, LogEvent, NotJson, Page, Part
from loganalyzer.formats.lines import chunks_of, said_in
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.pages import PageWriter
from loganalyzer.formats.pasted import is_paste, is_test_line, pastes_in, spoken_in
from loganalyzer.formats.records import RecordWriter
from loganalyzer.formats.shapes import Found, Packed, Row, TestLog, in_value, is_message, names_in

_IN_PROSE = re.compile(
    rb'\n[ \t]*(?=[\[{]\s*[\[{]?\s*"(?:events|messageType|logEvents|awslogs|Records|records|results|log|@timestamp|'
    rb'@message|logStreamName|eventId|requestId|timestamp|(?:status|clientStatus|body|headers)"(?s:.{1,4000}?)"log|'
    rb'message"(?s:.{1,2000}?)"timestamp)")'
)
_PROSE = 8_000
_JSON = re.compile(rb'\s*(?:\[\s*"|(?:\[\s*)*(?:\{\s*["}]|\]))')
_MOST_LINES = 100_000
_MOST_NESTED = 4
_MOST_SPOKEN = 20
_MOST_KEPT = 1 << 18
"""Bytes of the first events that are kept for what may stand below a document."""


class Json:
    """Reads JSON of any length; see :class:`loganalyzer.formats.base.Family`."""

    name = "JSON"

    def __init__(
        self, *, suffix: str = "", fields: Fields = NO_FIELDS, naming: Naming | None = None, depth: int = 0
    ) -> None:
        self._suffix = suffix
        self._fields = fields
        self._naming = naming
        self._depth = depth

    def recognises(self, head: bytes) -> bool:
        """Whether the text begins like an object or an array of objects."""
        return _JSON.match(head) is not None or _start_in_prose(head) > 0

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all values; where the JSON ends, the rest is read as text."""
        naming = self._naming or Naming(coverage, suffix=self._suffix)
        head = unpack.filled(stream, unpack.HEAD)
        start = 0 if _JSON.match(head) else _start_in_prose(head)
        for line in head[:start].decode("utf-8", "replace").splitlines():
            coverage.unknown_lines += Example(1, line[:200]) if line.strip() else Example()
        stream = cast(BinaryIO, unpack.Rejoined(head[start:], stream))
        walk = _Walk(coverage, naming, self._fields, self._depth)
        try:
            yield from walk.chunks(JsonValues(stream, events=not self._fields.of("message")).parts())
        except NotJson as end:
            yield from walk.rest()
            naming.logged = naming.logged or walk.told.has_failure()
            if end.cut:
                what = "the JSON document ends in the midst of a value: what stands before was read"
                coverage.problems.append(Problem("", what, "copy or download the document again"))
            left = physical_lines(cast(BinaryIO, unpack.Rejoined(end.rest, stream)), coverage)
            yield from chunks_of(said_in(left, coverage, naming=naming))


def _start_in_prose(head: bytes) -> int:
    """Where a document begins that somebody has put words in front of; 0 where there is none."""
    found = _IN_PROSE.search(head, 0, _PROSE)
    if found is None or holds_message(head[: found.start()].decode("utf-8", "replace")):
        return 0
    return found.end()


class _Told:
    """What a document has told so far: whether any event, and the first ones, of which words below it may speak."""

    def __init__(self) -> None:
        self.anything = False
        self._first: list[bytes] = []
        self._room = _MOST_KEPT

    def noting(self, chunks: Iterable[Chunk]) -> Iterator[Chunk]:
        """The chunks, noted as they go by."""
        for chunk in chunks:
            self.anything = True
            if len(chunk.text) <= self._room:
                self._room -= len(chunk.text)
                self._first.append(chunk.text)
            yield chunk

    def has_failure(self) -> bool:
        """Whether one of the first events tells a failure."""
        lines = b"".join(self._first).decode("utf-8", "replace").split("\n")
        return any(read(line.partition(") ")[2])[0].rank for line in lines)


class _Walk:
    """Turns the parts of a JSON stream into chunks; ``told`` is what they have told so far."""

    def __init__(self, coverage: Coverage, naming: Naming, fields: Fields, depth: int) -> None:
        self.told = _Told()
        self._coverage = coverage
        self._depth = depth
        self._naming = naming
        self._fields = fields
        self._turnout = Turnout(fields)
        self._pages = PageWriter(coverage, naming, self._turnout)
        self._rows = RecordWriter(coverage, naming)
        self._lines: list[str] = []
        self._spoken: list[str] = []
        self._more_pages = False

    def chunks(self, parts: Iterable[Part]) -> Iterator[Chunk]:
        """The events of all parts; where there is none, what texts in them speak of."""
        for part in parts:
            yield from self.told.noting(self._part(part))
        yield from self.rest()
        for text in () if self.told.anything else self._spoken:
            yield from self._pasted(text)

    def rest(self) -> Iterator[Chunk]:
        """What was held back to be ordered, and what there is to say at the end."""
        yield from self.told.noting(self._held())
        if self._more_pages:
            self._coverage.note(losses.ONE_PAGE)
            self._more_pages = False
        self._coverage.problems += self._turnout.problems()
        self._turnout.forget()

    def _held(self) -> Iterator[Chunk]:
        yield from self._pages.rest()
        yield from self._rows.rest()
        yield from self._log_of_lines()

    def _log_of_lines(self) -> Iterator[Chunk]:
        """The texts that stood alone: a list of them is a log line by line."""
        texts, self._lines = self._lines, []
        lines = (line for text in texts for line in text.split("\n"))
        yield from chunks_of(said_in(lines, self._coverage, naming=self._naming))

    def _part(self, part: Part) -> Iterator[Chunk]:
        if part.page is not None:
            return self._page(part.page)
        if part.key in ("events", "logEvents", "", "logs", "messages") and (part.typed or not part.items):
            return self._slice(part)
        return self._others(part)

    def _page(self, page: Page) -> Iterator[Chunk]:
        if page.messageType == "CONTROL_MESSAGE":
            return
        self._more_pages = page.nextToken is not None
        yield from self._pages.add(page.logEvents or page.events or [], _origin(page))

    def _slice(self, part: Part) -> Iterator[Chunk]:
        around = part.around
        if part.last:
            self._more_pages = isinstance(around.get("nextToken"), str)
            self._note_unfinished(around)
            yield from self._pages.end_page()
        elif around.get("messageType") != "CONTROL_MESSAGE":
            known = {key: value for key, value in around.items() if isinstance(value, str)}
            page = Page(
                logEvents=[] if part.key == "logEvents" else None,
                logGroup=known.get("logGroup", ""),
                owner=known.get("owner", ""),
            )
            yield from self._pages.write(part.items, _origin(page))

    def _note_unfinished(self, answer: dict[str, Any]) -> None:
        """Say so where a query of Insights had not come to its end."""
        if answer.get("status", "Complete") != "Complete" and isinstance(answer.get("status"), str):
            self._coverage.note(losses.QUERY)

    def _others(self, part: Part) -> Iterator[Chunk]:
        """Values of no envelope of CloudWatch's own."""
        first = part.items[0] if part.items else None
        self._note_unfinished(part.around or (first if isinstance(first, dict) else {}))
        for value in part.items:
            yield from self._line(value) if isinstance(value, str) else self._value(value)

    def _value(self, value: Any) -> Iterator[Chunk]:
        """An object or a list: the events in it, else the logs that texts in it hold."""
        empty = True
        for found in in_value(value, fields=self._fields):
            empty = False
            if not isinstance(found, LogEvent):
                self._note_fields(value)
            yield from self._found(found)
        if empty:
            self._note_fields(value)
            yield from self._texts_in(value)

    def _found(self, found: Found) -> Iterator[Chunk]:
        if isinstance(found, LogEvent):
            return self._pages.write([found], Origin("list of events"))
        if isinstance(found, Row):
            return self._row(found)
        return self._test(found) if isinstance(found, TestLog) else self._packed(found)

    def _texts_in(self, value: Any) -> Iterator[Chunk]:
        """The logs that texts in a value hold; a record without any is counted, and what it speaks of is kept."""
        pastes = [] if self._fields.of("message") else list(pastes_in(value))
        for text in pastes:
            yield from self._pasted(text)
        if pastes or not isinstance(value, dict) or value.get("messageType") == "CONTROL_MESSAGE":
            return
        self._coverage.unknown_lines += Example(1, str(value)[:200])
        if not (self.told.anything or self._fields or is_other_record(value) or len(self._spoken) >= _MOST_SPOKEN):
            self._spoken += spoken_in(value)

    def _note_fields(self, value: object) -> None:
        """Take note of the fields of a record, if the user named some."""
        if self._fields and isinstance(value, dict):
            self._turnout.look(names_in(value))

    def _test(self, log: TestLog) -> Iterator[Chunk]:
        yield from self._rows.rest()
        said = said_in(log.text.split("\n"), self._coverage, naming=self._naming)
        yield from chunks_of(replace(one, form=log.form) for one in said)

    def _line(self, text: str) -> Iterator[Chunk]:
        self._lines.append(text)
        if len(self._lines) >= _MOST_LINES:
            yield from self._log_of_lines()

    def _row(self, row: Row) -> Iterator[Chunk]:
        return self._pasted(row.message) if is_paste(row) or is_test_line(row.message) else self._rows.add(row)

    def _pasted(self, text: str) -> Iterator[Chunk]:
        """The events in a text; lines of a Test that stand in texts of their own are put together again."""
        yield from self._rows.rest()
        if is_test_line(text):
            yield from self._line(text.rstrip("\r\n"))
            return
        yield from self._log_of_lines()
        yield from chunks_of(said_in(text.split("\n"), self._coverage, naming=self._naming))

    def _packed(self, packed: Packed) -> Iterator[Chunk]:
        if self._depth >= _MOST_NESTED:
            return
        damage: dict[str, None] = {}
        head, stream = unpack.unpacked(lambda: io.BytesIO(packed.data), damage.setdefault)
        inner = Json(naming=self._naming, fields=self._fields, depth=self._depth + 1)
        if inner.recognises(head):
            yield from inner.chunks(stream, self._coverage)
        elif is_message(head.decode("utf-8", "replace")):
            lines = physical_lines(stream, self._coverage)
            yield from chunks_of(said_in(lines, self._coverage, naming=self._naming))
        else:
            self._coverage.unknown_lines += Example(1, repr(head[:80]))
        self._coverage.problems.extend(Problem("", what, "copy or download the record again") for what in damage)


def _origin(page: Page) -> Origin:
    if page.logEvents is not None:
        # The stream is left out: records of many streams stand one behind the other, and a request has its own id.
        return Origin("subscription record", "event id", page.logGroup, account=page.owner)
    return Origin("filter-log-events", "event id")
