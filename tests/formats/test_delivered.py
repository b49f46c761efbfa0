"""What log delivery writes - JSON, plain text, w3c - gives its events, whatever its fields are called."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from loganalyzer.coverage import Coverage
from loganalyzer.errors import UsageError
from loganalyzer.formats import Fields, fields_of, find_inputs
from loganalyzer.formats.fields import ROLES, WrongField, candidates
from tests.formats.delivered import (
    APART,
    ARN,
    CANONICAL,
    EVENTS,
    GROUP,
    NESTED,
    PACKED,
    RECORDS,
    STAMPS,
    STRANGE,
    by_line,
)


def plain(values: list[dict[str, Any]], delimiter: str) -> str:
    """One line a record, the values alone."""
    return "".join(delimiter.join(map(str, value.values())) + "\n" for value in values)


def w3c(values: list[dict[str, Any]], delimiter: str, *, between: str = " ") -> str:
    """The w3c form: the names in a comment, perhaps with another delimiter than the records."""
    return f"#Version: 1.0\n#Fields: {between.join(values[0])}\n" + plain(values, delimiter)


SPLIT = [
    {
        "date": stamp[:10],
        "time": stamp[11:-1],
        "request-id": request_id,
        "message": quote(message, safe=":{}(),"),
        "x": "-",
    }
    for stamp, (_, request_id, message) in zip(STAMPS, EVENTS, strict=True)
]
IN_CLOUDWATCH = {
    "events": [
        {
            "eventId": str((record["event_timestamp"] << 144) + number),
            "timestamp": record["event_timestamp"],
            "message": json.dumps(record),
        }
        for number, record in enumerate(RECORDS)
    ]
}
QUOTED = [json.dumps(record).replace('"', '""') for record in RECORDS]

FORMS: dict[str, tuple[str, bool]] = {
    "JSON lines with the fields of the CDK": (by_line(RECORDS), True),
    "an array of them": (json.dumps(RECORDS), True),
    "objects glued together": (by_line(RECORDS).replace("\n", ""), True),
    "JSON with an id of its own": (by_line(APART), True),
    "an array of them with ids of their own": (json.dumps(APART, indent=2), True),
    "a payload that is an object": (by_line(NESTED), True),
    "a payload that is JSON in text": (by_line(PACKED), True),
    "names that are similar": (by_line(STRANGE), False),
    "a record in a CloudWatch event": (json.dumps(IN_CLOUDWATCH), True),
    "a record in the console's CSV": (
        "timestamp,message\n" + "".join(f'{time},"{text}"\n' for (time, *_), text in zip(EVENTS, QUOTED, strict=True)),
        True,
    ),
    "a record behind the time of an S3 export": (
        "".join(f"{stamp} {json.dumps(record)}\n" for stamp, record in zip(STAMPS, RECORDS, strict=True)),
        True,
    ),
    "plain text with blanks": (plain(RECORDS, " "), True),
    "plain text with TABs": (plain(RECORDS, "\t"), True),
    "plain text with bars": (plain(RECORDS, "|"), True),
    "plain text with ids of their own": (plain(APART, "|"), False),
    "w3c with blanks": (w3c(RECORDS, " "), True),
    "w3c with TABs below names with blanks": (w3c(APART, "\t"), True),
    "w3c with bars": (w3c(RECORDS, "|", between="|"), True),
    "w3c with date, time and escapes": (w3c(SPLIT, " "), False),
}  # fmt: skip


def read(path: Path, fields: Fields = Fields()) -> tuple[list[str], str, Coverage]:  # noqa: B008
    """The events of a file as canonical lines, the log group they are said to be from, and what was lost."""
    coverage = Coverage()
    (source,) = find_inputs([path], fields=fields)
    chunks = list(source.chunks(coverage))
    lines = b"".join(chunk.text for chunk in chunks).decode().splitlines()
    return sorted(lines), chunks[0].origin.group if chunks else "", coverage


@pytest.mark.parametrize(("content", "named"), FORMS.values(), ids=list(FORMS))
def test_every_form_gives_the_events(tmp_path: Path, content: str, *, named: bool) -> None:
    """Each form gives the same events with their times and ids, and the API and stage where it names them."""
    path = tmp_path / "delivered"
    path.write_text(content)
    lines, group, coverage = read(path)
    assert lines == sorted(CANONICAL)
    assert group == (GROUP if named else "")
    assert (coverage.problems, coverage.unknown_lines.count) == ([], 0)


def test_bodies_over_several_lines(tmp_path: Path) -> None:
    """What starts no record in delivered text goes on with the one above."""
    path = tmp_path / "w3c"
    body = ["Method request body before transformations: {", '"a": 1,', "#Fields", "}"]
    record = {"event_timestamp": EVENTS[0][0], "request_id": EVENTS[0][1], "payload": "\n".join(body)}
    path.write_text(w3c([record], "\t") + w3c(RECORDS, "\t").split("\n")[-2] + "\n")
    lines, _, _ = read(path)
    assert sorted(lines)[0:2] == ['\t"a": 1,', "\t#Fields"]


SAID: dict[str, tuple[str, dict[str, str]]] = {
    "JSON": (by_line(STRANGE), {"message": "said", "timestamp": "log_time", "log_group": "thing"}),
    "an array": (json.dumps(STRANGE), {"message": "said", "timestamp": "log_time", "log_group": "thing"}),
    "w3c": (w3c(STRANGE, "|"), {"message": "said", "timestamp": "log_time", "log_group": "thing"}),
    "plain text by number": (plain(RECORDS, "|"), {"message": "4", "timestamp": "2"}),
    "a record in a CloudWatch event": (json.dumps(IN_CLOUDWATCH), {"message": "payload"}),
    "an object in an object": (by_line(NESTED), {"message": "payload.message"}),
}


@pytest.mark.parametrize(("content", "said"), SAID.values(), ids=list(SAID))
def test_fields_that_are_said(tmp_path: Path, content: str, said: dict[str, str]) -> None:
    """The user's word on a field is taken, in every form that has fields."""
    path = tmp_path / "delivered"
    path.write_text(content)
    lines, group, coverage = read(path, fields_of(said))
    assert (lines, group, coverage.problems) == (sorted(CANONICAL), GROUP, [])


