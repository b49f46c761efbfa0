"""Counting a period: what columns and distinct kinds give is what one request after another would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loganalyzer as la
from loganalyzer.comparison.counting import ANSWERING, DENIALS, Analysed, period
from loganalyzer.comparison.kinds import NO_ROUTE
from loganalyzer.comparison.records import Period, Window
from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from loganalyzer.simulate import simulate
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, NOON, SUCCEEDED, FakeAnalysis

FIXTURES = Path(__file__).parents[2] / "fixtures"
SECOND, TINY = timedelta(seconds=1), timedelta(microseconds=1)


def one_by_one(requests: Iterable[Request], window: Window | None, later_than: datetime | None) -> dict[str, Any]:
    """The counts of a period as they are defined, request after request."""
    inside = [r for r in requests if window is None or (r.first_seen and window[0] <= r.first_seen < window[1])]
    failed = [r for r in inside if r.outcome == "failed"]
    told = [r for r in failed if r.stopped_at == "COMPLETED"]
    timed = [(r.first_seen, r.last_seen) for r in inside if r.first_seen and r.last_seen]
    span = (min(t[0] for t in timed), max(t[1] for t in timed)) if timed else (None, None)
    by_route = {"all": Counter(map(_route, inside)), "failed": Counter(map(_route, failed))}
    by_route["told"] = Counter(map(_route, told))
    return {
        "start": (window or span)[0],
        "end": (window or span)[1],
        "requests": len(inside),
        "failed": len(failed),
        "incomplete": sum(r.outcome == "incomplete" for r in inside),
        "by_category": dict(Counter(r.category for r in inside if r.outcome != "succeeded")),
        "by_stopped_at": dict(Counter(r.stopped_at for r in failed)),
        "by_route": {n: (by_route["failed"][n], all_, by_route["told"][n]) for n, all_ in by_route["all"].items()},
        "levels": dict(Counter(r.log_level for r in inside)),
        "authorizers": dict(Counter(r.authorizer for r in inside)),
        "answered": dict(Counter(r.category for r in told)),
        "later": sum(
            bool(later_than and r.first_seen and r.first_seen > later_than and r.authorizer in ANSWERING)
            for r in inside
        ),
        "denials": tuple((r.first_seen, r.authorizer) for r in inside if r.category in DENIALS),
    }  # fmt: skip


def _route(request: Request) -> str:
    place = request.resource or request.path
    return f"{request.method or '?'} {place}" if place else NO_ROUTE


def counts(found: Period) -> dict[str, Any]:
    """What of a period is counted."""
    kept = one_by_one([], None, None)
    return {name: getattr(found, name) for name in kept}


def same(
    analysis: Analysed, *, window: Window | None = None, later_than: datetime | None = None, ordered: bool = True
) -> None:
    """Fail where a period is not what its requests are, also if names do not come in the order of the requests."""
    requests = list(analysis.records(everything=True))
    found = counts(period(analysis, name="it", window=window, later_than=later_than))
    wanted = one_by_one(requests, window, later_than)
    assert found == wanted
    listed = [name for name, counted in wanted.items() if isinstance(counted, dict)]
    assert not ordered or [list(found[name]) for name in listed] == [list(wanted[name]) for name in listed]


moments = st.integers(-3, 3).map(lambda ms: NOON + timedelta(milliseconds=ms))
drawn = st.builds(
    lambda request, first, lasted, authorizer, route: replace(
        request, first_seen=first, last_seen=first and lasted and first + lasted, authorizer=authorizer, **route
    ),
    st.sampled_from([FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED]),
    st.none() | moments,
    st.none() | st.just(SECOND),
    st.sampled_from(["ran", "cached", "none", "failed", "unknown"]),
    st.fixed_dictionaries({name: st.sampled_from(["", "/x", "/y"]) for name in ("method", "resource", "path")}),
)
edges = st.builds(lambda at, off: at + off, moments, st.sampled_from([-TINY, timedelta(), TINY]))


@given(st.lists(drawn, max_size=12), st.none() | st.tuples(edges, edges), st.none() | edges)
def test_any_requests(requests: list[Request], window: Window | None, later_than: datetime | None) -> None:
    """Whatever the requests, and wherever a border falls between two milliseconds, nothing is counted otherwise."""
    same(FakeAnalysis(requests), window=window, later_than=later_than)


LOGS = (
    "captures/error.log", "captures/info.log", "captures/info-with-data-trace.log.gz", "compare", "incident",
    "formats/2016-without-ids.log", "formats/web-page.html", "formats/firehose-messages-only",
    "formats/test-console.txt",
)  # fmt: skip


@pytest.mark.parametrize("log", LOGS)
def test_logs(log: str) -> None:
    """The table of an analysis gives what its requests give, whole and in part."""
    analysis = la.analyze(FIXTURES / log)
    same(analysis)
    times = [r.first_seen for r in analysis.records(everything=True) if r.first_seen]
    if times:
        middle = min(times) + (max(times) - min(times)) / 2
        same(analysis, window=(min(times), middle), later_than=min(times) + SECOND)


def test_rules_of_the_users_own() -> None:
    """Where they put failures into the authorizer's phase, the lines decide whether it failed."""
    same(la.analyze(FIXTURES / "captures", rules=[FIXTURES / "rules" / "shop.toml"]))


def test_with_other_logs(tmp_path: Path) -> None:
    """What the access log adds - methods, resources, requests that stand in it alone - is counted too."""
    made = tmp_path / "made"
    simulate(made, requests=700, seed=5, level="mixed", failures=0.8, lambda_logs=True, access_logs=True)
    analysis = la.analyze(
        made / "exportedlogs", access_logs=made / "access-logs", lambda_logs=made / "lambda-logs", jobs=1
    )
    assert analysis.summary().requests > analysis.coverage.requests, "some stand in the access log alone"
    same(analysis, ordered=False)


def test_no_request_is_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing two analyses takes their columns: not one request of them is looked at by itself."""
    before, after = (la.analyze(FIXTURES / "incident" / f"{name}.log.gz") for name in ("before", "after"))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a request was made up")

    monkeypatch.setattr("loganalyzer.judged.columns.Request", refuse)
    with pytest.raises(AssertionError):
        next(before.records())
    assert la.compare(before, after).cache.verdict == "expired"


def test_an_analysis_without_its_successes_is_refused() -> None:
    """Its columns do not have them."""
    brief = la.analyze(FIXTURES / "captures" / "info.log", successes=False)
    with pytest.raises(UsageError, match="only counts of the requests that succeeded"):
        period(brief, name="it")
