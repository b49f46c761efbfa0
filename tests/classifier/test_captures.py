"""The longer runs below ``fixtures/captures``: read without a rest, and with most kinds of failure in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer import analyze
from loganalyzer.coverage import Example

FOLDER = Path(__file__).parents[2] / "fixtures" / "captures"
LEVELS = {"info-with-data-trace.log.gz": "info_trace", "info.log": "info", "error.log": "error"}


def test_captures_are_those_that_are_tested() -> None:
    """No capture lies about unread."""
    assert {path.name for path in FOLDER.iterdir()} == LEVELS.keys()


@pytest.mark.parametrize(("name", "level"), LEVELS.items())
def test_nothing_in_a_capture_is_unknown(name: str, level: str) -> None:
    """Every line is an event, every message a sentence of the vocabulary; hundreds of requests, most of its level."""
    analysis = analyze(FOLDER / name, jobs=1)
    coverage = analysis.coverage
    assert coverage.unknown_lines == coverage.unknown_sentences == Example()
    assert not coverage.problems
    assert coverage.requests >= 200
    assert max(coverage.levels, key=lambda name: coverage.levels[name]) == level


def test_captures_cover_most_categories() -> None:
    """Together they show at least forty categories, successes, and requests that are cut."""
    summary = analyze(FOLDER, jobs=1).summary()
    assert len(summary.by_category) >= 40
    assert min(summary.succeeded, summary.incomplete, summary.gateway_failed, summary.backend_failed) > 0
