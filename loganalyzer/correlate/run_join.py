"""Runs of Lambda functions joined to the requests of an execution log that called them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from loganalyzer.correlate.lambdas import LambdaReader, Source
from loganalyzer.correlate.records import Invocation
from loganalyzer.correlate.wanted import Wanted
from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats import Input
from loganalyzer.formats.messages import messages_of
from loganalyzer.model import Diagnosis
from loganalyzer.parser.table import Table
from loganalyzer.scales import Stage


class RunJoin:
    """Collects the runs that belong to the wanted requests of a table; ``diagnoses`` are those of its rows.

    ``functions`` are the runs of integrations by row, ``authorizers`` those of authorizers.
    """

    def __init__(self, wanted: Wanted, table: Table, diagnoses: Sequence[Diagnosis]) -> None:
        self.functions: dict[int, Invocation] = {}
        self.authorizers: dict[int, Invocation] = {}
        self._wanted, self._table, self._diagnoses = wanted, table, diagnoses
        self._lambdas = LambdaReader(wanted)

    def read(self, sources: Sequence[Input], coverage: Coverage) -> None:
        """Take in the functions' logs and tell which run was whose."""
        for source in sources:
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
                self.functions[row] = run
                self._source(run).roles.add("function")
            for row in self._wanted.by_authorizer.get(run.id, ()):
                self.authorizers[row] = run
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
            alone = runs_near[row] == 1 and row not in self.authorizers
            if alone and self._diagnoses[row].stopped_at == Stage.AUTHORIZATION:
                self.authorizers[row] = run
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
                self.authorizers.setdefault(row, runs[0])
            elif row not in self._wanted.integration:
                self.functions.setdefault(row, runs[0])

    def _taken(self, run: Invocation) -> bool:
        return run.id in self._wanted.by_integration or run.id in self._wanted.by_authorizer

    def _rows_near(self, run: Invocation) -> list[int]:
        rows = self._wanted.by_request.get(run.gateway_id, []) or self._wanted.by_trace.get(run.trace_id, [])
        return rows if len(rows) == 1 else []

    def _source(self, run: Invocation) -> Source:
        return self._lambdas.sources[run.source]

    def authorizer_absent(self, row: int) -> bool:
        """Whether the authorizer's own log shows that it did not run: every run in it names its trace, it covers the
        time of the request, and none is of its trace."""
        trace, time = self._wanted.trace.get(row), int(self._table.rows["first"][row])
        logs = [source for source in self._lambdas.sources if "authorizer" in source.roles]
        if not trace or not logs or row in self.authorizers:
            return False
        whole = all(source.reports == source.traced for source in logs)
        return whole and any(
            source.first is not None and source.last is not None and source.first <= time <= source.last
            for source in logs
        )

    def notes(self) -> Iterator[str]:
        """How much was joined, in words."""
        logs = self._lambdas
        reports = sum(source.reports for source in logs.sources)
        joined = len({run.id for runs in (self.functions, self.authorizers) for run in runs.values()})
        named = len(self._wanted.integration)
        yield (
            f"Lambda logs: {reports:,} runs, {joined:,} of them joined; of {named:,} runs that requests name "
            f"{len(self._wanted.integration.keys() & self.functions.keys()):,} are there"
        )
        if reports and not joined:
            yield "Lambda logs: their ids are of other requests: are they of the right functions and time?"


def _log_name(source: Input) -> str:
    """What log an input belongs to: an export has a folder for each stream of it."""
    if source.origin:
        return source.origin.group
    path = source.path
    return str(path.parent.parent) if path.name.startswith("0000") else source.name
