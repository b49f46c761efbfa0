"""Requests as lines of CSV: one by one, and many at once from columns, which take a fraction of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from loganalyzer.judged.columns import Columns
from loganalyzer.model import Request
from loganalyzer.parser.columns import Ints
from loganalyzer.reports.clean import csv_cell
from loganalyzer.reports.requests import COLUMNS, request_document


def csv_line(request: Request) -> str:
    """A request as a line of CSV (RFC 4180), its end included."""
    return csv_lines([[_cell(value) for value in request_document(request).values()]])


def csv_lines(rows: Iterable[Sequence[str]]) -> str:
    """Rows of cells as lines of CSV."""
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue()


def csv_of_columns(columns: Columns) -> list[str]:
    """Many requests as :func:`csv_line` writes them, in one piece."""
    cells = dict(_cells(columns))
    return [csv_lines(zip(*(cells[name] for name in COLUMNS), strict=True))]


def _cells(columns: Columns) -> Iterator[tuple[str, Sequence[str]]]:
    """The cells of each column by its name."""
    rows, case, detail = columns.rows, columns.case.tolist(), columns.detail
    yield "request_id", list(map(csv_cell, columns.table.request_ids(rows["id"])))
    yield "extended_request_id", list(map(csv_cell, columns.table.extended_ids(rows["xid"])))
    yield "path", _chosen(map(_cell, columns.paths), columns.path)
    yield "first_seen", columns.first_seen()
    yield "last_seen", columns.last_seen()
    yield "duration_ms", _numbers(columns.lasted())
    yield "integration_latency_ms", _numbers(rows["latency"])
    yield "status", _numbers(rows["status"])
    yield "client_status", _numbers(columns.client_status())
    for name in ("api_id", "api_stage", "method", "resource"):
        yield name, _chosen([_cell(getattr(route, name)) for route in columns.routes], columns.route)
    for name in ("outcome", "category", "stopped_at", "confidence", "alternatives", "reasons"):
        yield name, _chosen([_cell(getattr(told, name)) for told in columns.told], case)
    for name in ("authorizer", "log_level"):
        standings = [_cell(getattr(standing, name)) for standing in columns.standings]
        yield name, _chosen(standings, columns.standing.tolist())
    yield "evidence", _chosen([_cell(one.evidence) for one in columns.details], detail)
    yield "detail", _chosen([_cell(one.broke) for one in columns.details], detail)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return csv_cell(" | ".join(value)) if isinstance(value, tuple) else csv_cell(str(value))


def _chosen(values: Iterable[str], numbers: Sequence[int]) -> list[str]:
    """Of some cells those whose numbers are given."""
    cells = list(values)
    return [cells[number] for number in numbers]


def _numbers(values: Ints) -> list[str]:
    """Numbers, none where they are below 0."""
    return [str(value) if value >= 0 else "" for value in values.tolist()]
