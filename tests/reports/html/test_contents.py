"""What the report says of its examples, in the page as it is written."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from loganalyzer.analysis import Analysis
from loganalyzer.cli.reporting import reported
from loganalyzer.cli.verdict import Verdict
from loganalyzer.reading import analyze
from loganalyzer.reports.folds import fold
from loganalyzer.reports.html import html_document
from loganalyzer.reports.html.examples import _facts
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import Selection
from loganalyzer.simulate import simulate
from tests.reports.samples import FAILED

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"


def report_of(analysis: Analysis) -> Report:
    """What the command reports of an analysis."""
    return reported(analysis, Selection(), everything=False, redacted=True, verdict=Verdict(()))


def section(page: str, category: str) -> str:
    """The text of a category's explanation."""
    part = page.partition(f'id="about-{category}"')[2].partition('<details class="card about"')[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", part)).split())


@pytest.fixture(scope="module")
def traced() -> Analysis:
    """A log with data trace."""
    return analyze(CAPTURES / "info-with-data-trace.log.gz", successes=False)


def test_an_example_says_who_only_seems_to_be_at_fault(traced: Analysis) -> None:
    """A failure that looks like the backend's names the layer that failed, and the proof."""
    said = section("".join(html_document(report_of(traced), entries=traced.entries)), "AUTHORIZER_LAMBDA_TIMEOUT")
    assert "Not the backend, as the answer suggests, but the authorizer: " in said


def test_kinds_that_broke_differently_say_how_often(traced: Analysis) -> None:
    """Like requests are not all said to have broken as the first of them did."""
    report = report_of(traced)
    page = "".join(html_document(report, entries=traced.entries))
    mixed = [
        (group.category, one.shown_details())
        for group in fold(report.requests(), shown=report.shown)
        for one in group.folds[:3]
        if len(one.details) > 1
    ]
    assert mixed
    for category, details in mixed:
        for text, times in details:
            assert " ".join(f"{times:,} × {text}".split()) in section(page, category)


@pytest.mark.parametrize(
    ("api_id", "api_stage", "said"), [("a1", "v1", "api a1/v1"), ("a1", "", "api a1"), ("", "", "")]
)
def test_an_example_names_its_api_as_far_as_it_is_known(api_id: str, api_stage: str, said: str) -> None:
    """A stage that no line names leaves no trace."""
    assert [fact for fact in _facts(replace(FAILED, api_id=api_id, api_stage=api_stage)) if "api" in fact] == [
        one for one in [said] if one
    ]


def test_other_logs_stand_with_the_example(tmp_path: Path) -> None:
    """What the function's log and the access log tell of an example is shown with it."""
    simulate(tmp_path / "x", requests=40, failures=0.9, seed=1, level="info", lambda_logs=True, access_logs=True)
    analysis = analyze(
        tmp_path / "x" / "exportedlogs",
        lambda_logs=[tmp_path / "x" / "lambda-logs"],
        access_logs=[tmp_path / "x" / "access-logs"],
        successes=False,
    )
    page = "".join(html_document(report_of(analysis), entries=analysis.entries))
    assert "<dt>Function</dt><dd>error" in page and "<dt>Access log</dt><dd>" in page
