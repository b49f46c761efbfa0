"""Every JSON document that holds execution-log messages gives its events, in their order."""

from __future__ import annotations

import base64
import gzip
import io
import json
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loganalyzer.coverage import Coverage
from loganalyzer.formats import losses
from loganalyzer.formats.base import canonical
from loganalyzer.formats.documents import Json
from loganalyzer.formats.jsonvalues import BLOCK

ID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
OTHER = "9c6e8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
T0 = 1_793_610_942_118
FAILED = "Execution failed due to configuration error: Malformed Lambda proxy response"
TEST = (
    f"Execution log for request {ID}\n"
    f"Mon Nov 02 09:15:42 UTC 2026 : {FAILED}\n"
    "Mon Nov 02 09:15:43 UTC 2026 : Unauthorized\n"
)


def event_id(ms: int, number: int) -> str:
    """An event id as CloudWatch makes them: the time in the high bits."""
    return str((ms << 144) + number)


def event(ms: int, number: int, message: str) -> dict[str, Any]:
    """One event of filter-log-events."""
    return {
        "logStreamName": "0f1e",
        "timestamp": T0 + ms,
        "message": message,
        "ingestionTime": T0 + 3000,
        "eventId": event_id(T0 + ms, number),
    }


EVENTS = [
    event(2, 9, f"({ID}) Method completed with status: 502"),
    event(2, 8, f"({ID}) {FAILED}"),
    event(0, 1, f"({ID}) Method request body before transformations: {{\n  1\r\n}}"),
    event(1, 2, "START RequestId: 9c6e8c1e-7a45-4d09-9c6e-5b1d2e8f7a10 Version: $LATEST"),
]
IN_ORDER = [
    f"2026-11-02T09:15:42.118Z ({ID}) Method request body before transformations: {{\n\t  1\n\t}}",
    f"2026-11-02T09:15:42.120Z ({ID}) {FAILED}",
    f"2026-11-02T09:15:42.120Z ({ID}) Method completed with status: 502",
]
BY_TIME = [IN_ORDER[0], IN_ORDER[2], IN_ORDER[1]]
PLAIN_EVENTS = [{"timestamp": e["timestamp"], "message": e["message"]} for e in EVENTS]
RECORD = {
    "messageType": "DATA_MESSAGE",
    "owner": "123456789012",
    "logGroup": "API-Gateway-Execution-Logs_abcde12345/prod",
    "logStream": "0f1e",
    "subscriptionFilters": ["ship"],
    "logEvents": [{"id": e["eventId"], "timestamp": e["timestamp"], "message": e["message"]} for e in EVENTS],
}
CONTROL = {
    **RECORD,
    "messageType": "CONTROL_MESSAGE",
    "logGroup": "",
    "logEvents": [{"id": "", "timestamp": 1, "message": "(a) b"}],
}
ROWS = [
    {"@timestamp": "2026-11-02 09:15:42.120", "@message": f"({ID}) Method completed with status: 502"},
    {"@timestamp": "2026-11-02 09:15:42.120", "@message": f"({ID}) {FAILED}"},
    {"@timestamp": "2026-11-02 09:15:42.118", "@message": f"({ID}) Method request path: {{}}"},
]
ROWS_IN_ORDER = [f"2026-11-02T09:15:42.118Z ({ID}) Method request path: {{}}", *IN_ORDER[1:]]
ANSWER = {
    "status": 502,
    "body": '{"message": "Internal server error"}',
    "headers": {"a": "b"},
    "log": TEST,
    "latency": 407,
}
TESTED = [
    f"- ({ID}) Execution log for request {ID}",
    f"2026-11-02T09:15:42.000Z ({ID}) {FAILED}",
    f"2026-11-02T09:15:43.000Z ({ID}) Unauthorized",
]


def packed(value: Any) -> str:
    """A value as it travels inside other services' events."""
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def fields(row: dict[str, str]) -> list[dict[str, str]]:
    """A row as GetQueryResults gives it."""
    return [{"field": key, "value": value} for key, value in row.items()]


