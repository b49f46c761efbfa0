"""The sentences about all requests: no failures, could not look, and no rates where only errors are logged."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from loganalyzer.coverage import Example, Problem
from loganalyzer.model import Request
from loganalyzer.reports.headline import count, headline
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, coverage

WENT_WRONG: dict[str, Any] = {"problems": [Problem("b.gz", "ends early")]}


def _said(requests: list[Request], filters: tuple[str, ...] = (), **changes: Any) -> str:
    return " ".join(headline(Report(coverage(**changes), tally(requests), lambda: requests, filters)))


def test_no_failures_and_could_not_look_are_different_sentences() -> None:
    """Silence of the log is never taken for health."""
    assert _said([SUCCEEDED] * 3) == "No failures: all 3 requests succeeded."
    assert "not everything could" in _said([SUCCEEDED], **WENT_WRONG)
    assert "not everything could" in _said([SUCCEEDED], unknown_lines=Example(1, "?"))
    assert _said([], **WENT_WRONG).startswith("Could not look")
    assert _said([]) == "No requests in this log."
    assert _said([], filters=("method GET",)).endswith("No request of this log passes the filters.")


def test_a_rate_needs_the_successes() -> None:
    """Where a method logs errors only the share of failures is unknown, and is not given."""
    assert _said([FAILED, SUCCEEDED]) == "1 of 2 requests failed (50.0 %)."
    told = _said([FAILED, SUCCEEDED], levels={"info": 1, "error": 1})
    assert "%" not in told
    assert "no failure rate" in told


@pytest.mark.parametrize(
    ("failed", "all_requests", "said"),
    [(1, 5000, "less than 0.1 %"), (9999, 10000, "99.9 %"), (2, 2, "100 %"), (0, 1, "0 %")],
)
def test_rates_are_never_rounded_to_all_or_nothing(failed: int, all_requests: int, said: str) -> None:
    """0 % and 100 % mean none and all."""
    requests = [FAILED] * failed + [SUCCEEDED] * (all_requests - failed) + ([CUT_SHORT] if not failed else [])
    assert said in _said(requests)


def test_incomplete_requests_are_said_aloud() -> None:
    """Requests whose end is not known are neither failures nor forgotten."""
    assert "2 requests incomplete" in _said([FAILED, CUT_SHORT, CUT_SHORT])


def test_unclassified_requests_are_said_aloud() -> None:
    """A failure that no rule names is not hidden among the others."""
    assert "1 of them could not be named: UNCLASSIFIED." in _said([FAILED, replace(FAILED, category="UNCLASSIFIED")])


def test_filters_are_said_first() -> None:
    """A filtered count is never read as the whole."""
    assert _said([ANSWERED, DENIED], filters=("method GET", "path /orders")).startswith(
        "Only requests with method GET, path /orders."
    )


@pytest.mark.parametrize(
    ("number", "noun", "said"),
    [
        (1, "request", "1 request"),
        (2000, "request", "2,000 requests"),
        (2, "entry", "2 entries"),
        (0, "line", "0 lines"),
    ],
)
def test_counted_nouns(number: int, noun: str, said: str) -> None:
    """Numbers and nouns agree."""
    assert count(number, noun) == said
