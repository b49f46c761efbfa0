"""What many requests come to: how failures spread over time, how far requests got, how long they took.

Everything is counted from a few columns, which an analysis has for all its requests at once and which
:func:`columns_of` makes of single ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count

import numpy as np
import numpy.typing as npt

from loganalyzer.model import FunnelStep, Latency, Request, Summary, Trend
from loganalyzer.parser.columns import Ints
from loganalyzer.scales import LIFECYCLE, Stage

UNKNOWN = -1
"""Stands for a time or a duration that is not known."""

MAX_STRETCHES = 60
_WIDTHS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
"""Stretches of time that people find easy to read, in seconds; beyond them whole days."""

AUTHORIZERS = ("ran", "cached", "none", "failed")
"""What may become of an authorizer; where it is not known, nothing is said about its time."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Requests as columns: ``first`` in ms since 1970, ``lasted`` and ``waited`` (for the integration) in ms.

    ``category``, ``route`` and ``authorizer`` are numbers of the names beside them; 0 stands for a success, for an
    unknown route and for an unknown authorizer.
    """

    first: Ints
    lasted: Ints
    waited: Ints
    category: Ints
    categories: Sequence[str]
    route: Ints
    routes: Sequence[str]
    authorizer: Ints


def columns_of(requests: Iterable[Request]) -> Columns:
    """The columns of single requests."""
    categories, routes = {"": 0}, {"": 0}
    rows = [
        (
            UNKNOWN if request.first_seen is None else round(request.first_seen.timestamp() * 1000),
            _duration(request),
            UNKNOWN if request.integration_latency_ms is None else request.integration_latency_ms,
            categories.setdefault(request.category, len(categories)),
            routes.setdefault(_route(request), len(routes)),
            AUTHORIZERS.index(request.authorizer) + 1 if request.authorizer in AUTHORIZERS else 0,
        )
        for request in requests
    ]
    first, lasted, waited, category, route, authorizer = np.array(rows, np.int64).reshape(-1, 6).T
    return Columns(first, lasted, waited, category, list(categories), route, list(routes), authorizer)


def authorizer_codes(became: npt.NDArray[np.str_]) -> Ints:
    """The numbers of what became of authorizers, 0 for unknown."""
    return np.select([became == name for name in AUTHORIZERS], range(1, len(AUTHORIZERS) + 1), 0).astype(np.int64)


def _duration(request: Request) -> int:
    """First and last line span a request only where INFO lines are logged."""
    spans = request.duration_ms is not None and request.log_level in ("info", "info_trace")
    return request.duration_ms if spans and request.duration_ms is not None else UNKNOWN


def _route(request: Request) -> str:
    route = request.resource or request.path
    return f"{request.method} {route}".strip() if route else ""


def over_time(columns: Columns, *, stretches: int = MAX_STRETCHES) -> Trend | None:
    """Requests and failures in at most so many stretches of time of one round width; None if no time is known."""
    known = columns.first > 0
    times, category = columns.first[known] // 1000, columns.category[known]
    if not len(times):
        return None
    earliest, latest = int(times.min()), int(times.max())
    width = width_of(earliest, latest, stretches)
    start = earliest // width * width
    parts = (latest - start) // width + 1
    size = len(columns.categories)
    table = np.bincount((times - start) // width * size + category, minlength=parts * size).reshape(parts, size)
    return trend_of(table, columns.categories, start=start, width=width, untimed=int(np.count_nonzero(~known)))


def trend_of(table: Ints, categories: Sequence[str], *, start: int, width: int, untimed: int) -> Trend:
    """The trend of counts in a table of stretches by categories, the first of which are successes.

    ``start`` is in seconds since 1970, ``width`` that of a stretch in seconds.
    """
    totals = table.sum(axis=0).tolist()
    failing = (at for at in range(1, len(categories)) if totals[at])
    order = sorted(failing, key=lambda at: (-totals[at], categories[at]))
    return Trend(
        start=datetime.fromtimestamp(start, UTC),
        width_s=width,
        requests=tuple(table.sum(axis=1).tolist()),
        by_category={categories[at]: tuple(table[:, at].tolist()) for at in order},
        untimed=untimed,
    )


def width_of(earliest: int, latest: int, stretches: int) -> int:
    """The least round width in seconds with which so many stretches hold both times, in seconds since 1970."""
    day = _WIDTHS[-1]
    fitting = (width for width in chain(_WIDTHS, count(day, day)) if latest // width - earliest // width < stretches)
    return next(fitting)


def funnel(summary: Summary) -> tuple[FunnelStep, ...]:
    """How far requests got: the four steps of the lifecycle, then those that were answered.

    Of the answered ones the failed are those whose 4xx or 5xx is the backend's own.
    """
    left, steps = summary.requests, []
    for step in (*LIFECYCLE, ANSWERED):
        here = [stage.name for stage in Stage if _step_of(stage) == step]
        incomplete = sum(summary.incomplete_at.get(name, 0) for name in here)
        ended = sum(summary.by_stopped_at.get(name, 0) for name in here)
        steps.append(FunnelStep(step, left, ended - incomplete, incomplete))
        left = steps[-1].passed
    return tuple(steps)


ANSWERED = "answered"
"""What comes after the four steps."""


def _step_of(stage: Stage) -> str:
    return ANSWERED if stage == Stage.COMPLETED else stage.lifecycle


def latency(columns: Columns) -> tuple[Latency, ...]:
    """Quantiles by route, by what became of the authorizer, and of the integration alone by route.

    Within each the names with most requests come first.
    """
    names = ("", *AUTHORIZERS)
    return (
        *_quantiles("route", columns.route, columns.routes.__getitem__, columns.lasted),
        *_quantiles("authorizer", columns.authorizer, names.__getitem__, columns.lasted),
        *_quantiles("integration", columns.route, columns.routes.__getitem__, columns.waited),
    )


def _quantiles(of: str, codes: Ints, name: Callable[[int], str], times: Ints) -> list[Latency]:
    known = (codes > 0) & (times >= 0)
    codes, times = codes[known], times[known]
    order = np.argsort(codes, kind="stable")
    kinds, starts = np.unique(codes[order], return_index=True)
    found = []
    for kind, part in zip(kinds.tolist(), np.split(times[order], starts[1:]), strict=bool(len(kinds))):
        p50, p95, most = np.quantile(part, [0.5, 0.95, 1.0]).tolist()
        found.append(Latency(of, name(kind), len(part), p50, p95, most))
    return sorted(found, key=lambda one: (-one.requests, one.name))
