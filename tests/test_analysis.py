"""What the library gives back: the request table as a DataFrame, counts, single requests, and what was covered."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

import loganalyzer
from loganalyzer import Analysis, LogAnalyzerError, analyze
from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.model import Request
from loganalyzer.rows import frame_of
from loganalyzer.scales import Stage
from loganalyzer.simulate import simulate
from tests.parser.logs import (
    AUTHORIZED,
    BAD,
    CACHED,
    EXECUTED,
    GOOD,
    LAMBDA_ID,
    PLANNED,
    START,
    TIMED_OUT,
    A,
    B,
    C,
    lines,
    on_disk,
    text,
)

X, Y = "Qx7ZkHbVoAMEf2g=", "Rz8AlIcWpBNFg3h="
WHEN = datetime(2026, 11, 2, 9, 15, 42, 118_000, UTC)
CUT_SHORT = (*PLANNED, *EXECUTED)


def content() -> bytes:
    """A good request, a failed one and one that breaks off, a second apart."""
    return text(
        lines(A, *AUTHORIZED, *GOOD, f"AWS Integration Endpoint RequestId : {LAMBDA_ID}", xid=X),
        lines(B, *BAD, xid=Y, start=START + 1000),
        lines(C, *CUT_SHORT, start=START + 2000),
    )


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    """The analysis of that log."""
    return analyze(*on_disk(tmp_path, content()))


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    """The analysis of an export with failures of every kind."""
    return analyze(simulate(tmp_path_factory.mktemp("analysis") / "export", requests=600, failures=0.5, odd_ids=True))


# -- tables ------------------------------------------------------------------------------------------------------------

DTYPES = {
    **dict.fromkeys(("first_seen", "last_seen"), "datetime64[ms, UTC]"),
    **dict.fromkeys(("duration_ms", "integration_latency_ms", "status", "client_status"), "Int64"),
}
LISTS = ("alternatives", "evidence", "reasons")


def test_the_table_has_a_row_for_every_request(analysis: Analysis) -> None:
    """Every request is a row, by the time it was first seen, with the columns of a request in their order."""
    frame = analysis.requests
    assert list(frame.columns) == [field.name for field in fields(Request)]
    assert frame["request_id"].tolist() == [A, B, C]
    assert frame["outcome"].tolist() == ["succeeded", "failed", "incomplete"]


@pytest.mark.parametrize("table", ["requests", "failures"])
def test_columns_have_their_types(analysis: Analysis, table: str) -> None:
    """Times are UTC to the millisecond, numbers whole and nullable, lists lists, and all else text."""
    frame = getattr(analysis, table)
    for name in (field.name for field in fields(Request)):
        if name in LISTS:
            assert all(type(value) is list for value in frame[name]), name
        elif name in DTYPES:
            assert str(frame[name].dtype) == DTYPES[name], name
        else:
            assert all(type(value) is str for value in frame[name]), name


def test_types_hold_without_a_row(tmp_path: Path) -> None:
    """A table without a row has the same columns of the same types."""
    frame = analyze(*on_disk(tmp_path, text(lines(A, *GOOD)))).failures
    assert len(frame) == 0
    assert {name: str(frame[name].dtype) for name in DTYPES} == DTYPES
    assert {"title", "cause", "fix", "link"} <= set(frame.columns)
    full = analyze(*on_disk(tmp_path, text(lines(B, *BAD)))).failures
    assert len(full) == 1
    assert frame.dtypes.to_dict() == full.dtypes.to_dict()


def test_the_table_has_what_records_have(simulated: Analysis, tmp_path: Path) -> None:
    """Columns made at once hold what the requests hold one by one, times and numbers that are not known among it."""
    unknown = analyze(*on_disk(tmp_path, f"({A}) {BAD[-1]}\n({B}) Starting execution for request: {B}\n".encode()))
    for told in (simulated, unknown):
        pd.testing.assert_frame_equal(told.requests, frame_of(told.records(everything=True)))
        failures = frame_of(request for request in told.records() if request.outcome == "failed")
        pd.testing.assert_frame_equal(told.failures[failures.columns], failures)
    assert unknown.requests["first_seen"].isna().all()


def test_a_good_request_is_told_in_full(analysis: Analysis) -> None:
    """The row of a request that goes well says who, what, when and how long."""
    row = analysis.requests.iloc[0]
    count = len(AUTHORIZED) + len(GOOD) + 2
    assert row.drop(list(LISTS)).to_dict() == {
        "request_id": A,
        "extended_request_id": X,
        "api_id": "abcde12345",
        "api_stage": "prod",
        "method": "GET",
        "resource": "/things",
        "path": "/things",
        "first_seen": pd.Timestamp(WHEN),
        "last_seen": pd.Timestamp(WHEN) + pd.Timedelta(milliseconds=count - 1),
        "duration_ms": count - 1,
        "integration_latency_ms": 37,
        "status": 200,
        "client_status": 200,
        "outcome": "succeeded",
        "category": "",
        "stopped_at": "COMPLETED",
        "confidence": "high",
        "authorizer": "ran",
        "log_level": "info_trace",
        "detail": "",
    }


def test_failures_say_what_to_do(analysis: Analysis) -> None:
    """Failed requests come with the catalogue's words on their category and the lines that show it."""
    (row,) = analysis.failures.to_dict("records")
    entry = loganalyzer.explain("PROXY_INTEG_APIGW_TIMEOUT")
    assert (row["category"], row["stopped_at"], row["status"]) == (entry.id, "INTEGRATION_INVOCATION", 504)
    assert (row["title"], row["cause"], row["fix"], row["link"]) == (entry.title, entry.cause, entry.fix, entry.link)
    assert row["evidence"] == list(TIMED_OUT)


