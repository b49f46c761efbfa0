"""JSON values from a stream of any length, in bounded memory: small ones whole, long arrays a slice at a time.

One document, JSON lines, objects glued together and a run of objects with commas between them are the same case.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, BinaryIO

import msgspec

from loganalyzer.formats.jsonseams import end_of_value, last_item, last_object, seams

BLOCK = 512 << 10
LONGEST_VALUE = 32 << 20
"""Bytes of one value that is held whole; arrays of events have no limit."""

ARRAYS = frozenset({"events", "logEvents", "results", "Records", "records", "logs", "messages", ""})
"""Keys whose arrays are handed on in slices; the empty one is an array that stands alone."""

_NO_EVENTS = ("results", "Records", "records")
_SPACE = re.compile(rb"[\s,]*")
_KEY = re.compile(rb'[\s,]*"((?:[^"\\]++|\\.)*+)"\s*:\s*', re.DOTALL)


class LogEvent(msgspec.Struct, gc=False):
    """One event of CloudWatch's JSON: ``eventId`` in filter-log-events, ``id`` in subscription records."""

    message: str
    timestamp: int | None = None
    eventId: str = ""  # noqa: N815 - the name of the field in AWS's API
    id: str = ""


class Page(msgspec.Struct, gc=False):
    """A document of events that fits into memory; what it holds else is read when it is none of these."""

    events: list[LogEvent] | None = None
    logEvents: list[LogEvent] | None = None  # noqa: N815
    messageType: str = ""  # noqa: N815
    logGroup: str = ""  # noqa: N815
    logStream: str = ""  # noqa: N815
    owner: str = ""
    nextToken: str | None = None  # noqa: N815


@dataclass(slots=True)
class Part:
    """A value (``items`` holds it alone, ``key`` is None), or a slice of the array at ``key`` of the object ``around``.

    ``page`` is a page of events that was read at once; ``last`` says that nothing more of the array comes, ``typed``
    that all items are events.
    """

    items: list[Any]
    key: str | None = None
    around: dict[str, Any] = field(default_factory=dict)
    page: Page | None = None
    last: bool = True
    typed: bool = False


class NotJson(Exception):
    """From here on the stream is no JSON; ``rest`` is what had been read of it, ``cut`` says it ends inside a value."""

    def __init__(self, rest: bytes, *, cut: bool) -> None:
        super().__init__("no JSON")
        self.rest = rest
        self.cut = cut


_OF_RECORD = attrgetter("messageType", "logGroup", "owner")
_EVENTS_OF_RECORD = attrgetter("logEvents")

_page = msgspec.json.Decoder(Page)
_events = msgspec.json.Decoder(list[LogEvent])
_any = msgspec.json.Decoder()


