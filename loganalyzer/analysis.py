"""What :func:`loganalyzer.analyze` returns: every request, failures diagnosed, counts, timelines, what was covered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from heapq import merge
from typing import TYPE_CHECKING

import numpy as np

from loganalyzer import trends
from loganalyzer.classifier import evidence
from loganalyzer.classifier.classify import FAILED
from loganalyzer.classifier.explainers.cached import Judged, explain_cached
from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.classifier.explainers.masking import masking_of
from loganalyzer.classifier.lookback import find_makers
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.formats import Input
from loganalyzer.formats.stored import Span
from loganalyzer.judged.counts import columns_of, summary_of
from loganalyzer.judged.diagnosed import diagnosed
from loganalyzer.judged.lookup import Lookup
from loganalyzer.judged.records import Part, Records
from loganalyzer.model import (
    CorrelatedRequest,
    Event,
    Explanation,
    FunnelStep,
    Latency,
    Request,
    Summary,
    Timeline,
    Trend,
)
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.table import Table
from loganalyzer.parser.timeline import marked, read_timeline
from loganalyzer.rows import frame_of, frame_of_columns
from loganalyzer.scales import Stage

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from loganalyzer.arrow.batches import Mask
    from loganalyzer.audit.examine import Audit
    from loganalyzer.audit.finding import Finding
    from loganalyzer.comparison.kinds import Kinds
    from loganalyzer.correlate.correlation import Correlation
    from loganalyzer.correlate.logs import Logs
    from loganalyzer.plot import Plot

READ_AGAIN = 16_000_000
"""Bytes of log up to which the origin of every cached policy is looked for; beyond, of requests that are opened."""


class Analysis:
    """The outcome of :func:`loganalyzer.analyze`.

    ``coverage`` says what was read and what was not, ``entries`` is the catalogue that was judged by, the user's rules
    included, ``around`` what the log around these requests tells if they are a part of it, ``asked`` the stretches of
    time (ms) that alone are wanted of it; everything else is worked out when it is asked for.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        table: Table,
        *,
        entries: Mapping[str, Entry] | None = None,
        logs: Logs | None = None,
        successes: bool = False,
        around: evidence.Window | None = None,
        asked: Sequence[Span] = (),
    ) -> None:
        self.entries = catalogue() if entries is None else entries
        self._inputs = inputs
        self._found = diagnosed(inputs, table, entries=self.entries, around=around, asked=asked)
        self.coverage = table.coverage
        self._correlation = self._correlated(logs, successes=successes) if logs else None
        self._requests = Records(self._found, entries=self.entries, cached_policy=self._cached_policy)
        self.row_type: type[Request] = CorrelatedRequest if logs else Request
        self._found.cover()
        self._lookup = Lookup(inputs, table)
        self._makers: Mapping[int, Judged] | None = None

    def _correlated(self, logs: Logs, *, successes: bool) -> Correlation:
        """What other logs say, the diagnoses that they settle put in the place of the former ones."""
        from loganalyzer.correlate.correlation import correlate, failing
        from loganalyzer.correlate.logs import with_live

        found = self._found
        failed = failing(found.case, found.diagnoses)
        which = np.arange(len(found.case)) if successes else failed
        logs = with_live(logs, self._inputs, found.table, failed, coverage=self.coverage)
        per_row = [found.diagnoses[number] for number in found.case.tolist()]
        joined = correlate(
            logs, self._inputs, found.table, found.occurrence, per_row, which=which, coverage=self.coverage
        )
        found.case, found.diagnoses = joined.diagnoses(found.case, found.diagnoses, entries=self.entries)
        return joined

    # -- tables --------------------------------------------------------------------------------------------------------

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """Failed and incomplete requests, successes too if ``everything``, by the time they were first seen."""
        logged = self._records(self._found.by_time(everything=everything))
        if self._correlation is None or not self._correlation.unlogged:
            yield from logged
        else:
            yield from merge(logged, self._unlogged(), key=_arrival)

    def parts(self, *, everything: bool = False) -> list[Part]:
        """The same requests in the same order in parts that can be told in columns; none where other logs have a say.

        If there are several, several processes can tell them. That is not so where the user's own rules have a say, and
        while the log is looked at for whose a cached policy was.
        """
        if self._correlation:
            return []
        elsewhere = self.coverage.bytes > READ_AGAIN and self.entries == catalogue()
        return self._requests.parts(self._found.by_time(everything=everything), elsewhere=elsewhere)

    def batches(self, *, everything: bool = False, mask: Mask | None = None) -> Iterator[pa.RecordBatch]:
        """The same requests in the same order as batches of Arrow, with the columns of ``row_type``, masked as told.

        Most of them cost a fraction of what an object for each costs. Needs pyarrow (extra ``parquet``).
        """
        from loganalyzer.arrow.batches import batches_of, grouped

        if self._correlation is None:
            return batches_of(self._requests, self._found.by_time(everything=everything), mask=mask)
        return grouped(self.records(everything=everything), kind=self.row_type, mask=mask)

    def _unlogged(self) -> list[Request]:
        """The rows of requests that only the access log knows, by time."""
        if self._correlation is None or not self._correlation.unlogged:
            return []
        from loganalyzer.correlate.rows import unlogged_row

        return sorted((unlogged_row(one, entries=self.entries) for one in self._correlation.unlogged), key=_arrival)

    def _records(self, which: Ints) -> Iterator[Request]:
        found = self._requests.of(which)
        if self._correlation is None:
            return found
        from loganalyzer.correlate.rows import with_tie

        ties = self._correlation.ties
        return (with_tie(request, ties.get(index)) for index, request in zip(which.tolist(), found, strict=True))

    def _cached_policy(self, index: int) -> str:
        """Whose policy a request was denied by from the cache; not looked for in a large log."""
        maker = self._maker(index)
        return explain_cached(maker, Explanation()).detail if maker else CACHED

    def _maker(self, index: int) -> Judged | None:
        """The run of the authorizer whose policy a request was denied by; not looked for in a large log."""
        if self._makers is None:
            small = self.coverage.bytes <= READ_AGAIN
            self._makers = self._makers_of(self._cached_denials()) if small else {}
        return self._makers.get(index)

    def _maker_of_one(self, index: int) -> Judged | None:
        """The same of a request that somebody opens: looked for in any log."""
        return self._makers_of(np.array([index], np.int64)).get(index)

    def _makers_of(self, denied: Ints) -> Mapping[int, Judged]:
        return find_makers(self._inputs, self._found.table, self._found.facts, denied)

    def _cached_denials(self) -> Ints:
        """The rows that a policy denied which the log does not show because it came from the cache."""
        found = self._found
        kinds = [case for case, diagnosis in enumerate(found.diagnoses) if diagnosis.category == "ACCESS_DENIED"]
        denied = np.flatnonzero(np.isin(found.case, kinds))
        return np.asarray(denied[evidence.authorizers(found.facts[denied]) == "cached"])

    @property
    def requests(self) -> pd.DataFrame:
        """One row a request, by time; the columns of :class:`Request`, times as ``datetime64[ms, UTC]``.

        Where other logs were read beside, the columns are those of :class:`~loganalyzer.model.CorrelatedRequest`.
        """
        if self._correlation is None:
            return frame_of_columns(self._requests.in_columns(self._found.by_time(everything=True)))
        return frame_of(self.records(everything=True), self.row_type)

    @property
    def failures(self) -> pd.DataFrame:
        """The failed requests, with ``title``, ``cause``, ``fix`` and ``link`` of their category."""
        import pandas as pd

        if self._correlation is None:
            which = self._found.by_time(everything=False)
            frame = frame_of_columns(self._requests.in_columns(which[self._found.ended(FAILED)[which]]))
        else:
            frame = frame_of((request for request in self.records() if request.outcome == FAILED), self.row_type)
        for name in ("title", "cause", "fix", "link"):
            texts = [getattr(self.entries[category], name) for category in frame["category"]]
            frame[name] = pd.Series(texts, frame.index, dtype="str")
        return frame

    def summary(self) -> Summary:
        """Counts by category and by where requests stopped, and latency by route."""
        return summary_of(self._found, self._unlogged())

    def over_time(self, *, stretches: int = trends.MAX_STRETCHES) -> Trend | None:
        """Requests and failures by time, in at most so many stretches of one width; None if no time is known."""
        return trends.over_time(columns_of(self._found), stretches=stretches)

    def funnel(self) -> tuple[FunnelStep, ...]:
        """How many requests reached each step of the lifecycle, and how many ended in it."""
        return trends.funnel(self.summary())

    def latency(self) -> tuple[Latency, ...]:
        """Latency quantiles by route, by what became of the authorizer, and of the integration alone by route."""
        return trends.latency(columns_of(self._found))

    @property
    def plot(self) -> Plot:
        """Charts of the three above (extra ``reports``): ``plot.failures()``, ``plot.funnel()``, ``plot.latency()``."""
        from loganalyzer.plot import Plot

        return Plot(self)

    def kinds(self) -> Kinds:
        """All requests that have a row, in the columns that comparing two periods takes."""
        from loganalyzer.comparison.kinds import kinds_of_requests
        from loganalyzer.judged.kinds import kinds_of

        if self._correlation is None:
            return kinds_of(self._found, entries=self.entries, named={})
        ties = self._correlation.ties.items()
        named = {at: (tie.access.method, tie.access.resource) for at, tie in ties if tie.access is not None}
        found = kinds_of(self._found, entries=self.entries, named=named)
        return found.and_also(kinds_of_requests(self._unlogged()))

    def explained_by(self, *audits: Audit) -> Mapping[str, tuple[Finding, ...]]:
        """By failing category, the findings of audits (of the same API) that explain it, or hide what it was."""
        from loganalyzer.audit.explaining import explained

        return explained(self.records(), audits)

    # -- one request ---------------------------------------------------------------------------------------------------

    def timeline(self, request_id: str) -> Timeline:
        """The steps of one request, the evidence of its diagnosis marked, the diagnosis, and what exactly broke.

        ``request_id`` may be the id, its beginning, the extended id or the Lambda request id. Raises
        :class:`NothingReadable` if no request has it, :class:`UsageError` if several do.
        """
        if alone := self._alone(request_id):
            return _no_steps(alone)
        index = self._lookup.by_id(request_id)
        return self._opened(self._row(index), index, self._found.closer.events(index), maker_of=self._maker_of_one)

    def timelines(self, requests: Sequence[Request]) -> list[Timeline]:
        """The timelines of rows that :meth:`records` gave out, those rows in them; the log is read once for all.

        In a large log it is not looked for whom a cached policy was made for.
        """
        alone = {(request.request_id, request.extended_request_id) for request in self._unlogged()}
        logged = [request for request in requests if (request.request_id, request.extended_request_id) not in alone]
        indices = [self._lookup.of(request) for request in logged]
        read = zip(logged, indices, self._found.closer.events_of(indices), strict=True)
        found = {id(one[0]): self._opened(*one, maker_of=self._maker) for one in read}
        return [found.get(id(request)) or _no_steps(request) for request in requests]

    def _opened(
        self, request: Request, index: int, events: Sequence[Event], *, maker_of: Callable[[int], Judged | None]
    ) -> Timeline:
        """The timeline of the request in this row with what exactly broke."""
        stopped_at = self._found.diagnosis(index).stopped_at
        timeline = replace(
            marked(read_timeline(events), self._found.closer.heads(request.category)), stopped_at=stopped_at
        )
        found = self._found.closer.explain(
            index, events, request.category, authorizer=request.authorizer, traced=request.log_level == "info_trace"
        )
        if found.detail == CACHED and (maker := maker_of(index)):
            found = explain_cached(maker, found)
        if request.confidence != "low":
            masking = masking_of(timeline, category=request.category, client_status=request.client_status)
            found = replace(found, masking=masking)
        return replace(timeline, request=request, explanation=found)

    def explanation(self, request_id: str) -> Explanation:
        """What exactly broke in one request, by all of its lines and, for a cached policy, by those of the request it
        was made for; ids as for :meth:`timeline`."""
        return self.timeline(request_id).explanation or Explanation()

    def diagnosis(self, request_id: str) -> Request:
        """The row of one request; ids as for :meth:`timeline`."""
        return self._alone(request_id) or self._row(self._lookup.by_id(request_id))

    def _row(self, index: int) -> Request:
        return next(self._records(np.array([index], np.int64)))

    def _alone(self, wanted: str) -> Request | None:
        """The request of this id that stands in the access log alone, None if there is none or several."""
        wanted = wanted.strip()
        alone = self._unlogged() if wanted else []
        found = [request for request in alone if request.request_id.startswith(wanted)]
        found = found or [request for request in alone if request.extended_request_id == wanted]
        if len(found) != 1:
            return None
        whole = found[0].request_id == wanted
        return found[0] if whole or not self._lookup.fits(wanted) else None

    def __repr__(self) -> str:
        summary = self.summary()
        return f"<Analysis: {summary.requests} requests, {summary.failed} failed, {summary.incomplete} incomplete>"


def _no_steps(request: Request) -> Timeline:
    """The timeline of a request of which the execution log has no line."""
    stopped_at = Stage[request.stopped_at]
    return Timeline(request.request_id, (), stopped_at, request.authorizer, "time", request, Explanation())


def _arrival(request: Request) -> datetime:
    return request.first_seen or _NEVER


_NEVER = datetime.fromtimestamp(0, UTC)
