"""Requests by route: counts and latency quantiles, from columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.model import RouteSummary
from loganalyzer.parser.summary import EARLY, LATE, Ints, Rows

MAX_ROUTES = 1_000


class Passage(NamedTuple):
    """What routes are counted by, of any number of requests: ``lasted`` is in ms, -1 where not known."""

    resource: Ints
    method: Ints
    path: Ints
    lasted: Ints
    failed: npt.NDArray[np.bool_]


def passage_of(rows: Rows, *, failed: npt.NDArray[np.bool_], timed: npt.NDArray[np.bool_]) -> Passage:
    """That of rows; ``timed`` says for which of them first and last line span the request."""
    known = timed & (rows["first"] != LATE) & (rows["last"] != EARLY)
    lasted = np.where(known, rows["last"] - rows["first"], -1)

    def column(name: str) -> Ints:
        held = name in (rows.dtype.names or ())
        return rows[name].astype(np.int64) if held else np.zeros(len(rows), np.int64)

    return Passage(column("resource"), column("method"), column("path"), lasted, failed)


def routes_of(passages: Sequence[Passage], texts: Sequence[bytes]) -> tuple[RouteSummary, ...]:
    """Every route by number of requests, at most :data:`MAX_ROUTES`."""
    resource, method, path, lasted, failed = map(np.concatenate, zip(*passages, strict=True))
    if not len(resource):
        return ()
    key = np.where(resource != 0, resource, ~(path << 31 | method))
    kinds, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
    failures = np.bincount(inverse, weights=failed, minlength=len(kinds)).astype(np.int64)
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)))
    least = np.sort(counts)[-min(MAX_ROUTES, len(counts))]
    named = []
    for at in np.flatnonzero(counts >= least).tolist():
        first = order[starts[at]]
        named.append((_named(texts[resource[first]], texts[method[first]], texts[path[first]]), at))
    named.sort(key=lambda pair: (-int(counts[pair[1]]), pair[0]))
    found = []
    for (verb, route), at in named[:MAX_ROUTES]:
        times = lasted[order[starts[at] : starts[at + 1]]]
        times = times[times >= 0]
        p50, p95, most = np.quantile(times, [0.5, 0.95, 1.0]).tolist() if len(times) else (None, None, None)
        if verb or route:
            found.append(RouteSummary(verb, route, int(counts[at]), int(failures[at]), p50, p95, most))
    return tuple(found)


def _named(route: bytes, method: bytes, path: bytes) -> tuple[str, str]:
    verb, _, resource = route.partition(b" ")
    return (verb or method).decode("utf-8", "replace"), (resource or path).decode("utf-8", "replace")
