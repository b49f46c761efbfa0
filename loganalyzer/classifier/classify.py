"""Request table → diagnoses, by the rules of the catalogue.

Rules run on the distinct combinations of sentences, facts, status and gateway response type: a million requests cost a
few hundred evaluations. Where a rule of the user has a pattern, the combinations for which it could hold are split by
the patterns that the decisive messages fit; each distinct message is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier import patterns
from loganalyzer.classifier.conditions import Case, Condition
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.model import Diagnosis
from loganalyzer.parser.columns import Rows, stretches_of
from loganalyzer.parser.summary import NO_RANK
from loganalyzer.scales import Confidence, Stage
from loganalyzer.sentences import Sentence

FAILED, SUCCEEDED, INCOMPLETE = "failed", "succeeded", "incomplete"

MessageOf = Callable[[int], str]
"""Gives the decisive message of the request in a row, empty where it has none."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_COMPLETED = words.FACT_BIT["completed"]
_UNDECIDED = words.FACT_BIT["undecided"]
_EMULATED = sum(1 << sentence.code for sentence in words.SENTENCES if sentence.emulated)
_CONNECTED = sum(1 << sentence.code for sentence in words.SENTENCES if sentence.step == "connected")
_FROM_EMULATORS = "the wording of some lines is known from emulators only"
_FROM_CLIENTS = "the wording is that of the client's answer: AWS documents it for the log, but it was not seen there"
_SWITCHING = 101
_OUTGOING = words.FACT_BIT["integration_prepared"] | words.FACT_BIT["integration_called"]


_KNOWN: dict[Case, Diagnosis] = {}
"""What the built-in catalogue says of combinations met so far: a process may judge many tables."""

_MOST_KNOWN = 1 << 14


