"""Requests by route: counts and latency quantiles, from columns alone."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from loganalyzer.model import RouteSummary
from loganalyzer.parser.columns import EARLY, LATE, Ints, Rows, column, distinct
from loganalyzer.parser.texts import Texts

MAX_ROUTES = 1_000

MOST_PATHS = 1 << 14
MANY_PATHS = f"more than {MOST_PATHS:,} different paths of no known route: requests are not told apart by path"
"""Paths stand for routes where no template is logged; that many tell nobody anything, and would fill the memory."""

Codes = npt.NDArray[np.int32]


def route_numbers(rows: Rows, texts: Texts) -> Ints:
    """For each row the number of the text of its route.

    That of the template, ``GET /pets/{id}``; where none is logged that of method and path, below 0 to tell it from one;
    0 where neither is.
    """
    found: Ints = column(rows, "resource").astype(np.int64)
    bare = np.flatnonzero(found == 0)
    pairs = column(rows, "path")[bare].astype(np.int64) << 32 | column(rows, "method")[bare]
    kinds, kind = np.unique(pairs, return_inverse=True)
    numbers = [pair and -texts.code(texts[pair & _LOW] + b" " + texts[pair >> 32]) for pair in kinds.tolist()]
    found[bare] = np.array(numbers or [0], np.int64)[kind]
    return found


_LOW = (1 << 32) - 1


def are_many(*routes: Ints) -> bool:
    """Whether too many different paths stand for routes."""
    bare = [distinct(numbers[numbers < 0]) for numbers in routes]
    return sum(map(len, bare)) > MOST_PATHS and len(distinct(np.concatenate(bare))) > MOST_PATHS


def without_paths(routes: Ints) -> None:
    """Have no path stand for a route."""
    routes[routes < 0] = 0


class Passage(NamedTuple):
    """What routes are counted by, of any number of requests: ``lasted`` is in ms, -1 where not known."""

    route: Ints
    lasted: Ints
    failed: npt.NDArray[np.bool_]


def passage_of(rows: Rows, texts: Texts, *, failed: npt.NDArray[np.bool_], timed: npt.NDArray[np.bool_]) -> Passage:
    """That of rows; ``timed`` says for which of them first and last line span the request."""
    first, last = column(rows, "first"), column(rows, "last")
    lasted = np.where(timed & (first != LATE) & (last != EARLY), last - first, -1)
    return Passage(route_numbers(rows, texts), lasted, failed)


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
    counted = (
        (-int(routes.counts[at]), _named(routes.codes[at], texts), at) for at in np.flatnonzero(routes.counts >= least)
    )
    found = []
    for _, (verb, route), place in nsmallest(MAX_ROUTES, counted):
        count = int(routes.counts[place])
        lasted = (times[ends[place] - count : ends[place]] & _TIME) - 1
        lasted = lasted[lasted >= 0]
        p50, p95, most = _quantiles(lasted, (0.5, 0.95, 1.0)) if len(lasted) else (None, None, None)
        if verb or route:
            found.append(RouteSummary(verb, route, count, int(failures[place]), p50, p95, most))
    return tuple(found)


def _quantiles(ordered: Ints, shares: Sequence[float]) -> list[float]:
    """Below which value such a share of the values lies, by interpolation; :func:`numpy.quantile` sorts again."""
    places = np.multiply(shares, len(ordered) - 1)
    found: list[float] = np.interp(places, np.arange(len(ordered)), ordered).tolist()
    return found


class _Routes:
    """The routes of requests, numbered: ``codes`` of their texts, ``counts``, and in ``parts`` the number of each.

    There may be millions of requests, so a route is found in a table of its codes rather than by sorting.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.codes = distinct(np.concatenate([distinct(one.route) for one in passages]))
        number = _by_code(self.codes, np.arange(len(self.codes)))
        self.parts = [(number[one.route], one) for one in passages]
        counts = (np.bincount(at, minlength=len(self.codes)) for at, _ in self.parts)
        self.counts: Ints = np.sum([np.zeros(len(self.codes), np.int64), *counts], axis=0)

    def times(self) -> Ints:
        """The number of the route of each request, and in the low 34 bits how long it lasted and 1, in order."""
        found: Ints = np.empty(int(self.counts.sum()), np.int64)
        start = 0
        for at, one in self.parts:
            part = found[start : start + len(at)]
            part[:] = at
            part <<= 34
            part |= np.minimum(one.lasted, _LONGEST, dtype=np.int64) + 1
            start += len(at)
        found.sort()
        return found


def _by_code(codes: Ints, values: Ints) -> Codes:
    """A table of values by code; those of codes below 0 stand at its end, where such an index finds them."""
    table = np.zeros(codes.max(initial=0) + 1 - codes.min(initial=0), np.int32)
    table[codes] = values
    return table


def joined(passages: Sequence[Passage]) -> Passage:
    """All requests of several passages, one after another."""
    return Passage(*(np.concatenate(columns) for columns in zip(*passages, strict=True)))


def route_codes(passage: Passage, texts: Sequence[bytes], *, most: int = MAX_ROUTES) -> tuple[Ints, list[str]]:
    """For each request the number of its route, and the names by number; 0 is for unknown ones and all but ``most``."""
    codes, counts = np.unique(passage.route, return_counts=True)
    number, names = np.zeros(len(codes), np.int64), {"": 0}
    for at in np.argsort(-counts, kind="stable")[:most].tolist():
        name = " ".join(filter(None, _named(codes[at], texts)))
        number[at] = names.setdefault(name, len(names))
    return _by_code(codes, number)[passage.route].astype(np.int64), list(names)


def _named(code: int, texts: Sequence[bytes]) -> tuple[str, str]:
    """Verb and path of a route."""
    verb, _, path = texts[abs(code)].partition(b" ")
    return verb.decode("utf-8", "replace"), path.decode("utf-8", "replace")