CASES: dict[str, tuple[str, list[str], str]] = {
    "a page of filter-log-events": (json.dumps({"events": EVENTS}), IN_ORDER, "filter-log-events"),
    "a page in the indentation of the CLI": (json.dumps({"events": EVENTS}, indent=4), IN_ORDER, "filter-log-events"),
    "two pages one behind the other": (
        json.dumps({"events": EVENTS[2:], "nextToken": "x"}) + "\n" + json.dumps({"events": EVENTS[:2]}),
        IN_ORDER,
        "filter-log-events",
    ),
    "a page of get-log-events": (
        json.dumps({"events": PLAIN_EVENTS, "nextForwardToken": "f/1", "nextBackwardToken": "b/1"}),
        BY_TIME,
        "get-log-events",
    ),
    "the events alone": (json.dumps(EVENTS), IN_ORDER, "filter-log-events"),
    "events with commas between them and no array": (json.dumps(EVENTS, indent=2)[1:-1], IN_ORDER, "list of events"),
    "a subscription record": (json.dumps(RECORD), IN_ORDER, "subscription record"),
    "records glued together": (
        "".join(json.dumps(record) for record in (CONTROL, RECORD, CONTROL)),
        IN_ORDER,
        "subscription record",
    ),
    "records as lines": (json.dumps(RECORD) + "\n" + json.dumps(CONTROL) + "\n", IN_ORDER, "subscription record"),
    "the event of a Lambda function": (
        json.dumps({"awslogs": {"data": packed(RECORD)}}),
        IN_ORDER,
        "subscription record",
    ),
    "the event of a Kinesis stream": (
        json.dumps({"Records": [{"kinesis": {"data": packed(RECORD)}}]}),
        IN_ORDER,
        "subscription record",
    ),
    "the event of a Firehose transformation": (
        json.dumps({"records": [{"recordId": "1", "data": packed(one)} for one in (CONTROL, RECORD)]}),
        IN_ORDER,
        "subscription record",
    ),
    "an Insights export": (json.dumps(ROWS), ROWS_IN_ORDER, "Logs Insights"),
    "results of GetQueryResults": (
        json.dumps({"results": [fields(row) for row in ROWS], "status": "Complete"}),
        ROWS_IN_ORDER,
        "Logs Insights",
    ),
    "an answer of TestInvokeMethod": (json.dumps(ANSWER), TESTED, "TestInvokeMethod"),
    "an answer of TestInvokeAuthorizer": (
        json.dumps({"clientStatus": 401, "log": TEST, "latency": 3}, indent=2),
        TESTED,
        "TestInvokeAuthorizer",
    ),
    "an answer that is cut": (json.dumps(ANSWER, indent=2)[90:-22], TESTED, "console Test"),
    "records of the log delivery": (
        "\n".join(
            json.dumps({"timestamp": T0 + ms, "requestId": ID, "apiId": "abcde12345", "message": message})
            for ms, message in ((0, "Method request path: {}"), (2, FAILED), (2, "Method completed with status: 502"))
        ),
        ROWS_IN_ORDER,
        "JSON records",
    ),
    "a page whose messages are records": (
        json.dumps({"events": [event(2, 1, json.dumps({"requestId": ID, "message": FAILED}))]}),
        [IN_ORDER[1]],
        "filter-log-events",
    ),
    "a list of lines": (
        json.dumps([f"({ID}) {FAILED}", "Method completed with status: 502"]),
        [f"- ({ID}) {FAILED}", f"- ({ID}) Method completed with status: 502"],
        "CloudWatch lines without time",
    ),
    "a page without request ids": (
        json.dumps(
            {
                "events": [
                    event(0, 1, f"Starting execution for request: {ID}"),
                    event(1, 2, "Method completed with status: 200"),
                ]
            }
        ),
        [
            f"2026-11-02T09:15:42.118Z ({ID}) Starting execution for request: {ID}",
            f"2026-11-02T09:15:42.119Z ({ID}) Method completed with status: 200",
        ],
        "filter-log-events",
    ),
}


def read(content: str) -> tuple[list[str], str, Coverage]:
    """The events of a document as canonical lines, its form, and what was lost."""
    coverage = Coverage()
    chunks = list(Json().chunks(io.BytesIO(content.encode()), coverage))
    events: list[str] = []
    for line in b"".join(chunk.text for chunk in chunks).decode().splitlines():
        if line.startswith("\t"):
            events[-1] += "\n" + line
        else:
            events.append(line)
    return events, chunks[0].origin.form if chunks else "", coverage


@pytest.mark.parametrize(("content", "expected", "form"), CASES.values(), ids=CASES)
def test_documents_become_their_events(content: str, expected: list[str], form: str) -> None:
    """Whatever wraps the events, they come out in the order of their ids or times, under the name of their form."""
    events, found, _ = read(content)
    assert events == expected
    assert found == form


def test_the_group_of_a_record_is_kept() -> None:
    """A subscription record tells the API, its stage and the account."""
    (chunk,) = Json().chunks(io.BytesIO(json.dumps(RECORD).encode()), Coverage())
    assert chunk.origin.api == ("abcde12345", "prod")
    assert chunk.origin.account == "123456789012"
    assert chunk.origin.order == "event id"


def test_records_read_at_once_keep_their_groups() -> None:
    """Records glued together give their events under their own group, those of neighbours together."""
    groups = ["abcde12345/prod", "abcde12345/prod", "fghij67890/test", "abcde12345/prod"]
    records = [
        {
            **RECORD,
            "logGroup": f"API-Gateway-Execution-Logs_{group}",
            "logEvents": [{"id": event_id(T0, number), "timestamp": T0, "message": f"({ID}) {FAILED}"}],
        }
        for number, group in enumerate(groups)
    ]
    content = "".join(map(json.dumps, (CONTROL, *records)))
    chunks = list(Json().chunks(io.BytesIO(content.encode()), Coverage()))
    assert ["/".join(chunk.origin.api) for chunk in chunks] == groups[1:]
    assert [chunk.text.count(FAILED.encode()) for chunk in chunks] == [2, 1, 1]


