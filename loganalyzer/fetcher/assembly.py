"""Lines of requests that are under way, put together until a request is complete or has said nothing for long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from loganalyzer.fetcher.byfailures import is_failing
from loganalyzer.fetcher.events import Lines
from loganalyzer.fetcher.follow import LATE_MS, Followed
from loganalyzer.formats.grammar import encoded
from loganalyzer.formats.shapes import split_id
from loganalyzer.vocabulary import match

GRACE_MS = 10_000
"""After its last line a request may have a few more: the ids of its backend calls, or lines that come late."""

IDLE_MS = 60_000
"""A request without an ending is taken for over when nothing has come of it for so long."""

MOST_OPEN = 20_000
"""So many requests are put together at once; beyond that the oldest is taken for over."""

MOST_LINES = 2_000


@dataclass(slots=True)
class Open:
    """One request under way; ``touched`` is when the last line came in (ms)."""

    touched: int
    lines: dict[int, bytes] = field(default_factory=dict)
    ended: bool = False


class Assembly:
    """Takes in events, gives out requests that are over as canonical text."""

    def __init__(self, *, grace: int = GRACE_MS, idle: int = IDLE_MS, remember: int = 2 * LATE_MS) -> None:
        self._grace = grace
        self._idle = idle
        self._remember = remember
        self._open: dict[str, Open] = {}
        self._over: dict[str, int] = {}
        self._lines = Lines()

    def __len__(self) -> int:
        return len(self._open)

    def take(self, event: Followed, now: int) -> str:
        """Take in an event that came in at ``now`` (ms).

        The id of its request if that was given out before and this event says that it failed, else empty.
        """
        request_id, text = split_id(event.message)
        if not request_id:
            return ""
        if request_id in self._over:
            return request_id if is_failing(text) else ""
        self.add(request_id, event, now)
        return ""

    def add(self, request_id: str, event: Followed, now: int) -> None:
        """Add an event to a request, which is open from now on if it was not."""
        self._over.pop(request_id, None)
        request = self._open.get(request_id)
        if request is None:
            request = self._open[request_id] = Open(now)
        request.touched = now
        if len(request.lines) < MOST_LINES:
            request.lines[event.key] = self._lines.line(event.time, event.message)
        sentence = match(encoded(split_id(event.message)[1]))
        request.ended = request.ended or sentence.step == "outcome"

    def over(self, now: int) -> Iterator[tuple[str, bytes]]:
        """The requests that are over: id and text, the lines in order."""
        excess = len(self._open) - MOST_OPEN
        for number, (request_id, request) in enumerate(list(self._open.items())):
            quiet = now - request.touched
            if quiet >= self._idle or (request.ended and quiet >= self._grace) or number < excess:
                del self._open[request_id]
                self._over[request_id] = now
                yield request_id, b"".join(request.lines[key] for key in sorted(request.lines))
        for request_id in [name for name, time in self._over.items() if now - time > self._remember]:
            del self._over[request_id]
