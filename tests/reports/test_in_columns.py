"""Requests written many at once from columns are the very JSON and CSV that each is by itself."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loganalyzer.analysis import Analysis
from loganalyzer.judged.columns import Columns
from loganalyzer.reading import analyze
from loganalyzer.redact import redact, redact_request
from loganalyzer.reports.csvlines import csv_line, csv_of_columns
from loganalyzer.reports.jsonlines import json_objects
from loganalyzer.reports.requests import COLUMNS, json_object
from loganalyzer.simulate import simulate
from tests.strategies import damaged_logs

FIXTURES = Path(__file__).parents[2] / "fixtures"

ID = b'2026-11-02T09:15:42.118Z (a"b\\c-7a45-4d09-9c6e-5b1d2e8f7a10) '
HOSTILE = (
    ID + b'Extended Request Id: "=\\\n',
    ID + b"HTTP Method: GET, Resource Path: /a\x7f\x1b[31m/\xff\n",
    ID + b'Execution failed due to configuration error: Malformed \xe2\x80\xae "proxy" \xed\xa0\x80 response\x00\n',
    ID + b"Method completed with status: 502\n",
    b"(z\xc3\xbcrich) Execution failed due to configuration error: Rate Exceeded.\n",
)
"""Ids and texts with all that JSON has to escape, in one of them no time."""


def columns_of(analysis: Analysis, *, redacted: bool) -> list[Columns]:
    """All requests in columns, as they may be written."""
    found = [columns for part in analysis.parts(everything=True) for columns in part.columns()]
    return [columns.masked(redact) for columns in found] if redacted else found


def differing(analysis: Analysis, *, redacted: bool) -> list[tuple[str, str]]:
    """What is written differently in the two ways, in JSON or CSV: the requests, as each writes them."""
    columns = columns_of(analysis, redacted=redacted)
    requests = [redact_request(one) if redacted else one for one in analysis.records(everything=True)]
    at_once = [line for some in columns for line in json_objects(some)]
    alone = [json_object(request) for request in requests]
    assert len(at_once) == len(alone) > 0
    table = "".join(text for some in columns for text in csv_of_columns(some))
    ways = [*zip(at_once, alone, strict=True), (table, "".join(map(csv_line, requests)))]
    return [(one, other) for one, other in ways if one != other]


@pytest.mark.parametrize("redacted", [True, False])
@pytest.mark.parametrize("place", sorted((FIXTURES / "captures").iterdir()), ids=lambda path: path.name)
def test_captures_are_the_same_either_way(place: Path, redacted: bool) -> None:
    """Every request of the captures, those that succeeded too, masked and as logged."""
    assert differing(analyze(place), redacted=redacted) == []


@pytest.mark.parametrize("redacted", [True, False])
def test_hostile_texts_are_the_same_either_way(tmp_path: Path, redacted: bool) -> None:
    """What JSON escapes is escaped in ids, paths and evidence alike, and nothing unprintable is written."""
    log = tmp_path / "hostile.log"
    log.write_bytes(b"".join(HOSTILE))
    analysis = analyze(log)
    assert differing(analysis, redacted=redacted) == []
    for columns in columns_of(analysis, redacted=redacted):
        for line in json_objects(columns):
            assert line.isprintable()
            assert tuple(json.loads(line)) == COLUMNS


@settings(deadline=None)
@given(damaged_logs(), st.booleans())
def test_damaged_logs_are_the_same_either_way(text: bytes, redacted: bool) -> None:
    """Whatever became of a log."""
    with TemporaryDirectory() as place:
        log = Path(place) / "damaged.log"
        log.write_bytes(text)
        analysis = analyze(log)
        if analysis.coverage.requests:
            assert differing(analysis, redacted=redacted) == []


def test_a_large_log_is_the_same_either_way(tmp_path: Path) -> None:
    """Also where there are many parts, shared ids and ids that do not fit a row."""
    export = simulate(tmp_path / "export", requests=3000, seed=Random(5).randrange(99), failures=0.8, odd_ids=True)
    assert differing(analyze(export), redacted=True) == []
