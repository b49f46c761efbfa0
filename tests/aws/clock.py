"""Time that passes when somebody sleeps."""

from __future__ import annotations

from threading import Lock


class SimulatedTime:
    """A clock that whoever sleeps turns forward; any number of threads may share it."""

    def __init__(self, now: float = 1_793_620_000.0) -> None:
        self._now = now
        self._lock = Lock()

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    def ticks(self) -> float:
        """The same, as a clock that is never set."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        self.sleep_until(self._now + seconds)

    def sleep_until(self, tick: float) -> None:
        """Let time pass until then."""
        with self._lock:
            self._now = max(self._now, tick)
