"""Rows of the counting query → what became of the requests: judged by the very classifier of a whole analysis.

A row says what requests have said, not in which order, and of some facts only that they may hold. The row is judged for
every way in which that could be: where the judgements differ, the others are candidates.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.classifier import evidence
from loganalyzer.classifier.classify import Classifier
from loganalyzer.classifier.conditions import Case
from loganalyzer.classifier.rules import Entry
from loganalyzer.fetcher.insights import time_of
from loganalyzer.insights.query import CountQuery
from loganalyzer.insights.records import Counted
from loganalyzer.model import Diagnosis
from loganalyzer.parser.columns import Rows
from loganalyzer.parser.summary import empty_rows
from loganalyzer.scales import Confidence
from loganalyzer.sentences import Sentence

Cells = Mapping[str, str]
"""One row of the query: values by column; what is missing is empty."""

MOST_OPEN = 4
"""So many facts that are not known are tried in every combination, more of them one by one."""

_LONG_AGO, _NOW = 1, 10**12
_POLICY = ("policy_denies", "policy_does_not_match", "policy_allows")
_BOUND = frozenset(sentence.code for sentence in words.SENTENCES if sentence.bound)
_OUT = frozenset(words.BY_HEAD[head][0] for head in (
    "Endpoint request URI:", "Endpoint request headers:", "Sending request to"))  # fmt: skip
_CALL = words.BY_HEAD["Sending request to"][0]
_RESULT = words.BY_HEAD["Authorizer result body before parsing:"][0]
_EXECUTED = words.BY_HEAD["Starting execution for request:"][0]
_TRACED = frozenset(sentence.code for sentence in words.SENTENCES if sentence.printed == "trace")
_KEY_PASSED = words.BY_HEAD["API Key … authorized because"][0]
_KEY_REFUSED = frozenset(words.BY_HEAD["API Key … not authorized because"])
_OUTCOME = words.BY_HEAD["Method completed with status:"][0]
_GATEWAY = words.BY_HEAD["Gateway response type:"][0]


class Judge:
    """Judges the rows that a query gave, by the entries that it was made from."""

    def __init__(self, query: CountQuery, entries: Mapping[str, Entry], rows: Sequence[Cells]) -> None:
        self._query, self._entries, self._rows = query, entries, rows
        self._classifier = Classifier(entries)
        self._around = evidence.Window(_NOW, _all_traced([self._steps(cells) for cells in rows]))
        self._end = max((ends[1] for cells in rows if (ends := _ends(cells))), default=None)
        self._with_text = [
            (name, condition) for name, entry in entries.items() for condition in entry.when if condition.text
        ]

    def counted(self, *, group: str) -> Iterator[Counted]:
        """What the requests in each row are, the most frequent first."""
        for cells in self._rows:
            yield self._counted(cells, group)

    def _counted(self, cells: Cells, group: str) -> Counted:
        diagnoses = list(self._diagnoses(cells))
        first = diagnoses[0]
        names = dict.fromkeys(diagnosis.category or "SUCCEEDED" for diagnosis in diagnoses[1:])
        names.pop(first.category or "SUCCEEDED", None)
        for name in first.alternatives if first.category else ():
            names[name] = None
        sure = min(first.confidence, Confidence.MEDIUM) if names else first.confidence
        return Counted(
            group=group,
            category=first.category,
            outcome=first.outcome,
            stopped_at=first.stopped_at.name,
            confidence=str(sure),
            route=cells.get("path", ""),
            requests=int(float(cells.get("requests", "0"))),
            candidates=tuple(names),
            example=cells.get("example", ""),
            span=_ends(cells),
        )

    def _diagnoses(self, cells: Cells) -> Iterator[Diagnosis]:
        """The judgement that is most likely, then those for what else may be."""
        for decisive, swapped in self._readings(cells):
            said = self._said(cells, decisive)
            known, unknown = self._facts(cells, said)
            for goes_on in self._goings(cells):
                case = self._case(cells, said, known, decisive, swapped=swapped, goes_on=goes_on)
                for facts in _ways(unknown):
                    one = replace(case, facts=case.facts | facts)
                    yield self._classifier.diagnose(one)
                    yield from self._by_text(one)

    def _goings(self, cells: Cells) -> tuple[bool, ...]:
        """Whether the log goes on after the requests in a row: for a moment they may be under way still."""
        ends = _ends(cells)
        if ends is None or self._end is None or ends[1] < self._end - evidence.SETTLED_MS:
            return (True,)
        return (False,) if cells.get("requests") == "1" else (True, False)

    def _readings(self, cells: Cells) -> Iterator[tuple[Sentence | None, bool]]:
        """The sentences that may decide, and whether outgoing lines may be the authorizer's, the likely ones first."""
        told = [self._query.fragments[text] for name in ("first_said", "last_said") if (text := cells.get(name, ""))]
        ranked = sorted((sentence for sentence in dict.fromkeys(told) if sentence.rank), key=lambda one: one.rank)
        likely: list[Sentence | None] = [*(one for one in ranked if one.rank == ranked[0].rank)] or [None]
        steps = self._steps(cells)
        unclear = _RESULT in steps and bool(steps & _OUT) and not _answered(steps)
        for swapped in (False, True) if unclear else (False,):
            for sentence in likely:
                yield sentence, swapped

    def _steps(self, cells: Cells) -> set[int]:
        return {sentence.code for name, sentence in self._query.steps.items() if _holds(cells.get(name, ""))}

    def _said(self, cells: Cells, decisive: Sentence | None) -> set[int]:
        """The codes of all sentences that a row shows."""
        said = self._steps(cells)
        said |= {self._query.fragments[cells[name]].code for name in ("first_said", "last_said") if cells.get(name)}
        said |= {decisive.code} if decisive else set()
        for name, code in (("outcome", _OUTCOME), ("kind", _GATEWAY)):
            said |= {code} if cells.get(name) else set()
        if cells.get("path") and not said & _KEY_REFUSED:
            said.add(_KEY_PASSED)
        return said

    def _facts(self, cells: Cells, said: set[int]) -> tuple[int, list[int]]:
        """The facts of single lines that hold, and those that may."""
        known, unknown = 0, set()
        for seen in self._query.facts:
            if not cells.get(f"has_{seen.field}"):
                continue
            bit = words.FACT_BIT[seen.fact.name]
            if seen.fact.confirm is None or seen.fact.plain:
                known |= bit
            else:
                unknown.add(bit)
        called = bool(said & _OUT)
        if called and not known & words.FACT_BIT["lambda_endpoint"]:
            known |= words.FACT_BIT["other_endpoint"]
        elif called and _RESULT in said:
            unknown.add(words.FACT_BIT["other_endpoint"])
        if _RESULT in said:
            unknown |= {words.FACT_BIT[name] for name in _POLICY}
        return known, sorted(unknown)

    def _case(
        self, cells: Cells, said: set[int], facts: int, decisive: Sentence | None, *, swapped: bool, goes_on: bool
    ) -> Case:
        rows = _row(said, facts, swapped=swapped)
        rows["last"] = _LONG_AGO if goes_on else _NOW
        status = int(cells["outcome"]) if cells.get("outcome", "").isdigit() else None
        rows["status"] = -1 if status is None else status
        if decisive:
            rows["rank"], rows["decisive"] = decisive.rank, decisive.code
        if (kind := cells.get("kind", "")) in words.GATEWAY_RESPONSE_TYPES:
            rows["gateway"] = words.GATEWAY_RESPONSE_TYPES.index(kind) + 1
        else:
            kind = ""
        bits = int(evidence.facts_of(rows, self._around)[0])
        return Case(_mask(said), bits, status, kind, decisive.code if decisive else 0)

    def _by_text(self, case: Case) -> Iterator[Diagnosis]:
        """What it would be if the message fitted the patterns of the user's rules, which no query looks for."""
        for name, condition in self._with_text:
            if condition.holds_apart_from_text(case):
                yield replace(self._classifier.diagnose(case), category=name)


