"""The symptom table as a whole: well-formed, complete both ways, each row tested."""

from __future__ import annotations

import re
from functools import cache

import pytest

from loganalyzer.classifier.entries import CERTAINTY
from loganalyzer.classifier.rules import Entry, catalogue
from loganalyzer.client.symptoms import OTHER, Symptom, symptom_table
from loganalyzer.client.understand import MARKS
from loganalyzer.responses import explain_response
from tests.client.cases import cases

TABLE = symptom_table()
CASES = cases()

CLIENTS_NEVER_SEE = {"INCOMPLETE"}
"""What is said of a log, not of a request."""

LOG_IN_DOUBT = {"ACCESS_DENIED"}
"""What a log is left with that does not show the policy; the client's answer says which it was."""

ONLY_WITH_A_LOG = {"no_lines"}
"""Rows that speak of a log; tests/test_responses.py has them."""

DOCUMENTED_AT = ("https://docs.aws.amazon.com/", "https://repost.aws/knowledge-center/")

rows = pytest.mark.parametrize("row", TABLE.symptom, ids=lambda row: row.id)


def test_ids_are_unique() -> None:
    """No two rows have one id, nor do two answerers."""
    for ids in ([row.id for row in TABLE.symptom], [row.id for row in TABLE.answerer]):
        assert len(set(ids)) == len(ids)


@rows
def test_row_is_well_formed(row: Symptom) -> None:
    """A row cites AWS, says how it is known, tells its candidates apart; its marks and patterns exist."""
    assert row.link.startswith(DOCUMENTED_AT)
    assert row.certainty in CERTAINTY
    assert row.tell_apart.endswith((".", "?")) and row.candidates
    assert set(row.when.mark) <= set(MARKS)
    for pattern in (*row.when.message_like, *row.when.body_like):
        re.compile(pattern)
        assert not re.search(r"(?<!\\)[*+](?!\+)", pattern.replace(".{0,200}", "")), "patterns are bounded"


@rows
def test_candidates_are_categories_or_say_all_themselves(row: Symptom) -> None:
    """A candidate is a category of the catalogue, or has a title and a fix of its own; each says why, none twice."""
    for one in row.candidates:
        assert one.category in catalogue() or (not one.category and one.title and one.fix)
        assert one.why and not one.why.endswith(".")
        assert not one.fix or one.fix.endswith(".")
    names = [one.category or one.title for one in row.candidates]
    assert len(set(names)) == len(names)


@rows
def test_row_has_a_case(row: Symptom) -> None:
    """Every row is the best one for some response in fixtures/responses."""
    assert row.id in ONLY_WITH_A_LOG or row.id in {case.symptom for case in CASES}


@pytest.mark.parametrize("answerer", [row.id for row in TABLE.answerer])
def test_answerer_has_a_case(answerer: str) -> None:
    """Everybody who may answer does so in some case, and who is no REST API says what that means and what to do."""
    assert answerer in {case.answered_by for case in CASES}
    row = next(row for row in TABLE.answerer if row.id == answerer)
    assert row.api_gateway is not False or (row.means and row.fix and row.link.startswith(DOCUMENTED_AT))


@cache
def reached_by_cases() -> set[str]:
    """Every category that the cases lead to."""
    return {found.category for case in CASES for found in case.explained().candidates}


@pytest.mark.parametrize("category", sorted(catalogue().keys() - CLIENTS_NEVER_SEE))
def test_category_is_reachable(category: str) -> None:
    """Every category that a client can see is a candidate of some row, and some response of the cases leads to it."""
    assert category in {one.category for row in TABLE.symptom for one in row.candidates}
    assert category in reached_by_cases()


SEEN = [entry for entry in catalogue().values() if entry.client_status is not None and entry.id not in LOG_IN_DOUBT]


@pytest.mark.parametrize("entry", SEEN, ids=lambda entry: entry.id)
def test_the_catalogues_own_answer_leads_back(entry: Entry) -> None:
    """What the catalogue says that the client sees by default has the category among its best candidates."""
    explained = explain_response(
        status=entry.client_status, error_type=entry.client_error_type, body=entry.client_body or None
    )
    assert entry.id in {found.category for found in explained.candidates}
    assert not explained.customised


def test_error_types_of_the_catalogue_are_in_the_table() -> None:
    """No error type that the catalogue knows is a stranger to the table."""
    named = {name for row in TABLE.symptom for name in row.when.error_type} - {OTHER, ""}
    assert {entry.client_error_type for entry in catalogue().values()} - {""} <= named
