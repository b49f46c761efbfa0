"""Reading every event of a group by Logs Insights."""

from __future__ import annotations

from threading import Lock
from typing import ClassVar

from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.insights import MOST_ROWS, Query
from loganalyzer.fetcher.plan import price_of
from loganalyzer.fetcher.progress import Tally
from loganalyzer.fetcher.scan import Scan
from loganalyzer.fetcher.windows import Waiting, Window
from loganalyzer.fetcher.writer import WindowWriter
from loganalyzer.formats.losses import ORDER

_MOST_WINDOWS = 500


class InsightsScan(Scan):
    """Reads windows by queries that AWS bills; ends when they have cost ``max_cost`` dollars.

    A window with more rows than a query gives keeps those it got, and the rest is cut so that each part has fewer.
    """

    notes: ClassVar = (ORDER,)

    def __init__(
        self,
        caller: Caller,
        waiting: Waiting,
        tally: Tally,
        *,
        settled_before: int,
        budget: int | None = None,
        max_cost: float | None = None,
        limit: int = MOST_ROWS,
    ) -> None:
        super().__init__(caller, waiting, tally, settled_before=settled_before, budget=budget)
        self.scanned = 0.0
        self._max_cost = max_cost
        self._limit = limit
        self._lock = Lock()

    def _read(self, window: Window, writer: WindowWriter) -> None:
        if self._too_dear():
            return
        query = Query(self._caller, window.store.group, window.span, limit=self._limit, scanned=self._bill)
        full = False
        for page in query.pages():
            writer.add(page.events)
            self._tally.page(page.events, writer.took())
            full = page.full
        if not full:
            self._tally.covered(writer.end())
        else:
            self._cut(window, writer)
        self._over_budget()

    def _cut(self, window: Window, writer: WindowWriter) -> None:
        """Keep what came before the last millisecond, whose rows may be missing, and let the rest be read in parts."""
        done = writer.cut()
        if not done:
            self._lose_second(window, writer)
            return
        self._tally.covered(done)
        first, last = window.first + done, window.last
        length = max(1000, done * 4 // 5)
        length = max(length, (last - first) // _MOST_WINDOWS)
        while first <= last:
            end = min(last, (first + length) // 1000 * 1000 - 1)
            end = end if end > first else min(last, first + length)
            self._waiting.put(Window(window.store, first, end))
            first = end + 1

    def _lose_second(self, window: Window, writer: WindowWriter) -> None:
        """A second with more rows than a query gives: they cannot be had in this way."""
        last = min(window.last, window.first // 1000 * 1000 + 999)
        what = f"holds more than {self._limit:,} events in one second, which is all that Logs Insights gives"
        window.store.lose((window.first, last), what, "")
        self._tally.covered(last - window.first + 1)
        if last < window.last:
            self._waiting.put(Window(window.store, last + 1, window.last))

    def _bill(self, scanned: float) -> None:
        with self._lock:
            self.scanned += scanned

    def _too_dear(self) -> bool:
        """Whether the queries made have cost what is allowed."""
        if self._max_cost is None or price_of(self.scanned, self._caller.region) < self._max_cost:
            return False
        self.spent = "--max-cost"
        self._waiting.stop()
        return True
