"""Requests by route: counts and latency quantiles, from columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.model import RouteSummary
from loganalyzer.parser.summary import EARLY, LATE, Ints, Rows

MAX_ROUTES = 1_000


Codes = npt.NDArray[np.int32]


class Passage(NamedTuple):
    """What routes are counted by, of any number of requests: ``lasted`` is in ms, -1 where not known."""

    resource: Codes
    method: Codes
    path: Codes
    lasted: Ints
    failed: npt.NDArray[np.bool_]


def passage_of(rows: Rows, *, failed: npt.NDArray[np.bool_], timed: npt.NDArray[np.bool_]) -> Passage:
    """That of rows; ``timed`` says for which of them first and last line span the request."""
    known = timed & (rows["first"] != LATE) & (rows["last"] != EARLY)
    lasted = rows["last"] - rows["first"]
    lasted[~known] = -1

    def column(name: str) -> Codes:
        held = name in (rows.dtype.names or ())
        return rows[name].astype(np.int32) if held else np.zeros(len(rows), np.int32)

    return Passage(column("resource"), column("method"), column("path"), lasted, failed)


_TIME = (1 << 34) - 1
_LONGEST = _TIME - 1
"""Requests last less than so many ms."""


def routes_of(passages: Sequence[Passage], texts: Sequence[bytes]) -> tuple[RouteSummary, ...]:
    """Every route by number of requests, at most :data:`MAX_ROUTES`."""
    routes = _Routes(passages)
    failures = np.zeros(len(routes.counts), np.int64)
    for at, one in routes.parts:
        failures += np.bincount(at[one.failed], minlength=len(failures))
    times = routes.times()
    ends = np.cumsum(routes.counts)
    least = np.sort(routes.counts)[-min(MAX_ROUTES, len(ends)) :].min(initial=0)
    named = [(_named(*(texts[code] for code in routes.codes[at])), at) for at in np.flatnonzero(routes.counts >= least)]
    named.sort(key=lambda pair: (-int(routes.counts[pair[1]]), pair[0]))
    found = []
    for (verb, route), place in named[:MAX_ROUTES]:
        count = int(routes.counts[place])
        lasted = (times[ends[place] - count : ends[place]] & _TIME) - 1
        lasted = lasted[lasted >= 0]
        p50, p95, most = np.quantile(lasted, [0.5, 0.95, 1.0]).tolist() if len(lasted) else (None, None, None)
        if verb or route:
            found.append(RouteSummary(verb, route, count, int(failures[place]), p50, p95, most))
    return tuple(found)


class _Routes:
    """The routes of requests, numbered: ``codes`` of their texts, ``counts``, and in ``parts`` the number of each.

    There may be millions of requests, so a route is found in a table of its codes rather than by sorting.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.codes: list[tuple[int, int, int]] = []
        known: dict[tuple[int, int, int], int] = {}
        self.parts = [(self._numbered(one, known), one) for one in passages if len(one.resource)]
        counts = (np.bincount(at, minlength=len(self.codes)) for at, _ in self.parts)
        self.counts: Ints = np.sum([np.zeros(len(self.codes), np.int64), *counts], axis=0)

    def _numbered(self, passage: Passage, known: dict[tuple[int, int, int], int]) -> Codes:
        """For each request the number of its route: that of its template, else of its method and path."""
        templates = np.flatnonzero(np.bincount(passage.resource))
        number = np.zeros(len(templates) and templates[-1] + 1, np.int32)
        number[templates] = [self._number((code, 0, 0), known) for code in templates.tolist()]
        found: Codes = number[passage.resource]
        bare = np.flatnonzero(passage.resource == 0)
        pairs = zip(passage.method[bare].tolist(), passage.path[bare].tolist(), strict=True)
        found[bare] = [self._number((0, *pair), known) for pair in pairs]
        return found

    def _number(self, codes: tuple[int, int, int], known: dict[tuple[int, int, int], int]) -> int:
        if codes not in known:
            known[codes] = len(self.codes)
            self.codes.append(codes)
        return known[codes]

    def times(self) -> Ints:
        """The number of the route of each request, and in the low 34 bits how long it lasted and 1, in order."""
        found: Ints = np.empty(int(self.counts.sum()), np.int64)
        start = 0
        for at, one in self.parts:
            part = found[start : start + len(at)]
            part[:] = at
            part <<= 34
            part |= np.minimum(one.lasted, _LONGEST) + 1
            start += len(at)
        found.sort()
        return found


def joined(passages: Sequence[Passage]) -> Passage:
    """All requests of several passages, one after another."""
    return Passage(
        resource=np.concatenate([one.resource for one in passages]),
        method=np.concatenate([one.method for one in passages]),
        path=np.concatenate([one.path for one in passages]),
        lasted=np.concatenate([one.lasted for one in passages]),
        failed=np.concatenate([one.failed for one in passages]),
    )


def route_codes(passage: Passage, texts: Sequence[bytes], *, most: int = MAX_ROUTES) -> tuple[Ints, list[str]]:
    """For each request the number of its route, and the names by number; 0 is for unknown ones and all but ``most``."""
    resource, method, path = passage.resource, passage.method, passage.path
    key = np.where(resource != 0, resource, ~(path.astype(np.int64) << 31 | method))
    kinds, first, inverse, counts = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    code, names = np.zeros(len(kinds), np.int64), {"": 0}
    for at in np.argsort(-counts, kind="stable")[:most].tolist():
        one = first[at]
        name = " ".join(filter(None, _named(texts[resource[one]], texts[method[one]], texts[path[one]])))
        code[at] = names.setdefault(name, len(names))
    return code[inverse], list(names)


def _named(route: bytes, method: bytes, path: bytes) -> tuple[str, str]:
    verb, _, resource = route.partition(b" ")
    return (verb or method).decode("utf-8", "replace"), (resource or path).decode("utf-8", "replace")