def test_a_field_may_be_said_against_the_guess(tmp_path: Path) -> None:
    """Where two fields would do for a message, the one that is said is it."""
    path = tmp_path / "delivered"
    path.write_text(by_line([{**record, "message": "Method completed with status: 200"} for record in RECORDS]))
    assert read(path, fields_of({"message": "payload"}))[0] == sorted(CANONICAL)


@pytest.mark.parametrize(
    "content", [by_line(RECORDS), json.dumps(RECORDS), w3c(RECORDS, " "), json.dumps(IN_CLOUDWATCH)]
)
@pytest.mark.parametrize("role", ["message", "timestamp"])
def test_a_wrong_field_is_said_with_those_there_are(tmp_path: Path, content: str, role: str) -> None:
    """A field that no record has is named in one line, together with the fields that there are."""
    path = tmp_path / "delivered"
    path.write_text(content)
    lines, _, coverage = read(path, fields_of({role: "pay_load_x"}))
    (problem,) = coverage.problems
    assert isinstance(problem, WrongField)
    assert problem.where == str(path)
    assert "'pay_load_x'" in problem.what
    assert "resource_arn, event_timestamp, stage, payload" in problem.what
    assert f"--field {role}=NAME" in problem.tip
    assert not lines or role != "message"


def test_fields_of_records_leave_other_forms_alone(tmp_path: Path) -> None:
    """A log without records is read as ever, whatever was said of the fields of records."""
    path = tmp_path / "000000"
    path.write_text("".join(line + "\n" for line in CANONICAL))
    lines, _, coverage = read(path, fields_of({"message": "payload"}))
    assert (lines, coverage.problems) == (sorted(CANONICAL), [])


@pytest.mark.parametrize(
    ("said", "tip"), [({"mesage": "x"}, "did you mean message?"), ({"message": " "}, "message=NAME")]
)
def test_what_fields_can_be(said: dict[str, str], tip: str) -> None:
    """A role that there is not, and an empty name, are said at once."""
    with pytest.raises(UsageError) as caught:
        fields_of(said)
    assert tip in caught.value.tip


def test_names_that_look_like_a_role() -> None:
    """Time and request id are told by similar names too, never by those of something else."""
    found = candidates(("log_time", "ingestionTime", "context.requestId", "extendedRequestId", "latency"), Fields())
    assert found["timestamp"] == ("log_time",)
    assert found["request_id"] == ("context.requestId",)
    assert set(found) == set(ROLES)


def test_ids_from_a_column_cannot_pose_as_text(tmp_path: Path) -> None:
    """What stands in a field for the id is made safe: it opens no line and closes no bracket."""
    path = tmp_path / "delivered"
    path.write_text(by_line([{**APART[0], "requestId": f"a)\n{CANONICAL[0]}"}]))
    (line,) = read(path)[0]
    assert line.startswith(f"{STAMPS[0]} (a-2026-")
    assert ARN not in line
