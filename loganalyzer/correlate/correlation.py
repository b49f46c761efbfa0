"""Joins Lambda logs and access logs to the requests of an execution log, by the ids in their lines and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from loganalyzer.classifier.classify import SUCCEEDED
from loganalyzer.classifier.entries import Entry
from loganalyzer.correlate.access import records_of
from loganalyzer.correlate.facts import RouteSeen, facts_of
from loganalyzer.correlate.lambdas import LambdaReader, Source
from loganalyzer.correlate.logs import Logs
from loganalyzer.correlate.records import AccessRecord, Invocation, Tie
from loganalyzer.correlate.settle import rule_book, settled
from loganalyzer.correlate.wanted import Wanted, wanted_of
from loganalyzer.formats import Input
from loganalyzer.formats.messages import messages_of
from loganalyzer.model import Coverage, Diagnosis, Problem
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.ids import ID_BYTES, id_words
from loganalyzer.parser.packing import Flags, Words, packed
from loganalyzer.parser.successes import ends_of
from loganalyzer.parser.table import Table
from loganalyzer.scales import Stage

MARGIN_MS = 60_000
"""An access log's time is that of the request's arrival, an execution log's that of its lines."""

MOST_ROUTES = 10_000
MOST_UNLOGGED = 200_000
MOST_OTHERS = 1_000
"""So many requests that went well are remembered, to see whether the access log is of the same API."""


@dataclass(slots=True)
class _Joined:
    """Counts of what was joined and what was not."""

    lines: int = 0
    no_id: int = 0
    joined: int = 0
    failing: int = 0
    outside: int = 0
    unknown: int = 0


@dataclass(slots=True)
class Correlation:
    """What other logs say of the requests in some rows of the table (``ties``), and the requests that stand in the
    access log alone because API Gateway writes no execution log for them (``unlogged``)."""

    ties: dict[int, Tie] = field(default_factory=dict)
    unlogged: list[AccessRecord] = field(default_factory=list)
    settled: int = 0

    def diagnoses(
        self, case: Ints, diagnoses: list[Diagnosis], *, entries: Mapping[str, Entry]
    ) -> tuple[Ints, list[Diagnosis]]:
        """The diagnosis of every row with what the other logs settle, in the form of :meth:`Classifier.classify`."""
        case, listed = case.copy(), list(diagnoses)
        numbers = {diagnosis: number for number, diagnosis in enumerate(listed)}
        for row, tie in self.ties.items():
            before = listed[int(case[row])]
            after = settled(before, tie, entries=entries)
            if after is not before:
                self.settled += bool(tie.settled_by)
                if after not in numbers:
                    numbers[after] = len(listed)
                    listed.append(after)
                case[row] = numbers[after]
        return case, listed


def correlate(
    logs: Logs,
    inputs: Sequence[Input],
    table: Table,
    occurrence: Sequence[int],
    diagnoses: Sequence[Diagnosis],
    *,
    which: Ints,
    coverage: Coverage,
) -> Correlation:
    """Join ``logs`` to the requests in the rows ``which``; ``diagnoses`` are those of every row.

    Memory is bounded by the number of these requests; how many lines were joined and how many not goes to
    ``coverage``.
    """
    joiner = _Joiner(wanted_of(inputs, table, which, occurrence), table, diagnoses)
    for source in (source for source in logs.access if _is_log(source, coverage)):
        joiner.read_access(source, coverage)
    if logs.lambdas:
        joiner.read_lambdas(logs.lambdas, coverage)
    result = joiner.correlation()
    coverage.notes.extend(joiner.notes(logs))
    return result


