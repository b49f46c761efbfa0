"""The charts themselves; the HTML report draws the same ones in the colours of its page.

Data goes in as plain values, not as DataFrames: pandas is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import altair as alt

from loganalyzer.model import FunnelStep, Latency, Trend
from loganalyzer.plot.ink import PAPER, Ink

MOST_NAMES = 15
"""So many routes are drawn in one chart."""
_LABEL = 230
_ROW = 26

Values = list[dict[str, object]]


def failures(trend: Trend, *, ink: Ink = PAPER) -> alt.LayerChart:
    """Failed and incomplete requests over time, stacked by category; rare categories together."""
    kept = list(trend.by_category)[: len(ink.kinds)]
    rest = list(trend.by_category)[len(kept) :]
    rows = {name: trend.by_category[name] for name in kept}
    if rest:
        rows[_other(rest)] = tuple(map(sum, zip(*(trend.by_category[name] for name in rest), strict=True)))
    bars = (
        alt.Chart(alt.InlineData(values=_stretches(trend, rows)))
        .mark_rect()
        .encode(
            x=alt.X(
                "from:T",
                scale=alt.Scale(type="utc", nice=False),
                title=None,
                axis=alt.Axis(labelOverlap=True, tickCount=8, grid=False),
            ),
            x2="to:T",
            y=alt.Y("below:Q", title="requests", axis=alt.Axis(tickMinStep=1, tickCount=5, format=",d", domain=False)),
            y2="above:Q",
            color=alt.Color(
                "category:N",
                scale=alt.Scale(domain=list(rows), range=[*ink.kinds[: len(kept)], ink.other][: len(rows)]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("category:N"),
                alt.Tooltip("count:Q", title="requests", format=","),
                alt.Tooltip("at:N", title="from"),
            ],
        )
    )
    return _finished(alt.LayerChart(layer=[bars]), ink=ink, height=210)


def _other(names: Sequence[str]) -> str:
    return f"{len(names)} more categories" if len(names) > 1 else names[0]


def legend(trend: Trend, *, ink: Ink = PAPER) -> list[tuple[str, int]]:
    """The categories of :func:`failures` with their numbers of requests, in the order of the colours."""
    totals = [(name, sum(counts)) for name, counts in trend.by_category.items()]
    kept, rest = totals[: len(ink.kinds)], totals[len(ink.kinds) :]
    left = [(_other([name for name, _ in rest]), sum(number for _, number in rest))] if rest else []
    return kept + left


def _stretches(trend: Trend, rows: Mapping[str, Sequence[int]]) -> Values:
    """The bars, each category upon those before it; a little space between neighbours."""
    found: Values = []
    heights = [0] * len(trend.requests)
    for name, counts in rows.items():
        for number, count in enumerate(counts):
            if not count and number not in (0, len(counts) - 1):  # the axis spans all that was looked at
                continue
            at = trend.start + timedelta(seconds=number * trend.width_s)
            place = {"from": _ms(at), "to": _ms(at) + 920 * trend.width_s, "below": heights[number]}
            heights[number] += count
            said = {"category": name, "count": count, "at": f"{at:%Y-%m-%d %H:%M:%SZ}"}
            found.append({**place, "above": heights[number], **said})
    return found


def _ms(at: datetime) -> int:
    return round(at.astimezone(UTC).timestamp() * 1000)


def funnel(steps: Sequence[FunnelStep], *, ink: Ink = PAPER) -> alt.LayerChart:
    """How many requests reached each step, and how many of these stopped or were last seen in it."""
    kinds = {"went on": ink.passed, "stopped": ink.stopped, "last seen": ink.other}
    parts: Values = []
    labels: Values = []
    for number, step in enumerate(steps):
        for rank, (kind, count) in enumerate(zip(kinds, (step.passed, step.failed, step.incomplete), strict=True)):
            parts.append({"step": step.step, "kind": kind, "count": count, "rank": rank, "reached": step.reached})
        last = number == len(steps) - 1
        labels.append({"step": step.step, "reached": step.reached, "said": _said(step, last=last)})
    order = [step.step for step in steps]
    bars = (
        alt.Chart(alt.InlineData(values=parts))
        .mark_bar(height=14, yOffset=8)
        .encode(
            x=alt.X("count:Q", axis=None, stack="zero"),
            y=alt.Y("step:N", sort=order, axis=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=list(kinds), range=list(kinds.values())), legend=None),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("step:N"),
                alt.Tooltip("kind:N", title="what"),
                alt.Tooltip("count:Q", title="requests", format=","),
                alt.Tooltip("reached:Q", title="reached it", format=","),
            ],
        )
    )
    names = (
        alt.Chart(alt.InlineData(values=labels))
        .mark_text(align="left", baseline="middle", dy=-9, fontSize=12, color=ink.text)
        .encode(x=alt.value(0), y=alt.Y("step:N", sort=order, axis=None), text="said:N")
    )
    return _finished(alt.LayerChart(layer=[bars, names]), ink=ink, height=alt.Step(46))


def _said(step: FunnelStep, *, last: bool) -> str:
    ended = [
        f"{step.failed:,} {'with an error' if last else 'stopped'}" if step.failed else "",
        f"{step.incomplete:,} last seen" if step.incomplete else "",
    ]
    return " · ".join([f"{step.step}: {step.reached:,}", *filter(None, ended)])


def heat(counts: Mapping[tuple[str, str], int], *, ink: Ink = PAPER) -> alt.LayerChart:
    """How many requests of each route (the first name of a pair) failed with each category (the second)."""
    values: Values = [{"route": route, "category": kind, "count": n} for (route, kind), n in counts.items()]
    most = max(counts.values(), default=1)
    base = alt.Chart(alt.InlineData(values=values)).encode(
        x=alt.X(
            "category:N",
            sort=_by_sum(counts, 1),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=-35, labelLimit=_LABEL, ticks=False, domain=False),
        ),
        y=alt.Y(
            "route:N", sort=_by_sum(counts, 0), title=None, axis=alt.Axis(labelLimit=_LABEL, ticks=False, domain=False)
        ),
        tooltip=[
            alt.Tooltip("route:N"),
            alt.Tooltip("category:N"),
            alt.Tooltip("count:Q", title="requests", format=","),
        ],
    )
    cells = base.mark_rect(color=ink.stopped, cornerRadius=3).encode(
        opacity=alt.Opacity("count:Q", scale=alt.Scale(type="sqrt", domain=[0, most], range=[0.06, 0.6]), legend=None)
    )
    numbers = base.mark_text(fontSize=11, color=ink.text).encode(text=alt.Text("count:Q", format=",d"))
    return _finished(alt.LayerChart(layer=[cells, numbers]), ink=ink, height=alt.Step(_ROW), width=alt.Step(56))


def _by_sum(counts: Mapping[tuple[str, str], int], which: int) -> list[str]:
    sums: dict[str, int] = {}
    for pair, number in counts.items():
        sums[pair[which]] = sums.get(pair[which], 0) + number
    return sorted(sums, key=lambda name: (-sums[name], name))


def latency(found: Sequence[Latency], *, ink: Ink = PAPER) -> alt.LayerChart:
    """Median, 95th percentile and maximum of each name, on a logarithmic scale; those with most requests only."""
    values: Values = [
        {"name": one.name, "requests": one.requests}
        | {"p50": max(one.p50_ms, 1), "p95": max(one.p95_ms, 1), "most": max(one.max_ms, 1)}
        for one in found[:MOST_NAMES]
    ]
    base = alt.Chart(alt.InlineData(values=values)).encode(
        y=alt.Y(
            "name:N",
            sort=[one.name for one in found],
            title=None,
            axis=alt.Axis(labelLimit=_LABEL, ticks=False, domain=False),
        ),
        tooltip=[
            alt.Tooltip("name:N", title="of"),
            alt.Tooltip("requests:Q", format=","),
            alt.Tooltip("p50:Q", title="median ms", format=",.0f"),
            alt.Tooltip("p95:Q", title="95 % ms", format=",.0f"),
            alt.Tooltip("most:Q", title="longest ms", format=",.0f"),
        ],
    )
    scale = alt.Scale(type="log", nice=True)
    axis = alt.Axis(tickCount=4, format="~s", grid=True)

    def at(name: str) -> alt.X:
        return alt.X(f"{name}:Q", scale=scale, title="milliseconds", axis=axis)

    lines = (
        base.mark_rule(color=ink.grid, strokeWidth=3).encode(x=at("p50"), x2="most:Q"),
        base.mark_rule(color=ink.passed, strokeWidth=7, strokeCap="round").encode(x=at("p50"), x2="p95:Q"),
        base.mark_tick(color=ink.faint, thickness=2, size=10).encode(x=at("most")),
        base.mark_point(color=ink.kinds[1], filled=True, size=70, opacity=1).encode(x=at("p50")),
    )
    return _finished(alt.LayerChart(layer=[*lines]), ink=ink, height=alt.Step(_ROW))


_FIT = alt.AutoSizeParams(type="fit-x", contains="padding")
_PAD = alt.AutoSizeParams(type="pad")


def _finished(
    chart: alt.LayerChart, *, ink: Ink, height: int | alt.Step, width: alt.Step | Literal["container"] = "container"
) -> alt.LayerChart:
    font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"
    finished: alt.LayerChart = (
        chart.properties(
            width=width, height=height, background="transparent", autosize=_FIT if width == "container" else _PAD
        )
        .configure(font=font)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=ink.faint,
            titleColor=ink.faint,
            gridColor=ink.grid,
            domainColor=ink.grid,
            tickColor=ink.grid,
            labelFontSize=11,
            titleFontWeight="normal",
        )
    )
    return finished
