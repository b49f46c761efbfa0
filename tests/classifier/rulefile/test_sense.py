"""What is told of conditions without a log agrees with the logs there are."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    return dict(sorted(found.items(), key=lambda item: repr(item[0])))


def test_there_are_cases() -> None:
    """The logs hold many combinations, of all outcomes."""
    assert len(seen()) > 100
    assert {diagnosis.outcome for diagnosis in seen().values()} == {"succeeded", "failed", "incomplete"}


def holding(case: Case) -> st.SearchStrategy[Condition]:
    """Conditions that a case fulfils."""
    said = [head for head, codes in words.BY_HEAD.items() if any(case.said >> code & 1 for code in codes)]
    unsaid = [head for head in words.BY_HEAD if head and head not in said]
    present = [name for name in words.FACTS if case.facts & words.FACT_BIT[name]]
    absent = [name for name in words.FACTS if name not in present]
    status = ["none"] if case.status is None else [case.status, f"{case.status // 100}xx"]

    def some(names: list[str]) -> st.SearchStrategy[set[str]]:
        return st.sets(st.sampled_from(names), max_size=2) if names else st.just(set())

    def bits(names: set[str]) -> int:
        return union(words.FACT_BIT[name] for name in names)

    return st.builds(
        Condition,
        said=some(said).map(lambda chosen: tuple(mask({head}) for head in chosen)),
        said_any=st.builds(lambda one, others: mask({one} | others), st.sampled_from(said), some(unsaid)) | st.just(0),
        not_said=some(unsaid).map(mask),
        facts=some(present).map(bits),
        fact_any=st.builds(lambda one, others: bits(one | others) if one else 0, some(present), some(absent)),
        not_facts=some(absent).map(bits),
        status=st.frozensets(st.sampled_from(status), max_size=1),
    )


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_what_holds_somewhere_is_no_contradiction(data: st.DataObject) -> None:
    """A condition that some request of a log fulfils is not called impossible; one that a success does is told."""
    case = data.draw(st.sampled_from(list(seen())))
    condition = data.draw(holding(case))
    assert condition.holds(case)
    assert contradiction(condition) == ""
    assert seen()[case].outcome != "succeeded" or holds_for_success(condition)


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
