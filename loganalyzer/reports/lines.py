"""A text for each request of a report, worked out in several processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain

from loganalyzer.judged.records import Part
from loganalyzer.model import Request
from loganalyzer.parser.worker import in_order
from loganalyzer.redact import redact_request
from loganalyzer.reports.report import Report

LineOf = Callable[[Request], str]
LinesOf = Callable[..., list[str]]
"""The texts of some requests in columns; ``redacted`` says whether they are masked."""

_MANY = 8
"""So many parts make up for what it costs to start a process."""


def lines(report: Report, line_of: LineOf) -> Iterator[str]:
    """The text of each request as it may be written, in order; ``line_of`` is a function at the top of a module."""
    parts = report.parts()
    if report.processes == 1 or len(parts) < _MANY:
        return map(line_of, report.rows())
    return _written(partial(_one_by_one, line_of=line_of, redacted=report.redacted), parts, report.processes)


def joined_lines(report: Report, lines_of: LinesOf, line_of: LineOf, *, between: str) -> Iterator[str]:
    """The same where ``lines_of`` writes many at once, in pieces of lines joined by what is to stand ``between``.

    ``line_of`` is asked where they are not to be had in columns.
    """
    parts = report.parts()
    if not parts:
        return map(line_of, report.rows())
    processes = report.processes if len(parts) >= _MANY else 1
    return _written(partial(_at_once, lines_of=lines_of, redacted=report.redacted, between=between), parts, processes)


def _written(work: Callable[[Part], list[str]], parts: Sequence[Part], processes: int) -> Iterator[str]:
    return chain.from_iterable(map(work, parts) if processes == 1 else in_order(work, parts, processes=processes))


def _one_by_one(part: Part, *, line_of: LineOf, redacted: bool) -> list[str]:
    requests = list(part)
    return list(map(line_of, map(redact_request, requests) if redacted else requests))


def _at_once(part: Part, *, lines_of: LinesOf, redacted: bool, between: str) -> list[str]:
    return [between.join(lines_of(columns, redacted=redacted)) for columns in part.columns()]
