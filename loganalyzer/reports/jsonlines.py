"""Many requests at once as JSON, from columns: that takes a third of what one by one takes.

What many requests have in common, a route or a diagnosis, is written and masked once for all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from loganalyzer.classifier.detail import Detail
from loganalyzer.judged.columns import Columns, Standing
from loganalyzer.judged.routes import Route
from loganalyzer.judged.told import Told
from loganalyzer.redact import redact
from loganalyzer.reports.requests import json_value

_PLAIN = re.compile(r"[ !#-\[\]-~]*+")
"""What JSON writes as it is."""


_SHORT = 1024
"""Characters of evidence that are worth remembering."""


def json_objects(columns: Columns, *, redacted: bool) -> list[str]:
    """Each request as :func:`loganalyzer.reports.requests.json_object` writes it, masked if it is to be."""
    table, rows = columns.table, columns.rows
    routes = [_route(route, redacted=redacted) for route in columns.routes]
    paths = [json_value(redact(path) if redacted else path) for path in columns.paths]
    standings = [_standing(one) for one in columns.standings]
    details = [_detail(detail, redacted=redacted) for detail in columns.details]
    told = [_told(one, redacted=redacted) for one in columns.told]
    answers: dict[tuple[int, int], str] = {}
    found = []
    for request_id, extended_id, route, path, times, latency, status, case, standing, detail in zip(
        _inner(table.request_ids(rows["id"])),
        _inner(table.extended_ids(rows["xid"])),
        columns.route,
        columns.path,
        _times(columns),
        rows["latency"].tolist(),
        rows["status"].tolist(),
        columns.case.tolist(),
        columns.standing.tolist(),
        columns.detail,
        strict=True,
    ):
        outcome, reasons = told[case]
        answer = answers.get((status, case))
        if answer is None:
            answer = answers[status, case] = _answer(status, columns.told[case]) + outcome
        evidence, broke = details[detail]
        waited = latency if latency >= 0 else "null"
        found.append(
            f'{{"request_id":"{request_id}","extended_request_id":"{extended_id}",{routes[route]}{paths[path]}{times}'
            f'"integration_latency_ms":{waited},{answer}{evidence}{standings[standing]}{reasons}{broke}}}'
        )
    return found


def _inner(values: list[str]) -> list[str]:
    """Texts as they stand between the quotation marks of JSON."""
    return values if _PLAIN.fullmatch("".join(values)) else [json_value(value)[1:-1] for value in values]


@lru_cache(maxsize=4096)
def _route(route: Route, *, redacted: bool) -> str:
    values = route._replace(resource=redact(route.resource)) if redacted else route
    return _members(Route._fields, values) + '"path":'


def _times(columns: Columns) -> list[str]:
    first, last = (
        [f'"{one}"' if one else "null" for one in times] for times in (columns.first_seen(), columns.last_seen())
    )
    return [
        f',"first_seen":{since},"last_seen":{until},"duration_ms":{"null" if lasted < 0 else lasted},'
        for since, until, lasted in zip(first, last, columns.lasted().tolist(), strict=True)
    ]


@lru_cache(maxsize=4096)
def _answer(status: int, told: Told) -> str:
    logged = status if status >= 0 else None
    return _members(("status", "client_status"), (logged, told.client_status if logged is None else logged))


@lru_cache(maxsize=4096)
def _told(told: Told, *, redacted: bool) -> tuple[str, str]:
    """What stands before the evidence and behind the standing."""
    names = ("outcome", "category", "stopped_at", "confidence", "alternatives")
    reasons = tuple(map(redact, told.reasons)) if redacted else told.reasons
    before = _members(names, [getattr(told, name) for name in names])
    return before + '"evidence":', _members(("reasons",), (reasons,)) + '"detail":'


@lru_cache(maxsize=64)
def _standing(standing: Standing) -> str:
    return "," + _members(("authorizer", "log_level"), (standing.authorizer, standing.log_level))


def _detail(detail: Detail, *, redacted: bool) -> tuple[str, str]:
    """The evidence, and what exactly broke."""
    short = sum(map(len, detail.evidence)) <= _SHORT
    return (_written if short else _written.__wrapped__)(detail.evidence, detail.broke, redacted=redacted)


@lru_cache(maxsize=4096)
def _written(evidence: tuple[str, ...], broke: str, *, redacted: bool) -> tuple[str, str]:
    if redacted:
        evidence, broke = tuple(map(redact, evidence)), redact(broke) if broke else ""
    return json_value(evidence), json_value(broke)


def _members(names: Sequence[str], values: Sequence[object]) -> str:
    """Members of a JSON object with a comma behind each."""
    return "".join(f'"{name}":{json_value(value)},' for name, value in zip(names, values, strict=True))
