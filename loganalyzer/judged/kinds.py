"""All requests of an analysis as a comparison counts them; no request is made up for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from loganalyzer.classifier import evidence
from loganalyzer.classifier.rules import Entry
from loganalyzer.comparison.kinds import UNTIMED, Kind, Kinds, route_name
from loganalyzer.judged.columns import authorizer_failed
from loganalyzer.judged.diagnosed import Diagnosed
from loganalyzer.judged.routes import Routes, template_of, text_of
from loganalyzer.judged.told import Told, told
from loganalyzer.parser.columns import EARLY, LATE, Ints

_LOW = (1 << 32) - 1


def kinds_of(found: Diagnosed, *, entries: Mapping[str, Entry], named: Mapping[int, tuple[str, str]]) -> Kinds:
    """All requests that have a row, by time.

    ``named`` has for some rows a method and a resource that another log tells where this one does not.
    """
    rows, case = found.table.rows, found.case
    said = [told(diagnosis, entries) for diagnosis in found.diagnoses]
    facts, fact = np.unique(found.facts, return_inverse=True)
    levels, became = evidence.levels(facts).tolist(), evidence.authorizers(facts).tolist()
    failed = authorizer_failed(said, rows, found.facts, case)
    route, routes = _numbered_routes(found, said, named)
    key = ((case.astype(np.int64) * (len(facts) or 1) + fact) * 2 + failed) * (len(routes) or 1) + route
    _, one_of, kind = np.unique(key, return_index=True, return_inverse=True)
    kinds = [
        Kind(
            outcome=one.outcome,
            category=one.category,
            stopped_at=one.stopped_at,
            log_level=levels[fact[at]],
            authorizer="failed" if failed[at] else became[fact[at]],
            route=routes[route[at]],
        )
        for at, one in ((at, said[case[at]]) for at in one_of.tolist())
    ]
    order = np.lexsort((rows["first_pos"], rows["first"]))
    first, last = (np.where(np.isin(rows[name], (LATE, EARLY)), UNTIMED, rows[name]) for name in ("first", "last"))
    return Kinds(first[order], last[order], kind[order], kinds)


def _numbered_routes(
    found: Diagnosed, said: Sequence[Told], named: Mapping[int, tuple[str, str]]
) -> tuple[Ints, list[str]]:
    """For each row the number of its route, and their names."""
    rows, texts, method = found.table.rows, found.table.texts, Routes(found.table.texts).method
    pairs, pair = np.unique(rows["resource"].astype(np.int64) << 32 | rows["method"], return_inverse=True)
    known = [(method(code & _LOW, code >> 32), template_of(texts[code >> 32])) for code in pairs.tolist()]
    bare = np.array([not template for _, template in known] or [False])[pair]
    keys, route = np.unique(pair << 32 | np.where(bare, rows["path"], 0), return_inverse=True)
    places = [(*known[key >> 32], texts[key & _LOW]) for key in keys.tolist()]
    names: dict[str, int] = {}

    def number(verb: str, place: str) -> int:
        return names.setdefault(route_name(verb, place), len(names))

    numbers = np.array([number(text_of(m), text_of(t or p)) for m, t, p in places] or [0], np.int64)[route]
    unsure = np.array([not m or not (t or p) for m, t, p in places] or [False])[route]
    unsure &= np.array([bool(one.category) for one in said] or [False])[found.case]
    wanting = np.array([not m or not t for m, t, _ in places] or [False])[route]
    wanting &= np.isin(np.arange(len(rows)), list(named))
    for at in np.flatnonzero(unsure | wanting).tolist():
        by_arn, path = found.closer.method_and_path(at) if unsure[at] else (b"", b"")
        _, template, own_path = places[route[at]]
        verb = method(int(rows["method"][at]), int(rows["resource"][at]), by_arn)
        other_verb, other_template = named.get(at, ("", ""))
        numbers[at] = number(
            text_of(verb) or other_verb, text_of(template) or other_template or text_of(own_path or path)
        )
    return numbers, list(names)