class Classifier:
    """Names the category of a request by the entries of a catalogue, the built-in one unless another is given."""

    def __init__(self, entries: Mapping[str, Entry] | None = None) -> None:
        self.entries = catalogue() if entries is None else entries
        self._known: dict[Case, Diagnosis] = _KNOWN if self.entries is catalogue() else {}
        conditions = [condition for entry in self.entries.values() for condition in entry.conditions]
        self._with_text = [condition for condition in conditions if condition.text]

    def classify(
        self, rows: Rows, facts: npt.NDArray[np.uint64], *, message_of: MessageOf | None = None
    ) -> tuple[npt.NDArray[np.int64], list[Diagnosis]]:
        """The diagnosis of every row: an index per row into the list of distinct ones.

        ``message_of`` is asked for requests that a rule with a pattern could be about; without it none of these holds.
        """
        first, inverse = _distinct(rows, facts)
        cases = [_case(rows[at], int(facts[at])) for at in first.tolist()]
        if self._with_text and message_of is not None:
            inverse, cases = self._split_by_text(inverse, cases, message_of)
        return inverse, [self.diagnose(case) for case in cases]

    def _split_by_text(
        self, inverse: npt.NDArray[np.int64], cases: list[Case], message_of: MessageOf
    ) -> tuple[npt.NDArray[np.int64], list[Case]]:
        """The combinations for which a pattern matters, apart by the patterns that their messages fit."""
        numbers = {case: number for number, case in enumerate(cases)}
        inverse = inverse.copy()
        wanted = [self._patterns_for(case) for case in cases]
        order = np.argsort(inverse, kind="stable")
        bounds = np.searchsorted(inverse[order], np.arange(len(cases) + 1))
        for number, (case, sought) in enumerate(zip(cases, wanted, strict=True)):
            seen: dict[str, int] = {}
            for row in order[bounds[number] : bounds[number + 1]].tolist() if sought else ():
                message = message_of(row)
                if message not in seen:
                    apart = replace(case, fits=frozenset(p for p in sought if message and patterns.fits(p, message)))
                    seen[message] = numbers.setdefault(apart, len(numbers))
                inverse[row] = seen[message]
        used, inverse = np.unique(inverse, return_inverse=True)
        listed = list(numbers)
        return inverse.astype(np.int64), [listed[number] for number in used.tolist()]

    def _patterns_for(self, case: Case) -> frozenset[str]:
        """The patterns on which the diagnosis of a combination may depend."""
        if not case.decisive:
            return frozenset()
        return frozenset(
            pattern
            for condition in self._with_text
            if condition.holds_apart_from_text(case)
            for pattern in condition.text
        )

    def diagnose(self, case: Case) -> Diagnosis:
        """The diagnosis of one combination."""
        known = self._known.get(case)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[case] = self._doubted(_hedged(self._diagnose(case), case), case)
        return known

    def _doubted(self, diagnosis: Diagnosis, case: Case) -> Diagnosis:
        """The diagnosis, less sure where the form of the log has lost what it rests on."""
        reasons = []
        others: set[str] = set()
        if case.facts & words.FACT_BIT["line_guessed"]:
            reasons.append("some lines could not be read for certain: what they are, or which request they belong to")
        if case.decisive and case.facts & _COMPLETED and case.status is not None and case.status < 400:
            reasons.append(f"the request is said to have ended well, too, with status {case.status}")
        if case.facts & words.FACT_BIT["order_untold"]:
            others = {self._diagnose(other).category for other in _reordered(case)} - {diagnosis.category, ""}
            if others:
                reasons.append("the order of the lines, which the log has lost, would decide")
        if not reasons:
            return diagnosis
        return replace(
            diagnosis,
            confidence=min(diagnosis.confidence, Confidence.MEDIUM),
            alternatives=tuple(dict.fromkeys((*diagnosis.alternatives, *sorted(others)))),
            reasons=(*diagnosis.reasons, *reasons),
        )

    def _diagnose(self, case: Case) -> Diagnosis:
        matched = self._matches(case)
        if matched:
            return self._judged(self._strongest(matched, case), case)
        failing = case.decisive or (case.status or 0) >= 400 or (case.gateway and case.status is None)
        if failing:
            return self._unknown("UNCLASSIFIED", FAILED, case)
        if case.status == _SWITCHING or 200 <= (case.status or 0) < 400:
            return Diagnosis("", Stage.COMPLETED, SUCCEEDED, Confidence.HIGH)
        if _tested_authorizer(case) or case.said & _CONNECTED:
            return Diagnosis("", Stage.COMPLETED, SUCCEEDED, Confidence.HIGH)
        return self._unknown("INCOMPLETE", INCOMPLETE, case)

    def _matches(self, case: Case) -> dict[str, Condition]:
        """Every category that holds, with its most specific condition."""
        found = {}
        for category, entry in self.entries.items():
            holding = [condition for condition in entry.when if condition.holds(case)]
            if holding:
                found[category] = max(holding, key=lambda condition: (bool(condition.text), condition.terms))
        return found

    def _strongest(self, matched: dict[str, Condition], case: Case) -> Entry:
        """The one that no other beats, then the one that looks at the words of the decisive line, then one that speaks
        of that line, then the most specific; of equals the user's own (``X_`` comes last in the alphabet)."""
        beaten = {loser for category in matched for loser in self.entries[category].beats}
        left = [category for category in matched if category not in beaten] or list(matched)

        def strength(category: str) -> tuple[bool, bool, int, str]:
            condition = matched[category]
            return bool(condition.text), condition.names(case.decisive), condition.terms, category

        return self.entries[max(left, key=strength)]

    def _judged(self, entry: Entry, case: Case) -> Diagnosis:
        confidence, reasons = Confidence.HIGH, []
        if entry.certainty.log == "inferred":
            confidence = Confidence.MEDIUM
            reasons.append("the wording of this failure is inferred, not seen in AWS's own output")
        for lowering in entry.lower:
            if lowering.when.holds(case):
                confidence = min(confidence, lowering.to)
                reasons.append(lowering.why)
        others = tuple(other.category for other in entry.alternatives if other.when.holds(case))
        if others:
            confidence = min(confidence, Confidence.MEDIUM)
            reasons = reasons or ["the lines do not rule out " + " or ".join(others)]
        stage = _told_stage(case) if entry.stage is None else entry.stage
        return Diagnosis(entry.id, stage, FAILED, confidence, others, tuple(reasons))

    @staticmethod
    def _unknown(category: str, outcome: str, case: Case) -> Diagnosis:
        return Diagnosis(category, reached(case), outcome, Confidence.LOW)


