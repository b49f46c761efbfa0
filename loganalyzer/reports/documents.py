"""Reports for programs: a JSON document, one JSON object a line, CSV. All are written piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import msgspec

from loganalyzer.model import CorrelatedRequest, Coverage, Request, Summary
from loganalyzer.redact import redact
from loganalyzer.reports.clean import csv_cell, json_text
from loganalyzer.reports.lines import lines
from loganalyzer.reports.report import SCHEMA, Report, iso, moment

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

COLUMNS = tuple(field.name for field in fields(Request))
"""The columns of a request, in every form the same and in the same order."""


_WIDE = tuple(field.name for field in fields(CorrelatedRequest))


def columns_of(kind: type[Request]) -> tuple[str, ...]:
    """The columns of a kind of row: those of a request, and more where other logs were read beside."""
    return _WIDE if issubclass(kind, CorrelatedRequest) else COLUMNS


Text = Callable[[str], str]

_encode = msgspec.json.Encoder().encode
_values_of = attrgetter(*COLUMNS)
_wide_values_of = attrgetter(*_WIDE)
_Row, _WideRow = msgspec.defstruct("Row", COLUMNS), msgspec.defstruct("WideRow", _WIDE)
_FIRST_SEEN, _LAST_SEEN = COLUMNS.index("first_seen"), COLUMNS.index("last_seen")


def json_document(report: Report, *, entries: Mapping[str, Entry]) -> Iterator[str]:
    """The report as one JSON document, in pieces: the requests, and what ``entries`` say of their categories."""
    head = {
        "schema": SCHEMA,
        "coverage": coverage_document(report.coverage, secret=report.secret),
        "summary": summary_document(report.summary, filters=report.filters),
    }
    yield json_text(head, indent=2).removesuffix("\n}") + ',\n  "requests": ['
    between = "\n    "
    for line in lines(report, _one_line):
        yield between + line
        between = ",\n    "
    yield "]" if between == "\n    " else "\n  ]"
    named = {name: explanation_document(entries[name]) for name in report.summary.by_category if name in entries}
    yield ',\n  "categories": ' + json_text(named, indent=2).replace("\n", "\n  ")
    if report.explanations is not None:
        from loganalyzer.reports.settings import explaining_document

        settings = json_text(explaining_document(report.explanations), indent=2)
        yield ',\n  "settings": ' + settings.replace("\n", "\n  ")
    yield "\n}\n"


def ndjson(report: Report) -> Iterator[str]:
    """One request a line, each a JSON object."""
    return lines(report, json_line)


def json_line(request: Request) -> str:
    """A request as a JSON object on a line of its own."""
    return _one_line(request) + "\n"


def csv_table(report: Report) -> Iterator[str]:
    """The requests as CSV (RFC 4180) that no spreadsheet takes for formulas; lists are joined with `` | ``."""
    yield _csv_row(columns_of(report.kind))
    yield from lines(report, _csv_line)


def _csv_line(request: Request) -> str:
    return _csv_row([_cell(value) for value in request_document(request).values()])


def _csv_row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return csv_cell(" | ".join(value)) if isinstance(value, tuple) else csv_cell(str(value))


def _one_line(request: Request) -> str:
    """A request as JSON in printable characters alone; most hold nothing that would have to be escaped for that."""
    wide = isinstance(request, CorrelatedRequest)
    values = list(_wide_values_of(request) if wide else _values_of(request))
    values[_FIRST_SEEN], values[_LAST_SEEN] = iso(values[_FIRST_SEEN]), iso(values[_LAST_SEEN])
    try:
        text = _encode((_WideRow if wide else _Row)(*values))
    except UnicodeEncodeError:  # half of a surrogate pair
        return json_text(request_document(request))
    # The encoder writes control characters as escapes, all but DEL.
    return text.decode() if text.isascii() and b"\x7f" not in text else json_text(request_document(request))


def request_document(request: Request) -> dict[str, Any]:
    """One request as a JSON object with the columns of the request table."""
    wide = isinstance(request, CorrelatedRequest)
    values = _wide_values_of(request) if wide else _values_of(request)
    row: dict[str, Any] = dict(zip(_WIDE if wide else COLUMNS, values, strict=True))
    for name in ("first_seen", "last_seen"):
        row[name] = iso(row[name])
    return row


def explanation_document(entry: Entry) -> dict[str, Any]:
    """What the catalogue says to do about a category."""
    return {**{name: getattr(entry, name) for name in ("title", "cause", "fix", "link")}, "advice": list(entry.advice)}


def summary_document(summary: Summary, *, filters: tuple[str, ...] = ()) -> dict[str, Any]:
    """The counts as a JSON object; ``filters`` is empty where all requests were counted."""
    counts = ("requests", "succeeded", "failed", "incomplete", "gateway_failed", "backend_failed")
    return {
        **{name: getattr(summary, name) for name in counts},
        "by_category": dict(summary.by_category),
        "by_stopped_at": dict(summary.by_stopped_at),
        "filters": list(filters),
    }


def coverage_document(coverage: Coverage, *, secret: Text = redact) -> dict[str, Any]:
    """What was looked at and what was not, as a JSON object; ``secret`` masks what is quoted from the log."""
    counts = ("files", "bytes", "events", "requests", "truncated_events")
    quoted = ("unknown_lines", "unknown_sentences")
    examples = {name: getattr(coverage, name) for name in quoted}
    return {
        **{name: getattr(coverage, name) for name in counts},
        "first_seen": iso(moment(coverage.first_seen)),
        "last_seen": iso(moment(coverage.last_seen)),
        "forms": dict(coverage.forms),
        "levels": dict(coverage.levels),
        **{name: {"count": seen.count, "example": secret(seen.example)} for name, seen in examples.items()},
        "problems": [{"where": p.where, "what": secret(p.what), "tip": p.tip} for p in coverage.problems],
        "notes": [secret(note) for note in coverage.notes],
    }
