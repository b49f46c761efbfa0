"""Fetching the logs of some groups for a stretch of time: what is not stored yet is read, the rest is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.errors import LogAnalyzerError, UsageError
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.clock import Clock, WallClock
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.pace import quota_of
from loganalyzer.fetcher.plan import FILTER, INSIGHTS, Part, Plan, part_of
from loganalyzer.fetcher.progress import Tally, Tell
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.scan import PIECE_BYTES, Scan
from loganalyzer.fetcher.store import Store
from loganalyzer.fetcher.windows import Waiting, Window, in_threads, shares
from loganalyzer.formats.stored import Fetched, Span, without
from loganalyzer.model import Coverage

if TYPE_CHECKING:
    from botocore.client import BaseClient

Clients = Callable[[str], "BaseClient"]
"""Gives a CloudWatch Logs client of a region."""

Place = Callable[[LogGroup], Path]
"""Says below which directory a group is stored."""

Agree = Callable[[Plan], None]
"""Is told what is about to be read, and raises if it shall not be."""

SETTLE_SECONDS = 600.0
"""So long events may come late."""

MARGIN_MS = 60_000
"""A request may take 29 seconds and more: so much is fetched on both sides, and requests on the border are whole."""

_MOST_THREADS = 16
_DAY_MS = 86_400_000


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


def fetch_groups(
    groups: Sequence[LogGroup],
    *,
    since: int,
    until: int,
    place: Place,
    clients: Clients,
    options: Options | None = None,
    clock: Clock | None = None,
    agree: Agree | None = None,
    tell: Tell | None = None,
) -> Fetched:
    """Store the events of ``groups`` from ``since`` to ``until`` (ms), each below the directory that ``place`` gives.

    What is stored already and final is not read again. ``agree`` is told the plan before anything is read, ``tell`` the
    progress after every page. What could not be had is in the result's coverage. Raises :class:`AwsRefused` if nothing
    can be had at all, :class:`UsageError` where the arguments make no sense.
    """
    clock = clock or WallClock()
    now = int(clock.now() * 1000)
    if not groups:
        raise UsageError("no log group is named", tip="name an API with --api, or a group with --log-group")
    if since > min(until, now):
        raise UsageError("the window to fetch is empty", tip="--since must be earlier than --until and now")
    with ExitStack() as stack:
        stores = [stack.enter_context(Store(place(group), group).opened()) for group in dict.fromkeys(groups)]
        return _Fetch(stores, (since, until), options or Options(), clients, clock, tell).run(agree)


class _Fetch:
    """One fetch of some stores, which are open."""

    def __init__(
        self,
        stores: Sequence[Store],
        asked: Span,
        options: Options,
        clients: Clients,
        clock: Clock,
        tell: Tell | None,
    ) -> None:
        self._stores = stores
        self._asked = asked
        self._options = options
        self._clients = clients
        self._clock = clock
        self._tell = tell
        self._now = int(clock.now() * 1000)
        self._settled_before = self._now - int(options.settle * 1000)
        self._span = (max(0, asked[0] - options.margin), min(asked[1] + options.margin, self._now))

    def run(self, agree: Agree | None) -> Fetched:
        """Plan, agree, read."""
        plan = Plan(tuple(self._part(store) for store in self._stores))
        if agree is not None:
            agree(plan)
        tally = Tally(sum(part.span for part in plan.parts), clock=self._clock, tell=self._tell)
        for part in plan.parts:
            part.store.ask(self._span, now=self._now)
        calls = self._read([part for part in plan.parts if part.spans], tally)
        coverage = Coverage()
        stored = tuple(store.stored(self._span) for store in self._stores)
        for one in stored:
            one.cover(coverage)
        return Fetched(stored, *self._asked, coverage, tally.events, tally.bytes, calls)

    def _part(self, store: Store) -> Part:
        """What is to be read of one group."""
        route = FILTER if store.group.log_class in ("", "STANDARD") else INSIGHTS
        spans = [piece for gap in store.wanted(self._span) for piece in self._unexpired(store, gap)]
        return part_of(store, spans, route=route, now=self._now)

    def _unexpired(self, store: Store, gap: Span) -> list[Span]:
        """What is left of a gap without the time whose events the group does not keep any more."""
        days = store.group.retention_days
        if not days or gap[0] >= (oldest := self._now - days * _DAY_MS):
            return [gap]
        lost = (gap[0], min(gap[1], oldest - 1))
        what = f"has expired: the group keeps events for {days} days"
        store.lose(lost, what, "raise the group's retention to keep events longer")
        return without(gap, [lost])

    def _read(self, parts: Sequence[Part], tally: Tally) -> int:
        """Read all parts, regions side by side; the calls it took."""
        by_region: dict[str, list[Part]] = {}
        for part in parts:
            by_region.setdefault(part.store.group.region, []).append(part)
        regions = [_Region(self, region, own, tally) for region, own in by_region.items()]
        if len(regions) == 1:
            regions[0].run()
        elif regions:
            with ThreadPoolExecutor(len(regions)) as pool:
                running = [pool.submit(region.run) for region in regions]
                try:
                    for one in running:
                        one.result()
                finally:
                    for region in regions:
                        region.stop()
        if regions and all(region.refused for region in regions) and not tally.pages:
            raise regions[0].refused[0]
        return sum(region.calls for region in regions)


class _Region:
    """The reading of the groups of one region, which share its quota."""

    def __init__(self, fetch: _Fetch, region: str, parts: Sequence[Part], tally: Tally) -> None:
        self.refused: list[AwsRefused] = []
        self._fetch = fetch
        self._parts = parts
        self._options = fetch._options
        self._caller = Caller(fetch._clients(region), clock=fetch._clock)
        quota = quota_of("filter_log_events", region)
        self._threads = self._options.threads or max(2, min(_MOST_THREADS, round(quota)))
        self._waiting = Waiting(self._windows())
        self._scan = Scan(
            self._caller,
            self._waiting,
            tally,
            settled_before=fetch._settled_before,
            budget=self._options.max_bytes,
            piece_bytes=self._options.piece_bytes,
        )

    @property
    def calls(self) -> int:
        """Calls made."""
        return self._caller.calls.total()

    def run(self) -> None:
        """Read all windows; what is left unread has its reason in the journal."""
        try:
            in_threads(self._waiting, self._scan.read, threads=self._threads)
        except LogAnalyzerError as error:
            self._lose_rest(error.message, error.tip)
            raise
        for store, refused in self._scan.refused.items():
            self._lose_rest(refused.message, refused.tip, store=store)
        if self._scan.spent:
            self._lose_rest("was not read: --max-bytes was reached", "allow more bytes, and run the command again")
        if len(self._scan.refused) == len(self._parts):
            self.refused = list(self._scan.refused.values())

    def stop(self) -> None:
        """Read no more."""
        self._waiting.stop()

    def _windows(self) -> list[Window]:
        """Windows to begin with: at least one for each thread, none across the time at which events are settled."""
        total = sum(part.span for part in self._parts)
        found = []
        for part in self._parts:
            for span in part.spans:
                for piece in _cut_at(span, self._fetch._settled_before):
                    share = round(self._threads * (piece[1] - piece[0] + 1) / total)
                    found += shares(part.store, piece, share)
        return found

    def _lose_rest(self, what: str, tip: str, *, store: Store | None = None) -> None:
        for part in self._parts:
            if store is None or part.store is store:
                for gap in (gap for span in part.spans for gap in part.store.journal.missing(span)):
                    part.store.lose(gap, what, tip)


def _cut_at(span: Span, time: int) -> list[Span]:
    """The span in two, the second beginning at ``time``, if that is inside."""
    first, last = span
    return [(first, time - 1), (time, last)] if first < time <= last else [span]