def _hedged(diagnosis: Diagnosis, case: Case) -> Diagnosis:
    """The diagnosis, less sure where lines that nobody has seen in AWS's own output have a part in it."""
    echoed = words.SENTENCES[case.decisive].echoed
    doubts = ((_FROM_EMULATORS, case.said & _EMULATED), (_FROM_CLIENTS, echoed))
    reasons = tuple(why for why, holds in doubts if holds)
    if not reasons:
        return diagnosis
    confidence = min(diagnosis.confidence, Confidence.MEDIUM)
    return replace(diagnosis, confidence=confidence, reasons=(*diagnosis.reasons, *reasons))


def _reordered(case: Case) -> Iterator[Case]:
    """What the case would be with its outgoing lines on either side of the end of the authorizer's phase."""
    for facts in (0, _OUTGOING):
        yield replace(case, facts=case.facts & ~_OUTGOING & ~words.FACT_BIT["order_untold"] | facts)


def _tested_authorizer(case: Case) -> bool:
    """A console test of an authorizer ends well where the function's answer was a policy, whatever that says."""
    needed = words.FACT_BIT["test_log"] | words.FACT_BIT["authorizer_done"] | _UNDECIDED
    return case.facts & needed == needed and not case.facts & words.FACT_BIT["executed"]


def _told_stage(case: Case) -> Stage:
    """The stage that the decisive sentence is known to belong to, else the furthest one reached."""
    stage = words.SENTENCES[case.decisive].stage
    return stage if stage != Stage.ROUTE else reached(case)


def reached(case: Case) -> Stage:
    """The furthest stage that the lines prove to be reached."""
    furthest = Stage.ROUTE
    for sentence in words.SENTENCES[1:]:
        if case.said >> sentence.code & 1:
            furthest = max(furthest, _reached_by(sentence, case.facts))
    return furthest


def _reached_by(sentence: Sentence, facts: int) -> Stage:
    if not sentence.shared:
        return sentence.reached
    in_authorizer = facts & words.FACT_BIT["in_authorizer"]
    if sentence.rank:
        told = sentence.stage != Stage.ROUTE or facts & words.FACT_BIT["phase_unknown"]
        return Stage.AUTHORIZATION if in_authorizer else sentence.reached if told else Stage.ROUTE
    proof = "integration_called" if sentence.step == "call" else "integration_prepared"
    return sentence.reached if facts & words.FACT_BIT[proof] else Stage.AUTHORIZATION


def _case(row: np.void, facts: int) -> Case:
    said = int(row["said"][0]) | int(row["said"][1]) << 64
    kind = int(row["gateway"])
    return Case(
        said=said,
        facts=facts,
        status=int(row["status"]) if row["status"] >= 0 else None,
        gateway=words.GATEWAY_RESPONSE_TYPES[kind - 1] if kind else "",
        decisive=int(row["decisive"]) if row["rank"] != NO_RANK else 0,
    )


def _distinct(rows: Rows, facts: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The first row of each distinct combination, and for every row the number of its combination."""
    hashes = np.empty(len(rows), np.uint64)
    for some in stretches_of(rows):
        hashes[some] = _hash(_told(rows[some], facts[some]))
    _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
    told = _told(rows[first], facts[first])
    if any((told[inverse[some]] != _told(rows[some], facts[some])).any() for some in stretches_of(rows)):
        _, first, inverse = np.unique(_told(rows, facts), axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.astype(np.int64)


def _told(rows: Rows, facts: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """All that tells combinations apart, in four words for each row."""
    outcome = (
        rows["status"].astype(np.int64).view(np.uint64) << np.uint64(16)
        | rows["decisive"].astype(np.uint64) << np.uint64(8)
        | rows["gateway"].astype(np.uint64)
    )
    return np.stack([rows["said"][:, 0], rows["said"][:, 1], facts, outcome], axis=1)


def _hash(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    mixed = np.zeros(len(words), np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _FACTOR
        mixed ^= mixed >> np.uint64(32)
    return mixed
