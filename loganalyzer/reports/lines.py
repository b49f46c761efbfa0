"""A text for each request of a report, worked out in several processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from loganalyzer.model import Request
from loganalyzer.parser.worker import in_order
from loganalyzer.redact import redact_request
from loganalyzer.reports.report import Report

LineOf = Callable[[Request], str]

_MANY = 8
"""So many parts make up for what it costs to start a process."""


def lines(report: Report, line_of: LineOf) -> Iterator[str]:
    """The text of each request as it may be written, in order; ``line_of`` is a function at the top of a module."""
    parts = report.parts() if report.processes > 1 else ()
    if len(parts) < _MANY:
        return map(line_of, report.rows())
    work = partial(_written, line_of=line_of, redacted=report.redacted)
    return (line for part in in_order(work, parts, processes=report.processes) for line in part)


def _written(part: Iterable[Request], *, line_of: LineOf, redacted: bool) -> list[str]:
    return [line_of(request) for request in (map(redact_request, part) if redacted else part)]
