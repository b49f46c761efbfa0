"""JSON, NDJSON and CSV: complete, well-formed, the same columns everywhere, written piece by piece."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from loganalyzer.classifier.rules import catalogue
from loganalyzer.model import Request
from loganalyzer.reports.documents import csv_table, json_document, ndjson
from loganalyzer.reports.report import Report
from loganalyzer.reports.requests import COLUMNS
from loganalyzer.reports.selection import tally
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, TORN, coverage

REQUESTS = [FAILED, ANSWERED, DENIED, CUT_SHORT]

PROMISED = (
    *(
        "request_id",
        "extended_request_id",
        "api_id",
        "api_stage",
        "method",
        "resource",
        "path",
        "first_seen",
        "last_seen",
    ),
    *("duration_ms", "integration_latency_ms", "status", "client_status", "outcome", "category", "stopped_at"),
    *("confidence", "alternatives", "evidence", "authorizer", "log_level"),
)


def _report(requests: list[Request], **changes: Any) -> Report:
    return Report(coverage(**changes), tally([*requests, SUCCEEDED]), lambda: requests)


def test_the_json_document_has_the_promised_parts() -> None:
    """Schema, coverage, summary and requests with the promised columns, times in UTC with milliseconds."""
    document = json.loads("".join(json_document(_report(REQUESTS, **TORN), entries=catalogue())))
    assert list(document) == ["schema", "coverage", "summary", "requests", "categories"]
    said = document["categories"][FAILED.category]
    assert said["title"] and said["fix"] and said["advice"] == list(catalogue()[FAILED.category].advice)
    assert document["schema"] == "loganalyzer/1"
    assert set(document["requests"][0]) >= set(PROMISED)
    assert document["requests"][0]["first_seen"] == "2026-11-20T12:00:00.123Z"
    assert document["requests"][2]["alternatives"] == ["EXPLICIT_DENY", "IMPLICIT_DENY"]
    assert document["requests"][2]["status"] is None
    assert document["summary"]["requests"] == 5
    assert document["summary"]["failed"] == 3
    assert document["summary"]["gateway_failed"] == 2
    assert document["summary"]["by_category"]["PROXY_INTEG_ERROR"] == 1
    assert document["summary"]["by_stopped_at"]["BACKEND"] == 1


def test_coverage_is_in_the_document() -> None:
    """What was not read is told with its examples, which are masked."""
    covered = json.loads("".join(json_document(_report(REQUESTS, **TORN), entries=catalogue())))["coverage"]
    assert covered["unknown_lines"] == {"count": 3, "example": "\x1b[31mnot a log line"}
    assert covered["unknown_sentences"]["example"] == "Something new happened to token=********"
    assert covered["problems"] == [
        {"where": "b.gz", "what": "the compressed data ends early", "tip": "download it again"}
    ]
    assert covered["first_seen"] == "2026-11-20T12:00:00.123Z"
    assert covered["levels"] == {"info_trace": 412}


def test_a_document_without_requests_is_whole() -> None:
    """No failures make an empty list, not a broken document."""
    assert json.loads("".join(json_document(_report([]), entries=catalogue())))["requests"] == []


def test_documents_are_written_request_by_request() -> None:
    """A document is begun before the second request is asked for, so its size costs no memory."""
    taken: list[int] = []

    def many() -> Iterator[Request]:
        for number in range(1000):
            taken.append(number)
            yield FAILED

    pieces = json_document(Report(coverage(), tally([]), many), entries=catalogue())
    next(pieces)
    next(pieces)
    assert len(taken) == 1
    for form in (ndjson, csv_table):
        taken.clear()
        rows = form(Report(coverage(), tally([]), many))
        next(rows)
        assert len(taken) <= 1


def test_ndjson_is_one_object_a_line() -> None:
    """Every line is a JSON object with the columns, even if the log text has newlines."""
    lines = "".join(ndjson(_report([replace(FAILED, evidence=("a\nb\u2028c",)), ANSWERED]))).splitlines()
    assert [list(json.loads(line)) for line in lines] == [list(COLUMNS)] * 2
    assert json.loads(lines[0])["evidence"] == ["a\nb\u2028c"]


def test_csv_has_a_head_and_crlf() -> None:
    """CSV follows RFC 4180: a header row, CRLF, quotes doubled; lists are joined."""
    text = "".join(csv_table(_report([replace(DENIED, evidence=('said "no", twice', "end"))])))
    assert text.count("\r\n") == 2
    head, row = csv.reader(io.StringIO(text, newline=""))
    assert head == list(COLUMNS)
    cells = dict(zip(head, row, strict=True))
    assert cells["evidence"] == 'said "no", twice | end'
    assert cells["alternatives"] == "EXPLICIT_DENY | IMPLICIT_DENY"
    assert cells["status"] == ""


def test_log_text_in_csv_is_harmless() -> None:
    """A path that is a formula and a message that clears the screen are shown as text."""
    rows = csv.DictReader(
        io.StringIO("".join(csv_table(_report([replace(FAILED, path="=1+1", evidence=("\x1b[2J",))]))))
    )
    row = next(rows)
    assert row["path"] == "'=1+1"
    assert row["evidence"] == r"\x1b[2J"