def _ends(cells: Cells) -> tuple[int, int] | None:
    """From when on and until when the requests in a row have lines, in ms."""
    first, last = (_time(cells.get(name, "")) for name in ("earliest", "latest"))
    return (first, last) if first is not None and last is not None else None


def _time(text: str) -> int | None:
    """What an aggregate of times gives: a time as in other rows, or milliseconds."""
    try:
        return int(float(text))
    except ValueError:
        return time_of(text)


def _all_traced(rows: Sequence[set[int]]) -> bool:
    """Whether whatever was executed was written with data trace."""
    executed = [steps for steps in rows if _EXECUTED in steps]
    return bool(executed) and all(steps & _TRACED for steps in executed)


def _holds(value: str) -> bool:
    """Whether a number that a query gives is more than 0."""
    try:
        return float(value) > 0
    except ValueError:
        return False


def _answered(steps: set[int]) -> bool:
    return any(words.BY_HEAD[head][0] in steps for head in evidence.ANSWER)


def _ways(unknown: list[int]) -> Iterator[int]:
    """The sets of facts that may hold, as bit sets: none of them first, policies say one thing only."""
    one_of = [words.FACT_BIT[name] for name in _POLICY]
    others = [bit for bit in unknown if bit not in one_of][:MOST_OPEN]
    policies = [0, *(bit for bit in unknown if bit in one_of)]
    for count in range(len(others) + 1):
        for chosen in combinations(others, count):
            for policy in policies:
                yield policy | sum(chosen)


def _mask(codes: set[int]) -> int:
    return sum(1 << code for code in codes)


def _row(said: set[int], facts: int, *, swapped: bool) -> Rows:
    """A row of the request table as a request with these sentences would have it, its lines in the usual order."""
    rows = empty_rows(1)
    mask = _mask(said)
    rows["said"][0] = mask & (1 << 64) - 1, mask >> 64
    rows["facts"] = np.uint64(facts)
    rows["first"] = _LONG_AGO
    if said & _BOUND:
        rows["bound_t"] = rows["bound_p"] = 2
    if said & _OUT:
        first = 1 if _RESULT in said else 3
        last = 1 if swapped else 3
        rows["out_first_t"] = rows["out_first_p"] = first
        rows["out_last_t"] = rows["out_last_p"] = last
        if _CALL in said:
            rows["call_last_t"] = rows["call_last_p"] = last
    return rows