class JsonValues:
    """Walks through the stream; see :meth:`parts`. Without ``events``, objects in no page are left as they are."""

    def __init__(self, stream: BinaryIO, *, events: bool = True) -> None:
        self._stream = stream
        self._alone = events
        self._held = b""
        self._pos = 0
        self._ended = False
        self._unsliced = False

    def parts(self) -> Iterator[Part]:
        """The values one after another. Raises NotJson where they stop being JSON."""
        while self._skip():
            first = self._held[self._pos : self._pos + 1]
            if first not in b"{[":
                raise NotJson(self._held[self._pos :], cut=False)
            if first == b"[":
                yield from self._array("", {})
                continue
            glued = yield from self._glued()
            if not glued:
                yield from self._object()

    # -- values that fit into the block --------------------------------------------------------------------------------

    def _glued(self) -> Generator[Part, None, bool]:
        """Objects one behind the other, as many as stand whole in the block; whether there was one."""
        end = len(self._held) if self._ended else last_object(self._held, self._pos)
        records = _records(memoryview(self._held)[self._pos : end])
        if records:
            yield from (Part([], page=page) for page in records)
            self._pos = end
            return True
        start, any_given = self._pos, False
        view = memoryview(self._held)
        for seam in seams(self._held, self._pos):
            part = _whole(view[start:seam])
            if part is None:
                break
            yield part
            any_given = True
            self._pos = start = seam
        else:
            if self._ended:
                part = _whole(view[start:])
                if part is not None:
                    yield part
                    self._pos = len(self._held)
                    any_given = True
        return any_given

    # -- values that do not --------------------------------------------------------------------------------------------

    def _object(self) -> Iterator[Part]:
        """One object, its long arrays in slices, the rest of it as one part at its end."""
        begin = self._pos
        self._pos += 1
        around: dict[str, Any] = {}
        sliced = False
        while True:
            try:
                key = self._key()
            except NotJson:
                if around and not sliced:
                    yield Part([around], key=None, around=around)
                raise
            if key is None:
                break
            if key in ARRAYS and self._held[self._pos : self._pos + 1] == b"[":
                sliced = True
                yield from self._array(key, around)
            else:
                around[key] = self._value(begin if not sliced else self._pos)
        yield Part([around], key=None, around=around) if not sliced else Part([], key="", around=around)

    def _key(self) -> str | None:
        """The next key of the object, None at its end."""
        while True:
            space = _SPACE.match(self._held, self._pos)
            at = space.end() if space else self._pos
            if self._held[at : at + 1] == b"}":
                self._pos = at + 1
                return None
            found = _KEY.match(self._held, self._pos)
            if found and found.end() < len(self._held):
                self._pos = found.end()
                return found.group(1).decode("utf-8", "replace")
            self._more(self._pos)

    def _array(self, key: str, around: dict[str, Any]) -> Iterator[Part]:
        """The items of the array that begins here, in slices."""
        self._pos += 1
        while True:
            items = self._slice(key) or self._item(key)
            if items is None:
                break
            typed = isinstance(items[0], LogEvent)
            yield Part(items, key=key, around=around, last=False, typed=typed)
        yield Part([], key=key, around=around)

    def _slice(self, key: str) -> list[Any] | None:
        """As many whole items as stand in the block, read at once; None if that does not work."""
        if key in _NO_EVENTS or self._unsliced:
            return None
        cut = last_item(self._held, self._pos)
        if cut > self._pos:
            space = _SPACE.match(self._held, self._pos)
            text = _array_of(self._held, space.end() if space else self._pos, self._held.rfind(b",", 0, cut))
            for decoder in (_events, _any):
                try:
                    items: list[Any] = decoder.decode(text)
                except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                    continue
                if decoder is _events and not key and not all(map(self._is_event, items)):
                    continue
                self._pos = cut
                return items
        self._unsliced = True
        return None

    def _item(self, key: str) -> list[Any] | None:
        """The next item of the array alone, None at its end."""
        self._skip()
        if self._held[self._pos : self._pos + 1] == b"]":
            self._pos += 1
            return None
        begin = self._pos
        value = self._value(begin)
        if isinstance(value, dict) and key not in _NO_EVENTS:
            with suppress(msgspec.MsgspecError):
                event = msgspec.convert(value, LogEvent)
                return [event if key or self._is_event(event) else value]
        return [value]

    def _is_event(self, event: LogEvent) -> bool:
        """Whether an event that stands in no page is whole as it is: a record may have fields of other names."""
        return self._alone and bool(event.eventId or event.id or event.message.startswith("("))

    def _value(self, begin: int) -> Any:
        """The value that begins here, read whole."""
        while True:
            end = end_of_value(self._held, self._pos)
            if end >= 0:
                break
            begin = self._more(begin)
        try:
            value = _any.decode(self._held[self._pos : end])
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
            raise NotJson(self._held[self._pos :], cut=False) from error
        self._pos = end
        return value

    # -- the stream ----------------------------------------------------------------------------------------------------

    def _skip(self) -> bool:
        """Go on to the next value; whether there is one."""
        while True:
            while not self._ended and len(self._held) - self._pos < BLOCK // 2:
                self._read()
            space = _SPACE.match(self._held, self._pos)
            self._pos = space.end() if space else self._pos
            if self._pos < len(self._held):
                return True
            if self._ended:
                return False

    def _more(self, begin: int) -> int:
        """Read on because the value does not end in what is held; raises NotJson where there is no more."""
        if self._ended or len(self._held) - begin > LONGEST_VALUE:
            raise NotJson(self._held[begin:], cut=self._ended)
        kept = self._pos - begin
        self._pos = begin
        self._read()
        self._pos += kept
        return self._pos - kept

    def _read(self) -> None:
        block = self._stream.read(BLOCK)
        self._ended = not block
        self._unsliced = False
        self._held = self._held[self._pos :] + block
        self._pos = 0


def _array_of(held: bytes, start: int, end: int) -> bytes:
    """What stands between two places as an array of its own."""
    return b"".join((b"[", memoryview(held)[start:end], b"]"))


def _records(text: memoryview) -> list[Page]:
    """Subscription records that stand one behind the other, those of one log group as one; none if it is all else."""
    try:
        records = _page.decode_lines(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return []
    if any(record.logEvents is None or record.events is not None for record in records):
        return []
    found: list[Page] = []
    for (kind, group, owner), same in groupby(records, key=_OF_RECORD):
        events = list(chain.from_iterable(map(_EVENTS_OF_RECORD, same)))
        found.append(Page(logEvents=events, messageType=kind, logGroup=group, owner=owner))
    return found


def _whole(text: bytes | memoryview) -> Part | None:
    """One object read whole, None if it is none."""
    try:
        page = _page.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        page = None
    if page is not None and (page.events is not None or page.logEvents is not None):
        return Part([], page=page)
    try:
        return Part([_any.decode(text)])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