def test_records_are_the_failed_and_incomplete_ones(analysis: Analysis) -> None:
    """Records leave out what succeeded unless everything is wanted."""
    assert [record.request_id for record in analysis.records()] == [B, C]
    assert [record.request_id for record in analysis.records(everything=True)] == [A, B, C]


def test_a_status_that_is_not_logged_is_the_default(tmp_path: Path) -> None:
    """Without a closing line the status is unknown, and what the client saw is the category's default."""
    refused = lines(
        A, "Starting authorizer: k3j2h1 for request: {id}", "Incoming identity: **c", "Unauthorized request: {id}"
    )
    (record,) = analyze(*on_disk(tmp_path, text(refused))).records()
    assert (record.status, record.client_status) == (None, 401)
    frame = analyze(*on_disk(tmp_path, text(refused))).failures
    assert frame["status"].isna().all()


AUTHORIZERS = {
    "ran": (*AUTHORIZED, *GOOD),
    "cached": (*CACHED, *GOOD),
    "none": GOOD,
    "failed": (AUTHORIZED[0], "Execution failed due to configuration error: Authorizer error"),
    "unknown": TIMED_OUT,
}


@pytest.mark.parametrize(("expected", "messages"), AUTHORIZERS.items(), ids=list(AUTHORIZERS))
def test_the_authorizer_is_told(tmp_path: Path, expected: str, messages: tuple[str, ...]) -> None:
    """A row says what became of the authorizer, and so does the timeline."""
    analysis = analyze(*on_disk(tmp_path, text(lines(A, *messages))))
    assert [record.authorizer for record in analysis.records(everything=True)] == [expected]
    assert analysis.timeline(A).authorizer == expected


LOG_LEVELS = {
    "info_trace": BAD,
    "info": (*PLANNED, *EXECUTED, *TIMED_OUT),
    "error": TIMED_OUT,
}


@pytest.mark.parametrize(("expected", "messages"), LOG_LEVELS.items(), ids=list(LOG_LEVELS))
def test_the_log_level_is_told(tmp_path: Path, expected: str, messages: tuple[str, ...]) -> None:
    """A row says what kind of log its lines are from, and coverage counts them."""
    analysis = analyze(*on_disk(tmp_path, text(lines(A, *messages), lines(B, *messages))))
    assert {record.log_level for record in analysis.records()} == {expected}
    assert analysis.coverage.levels == {expected: 2}


# -- counts ------------------------------------------------------------------------------------------------------------


def test_the_summary_adds_up(simulated: Analysis) -> None:
    """Outcomes, categories and stages each add up to the requests they count."""
    summary, table = simulated.summary(), simulated.requests
    assert summary.requests == len(table) == summary.succeeded + summary.failed + summary.incomplete
    assert summary.failed == summary.gateway_failed + summary.backend_failed == len(simulated.failures)
    assert (
        sum(summary.by_category.values()) == sum(summary.by_stopped_at.values()) == summary.failed + summary.incomplete
    )
    told = table[table["outcome"] != "succeeded"]
    assert dict(summary.by_category) == told["category"].value_counts().to_dict()
    assert dict(summary.by_stopped_at) == told["stopped_at"].value_counts().to_dict()
    assert sum(route.requests for route in summary.routes) <= summary.requests


