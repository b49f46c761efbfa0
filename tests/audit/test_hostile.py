"""Whatever a snapshot holds, the audit says something and never fails."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loganalyzer.audit import calls
from loganalyzer.audit.examine import examine
from loganalyzer.audit.recognise import recognised
from loganalyzer.audit.snapshot import Answer, snapshot_of
from loganalyzer.reports.audit import audit_document, show_audit
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.page import Page
from tests.audit.cases import HEALTHY

ODD = [
    "",
    "*",
    "arn:aws:iam::123456789012:role/x",
    "\x1b[31mred",
    "${stageVariables.x}",
    "-1",
    "1e999",
    "REST",
    "'; rm -rf",
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.sampled_from(ODD)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)

Place = tuple[Any, Any]


def places(value: Any) -> list[Place]:
    """Every place in a document where something else could stand."""
    found: list[Place] = []
    if isinstance(value, dict | list):
        for key, inside in list(value.items() if isinstance(value, dict) else enumerate(value)):
            found.append((value, key))
            found += places(inside)
    return found


def say(document: Any) -> str:
    """Everything that is said of a document."""
    audit = examine(snapshot_of(recognised(document), api="a1b2c3d4e5", region="eu-west-1"))
    page = io.StringIO()
    show_audit(audit, Page(page))
    json.loads(json_text(audit_document(audit)))
    for category in ("IMPLICIT_DENY", "UNCLASSIFIED", ""):
        audit.explaining(category, route="GET /orders")
    return page.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
@given(st.data())
def test_a_healthy_snapshot_with_anything_in_it(data: st.DataObject) -> None:
    """Wherever something unexpected stands, no check fails, and nothing that could harm a terminal comes out."""
    document = json.loads(json.dumps(HEALTHY))
    for _ in range(data.draw(st.integers(1, 6))):
        holder, key = data.draw(st.sampled_from(places(document["calls"])))
        try:
            holder[key] = data.draw(VALUES)
        except (IndexError, KeyError):
            continue
    said = say(document)
    assert "\x1b" not in said


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(calls.OPERATIONS), VALUES))
def test_answers_of_any_shape(bodies: dict[str, Any]) -> None:
    """Answers that are nothing like answers are no reason to fail."""
    answers = [Answer(name, {}, body if isinstance(body, dict) else {"items": body}) for name, body in bodies.items()]
    examine(snapshot_of(answers, api="a"))


@settings(max_examples=25, deadline=None)
@given(VALUES)
def test_documents_of_any_shape(document: Any) -> None:
    """Any JSON document is recognised or not, and that is all."""
    for answer in recognised(document):
        assert answer.operation in calls.OPERATIONS


def test_endless_nesting() -> None:
    """A document as deep as JSON allows does not exhaust the stack."""
    deep: Any = {}
    for _ in range(300):
        deep = {"a": deep}
    say({"calls": {calls.GET_REST_API: [{"request": {}, "answer": {"id": "a", "policy": deep}}]}})
