"""Pages of CloudWatch events → canonical text, in the order of their event ids."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from itertools import islice, pairwise
from operator import lt

from loganalyzer.coverage import Coverage, Example
from loganalyzer.formats.base import Chunk, Origin, Stamps, one_event, timestamp
from loganalyzer.formats.fields import Turnout
from loganalyzer.formats.grammar import encoded, read
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.opened import Said
from loganalyzer.formats.prefixes import ROW
from loganalyzer.formats.shapes import Row, decoded, is_message, names_in, row_of, split_id

CHUNK = 8 << 20

_ID_DIGITS = 56
_TIME_BITS = 144
_MOST_HELD = 100_000
_ENOUGH = 1_000
_MOST_STAMPS = 100_000
_MILLIS = tuple(f"{fraction:03d}Z " for fraction in range(1000))


class PageWriter:
    """Writes events slice by slice; those of the last millisecond of a slice wait for the next one."""

    def __init__(self, coverage: Coverage, naming: Naming, turnout: Turnout) -> None:
        self._coverage = coverage
        self._turnout = turnout
        self._naming = naming
        self._origin = Origin("")
        self._group = ""
        self._held: list[LogEvent] = []
        self._pages: list[LogEvent] = []
        self._pages_origin = Origin("")
        self._before: list[str] = []
        self._newest = ""
        self._out: list[bytes] = []
        self._size = 0
        self._stamp = Stamps()
        self._stamps = _Stamped()

    def write(self, events: list[LogEvent], origin: Origin, *, whole: bool = False) -> Iterator[Chunk]:
        """The events of a slice, unless it is ``whole`` but for those that may still have to be ordered."""
        if self._pages:
            yield from self._written()
        if events and not has_id(events[0]):
            form = "get-log-events" if origin.form == "filter-log-events" else origin.form
            origin = replace(origin, order="position", form=form)
        if origin != self._origin:
            yield from self.rest()
            self._origin, self._group = origin, ""
        ordered = self._unseen(*_ordered(self._held + events if self._held else events))
        cut = len(ordered) if whole or len(self._held) >= _MOST_HELD else _last_millisecond(ordered)
        self._held = ordered[cut:]
        yield from self._lines(ordered[:cut])

    def _unseen(self, ordered: list[LogEvent], ids: list[str]) -> list[LogEvent]:
        """The events, which have these ids, less those of the slice before: saved pages overlap."""
        before, self._before = self._before, ids
        if not before or not ids or not "" < ids[0] <= self._newest:
            return ordered
        seen = set(before).difference(_ids(self._held))
        if seen.isdisjoint(ids):
            return ordered
        return [event for event, name in zip(ordered, ids, strict=True) if name not in seen]

    def add(self, events: list[LogEvent], origin: Origin) -> Iterator[Chunk]:
        """Take in the events of a whole page; small pages of one origin are written together."""
        if self._pages and origin != self._pages_origin:
            yield from self._written()
        self._pages_origin = origin
        self._pages += events
        if len(self._pages) >= _ENOUGH:
            yield from self._written()

    def _written(self) -> Iterator[Chunk]:
        pages, self._pages = self._pages, []
        yield from self.write(pages, self._pages_origin, whole=True)

    def end_page(self) -> Iterator[Chunk]:
        """The events held back, because no more of their page come."""
        held, self._held = self._held, []
        yield from self._lines(held)

    def rest(self) -> Iterator[Chunk]:
        """All that is left."""
        if self._pages:
            yield from self._written()
        yield from self.end_page()
        yield from self._flush()

    def _lines(self, events: list[LogEvent]) -> Iterator[Chunk]:
        if not events:
            return
        self._newest = _id(events[-1])
        text = self._joined(events)
        if text is None:
            yield from self._one_by_one(events)
        else:
            self._add(text)
        if self._size >= CHUNK:
            yield from self._flush()

    def _add(self, text: bytes) -> None:
        self._out.append(text)
        self._size += len(text)

    def _flush(self) -> Iterator[Chunk]:
        if self._out:
            text = b"".join(self._out)
            self._out.clear()
            self._size = 0
            yield Chunk(text, replace(self._origin, group=self._group) if self._group else self._origin)

    def _joined(self, events: list[LogEvent]) -> bytes | None:
        """All events as canonical text at once; None if they must be looked at one by one."""
        times = [event.timestamp for event in events]
        if None in times:
            return None
        pieces = ["\n"] * (3 * len(events))
        pieces[::3] = map(self._stamps.of(times).__getitem__, times)
        try:
            pieces[1::3] = [
                m if m[38] == " " and m[0] == "(" and m.isascii() and "\n" not in m else _bytewise(m)
                for m in [event.message for event in events]
            ]
        except (IndexError, ValueError):
            return None
        text = "".join(pieces).encode("latin-1")
        return text if b"\r" not in text else None

    def _one_by_one(self, events: list[LogEvent]) -> Iterator[Chunk]:
        for event in events:
            line = yield from self._line(event)
            if line is not None:
                self._add(encoded(one_event(line) + "\n"))
            elif is_message(event.message):
                yield from self._flush()
                yield from self._unnamed(event)
            else:
                self._coverage.unknown_lines += Example(1, event.message[:200])

    def _line(self, event: LogEvent) -> Generator[Chunk, None, str | None]:
        """The line of an event as canonical text has it, None if it has no request id."""
        if event.timestamp is None or event.message[:39:38] != "( ":
            return (yield from self._rare(event))
        return f"{self._stamp(event.timestamp)} {event.message}"

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


def _bytewise(message: str) -> str:
    """A message as it stands in canonical text, each byte of its UTF-8 as a character: such are joined quickly.

    Raises ValueError for one that does not begin with a UUID in parentheses, or cannot be encoded.
    """
    if message[:39:38] != "( ":
        raise ValueError(message)
    return message.rstrip("\n").replace("\n", "\n\t").encode().decode("latin-1")


class _Stamped(dict[int, str]):
    """The beginning of a time as text, all but its milliseconds, by the second."""

    def __missing__(self, second: int) -> str:
        if len(self) >= _MOST_STAMPS:
            self.clear()
        date = self[second] = timestamp(second * 1000)[:20].decode() if second >= 0 else "-"
        return date

    def of(self, times: list[int | None]) -> dict[int | None, str]:
        """What stands in front of events of these times (ms): the time as text and a blank."""
        return {
            ms: date + _MILLIS[ms % 1000] if len(date := self[ms // 1000]) > 1 else "- "
            for ms in set(times)
            if ms is not None
        }


def _id(event: LogEvent) -> str:
    return event.eventId or event.id


def _ids(events: list[LogEvent]) -> list[str]:
    """The ids of events, which mostly have them all under one name."""
    ids = [event.eventId for event in events] if events and events[0].eventId else [event.id for event in events]
    return ids if all(ids) else list(map(_id, events))


def has_id(event: LogEvent) -> bool:
    """Whether the event carries CloudWatch's id, whose high bits are the time
    (https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilteredLogEvent.html)."""
    text = _id(event)
    return (
        len(text) == _ID_DIGITS and text.isascii() and text.isdecimal() and int(text) >> _TIME_BITS == event.timestamp
    )


def _ordered(events: list[LogEvent]) -> tuple[list[LogEvent], list[str]]:
    """Events and their ids, by id, which begins with the time, each once; by time and position where there is no id."""
    ids = _ids(events)
    if events and has_id(events[0]) and set(map(len, ids)) == {_ID_DIGITS}:
        if all(map(lt, ids, islice(ids, 1, None))):
            return events, ids
        order = sorted(range(len(ids)), key=ids.__getitem__)
        order = [at for before, at in pairwise([-1, *order]) if before < 0 or ids[before] != ids[at]]
    else:
        order = sorted(range(len(ids)), key=lambda at: events[at].timestamp or 0)
    return [events[at] for at in order], [ids[at] for at in order]


def _last_millisecond(events: list[LogEvent]) -> int:
    """Where the events of the latest time begin."""
    cut = len(events)
    while cut and events[cut - 1].timestamp == events[-1].timestamp:
        cut -= 1
    return cut