def test_the_summary_is_sorted(simulated: Analysis) -> None:
    """Categories come by number, stages in the order of the lifecycle."""
    summary = simulated.summary()
    assert list(summary.by_category.values()) == sorted(summary.by_category.values(), reverse=True)
    assert list(summary.by_stopped_at) == [stage.name for stage in Stage if stage.name in summary.by_stopped_at]


def test_an_analysis_says_what_it_is(analysis: Analysis) -> None:
    """Its representation counts requests."""
    assert repr(analysis) == "<Analysis: 3 requests, 1 failed, 1 incomplete>"


# -- one request -------------------------------------------------------------------------------------------------------

IDS = {
    "the request id": (B, B),
    "its beginning": (B[:8], B),
    "the extended id": (Y, B),
    "the Lambda request id": (LAMBDA_ID, A),
    "the beginning of the Lambda request id": (LAMBDA_ID[:8], A),
}


@pytest.mark.parametrize(("wanted", "expected"), IDS.values(), ids=list(IDS))
def test_a_request_is_found_by_any_of_its_ids(analysis: Analysis, wanted: str, expected: str) -> None:
    """Timeline and diagnosis take all the ids that a request has."""
    assert analysis.timeline(wanted).request_id == analysis.diagnosis(wanted).request_id == expected


def test_the_timeline_of_a_failure_marks_its_evidence(analysis: Analysis) -> None:
    """The steps of a failed request end where the diagnosis says, with the lines that show it marked."""
    timeline = analysis.timeline(B)
    assert [step.message for step in timeline.steps] == [event.message.decode() for event in lines(B, *BAD, xid=Y)]
    assert tuple(step.message for step in timeline.steps if step.evidence) == TIMED_OUT
    assert timeline.stopped_at == Stage.INTEGRATION_INVOCATION


def test_timeline_and_table_agree(simulated: Analysis) -> None:
    """The timeline of every request stops where its row does and holds its evidence."""
    for record in list(simulated.records())[:150]:
        timeline = simulated.timeline(record.request_id)
        assert (timeline.stopped_at.name, timeline.authorizer) == (record.stopped_at, record.authorizer)
        assert {step.message for step in timeline.steps} >= set(record.evidence)
        assert simulated.diagnosis(record.request_id) == record


NOT_ONE: dict[str, tuple[str, type[LogAnalyzerError], str]] = {
    "unknown": ("00000000-0000", NothingReadable, "no request with the id '00000000-0000'"),
    "empty": ("", NothingReadable, "no request with the id ''"),
    "ambiguous": ("b7d0", UsageError, "fits 2 requests"),
}


@pytest.mark.parametrize(("wanted", "error", "words"), NOT_ONE.values(), ids=list(NOT_ONE))
def test_an_id_of_no_or_several_requests_is_refused(
    analysis: Analysis, wanted: str, error: type[LogAnalyzerError], words: str
) -> None:
    """An id that means no request, or several, is refused with what to give instead."""
    for ask in (analysis.timeline, analysis.diagnosis):
        with pytest.raises(error, match=words) as caught:
            ask(wanted)
        assert caught.value.tip


def test_an_ambiguous_id_lists_the_requests(analysis: Analysis) -> None:
    """The requests that a beginning may mean are named."""
    with pytest.raises(UsageError) as caught:
        analysis.timeline("b7d0")
    assert B in caught.value.message
    assert C in caught.value.message


# -- sources -----------------------------------------------------------------------------------------------------------


def test_sources_of_any_kind_are_read(tmp_path: Path) -> None:
    """Paths, texts, directories, globs and open files are read together, each file once."""
    first, second, third = on_disk(tmp_path, *(text(lines(name, *BAD)) for name in (A, B, C)))
    stream = io.BytesIO(text(lines("d", *BAD)))
    with third.open("rb") as opened:
        analysis = analyze(first, str(second), str(tmp_path / "*1"), opened, stream)
    assert {record.request_id for record in analysis.records()} == {A, B, C, "d"}
    assert analysis.coverage.files == 4
    assert analyze(tmp_path).coverage.files == 3


def test_an_open_file_may_be_asked_again(tmp_path: Path) -> None:
    """What was read from a stream is still there for timelines when the stream is gone."""
    stream = io.BytesIO(gzip.compress(content()))
    analysis = analyze(stream)
    stream.close()
    assert len(analysis.timeline(B).steps) == len(BAD) + 1


