"""Pages of CloudWatch events → canonical text, in the order of their event ids."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace

from loganalyzer.formats.base import Chunk, Origin, Stamps, one_event
from loganalyzer.formats.fields import Turnout
from loganalyzer.formats.grammar import encoded, read
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.opened import Said
from loganalyzer.formats.prefixes import ROW
from loganalyzer.formats.shapes import Row, decoded, is_message, names_in, row_of, split_id
from loganalyzer.model import Coverage, Example

CHUNK = 1 << 20

_ID_DIGITS = 56
_TIME_BITS = 144
_MOST_HELD = 100_000


class PageWriter:
    """Writes events slice by slice; those of the last millisecond of a slice wait for the next one."""

    def __init__(self, coverage: Coverage, naming: Naming, turnout: Turnout) -> None:
        self._coverage = coverage
        self._turnout = turnout
        self._naming = naming
        self._origin = Origin("")
        self._group = ""
        self._held: list[LogEvent] = []
        self._before: list[LogEvent] = []
        self._out: list[str] = []
        self._size = 0
        self._stamp = Stamps()

    def write(self, events: list[LogEvent], origin: Origin) -> Iterator[Chunk]:
        """The events of a slice but for those that may still have to be ordered."""
        if events and not _has_id(events[0]):
            form = "get-log-events" if origin.form == "filter-log-events" else origin.form
            origin = replace(origin, order="position", form=form)
        if origin != self._origin:
            yield from self.rest()
            self._origin, self._group = origin, ""
        ordered = self._unseen(_ordered(self._held + events if self._held else events))
        cut = _last_millisecond(ordered) if len(self._held) < _MOST_HELD else len(ordered)
        self._held = ordered[cut:]
        yield from self._lines(ordered[:cut])

    def _unseen(self, ordered: list[LogEvent]) -> list[LogEvent]:
        """The events less those of the slice before: saved pages overlap."""
        before, self._before = self._before, ordered
        if before and ordered and "" < _id(ordered[0]) <= _id(before[-1]):
            held = set(map(_id, self._held))
            seen = set(map(_id, before)) - held
            return [event for event in ordered if _id(event) not in seen]
        return ordered

    def end_page(self) -> Iterator[Chunk]:
        """The events held back, because no more of their page come."""
        held, self._held = self._held, []
        yield from self._lines(held)

    def rest(self) -> Iterator[Chunk]:
        """All that is left."""
        yield from self.end_page()
        yield from self._flush()

    def _lines(self, events: list[LogEvent]) -> Iterator[Chunk]:
        out, stamp = self._out.append, self._stamp
        for event in events:
            message, time = event.message, event.timestamp
            if message[:1] != "(" or message[37:39] != ") " or time is None or " " in message[:38]:
                line = yield from self._rare(event)
                if line is None and is_message(message):
                    yield from self._flush()
                    yield from self._unnamed(event)
                elif line is None:
                    self._coverage.unknown_lines += Example(1, message[:200])
                if line is None:
                    continue
            else:
                line = f"{stamp(time)} {message}"
            line = one_event(line)
            out(line)
            self._size += len(line)
        if self._size >= CHUNK:
            yield from self._flush()

    def _flush(self) -> Iterator[Chunk]:
        if self._out:
            self._out.append("")
            text = encoded("\n".join(self._out))
            self._out.clear()
            self._size = 0
            yield Chunk(text, replace(self._origin, group=self._group) if self._group else self._origin)

    def _rare(self, event: LogEvent) -> Generator[Chunk, None, str | None]:
        """The line of an event whose id is no UUID or stands in a record inside the message; None if it has no id."""
        request_id, text = split_id(event.message)
        time = event.timestamp
        if not request_id and event.message.lstrip()[:1] == "{":
            row = self._row(event)
            if row is None:
                return None
            if row.group != self._group:
                yield from self._flush()
                self._group = row.group
            request_id, text = split_id(row.message)
            request_id = request_id or row.request_id
            time = row.time if time is None else time
        return f"{self._stamp(time)} ({request_id}) {text}" if request_id else None

    def _row(self, event: LogEvent) -> Row | None:
        """The event that a message is which is a record of its own, as in log groups that logs are delivered to."""
        record = decoded(event.message)
        self._turnout.look(names_in(record))
        return row_of(record, self._turnout.fields)

    def _unnamed(self, event: LogEvent) -> Iterator[Chunk]:
        """An event without a request id."""
        sentence, text = read(event.message)
        said = Said(text, sentence, event.timestamp, "", ROW, self._origin.form, self._group or self._origin.group)
        yield from chunks_of(self._naming.place(said))


def _id(event: LogEvent) -> str:
    return event.eventId or event.id


def _has_id(event: LogEvent) -> bool:
    """Whether the event carries CloudWatch's id, whose high bits are the time
    (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html)."""
    text = _id(event)
    return (
        len(text) == _ID_DIGITS and text.isascii() and text.isdecimal() and int(text) >> _TIME_BITS == event.timestamp
    )


def _ordered(events: list[LogEvent]) -> list[LogEvent]:
    """Events by event id, which begins with the time; by time and position where there is no id."""
    if events and _has_id(events[0]):
        ids = [event.eventId or event.id for event in events]
        if set(map(len, ids)) == {_ID_DIGITS}:
            return events if sorted(ids) == ids else sorted(events, key=_id)
    return sorted(events, key=lambda event: event.timestamp or 0)


def _last_millisecond(events: list[LogEvent]) -> int:
    """Where the events of the latest time begin."""
    cut = len(events)
    while cut and events[cut - 1].timestamp == events[-1].timestamp:
        cut -= 1
    return cut
