"""Laws of correlation: rules that fit the catalogue, readers that take any text, names that do not matter."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.classifier.rules import catalogue
from loganalyzer.correlate.access import records_of
from loganalyzer.correlate.facts import FACTS
from loganalyzer.correlate.lambdas import LambdaReader
from loganalyzer.correlate.records import AccessRecord, Tie
from loganalyzer.correlate.settle import categories_named, rule_book, settled
from loganalyzer.correlate.wanted import Wanted
from loganalyzer.formats.messages import Message
from loganalyzer.model import Diagnosis
from loganalyzer.scales import Confidence, Stage
from loganalyzer.vocabulary import GATEWAY_RESPONSE_TYPES

G = "3f2a6c1e-9b1d-4c7e-8a55-0d2f7b6c1e90"
CATEGORIES = sorted(set(catalogue()) - {"INCOMPLETE"})

ties = st.builds(
    Tie,
    facts=st.frozensets(st.sampled_from(sorted(FACTS))),
    access=st.none() | st.builds(AccessRecord, error_type=st.sampled_from(["", *GATEWAY_RESPONSE_TYPES])),
)
diagnoses = st.builds(
    Diagnosis,
    category=st.sampled_from(CATEGORIES),
    stopped_at=st.sampled_from(Stage),
    outcome=st.just("failed"),
    confidence=st.sampled_from(Confidence),
    alternatives=st.lists(st.sampled_from(CATEGORIES), max_size=3, unique=True).map(tuple),
)


def test_rules_speak_of_categories_and_types_that_there_are() -> None:
    """Every category in the rules is in the catalogue, every type of gateway response has its place in them."""
    assert set(categories_named()) <= set(catalogue())
    assert sorted(rule_book().types) == sorted(GATEWAY_RESPONSE_TYPES)
    assert rule_book().never_logged <= set(GATEWAY_RESPONSE_TYPES)


def test_every_fact_is_of_use() -> None:
    """There is no fact that no rule asks for."""
    asked = {name for rule in rule_book().rules for name in (*rule.facts, *rule.not_facts)}
    assert asked == set(FACTS)


@given(diagnoses, ties)
def test_settling_never_loses_certainty(diagnosis: Diagnosis, tie: Tie) -> None:
    """A settled diagnosis is of the catalogue, no less sure, names its source, and settling again changes nothing."""
    after = settled(diagnosis, tie, entries=catalogue())
    assert after.category in catalogue()
    if after.category == diagnosis.category:
        assert after.confidence >= min(diagnosis.confidence, Confidence.MEDIUM)
        assert set(after.alternatives) <= set(diagnosis.alternatives)
    if after.category != diagnosis.category:
        assert tie.settled_by
        assert tie.settled_by.split(" and ")[-1] in after.reasons[0]
    if not tie.facts and tie.access is None:
        assert after == diagnosis


objects = st.dictionaries(st.text(max_size=8), st.text(max_size=40))


@given(st.lists(st.text(max_size=200), max_size=20), st.lists(objects))
def test_readers_take_anything(texts: list[str], values: list[dict[str, str]]) -> None:
    """No text and no object makes a reader fail, and none of them is taken for a run or a line of the request."""
    wanted = Wanted(by_request={G: [0]})
    messages = [*(Message(None, text) for text in texts), *(Message(None, "", value) for value in values)]
    reader = LambdaReader(wanted)
    reader.read("log", messages)
    reader.finish()
    assert reader.kept == {}
    assert all(record.request_id != G for record, _ in records_of(messages, wanted))


@given(st.lists(st.text("abcdefghijklmnop", min_size=3, max_size=10), min_size=3, max_size=3, unique=True))
def test_names_of_fields_do_not_matter(names: list[str]) -> None:
    """What shapes tell is told whatever the fields are called."""
    line = dict(zip(names, (G, "UNAUTHORIZED", "Root=1-6ae85181-885adca938cb2af258ed04a1"), strict=True))
    ((record, has_id),) = records_of([Message(None, json.dumps(line))], Wanted(by_request={G: [0]}))
    assert has_id
    assert (record.request_id, record.error_type) == (G, "UNAUTHORIZED")
    assert record.trace_id == "1-6ae85181-885adca938cb2af258ed04a1"