def test_progress_is_told(tmp_path: Path) -> None:
    """Progress goes up to all bytes of all files."""
    told: list[tuple[int, int]] = []
    paths = on_disk(tmp_path, text(lines(A, *BAD)), text(lines(B, *BAD)))
    analyze(*paths, progress=lambda done, total: told.append((done, total)))
    size = sum(path.stat().st_size for path in paths)
    assert told == [(paths[0].stat().st_size, size), (size, size)]


REFUSED: dict[str, tuple[Callable[[Path], object], type[LogAnalyzerError], int]] = {
    "a path that does not exist": (lambda path: path / "missing", UsageError, 2),
    "a glob that matches nothing": (lambda path: str(path / "*.gz"), UsageError, 2),
    "a directory without a file": (lambda path: path, NothingReadable, 3),
    "an empty stream": (lambda path: io.BytesIO(), NothingReadable, 3),
    "binary data": (lambda path: io.BytesIO(b"\x00\x01\x02" * 1000), NothingReadable, 3),
    "text of another kind": (lambda path: io.BytesIO(b"once upon a time\nthere was a log\n"), NothingReadable, 3),
    "a gzip of nothing": (lambda path: io.BytesIO(gzip.compress(b"")), NothingReadable, 3),
}


@pytest.mark.parametrize(("source", "error", "code"), REFUSED.values(), ids=list(REFUSED))
def test_what_holds_no_log_is_refused(
    tmp_path: Path, source: Callable[[Path], str | Path], error: type[LogAnalyzerError], code: int
) -> None:
    """A source without any execution log raises an error with a sentence, a tip and an exit code."""
    with pytest.raises(error) as caught:
        analyze(source(tmp_path))
    assert caught.value.message
    assert caught.value.tip
    assert caught.value.exit_code == code


# -- coverage ----------------------------------------------------------------------------------------------------------


def test_coverage_counts_what_was_read(tmp_path: Path) -> None:
    """Coverage says how many files, bytes, events and requests were read, what was cut, and over which time."""
    cut = lines("d", *EXECUTED, "Method request headers: {Accept=*/* [TRUNCATED]", "Teleporting", start=START + 3000)
    first, second = content(), text(cut)
    coverage = analyze(*on_disk(tmp_path, first, second)).coverage
    assert (coverage.files, coverage.requests, coverage.truncated_events) == (2, 4, 1)
    assert coverage.bytes == len(first) + len(second)
    assert coverage.events == (first + second).count(b"\n")
    assert (coverage.first_seen, coverage.last_seen) == (START, START + 3003)
    assert coverage.forms == {"S3 export": 2}
    assert sum(coverage.levels.values()) == 4
    assert (coverage.unknown_sentences.count, coverage.unknown_sentences.example) == (1, "Teleporting")
    assert coverage.problems == []


def test_the_window_is_unknown_where_times_are(tmp_path: Path) -> None:
    """Lines without times make no window."""
    coverage = analyze(*on_disk(tmp_path, "".join(f"({A}) {line}\n" for line in BAD).encode())).coverage
    assert (coverage.requests, coverage.first_seen, coverage.last_seen) == (1, None, None)


def many(names: str) -> bytes:
    """A log of failed requests with these ids."""
    return text(*(lines(name, *BAD) for name in names))


def test_a_cut_gzip_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Of a truncated gzip what is there is analysed with the good files; the loss stands in coverage."""
    packed = gzip.compress(b"".join(text(lines(f"cut-{n}", *BAD)) for n in range(2000)), mtime=0)
    paths = on_disk(tmp_path, gzip.compress(many("ab")), packed[: len(packed) // 2], gzip.compress(many("cd")))
    analysis = analyze(*paths)
    found = {record.request_id for record in analysis.records()}
    assert {"a", "b", "c", "d"} < found
    assert 500 < len(found) < 1900
    (problem,) = analysis.coverage.problems
    assert problem.where == str(paths[1])
    assert "ends early" in problem.what
    assert problem.tip


@pytest.mark.parametrize(
    "bad", [b"", b"\x89PNG\r\n\x1a\n", b"START RequestId: " + A.encode(), b"\x1f\x8b\x08\x00broken"]
)
def test_one_bad_file_among_ten_is_told_and_the_rest_read(tmp_path: Path, bad: bytes) -> None:
    """Nine good files are analysed; the tenth is named with what is wrong with it."""
    paths = on_disk(tmp_path, *(many(name) for name in "abcdefghi"), bad)
    analysis = analyze(*paths)
    assert analysis.coverage.files == 9
    assert {record.request_id for record in analysis.records()} == set("abcdefghi")
    assert [problem.where for problem in analysis.coverage.problems] == [str(paths[9])]
