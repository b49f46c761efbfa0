"""The events of one stretch of time on their way into a file: each once, in order, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from loganalyzer.fetcher.events import TIME_BITS, Lines, Received, has_own_order, key_of


class Disordered(Exception):
    """An event came that belongs before others which are written already: CloudWatch broke its order."""


class Sink(Protocol):
    """Takes lines."""

    def write(self, text: bytes) -> object:
        """Take some more text."""
        ...


class Piece:
    """Collects events page by page and writes what is complete to a sink.

    What is older than the latest millisecond is complete, as CloudWatch gives events in the order of their times; the
    keys of what was written last are kept, because a page may come twice. With ``whole`` everything is kept until the
    end, for events that come in no order.
    """

    def __init__(self, sink: Sink, lines: Lines, *, whole: bool = False) -> None:
        self.events = 0
        self.bytes = 0
        self.held_bytes = 0
        self._sink = sink
        self._lines = lines
        self._whole = whole
        self._held: dict[int, bytes] = {}
        self._odd: dict[str, int] = {}
        self._written: set[int] = set()
        self._boundary = -1
        self._arrived = 0

    @property
    def reached(self) -> int:
        """The latest time seen, in ms; negative where nothing was."""
        return max(self._held, default=-1) >> TIME_BITS

    def add(self, events: Iterable[Received]) -> None:
        """Take in a page. Raises :class:`Disordered`."""
        held = self._held
        for event in events:
            time = event.timestamp
            key = self._key(event)
            if key is None or key in held:
                continue
            if time <= self._boundary:
                if key in self._written:
                    continue
                raise Disordered
            line = held[key] = self._lines.line(time, event.message)
            self.held_bytes += len(line)
        if not self._whole:
            self._write_before(self.reached)

    def end(self) -> None:
        """Write what is left."""
        self._write_before(self.reached + 1)

    def rest_into(self, other: Piece) -> None:
        """Hand what is held to the piece that follows."""
        other._held, self._held = self._held, {}
        other._odd, self._odd = self._odd, {}
        other._written = self._written
        other._boundary = self._boundary
        other._arrived = self._arrived
        other.held_bytes, self.held_bytes = self.held_bytes, 0

    def _key(self, event: Received) -> int | None:
        """The event's key; None for one that is held and has an id which is no key."""
        self._arrived += 1
        key = key_of(event, self._arrived)
        if not has_own_order(event):
            name = event.eventId or f"#{self._arrived}"
            if name in self._odd:
                return None
            self._odd[name] = key
        return key

    def _write_before(self, time: int) -> None:
        """Write what is older than ``time``."""
        limit = time << TIME_BITS
        ready = sorted(key for key in self._held if key < limit)
        if not ready:
            return
        text = b"".join([self._held.pop(key) for key in ready])
        self._sink.write(text)
        self.events += len(ready)
        self.bytes += len(text)
        self.held_bytes -= len(text)
        self._boundary = time - 1
        self._written = set(ready)
