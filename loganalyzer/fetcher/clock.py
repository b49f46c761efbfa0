"""Time as the fetcher sees it, so that tests need not wait."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def ticks(self) -> float:
        """Seconds that never run backwards, from any beginning."""
        ...

    def sleep_until(self, tick: float) -> None:
        """Return when :meth:`ticks` has reached ``tick``."""
        ...


class WallClock:
    """The clock of this computer."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    def ticks(self) -> float:
        """Seconds since any beginning, not moved when the clock is set."""
        return time.monotonic()

    def sleep_until(self, tick: float) -> None:
        """Sleep until then."""
        while (left := tick - time.monotonic()) > 0:
            time.sleep(left)
