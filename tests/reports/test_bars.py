"""Pictures in a line of text keep their width and never hide what is not zero."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.classifier.rules import catalogue
from loganalyzer.reports.bars import bar, span, sparkline
from loganalyzer.reports.page import Page
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from loganalyzer.reports.table import show
from loganalyzer.reports.timeline import waterfall
from loganalyzer.reports.trace import show_timeline
from tests.reports.samples import ANSWERED, FAILED, TIMELINE, FakeAnalysis, coverage


@pytest.mark.parametrize(
    ("counts", "drawn"), [((0, 1, 4, 8), "·▁▄█"), ((0, 0), "··"), ((), ""), ((1, 1_000_000), "▁█")]
)
def test_sparklines(counts: tuple[int, ...], drawn: str) -> None:
    """Heights are relative to the largest; zero is a dot and what is not zero is no dot."""
    assert sparkline(counts) == drawn


@given(st.integers(0, 40), st.integers(-1, 50), st.integers(1, 30))
def test_spans_fill_their_field(begin: int, length: int, wide: int) -> None:
    """A span is as wide as its field and leaves a mark in it, wherever it lies."""
    drawn = span(begin, length, wide=wide)
    assert len(drawn) == wide
    assert drawn.strip()


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_bars_show_what_is_not_zero(number: int, more: int) -> None:
    """A bar is empty for zero alone and never longer than it may be."""
    drawn = bar(number, number + more, wide=20)
    assert bool(drawn) == (number > 0)
    assert len(drawn) <= 20


def test_a_waterfall_spans_the_request() -> None:
    """The waits before the steps lie one after another and together take the whole width."""
    bars = waterfall(TIMELINE.steps, wide=100)
    assert bars[4] == (0, 100)
    assert all(0 <= begin <= 100 and begin + length <= 100 for begin, length in bars)
    assert waterfall(TIMELINE.steps[:1], wide=100) == [(0, 0)]


class Ascii(io.StringIO):
    """A file that can hold ASCII alone."""

    encoding = "ascii"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_pictures_fit_and_have_an_ascii_form(width: int) -> None:
    """Sparklines, funnel and waterfall keep to the width and fall back to ASCII where the encoding demands it."""
    requests = [FAILED, ANSWERED]
    analysis = FakeAnalysis(requests)
    file = Ascii()
    page = Page(file, width=width)
    report = Report(coverage(), tally(requests), lambda: requests, trend=analysis.over_time)
    show(report, page, entries=catalogue())
    show_timeline(TIMELINE, FAILED, page, entry=None)
    assert "How far they got" in file.getvalue()
    assert file.getvalue().isascii()
    assert [line for line in file.getvalue().splitlines() if len(line) > width and "https://" not in line] == []