class _Joiner:
    """Collects what belongs to each wanted request."""

    def __init__(self, wanted: Wanted, table: Table, diagnoses: Sequence[Diagnosis]) -> None:
        self._wanted, self._table, self._diagnoses = wanted, table, diagnoses
        self._access: dict[int, AccessRecord] = {}
        self._routes: dict[tuple[str, str], RouteSeen] = {}
        self._others: set[str] = set()
        self._refusals_named = False
        self._unlogged: dict[tuple[str, str], AccessRecord] = {}
        self._seen = _Joined()
        self._lambdas = LambdaReader(wanted)
        self._functions: dict[int, Invocation] = {}
        self._authorizers: dict[int, Invocation] = {}
        rows, ids = table.rows, wanted.by_request
        times = [part.min() for part in (rows["first"], table.successes["first"]) if len(part)]
        lasts = [part.max() for part in (rows["last"], ends_of(table.successes)) if len(part)]
        self._from = min((int(t) for t in times), default=0) - MARGIN_MS
        self._until = max((int(t) for t in lasts), default=0) + MARGIN_MS
        self._known = len(ids)

    # -- the access log ------------------------------------------------------------------------------------------------

    def read_access(self, source: Input, coverage: Coverage) -> None:
        """Take in one access log; one that holds no line of the kind is a problem."""
        before = self._seen.lines
        for record, has_id in records_of(messages_of(source, coverage), self._wanted):
            if record.status is None and not record.error_type:
                continue  # every access log has the status; what has none is another log
            self._seen.lines += 1
            if has_id:
                self._add(record)
            else:
                self._seen.no_id += 1
        if self._seen.lines == before and not any(p.where == source.name for p in coverage.problems):
            what = "no line of this is one of an access log"
            tip = "access logs are JSON, CLF, CSV or XML with one line a request, $context.requestId in it"
            coverage.problems.append(Problem(source.name, what, tip))

    def _add(self, record: AccessRecord) -> None:
        self._count_route(record)
        refused = record.status == 401 or record.error_type == "UNAUTHORIZED"
        self._refusals_named = self._refusals_named or (refused and bool(record.authorizer_id))
        row = self._row_of(record)
        failing = (record.status or 0) >= 400 or bool(record.error_type)
        self._seen.failing += failing
        if row is None:
            if failing:
                self._keep_unlogged(record)
            elif len(self._others) < MOST_OTHERS:
                self._others.add(record.request_id)
            return
        self._seen.joined += row not in self._access
        self._access[row] = record
        self._wanted.add_integration(row, record.integration_id)
        self._wanted.add_authorizer(row, record.authorizer_id)
        self._wanted.add_trace(row, record.trace_id)

    def _row_of(self, record: AccessRecord) -> int | None:
        """The request that a line is about, by its ids; by others of them where it holds no request id."""
        if record.request_id or record.extended_id:
            return self._wanted.row_of(record.request_id, record.extended_id)
        for key, known in (
            (record.integration_id, self._wanted.by_integration),
            (record.trace_id, self._wanted.by_trace),
        ):
            found = known.get(key, [])
            if len(found) == 1:
                return found[0]
        return None

    def _count_route(self, record: AccessRecord) -> None:
        key = (record.method, record.resource or record.path)
        if key in self._routes or (len(self._routes) < MOST_ROUTES and key[1]):
            self._routes.setdefault(key, RouteSeen()).add(record)

    def _keep_unlogged(self, record: AccessRecord) -> None:
        """A failure without a line in the execution log: it counts if its kind is never logged, or not always."""
        if record.request_id in self._wanted.by_request:
            self._seen.unknown += 1  # several requests have this id, and nothing tells them apart
        elif record.time is not None and not self._from <= record.time <= self._until:
            self._seen.outside += 1
        elif type_of(record) in rule_book().never_logged and len(self._unlogged) < MOST_UNLOGGED:
            self._unlogged[(record.request_id, record.extended_id)] = record
        else:
            self._seen.unknown += 1

    # -- Lambda logs ---------------------------------------------------------------------------------------------------

    def read_lambdas(self, sources: Sequence[Input], coverage: Coverage) -> None:
        """Take in the functions' logs and tell which run was whose."""
        for source in (source for source in sources if _is_log(source, coverage)):
            self._lambdas.read(_log_name(source), messages_of(source, coverage))
        for log in self._lambdas.sources:
            if not log.reports and not any(p.where.startswith(log.name) for p in coverage.problems):
                what = "this holds no REPORT of a Lambda function"
                tip = "Lambda logs are in CloudWatch groups named /aws/lambda/<function>"
                coverage.problems.append(Problem(log.name, what, tip))
        self._lambdas.finish()
        self._by_id()
        self._by_trace()

    def _by_id(self) -> None:
        """Runs whose id a request names: in the execution log or in the access log."""
        for run in self._lambdas.kept.values():
            for row in self._wanted.by_integration.get(run.id, ()):
                self._functions[row] = run
                self._source(run).roles.add("function")
            for row in self._wanted.by_authorizer.get(run.id, ()):
                self._authorizers[row] = run
                self._source(run).roles.add("authorizer")

    def _by_trace(self) -> None:
        """Runs that share a trace with a request, or name its id: told apart by the logs that they stand in.

        What a function calls is in the same trace, so a run counts only where nothing else can have run, or where
        its log is known to be that of a function or an authorizer that other requests call.
        """
        left = [run for run in self._lambdas.kept.values() if not self._taken(run)]
        pairs = [(run, row) for run in left for row in self._rows_near(run)]
        runs_near = Counter(row for _, row in pairs)
        for run, row in pairs:
            alone = runs_near[row] == 1 and row not in self._authorizers
            if alone and self._diagnosis(row).stopped_at == Stage.AUTHORIZATION:
                self._authorizers[row] = run
                self._source(run).roles.add("authorizer")
        by_role: dict[tuple[str, int], list[Invocation]] = {}
        for run, row in pairs:
            roles = self._source(run).roles
            if len(roles) == 1:
                by_role.setdefault((next(iter(roles)), row), []).append(run)
        for (role, row), runs in by_role.items():
            if len(runs) > 1:
                continue  # what a function calls, or runs again, is in the same trace
            if role == "authorizer":
                self._authorizers.setdefault(row, runs[0])
            elif row not in self._wanted.integration:
                self._functions.setdefault(row, runs[0])

    def _taken(self, run: Invocation) -> bool:
        return run.id in self._wanted.by_integration or run.id in self._wanted.by_authorizer

    def _rows_near(self, run: Invocation) -> list[int]:
        rows = self._wanted.by_request.get(run.gateway_id, []) or self._wanted.by_trace.get(run.trace_id, [])
        return rows if len(rows) == 1 else []

    def _source(self, run: Invocation) -> Source:
        return self._lambdas.sources[run.source]

    def _diagnosis(self, row: int) -> Diagnosis:
        return self._diagnoses[row]

    # -- together ------------------------------------------------------------------------------------------------------

    def correlation(self) -> Correlation:
        """What was joined."""
        known = {*self._access, *self._functions, *self._authorizers, *self._wanted.trace, *self._wanted.integration}
        ties = {row: self._tie(row) for row in sorted(known)}
        return Correlation(ties, self._really_unlogged())

    def _tie(self, row: int) -> Tie:
        access = self._access.get(row)
        tie = Tie(
            integration_id=self._wanted.integration.get(row, ""),
            trace_id=self._wanted.trace.get(row, ""),
            access=access,
            function=self._functions.get(row),
            authorizer=self._authorizers.get(row),
        )
        route = None
        if access is not None:
            route = self._routes.get((access.method, access.resource or access.path))
        absent = self._authorizer_absent(row)
        tie.facts = facts_of(tie, route, authorizer_absent=absent, refusals_named=self._refusals_named)
        return tie

    def _authorizer_absent(self, row: int) -> bool:
        """Whether the authorizer's own log shows that it did not run: every run in it names its trace, it covers the
        time of the request, and none is of its trace."""
        trace, time = self._wanted.trace.get(row), int(self._table.rows["first"][row])
        logs = [source for source in self._lambdas.sources if "authorizer" in source.roles]
        if not trace or not logs or row in self._authorizers:
            return False
        whole = all(source.reports == source.traced for source in logs)
        return whole and any(
            source.first is not None and source.last is not None and source.first <= time <= source.last
            for source in logs
        )

    def _really_unlogged(self) -> list[AccessRecord]:
        """Those of the requests in the access log alone that are not among the successes either."""
        if not self._of_this_api():
            return []
        logged = self._logged(record.request_id for record in self._unlogged.values())
        return [record for record in self._unlogged.values() if record.request_id not in logged]

    def _of_this_api(self) -> bool:
        """Whether the access log and the execution log share any request: else nothing is concluded from it."""
        return bool(self._access) or bool(self._logged(self._others))

    def _logged(self, ids: Iterable[str]) -> set[str]:
        """Those of the ids that stand in the execution log."""
        asked = sorted(one for one in set(ids) if one and len(one) <= ID_BYTES and one.isascii())
        if not asked:
            return set()
        ids = np.array([id_words(one.encode()) for one in asked])
        words, fits = packed(ids)
        found = _among(ids, self._table.rows["id"]) | fits & _among(words, self._table.successes["id"])
        return {one for one, there in zip(asked, found.tolist(), strict=True) if there}

    def notes(self, logs: Logs) -> Iterator[str]:
        """How much was joined, in words."""
        if logs.access:
            yield from self._access_notes()
        if logs.lambdas:
            yield from self._lambda_notes()

    def _access_notes(self) -> Iterator[str]:
        seen, found = self._seen, len(self._access)
        if seen.lines:
            yield f"access log: {seen.lines:,} lines; {found:,} of {self._known:,} requests looked up are in it"
        if seen.lines and seen.no_id == seen.lines:
            yield "access log: no line holds an id ($context.requestId), so none could be joined"
        elif seen.no_id:
            yield f"access log: {seen.no_id:,} lines without any id were not joined"
        elif seen.lines and not self._of_this_api():
            yield "access log: its ids are of other requests, so it was left out: is it of this API, stage and time?"
            return
        if seen.outside:
            yield f"access log: {seen.outside:,} failures outside of the time of the execution log were left out"
        if seen.unknown:
            yield (
                f"access log: {seen.unknown:,} failures have no lines in the execution log, although their kind is "
                "logged at INFO: it may be off or at ERROR for their methods"
            )

    def _lambda_notes(self) -> Iterator[str]:
        logs = self._lambdas
        reports = sum(source.reports for source in logs.sources)
        joined = len({run.id for runs in (self._functions, self._authorizers) for run in runs.values()})
        named = len(self._wanted.integration)
        yield (
            f"Lambda logs: {reports:,} runs, {joined:,} of them joined; of {named:,} runs that requests name "
            f"{len(self._wanted.integration.keys() & self._functions.keys()):,} are there"
        )
        if reports and not joined:
            yield "Lambda logs: their ids are of other requests: are they of the right functions and time?"


