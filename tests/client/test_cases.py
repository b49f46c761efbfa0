"""Responses as data: each is read, understood and explained as its case says."""

from __future__ import annotations

import json

import pytest

from loganalyzer.classifier.rules import catalogue
from loganalyzer.reports.response import Redaction, response_document
from tests.client.cases import Case, cases

CASES = cases()

each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_names_are_unique() -> None:
    """No two cases have one name."""
    assert len({case.name for case in CASES}) == len(CASES)


@each
def test_the_best_candidates_are_right(case: Case) -> None:
    """The first candidates, the row that names the first of them, and how sure that is."""
    explained = case.explained()
    named = tuple(candidate.category for candidate in explained.candidates)
    assert named[: len(case.best)] == case.best
    assert explained.candidates[0].symptom == case.symptom
    assert not case.confidence or str(explained.candidates[0].confidence) == case.confidence
    assert explained.customised is case.customised


@each
def test_what_was_understood_is_right(case: Case) -> None:
    """Who answered, the ids, the address called, the log group, and what is said besides."""
    explained = case.explained()
    assert explained.answerer.id == (case.answered_by or explained.answerer.id)
    assert all(getattr(explained.understood.ids, name) == value for name, value in case.ids.items())
    assert explained.response.url == (explained.response.url if case.url is None else case.url)
    assert explained.understood.log_group == (case.log_group or explained.understood.log_group)
    assert all(any(note in told for told in explained.notes) for note in case.notes), explained.notes


@each
def test_every_candidate_is_explained(case: Case) -> None:
    """Each candidate has a title, a why, a fix and a link, no name comes twice, and no category is unknown."""
    explained = case.explained()
    for candidate in explained.candidates:
        assert candidate.title and candidate.why and candidate.fix and candidate.link.startswith("https://")
        assert candidate.tell_apart and candidate.category in {"", *catalogue()}
    names = [candidate.category or candidate.title for candidate in explained.candidates]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", [case for case in CASES if case.hidden], ids=lambda case: case.name)
def test_secrets_stay_hidden(case: Case) -> None:
    """Tokens and cookies of a pasted response are in no document, unless that is asked for."""
    masked = json.dumps(response_document([case.explained()], entries=catalogue(), redaction=Redaction()))
    assert not [secret for secret in case.hidden if secret in masked]
