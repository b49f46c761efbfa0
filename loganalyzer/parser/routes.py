"""Requests by route: counts and latency quantiles, from columns alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from loganalyzer.model import RouteSummary
from loganalyzer.parser.summary import EARLY, LATE
from loganalyzer.parser.table import Table

MAX_ROUTES = 1_000


def routes_of(table: Table, failed: npt.NDArray[np.bool_], timed: npt.NDArray[np.bool_]) -> tuple[RouteSummary, ...]:
    """Every route by number of requests, at most :data:`MAX_ROUTES`.

    ``failed`` says which rows failed, ``timed`` for which of them first and last line span the request.
    """
    rows, texts = table.rows, table.texts.texts
    if not len(rows):
        return ()
    known = timed & (rows["first"] != LATE) & (rows["last"] != EARLY)
    lasted = np.where(known, rows["last"] - rows["first"], -1)
    templated = rows["resource"] != 0
    key = np.where(templated, rows["resource"].astype(np.int64), rows["path"].astype(np.int64) << 32)
    key = key | (np.where(templated, 0, rows["method"].astype(np.int64)) << 1)
    kinds, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    failures = np.bincount(inverse, weights=failed, minlength=len(kinds)).astype(np.int64)
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)))
    least = np.sort(counts)[-min(MAX_ROUTES, len(counts))]
    named = [(_named(rows[order[starts[at]]], texts), at) for at in np.flatnonzero(counts >= least).tolist()]
    named.sort(key=lambda pair: (-int(counts[pair[1]]), pair[0]))
    found = []
    for (method, resource), at in named[:MAX_ROUTES]:
        times = lasted[order[starts[at] : starts[at + 1]]]
        times = times[times >= 0]
        p50, p95, most = np.quantile(times, [0.5, 0.95, 1.0]).tolist() if len(times) else (None, None, None)
        if method or resource:
            found.append(RouteSummary(method, resource, int(counts[at]), int(failures[at]), p50, p95, most))
    return tuple(found)


def _named(row: np.void, texts: list[bytes]) -> tuple[str, str]:
    verb, _, resource = texts[row["resource"]].partition(b" ")
    method = verb or texts[row["method"]]
    return method.decode("utf-8", "replace"), (resource or texts[row["path"]]).decode("utf-8", "replace")
