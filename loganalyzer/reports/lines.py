"""The texts of the requests of a report, worked out in several processes where there are many."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain

from loganalyzer.judged.columns import Columns
from loganalyzer.judged.records import Part
from loganalyzer.model import Request
from loganalyzer.parser.worker import in_order
from loganalyzer.redact import redact
from loganalyzer.reports.report import Report

LineOf = Callable[[Request], str]
LinesOf = Callable[[Columns], list[str]]

_MANY = 8
"""So many parts make up for what it costs to start a process."""


def joined_lines(report: Report, lines_of: LinesOf, line_of: LineOf, *, between: str) -> Iterator[str]:
    """The text of each request as it may be written, in order, in pieces; some have more than one and what is to stand
    ``between``.

    ``lines_of``, a function at the top of a module, writes many at once; ``line_of`` one, where they are not to be had
    in columns.
    """
    parts = report.parts()
    if not parts:
        return map(line_of, report.rows())
    work = partial(_written, lines_of=lines_of, redacted=report.redacted, between=between)
    if report.processes > 1 and len(parts) >= _MANY:
        return chain.from_iterable(in_order(work, parts, processes=report.processes))
    return chain.from_iterable(map(work, parts))


def _written(part: Part, *, lines_of: LinesOf, redacted: bool, between: str) -> list[str]:
    found = (columns.masked(redact) if redacted else columns for columns in part.columns())
    return [between.join(lines_of(columns)) for columns in found]