def test_a_record_that_is_none_hides_no_other() -> None:
    """What stands among records and is none of them is counted, and they are read."""
    content = "".join(map(json.dumps, (RECORD, {"messageType": "DATA_MESSAGE", "logEvents": "none"}, RECORD)))
    events, form, coverage = read(content)
    assert form == "subscription record"
    assert events == IN_ORDER
    assert coverage.unknown_lines.count > 0


@pytest.mark.parametrize(
    ("content", "note"),
    [
        (json.dumps({"events": EVENTS, "nextToken": "x"}), losses.ONE_PAGE),
        (json.dumps({"results": [fields(row) for row in ROWS], "status": "Running"}), losses.QUERY),
        (json.dumps(ROWS), losses.ORDER),
    ],
)
def test_what_a_document_lacks_is_said(content: str, note: str) -> None:
    """A page of several, an unfinished query and the lost order of Insights stand in coverage."""
    assert note in read(content)[2].notes


def test_messages_of_other_logs_are_counted() -> None:
    """A message that is none of an execution log is no event, and not dropped in silence either."""
    coverage = read(json.dumps({"events": EVENTS}))[2]
    assert coverage.unknown_lines.count == 1
    assert coverage.unknown_lines.example.startswith("START RequestId")


def test_a_document_that_is_cut_gives_what_stands_before_the_cut() -> None:
    """Everything in front of the cut is there, and the cut is a problem with a tip."""
    content = json.dumps({"events": EVENTS})
    events, _, coverage = read(content[: content.index("Method request body")])
    assert events[:2] == IN_ORDER[1:]
    assert [problem.what for problem in coverage.problems] == [
        "the JSON document ends in the midst of a value: what stands before was read"
    ]
    assert coverage.problems[0].tip


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("shape", ["page", "list", "rows", "records"])
def test_documents_of_any_length_are_read_in_slices(shape: str, indent: int | None) -> None:
    """A document of several blocks gives the same events as the sum of small ones, none lost at the seams."""
    body = "x" * 900
    number = 3 * BLOCK // 1000
    many = [
        event(i, i, f'({ID}) Method request body before transformations: {body}, }},{{ "{i}"') for i in range(number)
    ]
    rows = [fields({"@message": e["message"], "@timestamp": "2026-11-02 09:15:42.118"}) for e in many]
    records = [{**RECORD, "logEvents": many[i : i + 10]} for i in range(0, number, 10)]
    content = {
        "page": lambda: json.dumps({"searchedLogStreams": [], "events": many, "nextToken": "x"}, indent=indent),
        "list": lambda: json.dumps(many, indent=indent),
        "rows": lambda: json.dumps({"results": rows}, indent=indent),
        "records": lambda: "".join(json.dumps(record, indent=indent) for record in records),
    }[shape]()
    events, _, coverage = read(content)
    assert [line.rsplit('"', 2)[1] for line in events] == [str(i) for i in range(number)]
    assert coverage.problems == []
    assert (losses.ONE_PAGE in coverage.notes) == (shape == "page")


@given(
    said=st.lists(st.tuples(st.integers(0, 2), st.text(st.sampled_from("ab (\n\r\t\0é€😀"), max_size=60)), min_size=1),
    shuffled=st.randoms(use_true_random=False),
    name=st.sampled_from(["id", "eventId"]),
)
def test_events_read_at_once_stand_as_each_would(said: list[tuple[int, str]], shuffled: Random, name: str) -> None:
    """Whatever their messages hold, the events of a page come out by id, each once, as canonical text of its own."""
    log = [(T0 + ms, event_id(T0 + ms, number), body) for number, (ms, body) in enumerate(said)]
    events = [{"message": f"({ID}) {body}", "timestamp": time, name: key} for time, key, body in log]
    repeated = events + events[::3]
    shuffled.shuffle(repeated)
    page = {"messageType": "DATA_MESSAGE", "logEvents": repeated} if name == "id" else {"events": repeated}
    chunks = Json().chunks(io.BytesIO(json.dumps(page).encode()), Coverage())
    expected = [canonical(time, ID, body.encode()) for time, _, body in sorted(log, key=lambda one: one[1])]
    assert b"".join(chunk.text for chunk in chunks) == b"".join(expected)


def test_text_behind_a_document_is_read_too() -> None:
    """A response body pasted in front of a log does not hide the log."""
    events, form, _ = read('{"message": "Internal server error"}\n\n' + TEST)
    assert events == TESTED
    assert form == "console Test"
