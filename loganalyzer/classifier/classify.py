"""Request table → diagnoses, by the rules of the catalogue.

Rules run on the distinct combinations of sentences, facts, status and gateway response type: a million requests cost a
few hundred evaluations.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.classifier.rules import Case, Condition, Entry, catalogue
from loganalyzer.model import Confidence, Diagnosis, Stage
from loganalyzer.parser.summary import NO_RANK, Rows

FAILED, SUCCEEDED, INCOMPLETE = "failed", "succeeded", "incomplete"

BACKEND_ANSWERS = ("BACKEND_RETURNED_4XX", "BACKEND_RETURNED_5XX", "LAMBDA_ERROR_MAPPED", "LAMBDA_ERROR_UNMAPPED")
"""Failures that are the backend's own answer: API Gateway completed the request."""

_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_COMPLETED = words.FACT_BIT["completed"]
_UNDECIDED = words.FACT_BIT["undecided"]


class Classifier:
    """Names the category of a request by the entries of a catalogue, the built-in one unless another is given."""

    def __init__(self, entries: Mapping[str, Entry] | None = None) -> None:
        self.entries = catalogue() if entries is None else entries
        self._known: dict[Case, Diagnosis] = {}

    def classify(self, rows: Rows, facts: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], list[Diagnosis]]:
        """The diagnosis of every row: an index per row into the list of distinct ones."""
        first, inverse = _distinct(rows, facts)
        return inverse, [self.diagnose(_case(rows[at], int(facts[at]))) for at in first.tolist()]

    def diagnose(self, case: Case) -> Diagnosis:
        """The diagnosis of one combination."""
        known = self._known.get(case)
        if known is None:
            known = self._known[case] = self._diagnose(case)
        return known

    def _diagnose(self, case: Case) -> Diagnosis:
        matched = self._matches(case)
        if matched:
            return self._judged(self._strongest(matched, case), case)
        failing = case.decisive or (case.status or 0) >= 400 or (case.gateway and case.status is None)
        if failing:
            return self._unknown("UNCLASSIFIED", FAILED, case)
        if case.status is not None and case.status < 400:
            return Diagnosis("", Stage.COMPLETED, SUCCEEDED, Confidence.HIGH)
        if _tested_authorizer(case):
            return Diagnosis("", Stage.COMPLETED, SUCCEEDED, Confidence.HIGH)
        return self._unknown("INCOMPLETE", INCOMPLETE, case)

    def _matches(self, case: Case) -> dict[str, Condition]:
        """Every category that holds, with its most specific condition."""
        found = {}
        for category, entry in self.entries.items():
            holding = [condition for condition in entry.when if condition.holds(case)]
            if holding:
                found[category] = max(holding, key=lambda condition: condition.terms)
        return found

    def _strongest(self, matched: dict[str, Condition], case: Case) -> Entry:
        """The one that no other beats, then the one that speaks of the decisive line, then the most specific."""
        beaten = {loser for category in matched for loser in self.entries[category].beats}
        left = [category for category in matched if category not in beaten] or list(matched)
        return self.entries[
            max(left, key=lambda category: (matched[category].names(case.decisive), matched[category].terms, category))
        ]

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


def _reached_by(sentence: words.Sentence, facts: int) -> Stage:
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
    columns = np.stack(
        [
            rows["said"][:, 0],
            rows["said"][:, 1],
            facts,
            rows["status"].astype(np.int64).view(np.uint64) << np.uint64(16)
            | rows["decisive"].astype(np.uint64) << np.uint64(8)
            | rows["gateway"].astype(np.uint64),
        ],
        axis=1,
    )
    mixed = np.zeros(len(rows), np.uint64)
    for column in columns.T:
        mixed = (mixed ^ column) * _FACTOR
        mixed ^= mixed >> np.uint64(32)
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    if (columns[first[inverse]] != columns).any():  # two combinations with the same hash
        _, first, inverse = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.astype(np.int64)
