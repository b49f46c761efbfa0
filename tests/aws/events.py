"""What a log group holds: events put one by one, or a log of any size that is made up as it is read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

ACCOUNT = "123456789012"
TIME_BITS = 144
"""An event id holds the event's time in ms above these bits; below stand the batch and a running number."""

_BATCH = 0x1D2C3B4A5968


class StoredEvent(NamedTuple):
    """One event; ``key`` is its id as a number, ``visible`` the time in ms from which on it is found."""

    key: int
    stream: str
    message: str
    visible: int

    @property
    def time(self) -> int:
        """The event's time in ms since 1970."""
        return self.key >> TIME_BITS

    @property
    def id(self) -> str:
        """The id as AWS prints it."""
        return f"{self.key:056d}"


class Events(Protocol):
    """The events of a group, ordered by key."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> StoredEvent: ...

    def first_at(self, time: int) -> int:
        """The index of the first event at ``time`` or later."""
        ...

    def first_after(self, key: int) -> int:
        """The index of the first event with a greater key."""
        ...


class ListedEvents:
    """Events that were put there one by one."""

    def __init__(self) -> None:
        self._events: list[StoredEvent] = []
        self._count = 0

    def put(self, events: Iterable[tuple[int, str]], *, stream: str, visible: int = 0) -> None:
        """Add events (time in ms, message); those of one millisecond keep the order in which they are put."""
        for time, message in events:
            self._count += 1
            key = (time << TIME_BITS) | (_BATCH << 48) | self._count
            event = StoredEvent(key, stream, message, visible)
            if not self._events or key > self._events[-1].key:
                self._events.append(event)
            else:
                insort(self._events, event)

    def __len__(self) -> int:
        return len(self._events)

    def __getitem__(self, index: int) -> StoredEvent:
        return self._events[index]

    def first_at(self, time: int) -> int:
        """See :class:`Events`."""
        return bisect_left(self._events, time, key=lambda event: event.time)

    def first_after(self, key: int) -> int:
        """See :class:`Events`."""
        return bisect_right(self._events, key, key=lambda event: event.key)


class GeneratedEvents:
    """``count`` events of ``streams`` streams over ``span`` ms from ``start`` on, made up as they are read.

    ``burst`` of them share a millisecond; ``message`` makes the text of one from its number.
    """

    def __init__(
        self,
        count: int,
        *,
        start: int,
        span: int,
        message: Callable[[int], str],
        streams: int = 300,
        burst: int = 7,
    ) -> None:
        self._count = count
        self._start = start
        self._span = span
        self._message = message
        self._streams = [f"{(n + 1) * 0x9E3779B97F4A7C15F39CC0605CEDC835 % (1 << 128):032x}" for n in range(streams)]
        self._burst = burst

    def time(self, index: int) -> int:
        """The time of one event in ms."""
        return self._start + index // self._burst * self._burst * self._span // self._count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> StoredEvent:
        key = (self.time(index) << TIME_BITS) | (_BATCH << 48) | index
        # Neighbours are of different streams: requests interleave.
        return StoredEvent(key, self._streams[index % len(self._streams)], self._message(index), 0)

    def first_at(self, time: int) -> int:
        """See :class:`Events`."""
        return bisect_left(range(self._count), time, key=self.time)

    def first_after(self, key: int) -> int:
        """See :class:`Events`."""
        return (key & ((1 << 48) - 1)) + 1
