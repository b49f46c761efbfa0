"""The charts of the page: each with its specification, what it shows in words, and its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from loganalyzer.model import FunnelStep, Latency, Trend
from loganalyzer.plot.ink import PAGE
from loganalyzer.redact import redact
from loganalyzer.reports.clean import clean
from loganalyzer.reports.folds import Group
from loganalyzer.reports.headline import count, duration
from loganalyzer.reports.table import route
from loganalyzer.trends import funnel

if TYPE_CHECKING:
    from loganalyzer.reports.report import Report

MOST_ROUTES, MOST_CATEGORIES = 20, 15
"""So much of the heat map is drawn; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart: ``said`` is what it shows, ``more`` what it leaves out, ``head`` and ``rows`` are its numbers.

    ``legend`` pairs the number of a colour with a name; ``wide`` ones keep their width and scroll.
    """

    id: str
    title: str
    said: str
    spec: dict[str, Any]
    head: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    legend: Sequence[tuple[str, str]] = ()
    more: str = ""
    wide: bool = False


def charts_of(groups: Sequence[Group], report: Report) -> list[Chart]:
    """Every chart for which there are numbers."""
    trend, times = report.trend(), [_named(one, report) for one in report.latency()]
    by = {of: part for of in _LATENCY if (part := [one for one in times if one.of == of])}
    return [
        *([_over_time(trend)] if trend is not None and trend.by_category else []),
        *([_funnel(funnel(report.summary))] if report.summary.requests else []),
        *(_latency(by[of], of=of) for of in ("route",) if of in by),
        *([_heat(groups)] if groups else []),
        *(_latency(by[of], of=of) for of in ("integration", "authorizer") if of in by),
    ]


def _named(one: Latency, report: Report) -> Latency:
    """The same with a name that may be shown."""
    name = clean(redact(one.name) if report.redacted else one.name)
    return Latency(one.of, name[:120], one.requests, one.p50_ms, one.p95_ms, one.max_ms)


def _over_time(trend: Trend) -> Chart:
    from loganalyzer.plot import charts

    failures = trend.failures
    worst = max(range(len(failures)), key=failures.__getitem__)
    at = trend.start + timedelta(seconds=worst * trend.width_s)
    rows = [
        (
            f"{trend.start + timedelta(seconds=number * trend.width_s):%Y-%m-%d %H:%M:%SZ}",
            f"{failed:,}",
            ", ".join(f"{name} {counts[number]:,}" for name, counts in trend.by_category.items() if counts[number]),
        )
        for number, failed in enumerate(failures)
        if failed
    ]
    drawn = charts.legend(trend)
    colours = [str(number) for number in range(1, len(PAGE.kinds) + 1)] + ["other"]
    untimed = f"{count(trend.untimed, 'request')} without a time left out." if trend.untimed else ""
    return Chart(
        "over-time",
        "Failures over time",
        f"{duration(trend.width_s)} a bar, times in UTC. Most at {at:%H:%M:%SZ}: {failures[worst]:,}.",
        charts.failures(trend, ink=PAGE).to_dict(),
        ("from", "failed or incomplete", "of which"),
        rows,
        legend=[(colour, f"{name} {number:,}") for colour, (name, number) in zip(colours, drawn, strict=False)],
        more=untimed,
    )


def _funnel(steps: Sequence[FunnelStep]) -> Chart:
    from loganalyzer.plot import charts

    last = steps[-1]
    return Chart(
        "funnel",
        "How far requests got",
        f"{steps[0].reached:,} requests left lines; {last.reached:,} were answered by the backend, "
        f"{last.passed:,} of them without an error.",
        charts.funnel(steps, ink=PAGE).to_dict(),
        ("step", "reached", "stopped here", "last seen here", "went on"),
        [(s.step, *(f"{n:,}" for n in (s.reached, s.failed, s.incomplete, s.passed))) for s in steps],
        legend=(("passed", "went on"), ("1", "stopped here"), ("other", "last seen here")),
    )


def _heat(groups: Sequence[Group]) -> Chart:
    from loganalyzer.plot import charts

    cells: dict[tuple[str, str], int] = {}
    for group in groups:
        for one in group.folds:
            pair = route(one.example)[:120], group.category
            cells[pair] = cells.get(pair, 0) + one.count
    routes, kinds = _most(cells, 0, MOST_ROUTES), _most(cells, 1, MOST_CATEGORIES)
    kept = {pair: number for pair, number in cells.items() if pair[0] in routes and pair[1] in kinds}
    left = sum(cells.values()) - sum(kept.values())
    return Chart(
        "heat",
        "Which routes fail, and how",
        "Failed and incomplete requests by route and category.",
        charts.heat(kept, ink=PAGE).to_dict(),
        ("route", "category", "requests"),
        [(*pair, f"{number:,}") for pair, number in sorted(kept.items(), key=lambda item: -item[1])],
        more=f"{count(left, 'request')} of rarer routes and categories left out." if left else "",
        wide=True,
    )


def _most(cells: dict[tuple[str, str], int], which: int, most: int) -> set[str]:
    sums: dict[str, int] = {}
    for pair, number in cells.items():
        sums[pair[which]] = sums.get(pair[which], 0) + number
    return set(sorted(sums, key=lambda name: (-sums[name], name))[:most])


_LATENCY = {
    "route": ("Latency by route", "From the first to the last line of a request"),
    "integration": ("Latency of the integration", "What the endpoint took, by route"),
    "authorizer": ("Latency by authorizer", "The whole request, by what became of its authorizer"),
}


def _latency(found: Sequence[Latency], *, of: str) -> Chart:
    from loganalyzer.plot import charts

    title, said = _LATENCY[of]
    kept, left = found[: charts.MOST_NAMES], len(found) - charts.MOST_NAMES
    return Chart(
        f"latency-{of}",
        title,
        f"{said}: median (point), 95 % (bar), longest (tick).",
        charts.latency(kept, ink=PAGE).to_dict(),
        (of if of == "authorizer" else "route", "requests", "median ms", "95 % ms", "longest ms"),
        [(one.name, f"{one.requests:,}", *(f"{n:,.0f}" for n in (one.p50_ms, one.p95_ms, one.max_ms))) for one in kept],
        more=f"And {left:,} more with fewer requests." if left > 0 else "",
    )
