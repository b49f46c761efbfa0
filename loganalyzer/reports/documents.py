"""Reports for programs: a JSON document, one JSON object a line, CSV. All are written piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from loganalyzer.classifier.rules import catalogue
from loganalyzer.coverage import Coverage
from loganalyzer.model import Request, Summary
from loganalyzer.redact import redact
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.csvlines import csv_line, csv_lines, csv_of_columns
from loganalyzer.reports.jsonlines import json_objects
from loganalyzer.reports.lines import joined_lines
from loganalyzer.reports.report import SCHEMA, Report, iso, moment
from loganalyzer.reports.requests import columns_of, json_object

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

Text = Callable[[str], str]


def json_document(report: Report, *, entries: Mapping[str, Entry]) -> Iterator[str]:
    """The report as one JSON document, in pieces: the requests, and what ``entries`` say of their categories."""
    head = {
        "schema": SCHEMA,
        "coverage": coverage_document(report.coverage, secret=report.secret),
        "summary": summary_document(report.summary, filters=report.filters),
    }
    yield json_text(head, indent=2).removesuffix("\n}") + ',\n  "requests": ['
    before = "\n    "
    for piece in joined_lines(report, json_objects, json_object, between=",\n    "):
        yield before + piece
        before = ",\n    "
    yield "]" if before == "\n    " else "\n  ]"
    named = {name: explanation_document(entries[name]) for name in report.summary.by_category if name in entries}
    yield ',\n  "categories": ' + json_text(named, indent=2).replace("\n", "\n  ")
    if report.explanations is not None:
        from loganalyzer.reports.settings import explaining_document

        settings = json_text(explaining_document(report.explanations), indent=2)
        yield ',\n  "settings": ' + settings.replace("\n", "\n  ")
    yield "\n}\n"


def prepare() -> None:
    """Load what writing requests takes, this module apart, and is otherwise loaded when it is first wanted."""
    catalogue()


def ndjson(report: Report) -> Iterator[str]:
    """One request a line, each a JSON object."""
    return (piece + "\n" for piece in joined_lines(report, json_objects, json_object, between="\n"))


def json_line(request: Request) -> str:
    """A request as a JSON object on a line of its own."""
    return json_object(request) + "\n"


def csv_table(report: Report) -> Iterator[str]:
    """The requests as CSV (RFC 4180) that no spreadsheet takes for formulas; lists are joined with `` | ``."""
    yield csv_lines([columns_of(report.kind)])
    yield from joined_lines(report, csv_of_columns, csv_line, between="")


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
