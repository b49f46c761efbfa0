"""What many requests come to: over time, in the funnel, in latency; from an analysis and from single requests alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer import Analysis, LogAnalyzerError, analyze, trends
from loganalyzer.model import Request
from loganalyzer.reports.selection import tally
from loganalyzer.simulate import simulate
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, NOON, SUCCEEDED


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export with failures of every kind."""
    return simulate(tmp_path_factory.mktemp("trends") / "export", requests=500, failures=0.5)


@pytest.fixture(scope="module")
def whole(export: Path) -> Analysis:
    """Its analysis with a row for every request."""
    return analyze(str(export))


@pytest.fixture(scope="module")
def brief(export: Path) -> Analysis:
    """The same with successes only counted."""
    return analyze(str(export), successes=False)


def test_counts_over_time_are_those_of_the_summary(whole: Analysis) -> None:
    """Stretches add up to the summary: all requests, and each category."""
    trend, summary = whole.over_time(), whole.summary()
    assert trend is not None
    assert sum(trend.requests) + trend.untimed == summary.requests
    assert {name: sum(counts) for name, counts in trend.by_category.items()} == dict(summary.by_category)
    assert sum(trend.failures) == summary.failed + summary.incomplete
    assert 1 <= len(trend.requests) <= trends.MAX_STRETCHES


def test_counting_successes_tells_the_same_as_rows(whole: Analysis, brief: Analysis) -> None:
    """Without rows of successes time, funnel and latency of routes and integrations are the same."""
    assert brief.over_time() == whole.over_time()
    assert brief.funnel() == whole.funnel()
    same = [[one for one in analysis.latency() if one.of == "integration"] for analysis in (brief, whole)]
    assert sum(one.requests for one in same[0]) == sum(one.requests for one in same[1])


def test_single_requests_tell_the_same(whole: Analysis) -> None:
    """The columns of the records give what the columns of the table give."""
    requests = list(whole.records(everything=True))
    assert trends.over_time(trends.columns_of(requests)) == whole.over_time()
    assert trends.funnel(tally(requests)) == whole.funnel()


def test_the_funnel_narrows() -> None:
    """Each step is reached by those that went on from the one before; of the answered the rest succeeded."""
    steps = trends.funnel(tally([FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED]))
    assert [(s.step, s.reached, s.failed, s.incomplete) for s in steps] == [
        ("route match", 5, 0, 0),
        ("authorization", 5, 1, 0),
        ("integration invocation", 4, 0, 1),
        ("backend execution", 3, 1, 0),
        ("answered", 2, 1, 0),
    ]
    assert steps[-1].passed == 1


def test_latency_is_told_by_route_authorizer_and_integration() -> None:
    """Quantiles are of the requests whose time is known, those with INFO lines."""
    slow = replace(FAILED, duration_ms=1000, integration_latency_ms=900, authorizer="cached")
    found = {(one.of, one.name): one for one in trends.latency(trends.columns_of([FAILED, slow, DENIED]))}
    assert set(found) == {
        ("route", "POST /orders/{id}"),
        ("integration", "POST /orders/{id}"),
        ("authorizer", "none"),
        ("authorizer", "cached"),
    }
    assert found["route", "POST /orders/{id}"].p50_ms == 706
    assert found["route", "POST /orders/{id}"].max_ms == 1000


def test_nothing_is_no_trend() -> None:
    """Without a time there is no trend, and without requests no latency."""
    nothing = trends.columns_of([])
    assert trends.over_time(nothing) is None
    assert trends.latency(nothing) == ()
    untimed = replace(FAILED, first_seen=None)
    assert trends.over_time(trends.columns_of([untimed])) is None
    some = trends.over_time(trends.columns_of([untimed, FAILED]))
    assert some is not None
    assert some.untimed == 1


@given(st.lists(st.integers(0, 4_000_000_000), min_size=1, max_size=30), st.integers(2, 80))
def test_stretches_are_few_and_lose_nothing(seconds: list[int], stretches: int) -> None:
    """However long the window, there are at most so many stretches and every request is in one."""
    requests: list[Request] = [replace(FAILED, first_seen=NOON + timedelta(seconds=s)) for s in seconds]
    trend = trends.over_time(trends.columns_of(requests), stretches=stretches)
    assert trend is not None
    assert len(trend.requests) <= stretches
    assert sum(trend.failures) == len(seconds)
    assert trend.start <= min(r.first_seen for r in requests if r.first_seen)


def test_timelines_are_read_at_once(whole: Analysis) -> None:
    """The timelines of many rows are those that are asked for one by one: steps, diagnosis, explanation."""
    requests = list(whole.records())[::9]
    assert any(request.detail for request in requests)
    assert whole.timelines(requests) == [whole.timeline(request.request_id) for request in requests]


def test_charts_are_drawn_of_an_analysis(whole: Analysis) -> None:
    """``analysis.plot`` gives charts as Altair has them, with the numbers in them; an unknown latency is refused."""
    pytest.importorskip("altair")
    for chart in (
        whole.plot.failures(),
        whole.plot.funnel(),
        whole.plot.latency(),
        whole.plot.latency(of="authorizer"),
    ):
        specification = chart.to_dict()
        assert any(specification["datasets"].values()) if "datasets" in specification else specification["layer"]
    with pytest.raises(LogAnalyzerError, match="latency of 'x' is not known"):
        whole.plot.latency(of="x")