def type_of(record: AccessRecord) -> str:
    """The type of the gateway response that a line names; the one its status or AWS WAF stands for, if no line does.

    Only WAF answers WAF_BLOCK, and only API Gateway 413 and 429 before any integration was called.
    """
    if record.error_type:
        return record.error_type
    if record.waf == "WAF_BLOCK":
        return "WAF_FILTERED"
    if "integration_id" in record.unset and record.integration_status is None:
        return {413: "REQUEST_TOO_LARGE", 429: "THROTTLED"}.get(record.status or 0, "")
    return ""


def _log_name(source: Input) -> str:
    """What log an input belongs to: an export has a folder for each stream of it."""
    if source.origin:
        return source.origin.group
    path = source.path
    return str(path.parent.parent) if path.name.startswith("0000") else source.name


def _is_log(source: Input, coverage: Coverage) -> bool:
    """Whether an input is a log, and no journal of a fetch, which tells what could not be had of one."""
    if source.is_journal:
        own = Coverage()
        source.journalled.cover(own)
        coverage.problems.extend(own.problems)
    return not source.is_journal


def failing(case: Ints, diagnoses: Sequence[Diagnosis]) -> Ints:
    """The rows of requests that did not succeed."""
    failed = np.array([d.outcome != SUCCEEDED for d in diagnoses] or [False])
    return np.flatnonzero(failed[case]).astype(np.int64)


def _among(ids: Words, known: Words) -> Flags:
    """Which ids, a row of words each, are among the known ones."""
    kind = f"S{ids.itemsize * ids.shape[1]}"
    return np.isin(ids.view(kind).ravel(), np.ascontiguousarray(known).view(kind).ravel())
