"""Joins Lambda logs and access logs to the requests of an execution log, by the ids in their lines and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from loganalyzer.classifier.classify import SUCCEEDED
from loganalyzer.classifier.entries import Entry
from loganalyzer.correlate.access_join import AccessJoin
from loganalyzer.correlate.facts import facts_of
from loganalyzer.correlate.logs import Logs
from loganalyzer.correlate.records import AccessRecord, Tie
from loganalyzer.correlate.run_join import RunJoin
from loganalyzer.correlate.settle import settled
from loganalyzer.correlate.wanted import Wanted, wanted_of
from loganalyzer.coverage import Coverage
from loganalyzer.formats import Input
from loganalyzer.model import Diagnosis
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.table import Table


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
    wanted = wanted_of(inputs, table, which, occurrence)
    access, runs = AccessJoin(wanted, table), RunJoin(wanted, table, diagnoses)
    for source in logs.access:
        if _is_log(source, coverage):
            access.read(source, coverage)
    if logs.lambdas:
        runs.read([source for source in logs.lambdas if _is_log(source, coverage)], coverage)
    result = Correlation(_ties(wanted, access, runs), access.unlogged())
    coverage.notes.extend((*(access.notes() if logs.access else ()), *(runs.notes() if logs.lambdas else ())))
    return result


def _ties(wanted: Wanted, access: AccessJoin, runs: RunJoin) -> dict[int, Tie]:
    """What was joined to each request, by row."""
    known = {*access.records, *runs.functions, *runs.authorizers, *wanted.trace, *wanted.integration}
    return {row: _tie(row, wanted, access, runs) for row in sorted(known)}


def _tie(row: int, wanted: Wanted, access: AccessJoin, runs: RunJoin) -> Tie:
    record = access.records.get(row)
    tie = Tie(
        integration_id=wanted.integration.get(row, ""),
        trace_id=wanted.trace.get(row, ""),
        access=record,
        function=runs.functions.get(row),
        authorizer=runs.authorizers.get(row),
    )
    route = access.routes.get((record.method, record.resource or record.path)) if record is not None else None
    absent = runs.authorizer_absent(row)
    tie.facts = facts_of(tie, route, authorizer_absent=absent, refusals_named=access.refusals_named)
    return tie


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
