"""What :func:`analyze` returns: every request, the failed ones diagnosed, counts, timelines, and what was covered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from loganalyzer.classifier import evidence
from loganalyzer.classifier.classify import FAILED, INCOMPLETE, SUCCEEDED, Classifier
from loganalyzer.classifier.closer import Closer, Detail, late_facts, policy_facts
from loganalyzer.classifier.entries import OWN
from loganalyzer.classifier.explainers.cached import Judged, explain_cached
from loganalyzer.classifier.explainers.denial import CACHED
from loganalyzer.classifier.explainers.masking import masking_of
from loganalyzer.classifier.lookback import find_makers
from loganalyzer.classifier.rules import Entry, Rules, catalogue, catalogue_with, entry_of
from loganalyzer.errors import AwsError, LogAnalyzerError, NothingReadable, UsageError
from loganalyzer.formats import Input, find_inputs
from loganalyzer.model import Coverage, Diagnosis, Explanation, Request, RouteSummary, Stage, Summary, Timeline
from loganalyzer.parser import find
from loganalyzer.parser.routes import passage_of, routes_of
from loganalyzer.parser.shared import split_shared
from loganalyzer.parser.summary import EARLY, LATE, Ints
from loganalyzer.parser.table import Progress, Table, scan
from loganalyzer.parser.timeline import marked, read_timeline
from loganalyzer.vocabulary import FACT_BIT

if TYPE_CHECKING:
    import pandas as pd

    from loganalyzer.audit.examine import Audit
    from loganalyzer.audit.finding import Finding


def analyze(
    *sources: str | Path | BinaryIO,
    successes: bool = True,
    rules: Rules = (),
    jobs: int | None = None,
    progress: Progress | None = None,
    profile: str | None = None,
    region: str | None = None,
) -> Analysis:
    """Read execution logs and diagnose every failed request in them.

    ``sources`` are paths of files or directories, globs, ``s3://bucket/prefix`` URLs, ``-`` for standard input, or open
    binary files, in any form that :mod:`loganalyzer.formats` knows; without ``successes`` the requests that succeeded
    are counted and get no row, which takes half the time and less memory; ``rules`` are TOML files that add to the
    catalogue or override entries of it; ``jobs`` is the number of processes (by default as many as pay); ``progress``
    is called with bytes done and bytes in all; ``profile`` and ``region`` are those of AWS for what is in S3. Raises
    :class:`UsageError` for a path that does not exist or rules with a fault, :class:`NothingReadable` if no source
    holds an execution log, and :class:`~loganalyzer.errors.AwsError` for what AWS refuses.
    """
    entries = catalogue_with(rules)
    inputs = find_inputs(sources, profile=profile, region=region)
    brief = not successes and entries == catalogue()  # rules of one's own may speak of what succeeded
    table = scan(inputs, brief=brief, jobs=jobs, progress=progress)
    if not table.coverage.events:
        raise nothing_readable(table.coverage, inputs, sources)
    return Analysis(inputs, table, entries=entries)


def explain(category: str, *, rules: Rules = ()) -> Entry:
    """The catalogue's entry of a category, in which ``rules`` count as in :func:`analyze`.

    Raises :class:`UsageError` with the nearest name for an unknown one.
    """
    return entry_of(category, entries=catalogue_with(rules))


def nothing_readable(coverage: Coverage, inputs: Sequence[Input], sources: Sequence[object]) -> LogAnalyzerError:
    """Why there is nothing to analyse: what AWS refuses, the first problem, or no line of an execution log at all."""
    if refused := next(filter(None, map(_refusal, inputs[:1])), None):
        return refused
    if coverage.problems:
        problem = coverage.problems[0]
        more = f" (and {len(coverage.problems) - 1} more)" if len(coverage.problems) > 1 else ""
        return NothingReadable(f"{problem.where}: {problem.what}{more}", tip=problem.tip)
    names = ", ".join(source.name for source in inputs[:3]) or ", ".join(map(str, sources)) or "the input"
    return NothingReadable(
        f"{names}: no line of an API Gateway execution log",
        tip="execution logs are in CloudWatch groups named API-Gateway-Execution-Logs_<api>/<stage>",
    )


def _refusal(source: Input) -> AwsError | None:
    """Why AWS does not give out an input, None if it does or has no say in it."""
    if source.remote is None:
        return None
    try:
        with source.remote.open() as stream:
            stream.read(1)
    except AwsError as refused:
        return AwsError(f"{source.name}: {refused.message}", tip=refused.tip)
    return None


READ_AGAIN = 16_000_000
"""Bytes of log up to which the origin of every cached policy is looked for; beyond, of requests that are opened."""


class Analysis:
    """The outcome of :func:`analyze`.

    ``coverage`` says what was read and what was not, ``entries`` is the catalogue that was judged by, the user's rules
    included; everything else is worked out when it is asked for. ``around`` is the window of the whole log, given where
    the table is only a part of it.
    """

    def __init__(
        self,
        inputs: Sequence[Input],
        table: Table,
        *,
        entries: Mapping[str, Entry] | None = None,
        around: evidence.Window | None = None,
    ) -> None:
        self.entries = catalogue() if entries is None else entries
        self._inputs = inputs
        self._table = table
        self._occurrence = split_shared(inputs, table)
        late_facts(inputs, table)
        self._facts = evidence.facts_of(table.rows, around or evidence.window(table.rows, table.successes))
        self._closer = Closer(inputs, table, self._occurrence, entries=self.entries)
        policy_facts(self._closer, table.rows, self._facts)
        self._case, self._diagnoses = Classifier(self.entries).classify(
            table.rows, self._facts, message_of=self._closer.decisive
        )
        self._outcome = np.array([d.outcome for d in self._diagnoses] or [""])[self._case]
        self.coverage = table.coverage
        self._cover()
        self._makers: Mapping[int, Judged] | None = None

    def _cover(self) -> None:
        coverage, rows, successes = self.coverage, self._table.rows, self._table.successes
        coverage.requests = len(rows) + len(successes)
        kinds, counts = np.unique(self._facts, return_counts=True)
        levels: dict[str, int] = {}
        for name, count in zip(evidence.levels(kinds).tolist(), counts.tolist(), strict=True):
            levels[name] = levels.get(name, 0) + count
        self._success_levels = evidence.levels_said(successes["said"])
        for name, count in zip(*np.unique(self._success_levels, return_counts=True), strict=True):
            levels[str(name)] = levels.get(str(name), 0) + int(count)
        coverage.levels = dict(sorted(levels.items()))
        first, last = rows["first"][rows["first"] != LATE], rows["last"][rows["last"] != EARLY]
        coverage.first_seen = min((int(part.min()) for part in (first, successes["first"]) if len(part)), default=None)
        coverage.last_seen = max((int(part.max()) for part in (last, successes["last"]) if len(part)), default=None)

    # -- tables --------------------------------------------------------------------------------------------------------

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """Failed and incomplete requests, successes too if ``everything``, by the time they were first seen."""
        rows = self._table.rows
        which = np.arange(len(rows)) if everything else np.flatnonzero(self._outcome != SUCCEEDED)
        yield from self._records(which[np.lexsort((rows["first_pos"][which], rows["first"][which]))])

    def _records(self, which: Ints) -> Iterator[Request]:
        levels = evidence.levels(self._facts[which]).tolist()
        authorizers = evidence.authorizers(self._facts[which]).tolist()
        columns = [self._table.rows[name][which].tolist() for name in _SHOWN]
        for index, level, authorizer, *values in zip(which.tolist(), levels, authorizers, *columns, strict=True):
            category = self._diagnosis(index).category
            detail = self._closer.look(index, category, authorizer=authorizer) if category else None
            if detail and detail.broke == CACHED:
                detail = replace(detail, broke=self._cached_policy(index))
            yield self._request(index, dict(zip(_SHOWN, values, strict=True)), detail, level, authorizer)

    def _diagnosis(self, index: int) -> Diagnosis:
        return self._diagnoses[int(self._case[index])]

    def _request(self, index: int, row: dict[str, int], detail: Detail | None, level: str, authorizer: str) -> Request:
        diagnosis, texts = self._diagnosis(index), self._table.texts.texts
        api, _, api_stage = (texts[row["api"]] or (detail.api if detail else b"") or texts[row["origin"]]).partition(
            b"/"
        )
        verb, _, resource = texts[row["resource"]].partition(b" ")
        told = (texts[row["method"]], verb, detail.method if detail else b"")
        method = next((text for text in told if text not in (b"", b"ANY")), b"")
        status = row["status"] if row["status"] >= 0 else None
        first, last = _when(row["first"]), _when(row["last"])
        return Request(
            request_id=self._table.request_id(self._table.rows["id"][index].tobytes()),
            extended_request_id=_text(texts[row["xid_max"]]),
            api_id=_text(api),
            api_stage=_text(api_stage),
            method=_text(method),
            resource=_text(resource),
            path=_text(texts[row["path"]] or (detail.path if detail else b"")),
            first_seen=first,
            last_seen=last,
            duration_ms=row["last"] - row["first"] if first and last else None,
            integration_latency_ms=row["latency"] if row["latency"] >= 0 else None,
            status=status,
            client_status=status if status is not None else self._default_status(diagnosis),
            outcome=diagnosis.outcome,
            category=diagnosis.category,
            stopped_at=diagnosis.stopped_at.name,
            confidence=str(diagnosis.confidence),
            alternatives=diagnosis.alternatives,
            evidence=detail.evidence if detail else (),
            authorizer="failed" if self._authorizer_failed(index, diagnosis) else authorizer,
            log_level=level,
            reasons=diagnosis.reasons,
            detail=detail.broke if detail else "",
        )

    def _authorizer_failed(self, index: int, diagnosis: Diagnosis) -> bool:
        if diagnosis.category.startswith(OWN) and diagnosis.stopped_at == Stage.AUTHORIZATION:
            return evidence.blames_authorizer(int(self._table.rows["decisive"][index]), int(self._facts[index]))
        return diagnosis.category.startswith("AUTHORIZER_")

    def _default_status(self, diagnosis: Diagnosis) -> int | None:
        return self.entries[diagnosis.category].client_status if diagnosis.category else None

    def _cached_policy(self, index: int) -> str:
        """Whose policy a request was denied by from the cache; not looked for in a large log."""
        if self._makers is None:
            small = self.coverage.bytes <= READ_AGAIN
            self._makers = find_makers(self._inputs, self._table, self._facts, self._cached_denials()) if small else {}
        maker = self._makers.get(index)
        return explain_cached(maker, Explanation()).detail if maker else CACHED

    def _cached_denials(self) -> Ints:
        """The rows that a policy denied which the log does not show because it came from the cache."""
        kinds = [case for case, diagnosis in enumerate(self._diagnoses) if diagnosis.category == "ACCESS_DENIED"]
        denied = np.flatnonzero(np.isin(self._case, kinds))
        return np.asarray(denied[evidence.authorizers(self._facts[denied]) == "cached"])

    @property
    def requests(self) -> pd.DataFrame:
        """One row a request, by time; the columns of :class:`Request`, times as ``datetime64[ms, UTC]``."""
        return frame_of(self.records(everything=True))

    @property
    def failures(self) -> pd.DataFrame:
        """The failed requests, with ``title``, ``cause``, ``fix`` and ``link`` of their category."""
        frame = frame_of(request for request in self.records() if request.outcome == FAILED)
        for name in ("title", "cause", "fix", "link"):
            frame[name] = [getattr(self.entries[category], name) for category in frame["category"]]
        return frame

    def summary(self) -> Summary:
        """Counts by category and by where requests stopped, and latency by route."""
        outcomes = dict(zip(*(part.tolist() for part in np.unique(self._outcome, return_counts=True)), strict=True))
        counts = np.bincount(self._case, minlength=len(self._diagnoses)).tolist()
        by_category: dict[str, int] = {}
        by_stage: dict[str, int] = {}
        answered = 0
        for diagnosis, count in zip(self._diagnoses, counts, strict=True):
            if diagnosis.outcome != SUCCEEDED:
                by_category[diagnosis.category] = by_category.get(diagnosis.category, 0) + count
                by_stage[diagnosis.stopped_at.name] = by_stage.get(diagnosis.stopped_at.name, 0) + count
            if diagnosis.outcome == FAILED and diagnosis.stopped_at == Stage.COMPLETED:
                answered += count
        return Summary(
            requests=len(self._case) + len(self._table.successes),
            succeeded=outcomes.get(SUCCEEDED, 0) + len(self._table.successes),
            failed=outcomes.get(FAILED, 0),
            incomplete=outcomes.get(INCOMPLETE, 0),
            gateway_failed=outcomes.get(FAILED, 0) - answered,
            backend_failed=answered,
            by_category=dict(sorted(by_category.items(), key=lambda item: (-item[1], item[0]))),
            by_stopped_at={stage.name: by_stage[stage.name] for stage in Stage if stage.name in by_stage},
            routes=self._routes(),
        )

    def _routes(self) -> tuple[RouteSummary, ...]:
        successes = self._table.successes
        timed = self._facts & np.uint64(FACT_BIT["info_level"]) != 0
        passages = (
            passage_of(self._table.rows, failed=self._outcome == FAILED, timed=timed),
            passage_of(
                successes,
                failed=np.zeros(len(successes), bool),
                timed=np.isin(self._success_levels, ("info", "info_trace")),
            ),
        )
        return routes_of(passages, self._table.texts.texts)

    def explained_by(self, *audits: Audit) -> Mapping[str, tuple[Finding, ...]]:
        """By failing category, the findings of audits (of the same API) that explain it, or hide what it was."""
        from loganalyzer.audit.explaining import explained

        return explained(self.records(), audits)

    # -- one request ---------------------------------------------------------------------------------------------------

    def timeline(self, request_id: str) -> Timeline:
        """The steps of one request, the evidence of its diagnosis marked.

        ``request_id`` may be the id, its beginning, the extended id or the Lambda request id. Raises
        :class:`NothingReadable` if no request has it, :class:`UsageError` if several do.
        """
        return self._timeline(self._find(request_id))

    def _timeline(self, index: int) -> Timeline:
        diagnosis = self._diagnosis(index)
        timeline = read_timeline(self._closer.events(index))
        return replace(marked(timeline, self._closer.heads(diagnosis.category)), stopped_at=diagnosis.stopped_at)

    def explanation(self, request_id: str) -> Explanation:
        """What exactly broke in one request, by all of its lines and, for a cached policy, by those of the request it
        was made for; ids as for :meth:`timeline`."""
        index = self._find(request_id)
        request = self._row(index)
        traced = request.log_level == "info_trace"
        found = self._closer.explain(index, request.category, authorizer=request.authorizer, traced=traced)
        if found.detail == CACHED:
            makers = find_makers(self._inputs, self._table, self._facts, np.array([index], np.int64))
            found = explain_cached(makers[index], found) if index in makers else found
        if request.confidence == "low":
            return found
        masking = masking_of(self._timeline(index), category=request.category, client_status=request.client_status)
        return replace(found, masking=masking)

    def diagnosis(self, request_id: str) -> Request:
        """The row of one request; ids as for :meth:`timeline`."""
        return self._row(self._find(request_id))

    def _row(self, index: int) -> Request:
        return next(self._records(np.array([index], np.int64)))

    def _find(self, request_id: str) -> int:
        matches = find.rows_with(request_id, self._inputs, self._table)
        if not matches:
            raise NothingReadable(
                f"no request with the id '{request_id}' in what was read",
                tip="give the request id, its beginning, the extended id (x-amz-apigw-id) or the Lambda request id",
            )
        if len(matches) > 1:
            names = [self._table.request_id(self._table.rows["id"][at].tobytes()) for at in matches[:4]]
            xids = [_text(self._table.texts.texts[self._table.rows["xid_max"][at]]) for at in matches[:4]]
            shown = ", ".join(names if len(set(names)) > 1 else [x or n for x, n in zip(xids, names, strict=True)])
            raise UsageError(f"'{request_id}' fits {len(matches)} requests: {shown}{', …' if len(matches) > 4 else ''}",
                             tip="give more of the id, or the extended id")  # fmt: skip
        return matches[0]

    def __repr__(self) -> str:
        summary = self.summary()
        return f"<Analysis: {summary.requests} requests, {summary.failed} failed, {summary.incomplete} incomplete>"


_SHOWN = ("api", "origin", "resource", "method", "path", "xid_max", "status", "latency", "first", "last")
"""The columns of a row that a request shows as they are."""


def _when(ms: int) -> datetime | None:
    return None if ms in (LATE, EARLY) else datetime.fromtimestamp(ms / 1000, UTC)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


_TIMES = ("first_seen", "last_seen")
_INTEGERS = ("duration_ms", "integration_latency_ms", "status", "client_status")


def frame_of(requests: Iterable[Request]) -> pd.DataFrame:
    """One row a request; the columns of :class:`Request`, times as ``datetime64[ms, UTC]``."""
    import pandas as pd

    rows = list(requests)
    names = [field.name for field in fields(Request)]
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in names}, columns=names)
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ms, UTC]")
    for name in _INTEGERS:
        frame[name] = frame[name].astype("Int64")
    for name in ("alternatives", "evidence", "reasons"):
        frame[name] = [list(getattr(row, name)) for row in rows]
    return frame
