"""Fetching the logs of some groups for a stretch of time: what is not stored yet is read, the rest is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.coverage import Coverage
from loganalyzer.errors import UsageError
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.clock import Clock, WallClock
from loganalyzer.fetcher.group import OTHER, LogGroup
from loganalyzer.fetcher.insights import most_rows
from loganalyzer.fetcher.plan import FAILURES, FILTER, INSIGHTS, Part, Plan, part_of
from loganalyzer.fetcher.progress import Tally, Tell
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.region import Options, Region
from loganalyzer.fetcher.store import ALL, AS_IS, Store
from loganalyzer.fetcher.store import FAILURES as ONLY_FAILURES
from loganalyzer.formats.stored import Fetched, Span, without

if TYPE_CHECKING:
    from botocore.client import BaseClient

Clients = Callable[[str], "BaseClient"]
"""Gives a CloudWatch Logs client of a region."""

Place = Callable[[LogGroup], Path]
"""Says below which directory a group is stored."""

Agree = Callable[[Plan], None]
"""Is told what is about to be read, and raises if it shall not be."""

_OF_OTHER_CLASS = "InvalidOperationException"
_DAY_MS = 86_400_000


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
    options = _checked(groups, since, until, options, clock)
    with ExitStack() as stack:
        stores = [stack.enter_context(store.opened()) for store in _stores(groups, place, options)]
        return _Fetch(stores, (since, until), options, clients, clock, tell).run(agree)


def plan_groups(
    groups: Sequence[LogGroup],
    *,
    since: int,
    until: int,
    place: Place,
    options: Options | None = None,
    clock: Clock | None = None,
) -> Plan:
    """What :func:`fetch_groups` would read now with the same arguments; AWS is not asked and nothing is written."""
    clock = clock or WallClock()
    options = _checked(groups, since, until, options, clock)
    stores = [store.looked_at() for store in _stores(groups, place, options)]
    return _Fetch(stores, (since, until), options, _no_clients, clock, None).plan()


def _checked(groups: Sequence[LogGroup], since: int, until: int, options: Options | None, clock: Clock) -> Options:
    """The options; raises :class:`UsageError` where the arguments make no sense."""
    if not groups:
        raise UsageError("no log group is named", tip="name an API with --api, or a group with --log-group")
    if since > min(until, int(clock.now() * 1000)):
        raise UsageError("the window to fetch is empty", tip="--since must be earlier than --until and now")
    return options or Options()


def _stores(groups: Sequence[LogGroup], place: Place, options: Options) -> Iterator[Store]:
    """Where each group is stored, by what is kept of it; one that is open already has its name."""
    for one in dict.fromkeys(groups):
        yield Store(place(one), one, mode=AS_IS if one.kind == OTHER else _kept(one, options))


def _kept(group: LogGroup, options: Options) -> str:
    """What is kept of a group: Insights bills what it scans, so to leave out successes there would save nothing."""
    return ONLY_FAILURES if options.failures_only and group.log_class in ("", "STANDARD") else ALL


def _no_clients(region: str) -> BaseClient:
    raise AssertionError(f"a plan asks nobody, not even in {region}")


class _Fetch:
    """One fetch of some stores, which are open; to plan it, it is enough to have looked at them."""

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

    def plan(self) -> Plan:
        """What is to be read of all groups."""
        return Plan(tuple(self._part(store) for store in self._stores))

    def run(self, agree: Agree | None) -> Fetched:
        """Plan, agree, read; then, with a plan of its own, what turned out to be of a class that needs another way."""
        plan = self.plan()
        if agree is not None:
            agree(plan)
        for store in self._stores:
            self._note_expired(store)
        tally = Tally(sum(part.span for part in plan.parts), clock=self._clock, tell=self._tell)
        for part in plan.parts:
            part.store.ask(self._span, now=self._now)
        calls, refused = self._read([part for part in plan.parts if part.spans], tally)
        dear = [store for store, why in refused.items() if why.code == _OF_OTHER_CLASS]
        if dear:
            calls += self._read_dear(dear, tally, agree)
        elif refused and len(refused) == len(plan.parts) and not tally.pages:
            raise next(iter(refused.values()))
        coverage = Coverage()
        stored = tuple(store.stored(self._span) for store in self._stores)
        for one in stored:
            one.cover(coverage)
        return Fetched(stored, *self._asked, coverage, tally.events, tally.bytes, calls)

    def _read_dear(self, stores: Sequence[Store], tally: Tally, agree: Agree | None) -> int:
        """Read groups by Insights that refused FilterLogEvents because of their class; the calls it took."""
        plan = Plan(tuple(self._part(store, route=INSIGHTS) for store in stores))
        try:
            if agree is not None:
                agree(plan)
        except UsageError as error:
            if len(stores) == len(self._stores):
                raise
            for part in plan.parts:
                for span in part.spans:
                    part.store.lose(span, error.message, error.tip)
            return 0
        calls, refused = self._read(plan.parts, tally)
        if refused and len(refused) == len(self._stores):
            raise next(iter(refused.values()))
        return calls

    def _part(self, store: Store, *, route: str | None = None) -> Part:
        """What is to be read of one group, and how: only one way leads into groups of a class but STANDARD."""
        usual = FAILURES if self._options.failures_only else FILTER
        route = route or (usual if store.group.log_class in ("", "STANDARD") else INSIGHTS)
        expired = self._expired(store)
        spans = [piece for gap in store.wanted(self._span) for piece in without(gap, expired)]
        return part_of(store, spans, route=route, now=self._now)

    def _expired(self, store: Store) -> list[Span]:
        """The time whose events the group does not keep any more."""
        days = store.group.retention_days
        return [(0, self._now - days * _DAY_MS - 1)] if days else []

    def _note_expired(self, store: Store) -> None:
        """Note as lost what is wanted and has expired."""
        for first, last in self._expired(store):
            what = f"has expired: the group keeps events for {store.group.retention_days} days"
            for gap in store.wanted(self._span):
                if gap[0] <= last:
                    tip = "raise the group's retention to keep events longer"
                    store.lose((max(first, gap[0]), min(gap[1], last)), what, tip)

    def _read(self, parts: Sequence[Part], tally: Tally) -> tuple[int, dict[Store, AwsRefused]]:
        """Read all parts, regions side by side; the calls it took, and the stores that could not be read at all."""
        by_region: dict[str, list[Part]] = {}
        for part in parts:
            by_region.setdefault(part.store.group.region, []).append(part)
        regions = [self._region(name, own, tally) for name, own in by_region.items()]
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
        refused = {store: why for region in regions for store, why in region.refused.items()}
        return sum(region.calls for region in regions), refused

    def _region(self, name: str, parts: Sequence[Part], tally: Tally) -> Region:
        client = self._clients(name)
        caller = Caller(client, clock=self._clock)
        rows = most_rows(client.meta.service_model.operation_model("GetQueryResults").input_shape.members)
        return Region(caller, parts, tally, self._options, settled_before=self._settled_before, rows=rows)
