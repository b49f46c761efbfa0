"""How far a fetch is, for whoever wants to show it."""

from __future__ import annotations

from collections.abc import Callable, Sized
from dataclasses import dataclass
from threading import Lock

from loganalyzer.fetcher.clock import Clock


@dataclass(frozen=True, slots=True)
class Progress:
    """Windows finished, events and bytes read, calls made, the share of the time window that is done (0 to 1), bytes a
    second, and the seconds that are likely left (None while that cannot be told)."""

    windows: int
    events: int
    bytes: int
    pages: int
    share: float
    bytes_per_second: float
    seconds_left: float | None


Tell = Callable[[Progress], None]


class Tally:
    """Adds up what all threads do, and tells it after every page; ``total`` is the time window in ms."""

    def __init__(self, total: int, *, clock: Clock, tell: Tell | None = None) -> None:
        self.windows = self.events = self.bytes = self.pages = 0
        self._total = max(1, total)
        self._done = 0
        self._clock = clock
        self._began = clock.ticks()
        self._tell = tell
        self._lock = Lock()

    def page(self, events: Sized, size: int) -> None:
        """A page has come."""
        with self._lock:
            self.pages += 1
            self.events += len(events)
            self.bytes += size
            self._say()

    def covered(self, span: int) -> None:
        """So many ms of the window are done with."""
        with self._lock:
            self.windows += span > 0
            self._done += span
            self._say()

    def _say(self) -> None:
        if self._tell is None:
            return
        seconds = max(self._clock.ticks() - self._began, 1e-9)
        share = min(1.0, self._done / self._total)
        left = seconds * (1 - share) / share if share > 0 else None
        self._tell(Progress(self.windows, self.events, self.bytes, self.pages, share, self.bytes / seconds, left))
