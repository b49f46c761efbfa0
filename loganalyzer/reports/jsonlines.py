"""Many requests at once as JSON, from columns: that takes a third of what one by one takes.

What many requests have in common, a route or a diagnosis, is written once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from loganalyzer.classifier.detail import Detail
from loganalyzer.judged.columns import Columns, Standing
from loganalyzer.judged.routes import Route
from loganalyzer.judged.told import Told
from loganalyzer.parser.columns import Ints
from loganalyzer.reports.requests import json_value

_PLAIN = re.compile(r"[ !#-\[\]-~]*+")
"""What JSON writes as it is."""


def json_objects(columns: Columns) -> list[str]:
    """Each request as :func:`loganalyzer.reports.requests.json_object` writes it."""
    table, rows = columns.table, columns.rows
    routes, standings = list(map(_route, columns.routes)), list(map(_standing, columns.standings))
    paths, details = list(map(json_value, columns.paths)), list(map(_detail, columns.details))
    told = list(map(_told, columns.told))
    found = []
    for request_id, extended_id, route, path, times, latency, status, client_status, case, standing, detail in zip(
        _inner(table.request_ids(rows["id"])),
        _inner(table.extended_ids(rows["xid"])),
        columns.route,
        columns.path,
        _times(columns),
        _numbers(rows["latency"]),
        _numbers(rows["status"]),
        _numbers(columns.client_status()),
        columns.case.tolist(),
        columns.standing.tolist(),
        columns.detail,
        strict=True,
    ):
        outcome, reasons = told[case]
        evidence, broke = details[detail]
        found.append(
            f'{{"request_id":"{request_id}","extended_request_id":"{extended_id}",{routes[route]}{paths[path]}{times}'
            f'"integration_latency_ms":{latency},"status":{status},"client_status":{client_status},{outcome}{evidence}'
            f"{standings[standing]}{reasons}{broke}}}"
        )
    return found


def _numbers(values: Ints) -> list[str]:
    """Numbers, null where they are below 0."""
    return [str(value) if value >= 0 else "null" for value in values.tolist()]


def _inner(values: list[str]) -> list[str]:
    """Texts as they stand between the quotation marks of JSON."""
    return values if _PLAIN.fullmatch("".join(values)) else [json_value(value)[1:-1] for value in values]


@lru_cache(maxsize=4096)
def _route(route: Route) -> str:
    return _members(Route._fields, route) + '"path":'


def _times(columns: Columns) -> list[str]:
    first, last = (
        [f'"{one}"' if one else "null" for one in times] for times in (columns.first_seen(), columns.last_seen())
    )
    return [
        f',"first_seen":{since},"last_seen":{until},"duration_ms":{lasted},'
        for since, until, lasted in zip(first, last, _numbers(columns.lasted()), strict=True)
    ]


@lru_cache(maxsize=4096)
def _told(told: Told) -> tuple[str, str]:
    """What stands before the evidence and behind the standing."""
    names = ("outcome", "category", "stopped_at", "confidence", "alternatives")
    before = _members(names, [getattr(told, name) for name in names])
    return before + '"evidence":', _members(("reasons",), (told.reasons,)) + '"detail":'


@lru_cache(maxsize=64)
def _standing(standing: Standing) -> str:
    return "," + _members(("authorizer", "log_level"), (standing.authorizer, standing.log_level))


def _detail(detail: Detail) -> tuple[str, str]:
    """The evidence, and what exactly broke."""
    return json_value(detail.evidence), json_value(detail.broke)


def _members(names: Sequence[str], values: Sequence[object]) -> str:
    """Members of a JSON object with a comma behind each."""
    return "".join(f'"{name}":{json_value(value)},' for name, value in zip(names, values, strict=True))
