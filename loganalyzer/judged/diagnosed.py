"""A request table judged: the diagnosis of every row, and what judging knew of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loganalyzer.classifier import evidence
from loganalyzer.classifier.classify import SUCCEEDED, Classifier
from loganalyzer.classifier.closer import Closer, late_facts, policy_facts
from loganalyzer.classifier.rules import Entry
from loganalyzer.formats import Input
from loganalyzer.formats.stored import Span
from loganalyzer.model import Diagnosis
from loganalyzer.parser.allocation import give_back_freed_memory
from loganalyzer.parser.columns import EARLY, LATE, Ints, column, distinct, places
from loganalyzer.parser.kept import KeptLines, KeptOf
from loganalyzer.parser.shared import split_shared
from loganalyzer.parser.successes import Flags, ends_of, kinds_of
from loganalyzer.parser.table import Table

Facts = npt.NDArray[np.uint64]
Carried = tuple[Table, KeptOf, Facts, Ints, list[Diagnosis]]


@dataclass(slots=True)
class Diagnosed:
    """A table with, for each row, its ``facts``, the number of its diagnosis (``case``) among the distinct
    ``diagnoses``, and which of the requests with its id it is (``occurrence``).

    Successes without a row have the number of their ``kind``; ``kind_facts`` are those of each kind. ``closer`` brings
    the text of single requests.
    """

    table: Table
    closer: Closer
    occurrence: Sequence[int]
    facts: Facts
    case: Ints
    diagnoses: list[Diagnosis]
    kind: Ints
    kind_facts: Facts

    def ended(self, *outcomes: str) -> Flags:
        """Which rows have one of these outcomes."""
        return np.array([diagnosis.outcome in outcomes for diagnosis in self.diagnoses] or [False])[self.case]

    def diagnosis(self, index: int) -> Diagnosis:
        """That of one row."""
        return self.diagnoses[int(self.case[index])]

    def by_time(self, *, everything: bool) -> Ints:
        """The rows of failed and incomplete requests, or all, in the order in which they are told."""
        rows = self.table.rows
        which = np.arange(len(rows)) if everything else places(~self.ended(SUCCEEDED))
        return which[np.lexsort((column(rows, "first_pos")[which], column(rows, "first")[which]))]

    def part(self, which: Ints) -> Carried:
        """What telling some rows elsewhere takes, for :func:`of_part`: it can be pickled."""
        cases = distinct(self.case[which])
        return (
            self.table.part(which),
            self.closer.kept.part(which),
            self.facts[which],
            np.searchsorted(cases, self.case[which]),
            [self.diagnoses[case] for case in cases.tolist()],
        )

    def cover(self) -> None:
        """Have the table's coverage say how many requests there are, of which levels, and when they were."""
        coverage, rows, successes = self.table.coverage, self.table.rows, self.table.successes
        coverage.requests = len(rows) + len(successes)
        kinds, counts = np.unique(self.facts, return_counts=True)
        names = [*evidence.levels(kinds).tolist(), *evidence.levels(self.kind_facts).tolist()]
        counted = [*counts.tolist(), *np.bincount(self.kind, minlength=len(self.kind_facts)).tolist()]
        levels: dict[str, int] = {}
        for name, count in zip(names, counted, strict=True):
            levels[name] = levels.get(name, 0) + count
        coverage.levels = dict(sorted(levels.items()))
        first, last = column(rows, "first"), column(rows, "last")
        firsts, lasts = (first[first != LATE], successes["first"]), (last[last != EARLY], ends_of(successes))
        coverage.first_seen = min((int(part.min()) for part in firsts if len(part)), default=None)
        coverage.last_seen = max((int(part.max()) for part in lasts if len(part)), default=None)


def of_part(table: Table, kept: KeptOf, facts: Facts, case: Ints, diagnoses: list[Diagnosis]) -> Diagnosed:
    """What :meth:`Diagnosed.part` gave, by the built-in catalogue, without the log."""
    occurrence = [0] * len(case)
    return Diagnosed(
        table=table,
        closer=Closer((), table, occurrence, kept=kept),
        occurrence=occurrence,
        facts=facts,
        case=case,
        diagnoses=diagnoses,
        kind=case[:0],
        kind_facts=facts[:0],
    )


def diagnosed(
    inputs: Sequence[Input],
    table: Table,
    *,
    entries: Mapping[str, Entry],
    around: evidence.Window | None = None,
    asked: Sequence[Span] = (),
) -> Diagnosed:
    """Judge every row of a table that was scanned from ``inputs``, by the ``entries`` of a catalogue.

    ``around`` is what the log around these requests tells if they are a part of it, ``asked`` the stretches of time
    (ms) that alone are wanted of it: other requests are left out of the table.
    """
    occurrence = split_shared(inputs, table)
    if asked:
        occurrence = _asked_for(table, occurrence, asked)
    late_facts(inputs, table)
    said, kind = kinds_of(table.successes, table.texts)
    kinds = evidence.rows_saying(said, last=int(ends_of(table.successes).max(initial=EARLY)))
    facts = evidence.facts_of(table.rows, around or evidence.window(table.rows, kinds))
    closer = Closer(inputs, table, occurrence, entries=entries)
    table.kept = KeptLines()  # the closer has them now
    policy_facts(closer, table.rows, facts)
    case, diagnoses = Classifier(entries).classify(table.rows, facts, message_of=closer.decisive)
    give_back_freed_memory()
    return Diagnosed(
        table=table,
        closer=closer,
        occurrence=occurrence,
        facts=facts,
        case=case,
        diagnoses=diagnoses,
        kind=kind,
        kind_facts=evidence.facts_of(kinds, evidence.Window(None, traced=False)),
    )


def _asked_for(table: Table, occurrence: list[int], asked: Sequence[Span]) -> list[int]:
    """Leave out requests before and after what was asked for: they were fetched for those on its border to be whole.

    Returns ``occurrence`` of the rows that are left.
    """
    wanted = _within(table.rows["first"], table.rows["last"], asked)
    table.rows = table.rows[wanted]
    table.successes = table.successes[_within(table.successes["first"], ends_of(table.successes), asked)]
    return [number for number, is_wanted in zip(occurrence, wanted.tolist(), strict=True) if is_wanted]


def _within(first: Ints, last: Ints, asked: Sequence[Span]) -> Flags:
    wanted = np.zeros(len(first), np.bool_)
    for since, until in asked:
        wanted |= (last >= since) & (first <= until)
    return wanted
