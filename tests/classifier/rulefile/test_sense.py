"""What is told of conditions without a log agrees with the logs there are."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import pytest

from loganalyzer import analyze
from loganalyzer import vocabulary as words
from loganalyzer.classifier.classify import Classifier
from loganalyzer.classifier.conditions import Case, Condition, union
from loganalyzer.classifier.entries import Entry
from loganalyzer.classifier.rulefile.rivals import stronger_than
from loganalyzer.classifier.rulefile.sense import contradiction, holds_for_success
from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Diagnosis
from tests.classifier.cases import case_at, files

FIXTURES = Path(__file__).parents[3] / "fixtures"


def mask(chosen: set[str]) -> int:
    """The bit set of some sentences."""
    return union(1 << code for head in chosen for code in words.BY_HEAD[head])


@cache
def seen() -> dict[Case, Diagnosis]:
    """Every combination in the captures and in some case files, with its diagnosis."""
    found: dict[Case, Diagnosis] = {}
    judge = Classifier.diagnose

    def diagnose(self: Classifier, case: Case) -> Diagnosis:
        found[case] = judge(self, case)
        return found[case]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Classifier, "diagnose", diagnose)
        analyze(FIXTURES / "captures", jobs=1)
        for path in files():
            analyze(BytesIO(case_at(path).log.encode()), jobs=1)
    return found


def test_there_are_cases() -> None:
    """The logs hold many combinations, of all outcomes."""
    assert len(seen()) > 100
    assert {diagnosis.outcome for diagnosis in seen().values()} == {"succeeded", "failed", "incomplete"}


def strictest(case: Case) -> Condition:
    """The condition that asks for all that a case is: any other that it fulfils asks for less."""
    said = [head for head, codes in words.BY_HEAD.items() if any(case.said >> code & 1 for code in codes)]
    status = "none" if case.status is None else case.status
    return Condition(
        said=tuple(mask({head}) for head in said),
        said_any=mask(set(said)),
        not_said=mask({head for head in words.BY_HEAD if head and head not in said}),
        facts=case.facts,
        fact_any=case.facts,
        not_facts=union(words.FACT_BIT.values()) & ~case.facts,
        status=frozenset({status}),
        gateway=frozenset({case.gateway} if case.gateway else ()),
    )


def test_what_holds_somewhere_is_no_contradiction() -> None:
    """No condition that a request of a log fulfils is called impossible, none that a success fulfils is called safe."""
    for case, diagnosis in seen().items():
        condition = strictest(case)
        assert condition.holds(case)
        assert contradiction(condition) == ""
        assert diagnosis.outcome != "succeeded" or holds_for_success(condition)


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
def test_the_catalogue_makes_sense(entry: Entry) -> None:
    """No condition of the catalogue is impossible or true of a success, and no entry is always another's loser."""
    assert [contradiction(condition) for condition in entry.conditions if contradiction(condition)] == []
    assert [condition for condition in entry.when if holds_for_success(condition)] == []
    assert stronger_than(entry.id, catalogue()) == []


def test_who_is_stronger() -> None:
    """A rule is told of those that are found in its place: the more specific, and those that beat it."""
    wide = Condition(said=(mask({"Lambda execution failed with status"}),), terms=1)
    own = {"X_OWN": entry_with(wide)}
    assert stronger_than("X_OWN", {**catalogue(), **own}) == ["PROXY_INTEG_ERROR"]
    beating = {"X_OWN": entry_with(wide, beats=frozenset({"PROXY_INTEG_ERROR"}))}
    assert stronger_than("X_OWN", {**catalogue(), **beating}) == []


def entry_with(condition: Condition, *, beats: frozenset[str] = frozenset()) -> Entry:
    """An entry of the user's own."""
    like = catalogue()["PROXY_INTEG_ERROR"]
    return Entry(
        id="X_OWN", title="t", stage=like.stage, cause="c", fix="f", link=like.link, lambda_error="no",
        certainty=like.certainty, when=(condition,), beats=beats,
    )  # fmt: skip
