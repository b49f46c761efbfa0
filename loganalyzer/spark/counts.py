"""What a table of requests on a cluster comes to, counted by Spark's own aggregations."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from loganalyzer import trends
from loganalyzer.classifier.classify import FAILED, INCOMPLETE, SUCCEEDED
from loganalyzer.model import Latency, RouteSummary, Summary, Trend
from loganalyzer.parser.routes import MAX_ROUTES
from loganalyzer.scales import Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyspark.sql import DataFrame

_LASTED = "CASE WHEN log_level IN ('info', 'info_trace') THEN duration_ms END"
"""Where only errors are logged, the first and last line do not span the request."""

_PLACE = "CASE WHEN resource <> '' THEN resource ELSE path END"
_ROUTE = f"CASE WHEN resource <> '' OR path <> '' THEN trim(concat(method, ' ', {_PLACE})) ELSE '' END"
_QUANTILES = "array(0.5, 0.95, 1.0)"


class Count(NamedTuple):
    """How many requests there are of one outcome, category, stage and logging level."""

    outcome: str
    category: str
    stopped_at: str
    log_level: str
    number: int


def counted(requests: DataFrame) -> list[Count]:
    """How many requests there are of each outcome, category, stage and level."""
    counts = requests.groupBy("outcome", "category", "stopped_at", "log_level").count()
    return [Count(*row) for row in counts.collect()]


def summary_of(counts: Sequence[Count], routes: tuple[RouteSummary, ...]) -> Summary:
    """The counts as an analysis has them."""
    outcomes: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    last_seen: Counter[str] = Counter()
    answered = 0
    for row in counts:
        outcomes[row.outcome] += row.number
        if row.outcome != SUCCEEDED:
            categories[row.category] += row.number
            stages[row.stopped_at] += row.number
        if row.outcome == INCOMPLETE:
            last_seen[row.stopped_at] += row.number
        if row.outcome == FAILED and row.stopped_at == Stage.COMPLETED.name:
            answered += row.number
    return Summary(
        requests=outcomes.total(),
        succeeded=outcomes[SUCCEEDED],
        failed=outcomes[FAILED],
        incomplete=outcomes[INCOMPLETE],
        gateway_failed=outcomes[FAILED] - answered,
        backend_failed=answered,
        by_category=dict(sorted(categories.items(), key=lambda item: (-item[1], item[0]))),
        by_stopped_at={stage.name: stages[stage.name] for stage in Stage if stages[stage.name]},
        routes=routes,
        incomplete_at=dict(last_seen),
    )


def routes_in(requests: DataFrame) -> tuple[RouteSummary, ...]:
    """Routes by what the table's columns say: the method called, and the resource, else the path."""
    from pyspark.sql.functions import expr

    counts = requests.groupBy("method", expr(_PLACE).alias("route")).agg(
        expr("count(*) AS requests"),
        expr(f"count_if(outcome = '{FAILED}') AS failed"),
        expr(f"percentile({_LASTED}, {_QUANTILES}) AS quantiles"),
    )
    known = counts.where("method <> '' OR route <> ''")
    rows = known.orderBy(expr("requests DESC"), "method", "route").limit(MAX_ROUTES).collect()
    return tuple(
        RouteSummary(row["method"], row["route"], row["requests"], row["failed"], *(row["quantiles"] or (None,) * 3))
        for row in rows
    )


def over_time(requests: DataFrame, *, stretches: int = trends.MAX_STRETCHES) -> Trend | None:
    """Requests and failures by time, as :func:`loganalyzer.trends.over_time` has them."""
    from pyspark.sql.functions import expr

    second = "floor(unix_millis(first_seen) / 1000)"
    [ends] = requests.agg(
        expr(f"min({second}) AS earliest"), expr(f"max({second}) AS latest"), expr("count_if(first_seen IS NULL) AS no")
    ).collect()
    if ends["earliest"] is None:
        return None
    width = trends.width_of(ends["earliest"], ends["latest"], stretches)
    start = ends["earliest"] // width * width
    stretch = expr(f"CAST(floor(({second} - {start}) / {width}) AS INT)").alias("stretch")
    rows = requests.where("first_seen IS NOT NULL").groupBy(stretch, "category").count().collect()
    categories = list(dict.fromkeys(("", *(row["category"] for row in rows))))
    table = np.zeros(((ends["latest"] - start) // width + 1, len(categories)), np.int64)
    for row in rows:
        table[row["stretch"], categories.index(row["category"])] = row["count"]
    return trends.trend_of(table, categories, start=start, width=width, untimed=ends["no"])


def latency(requests: DataFrame) -> tuple[Latency, ...]:
    """Latency quantiles as :func:`loganalyzer.trends.latency` has them."""
    known = ", ".join(f"'{name}'" for name in trends.AUTHORIZERS)
    became = f"CASE WHEN authorizer IN ({known}) THEN authorizer ELSE '' END"
    return (
        *_quantiles(requests, "route", _ROUTE, _LASTED),
        *_quantiles(requests, "authorizer", became, _LASTED),
        *_quantiles(requests, "integration", _ROUTE, "integration_latency_ms"),
    )


def _quantiles(requests: DataFrame, of: str, name: str, time: str) -> list[Latency]:
    from pyspark.sql.functions import expr

    timed = requests.select(expr(name).alias("name"), expr(time).alias("time"))
    counts = timed.where("name <> '' AND time >= 0").groupBy("name")
    rows = counts.agg(expr("count(*) AS requests"), expr(f"percentile(time, {_QUANTILES}) AS quantiles"))
    kept = rows.orderBy(expr("requests DESC"), "name").limit(MAX_ROUTES).collect()
    return [Latency(of, row["name"], row["requests"], *row["quantiles"]) for row in kept]
