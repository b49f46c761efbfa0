"""Watching live groups: every request that fails, diagnosed once it is complete or has gone quiet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from loganalyzer.analysis import Analysis
from loganalyzer.classifier import evidence
from loganalyzer.classifier.rules import Entry
from loganalyzer.errors import UsageError
from loganalyzer.fetcher.assembly import GRACE_MS, Assembly
from loganalyzer.fetcher.byfailures import AFTER_MS, BEFORE_MS
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.clock import Clock, WallClock
from loganalyzer.fetcher.fetch import Clients
from loganalyzer.fetcher.follow import LATE_MS, Follower
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.scan import PASSING
from loganalyzer.formats import Input, Origin
from loganalyzer.formats.spool import spooled
from loganalyzer.model import Request
from loganalyzer.parser.table import Table, scan

_REMEMBERED_MS = 2 * LATE_MS + BEFORE_MS

LOOK_BACK_MS = 60_000
"""So far before its beginning a watch reads, so that requests under way then are whole."""


@dataclass(slots=True)
class Watched:
    """One group being watched."""

    follower: Follower
    assembly: Assembly
    last: int
    traced: bool = False


class Watch:
    """Polls groups and tells the requests that fail.

    ``since`` (ms) is when it begins to report. ``entries`` is the catalogue to judge by. Memory depends on how much is
    logged in ten minutes, not on how long it runs. ``requests`` and ``failed`` count what was over by now; ``trouble``
    is why the last poll was not complete, empty if it was. Raises :class:`UsageError` for a group that it cannot watch.
    """

    def __init__(
        self,
        groups: Sequence[LogGroup],
        *,
        clients: Clients,
        since: int,
        clock: Clock | None = None,
        entries: Mapping[str, Entry] | None = None,
    ) -> None:
        if not groups:
            raise UsageError("no log group is named", tip="name an API with --api, or a group with --log-group")
        other = next((group for group in groups if group.log_class not in ("", "STANDARD")), None)
        if other is not None:
            what = (
                f"{other.name} is of class {other.log_class}, and FilterLogEvents reads groups of class STANDARD alone"
            )
            raise UsageError(what, tip="analyze can read it by Logs Insights")
        self._clock = clock or WallClock()
        self._since = since
        self._entries = entries
        self.requests = self.failed = 0
        self.trouble = ""
        self._told: dict[str, int] = {}
        self._again: set[str] = set()
        callers = {group.region: Caller(clients(group.region), clock=self._clock) for group in groups}
        self._watched = [
            Watched(Follower(callers[group.region], group, since=since - LOOK_BACK_MS), Assembly(grace=GRACE_MS), since)
            for group in dict.fromkeys(groups)
        ]

    @property
    def open(self) -> int:
        """Requests that are under way."""
        return sum(len(watched.assembly) for watched in self._watched)

    def poll(self) -> list[Request]:
        """The requests that turned out to have failed since the last poll, by time.

        A call that fails for a while is made good by a later poll (see ``trouble``); :class:`AwsRefused` is raised for
        what waiting does not mend.
        """
        now = int(self._clock.now() * 1000)
        self.trouble = ""
        found: list[Request] = []
        for watched in self._watched:
            try:
                self._read(watched, now)
            except AwsRefused as refused:
                if refused.kind not in PASSING:
                    raise
                self.trouble = refused.message
            found += self._diagnosed(watched, now)
        self._forget(now)
        return sorted(found, key=lambda request: (request.first_seen is None, request.first_seen))

    def _read(self, watched: Watched, now: int) -> None:
        """Take in what is new; requests that were over and turn out to have failed are read again as a whole."""
        late: dict[str, int] = {}
        for event in watched.follower.poll(now):
            watched.last = max(watched.last, event.time)
            if request_id := watched.assembly.take(event, now):
                late[request_id] = event.time
        for request_id, time in late.items():
            if request_id not in self._told:
                self._again.add(request_id)
                for event in watched.follower.whole(request_id, time, before=BEFORE_MS, after=AFTER_MS):
                    watched.assembly.add(request_id, event, now)

    def _diagnosed(self, watched: Watched, now: int) -> Iterator[Request]:
        """The failed ones of the requests that are over."""
        over = dict(watched.assembly.over(now))
        if not over:
            return
        group = watched.follower.group
        origin = Origin("CloudWatch Logs", "event id", group.name, account=group.account)
        inputs = [Input(group.name, spooled(BytesIO(b"".join(over.values()))), origin=origin)]
        table = scan(inputs, jobs=1)
        analysis = Analysis(inputs, table, entries=self._entries, around=_around(watched, table))
        for request in analysis.records(everything=True):
            if self._is_early(request):
                continue
            self.requests += request.request_id not in self._again
            self._again.discard(request.request_id)
            if request.outcome == "failed" and request.request_id not in self._told:
                self._told[request.request_id] = now
                self.failed += 1
                yield request

    def _is_early(self, request: Request) -> bool:
        """Whether the request was over before the watch began."""
        return request.last_seen is not None and request.last_seen.timestamp() * 1000 < self._since

    def _forget(self, now: int) -> None:
        """Drop what cannot come again."""
        for request_id in [name for name, time in self._told.items() if now - time > _REMEMBERED_MS]:
            del self._told[request_id]


def _around(watched: Watched, table: Table) -> evidence.Window:
    """What the log around some requests tells of them: how far it goes on, and whether it holds whole requests."""
    if evidence.Said(table.rows).any(["Starting execution for request:"]).any():
        watched.traced = evidence.window(table.rows).traced
    return evidence.Window(watched.last, watched.traced)
