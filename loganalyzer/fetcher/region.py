"""The reading of the groups of one region, which share its quota: which windows, how many threads, by which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loganalyzer.errors import LogAnalyzerError
from loganalyzer.fetcher.byfailures import FailureScan
from loganalyzer.fetcher.byinsights import InsightsScan
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.pace import quota_of
from loganalyzer.fetcher.plan import FAILURES, FILTER, INSIGHTS, Part
from loganalyzer.fetcher.progress import Tally
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.scan import PIECE_BYTES, FilterScan, Scan
from loganalyzer.fetcher.store import Store
from loganalyzer.fetcher.windows import Waiting, Window, in_threads, shares
from loganalyzer.formats.stored import Span

SETTLE_SECONDS = 600.0
"""So long events may come late."""

MARGIN_MS = 60_000
"""A request may take 29 seconds and more: so much is fetched on both sides, and requests on the border are whole."""

_MOST_THREADS = 16
_QUERY_THREADS = 4
_QUERY_BYTES = 15_000_000
_WINDOWS_A_THREAD = 4
_SHORTEST_LOOKED_THROUGH = 1_800_000


@dataclass(frozen=True, slots=True)
class Options:
    """How to fetch.

    ``settle`` are the seconds until a window is final, ``margin`` the ms fetched around what is asked for,
    ``max_bytes`` ends the fetch when so much is read, ``max_cost`` (dollars) when AWS has billed so much;
    ``failures_only`` fetches the requests that failed alone; ``threads`` work on each region (by default as many as
    its quota can use).
    """

    settle: float = SETTLE_SECONDS
    margin: int = MARGIN_MS
    max_bytes: int | None = None
    max_cost: float | None = None
    failures_only: bool = False
    threads: int | None = None
    piece_bytes: int = PIECE_BYTES


class Region:
    """Reads ``parts``, which are all of one region; ``rows`` is how many an Insights query gives."""

    def __init__(
        self,
        caller: Caller,
        parts: Sequence[Part],
        tally: Tally,
        options: Options,
        *,
        settled_before: int,
        rows: int,
    ) -> None:
        self._caller = caller
        self._parts = parts
        self._settled_before = settled_before
        quota = quota_of("filter_log_events", caller.region)
        self._threads = options.threads or max(2, min(_MOST_THREADS, round(quota)))
        self._routes = {part.store: part.route for part in parts}
        self._waiting = Waiting(self._windows())
        common = (caller, self._waiting, tally)
        budget = options.max_bytes
        self._scans: dict[str, Scan] = {
            FILTER: FilterScan(*common, settled_before=settled_before, budget=budget, piece_bytes=options.piece_bytes),
            FAILURES: FailureScan(*common, settled_before=settled_before, budget=budget),
            INSIGHTS: InsightsScan(
                *common, settled_before=settled_before, budget=budget, max_cost=options.max_cost, limit=rows
            ),
        }

    @property
    def calls(self) -> int:
        """Calls made."""
        return self._caller.calls.total()

    @property
    def refused(self) -> dict[Store, AwsRefused]:
        """The stores that could not be read at all, and why."""
        return {store: why for scan in self._scans.values() for store, why in scan.refused.items()}

    def run(self) -> None:
        """Read all windows; what is left unread has its reason in the journal."""
        insights_only = set(self._routes.values()) == {INSIGHTS}
        try:
            in_threads(self._waiting, self._read, threads=_QUERY_THREADS if insights_only else self._threads)
        except LogAnalyzerError as error:
            self._lose_rest(error.message, error.tip)
            raise
        for store, why in self.refused.items():
            self._lose_rest(why.message, why.tip, store=store)
        spent = {scan.spent for scan in self._scans.values() if scan.spent}
        for limit in spent:
            self._lose_rest(f"was not read: {limit} was reached", "allow more, and run the command again")

    def stop(self) -> None:
        """Read no more."""
        self._waiting.stop()

    def _read(self, window: Window) -> None:
        self._scans[self._routes[window.store]].read(window)

    def _windows(self) -> list[Window]:
        """Windows to begin with: at least one for each thread, none across the time at which events are settled."""
        total = sum(part.span for part in self._parts)
        found = []
        for part in self._parts:
            settled = self._settled_before - (FailureScan.lag if part.route == FAILURES else 0)
            for span in part.spans:
                for piece in _cut_at(span, settled):
                    share = (piece[1] - piece[0] + 1) / total
                    found += self._shares(part, piece, share)
        return found

    def _shares(self, part: Part, span: Span, share: float) -> list[Window]:
        """``span`` cut so that all threads have work; each window that is looked through takes two scans at least."""
        count = self._count(part, share)
        if part.route == FAILURES:
            return shares(part.store, span, count, shortest=_SHORTEST_LOOKED_THROUGH, whole=True)
        return shares(part.store, span, count)

    def _count(self, part: Part, share: float) -> int:
        """In how many windows to cut a share of all time: by threads, for Insights by what one query can give."""
        if part.route == INSIGHTS:
            return 1 + round(share * (part.bytes or 0) / _QUERY_BYTES)
        return round(self._threads * share * (_WINDOWS_A_THREAD if part.route == FAILURES else 1))

    def _lose_rest(self, what: str, tip: str, *, store: Store | None = None) -> None:
        for part in self._parts:
            if store is None or part.store is store:
                for gap in (gap for span in part.spans for gap in part.store.journal.missing(span)):
                    part.store.lose(gap, what, tip)


def _cut_at(span: Span, time: int) -> list[Span]:
    """The span in two, the second beginning at ``time``, if that is inside."""
    first, last = span
    return [(first, time - 1), (time, last)] if first < time <= last else [span]
