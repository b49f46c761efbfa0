"""Parquet of log delivery, Athena or anybody gives its events, in flat memory, and says what it lacks."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loganalyzer.coverage import Coverage
from loganalyzer.formats import Input, fields_of, find_inputs
from loganalyzer.formats.losses import ORDER
from tests.formats.delivered import ARN, CANONICAL, EVENTS, FAILED, GROUP, ONE, RECORDS, T0

MESSAGES = [record["payload"] for record in RECORDS]
MS = [time for time, _, _ in EVENTS]


def written(table: pa.Table, **settings: Any) -> bytes:
    """A Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file, **settings)
    return file.getvalue()


def read(path: Path, content: bytes, said: dict[str, str] | None = None) -> tuple[list[str], str, Coverage]:
    """The events in a file as canonical lines, their log group, and what was lost."""
    path.write_bytes(content)
    coverage = Coverage()
    (source,) = find_inputs([path], fields=fields_of(said))
    chunks = list(source.chunks(coverage))
    lines = b"".join(chunk.text for chunk in chunks).decode("utf-8", "replace").splitlines()
    return sorted(lines), chunks[0].origin.group if chunks else "", coverage


def times(unit: str, zone: str | None) -> pa.Array:
    """The times of the events, as Parquet may hold them."""
    scale = {"s": 1, "ms": 1, "us": 1_000, "ns": 1_000_000}[unit]
    return pa.array([ms * scale for ms in MS], pa.timestamp(unit, zone))


COLUMNS: dict[str, dict[str, Any]] = {
    "log delivery": {
        "resource_arn": [ARN] * len(MS),
        "event_timestamp": MS,
        "stage": ["prod"] * len(MS),
        "payload": MESSAGES,
    },
    "milliseconds in UTC": {"timestamp": times("ms", "UTC"), "message": MESSAGES},
    "microseconds without a zone": {"timestamp": times("us", None), "message": MESSAGES},
    "nanoseconds in Tokyo": {"timestamp": times("ns", "Asia/Tokyo"), "message": MESSAGES},
    "times as text": {"time": [line.split(" ")[0] for line in CANONICAL], "message": MESSAGES},
    "seconds as floats": {"time": [ms / 1000 for ms in MS], "message": MESSAGES},
    "columns of categories": {"timestamp": MS, "message": pa.array(MESSAGES).dictionary_encode()},
    "columns of bytes": {"timestamp": MS, "message": pa.array([text.encode() for text in MESSAGES], pa.binary())},
    "large text": {"timestamp": MS, "message": pa.array(MESSAGES, pa.large_string())},
    "ids apart": {
        "time": MS,
        "request_id": [request_id for _, request_id, _ in EVENTS],
        "msg": [message for _, _, message in EVENTS],
    },
    "a struct": {"time": MS, "record": [{"n": 1, "text": text} for text in MESSAGES]},
    "columns of no known name": {"body": MESSAGES, "level": ["INFO"] * len(MS), "log_time": MS},
    "names in text that is no message": {"message": ["x"] * len(MS), "body": MESSAGES, "time": MS},
    "events of CloudWatch": {
        "timestamp": MS[::-1],
        "message": MESSAGES[::-1],
        "eventId": [str((ms << 144) + number) for number, ms in enumerate(MS)][::-1],
    },
}


@pytest.mark.parametrize("columns", COLUMNS.values(), ids=list(COLUMNS))
def test_columns_of_every_type(tmp_path: Path, columns: dict[str, Any]) -> None:
    """Messages, times and ids are found by name and by what they hold, whatever type their columns have."""
    lines, group, coverage = read(tmp_path / "x", written(pa.table(columns), row_group_size=3))
    assert lines == sorted(CANONICAL)
    assert group == (GROUP if "resource_arn" in columns else "")
    assert (coverage.problems, coverage.unknown_lines.count) == ([], 0)


def test_gzip_around_parquet(tmp_path: Path) -> None:
    """A layer around the file comes off."""
    assert read(tmp_path / "x.gz", gzip.compress(written(pa.table(COLUMNS["log delivery"]))))[0] == sorted(CANONICAL)


def test_rows_of_insights(tmp_path: Path) -> None:
    """Rows that Insights gave have lost their order within a millisecond, and it is said."""
    frame = {"timestamp": times("ms", None), "message": MESSAGES, "ptr": ["x"] * len(MS)}
    lines, _, coverage = read(tmp_path / "x", written(pa.table(frame).take(list(range(len(MS)))[::-1])))
    assert lines == sorted(CANONICAL)
    assert coverage.notes == [ORDER]


def test_empty_cells_and_foreign_rows(tmp_path: Path) -> None:
    """A row without a message is none, one of another log is counted, one without a time has none."""
    table = pa.table(
        {"time": [T0, None, T0, T0], "message": [None, f"({ONE}) {FAILED}", "START RequestId: 1", "hello"]}
    )
    lines, _, coverage = read(tmp_path / "x", written(table))
    assert lines == [f"- ({ONE}) {FAILED}"]
    assert coverage.unknown_lines.count == 2


def test_text_that_is_no_utf8(tmp_path: Path) -> None:
    """Bytes that are no text are kept."""
    column = pa.array([f"({ONE}) {FAILED}".encode() + b" \xff"], pa.binary())
    (tmp_path / "x").write_bytes(written(pa.table({"time": [T0], "message": column})))
    (source,) = find_inputs([tmp_path / "x"])
    assert b"".join(chunk.text for chunk in source.chunks(Coverage())).endswith(b"response \xff\n")


PROBLEMS: dict[str, tuple[bytes, dict[str, str], str, str]] = {
    "no messages": (written(pa.table({"a": [1], "b": ["x"]})), {}, "the fields are a, b", "--field message=NAME"),
    "a wrong field": (
        written(pa.table(COLUMNS["log delivery"])),
        {"message": "text"},
        "no field 'text' for the message: the fields are resource_arn, event_timestamp, stage, payload",
        "--field message=NAME",
    ),
    "damage": (written(pa.table(COLUMNS["log delivery"]))[:-40], {}, "the Parquet file is damaged", "download"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said", "what", "tip"), PROBLEMS.values(), ids=list(PROBLEMS))
def test_what_is_wrong_is_one_line(tmp_path: Path, content: bytes, said: dict[str, str], what: str, tip: str) -> None:
    """A file without messages, a wrong field and damage are each one problem that says what to do."""
    lines, _, coverage = read(tmp_path / "x", content, said)
    (problem,) = coverage.problems
    assert lines == []
    assert what in problem.what
    assert "\n" not in problem.what
    assert tip in problem.tip


def test_a_field_is_said(tmp_path: Path) -> None:
    """The user's word on a column is taken."""
    columns = {"when": times("us", "UTC"), "said": MESSAGES, "message": ["Method completed with status: 200"] * len(MS)}
    said = {"message": "said", "timestamp": "when"}
    assert read(tmp_path / "x", written(pa.table(columns)), said)[0] == sorted(CANONICAL)


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed, one line says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    _, _, coverage = read(tmp_path / "x", written(pa.table(COLUMNS["log delivery"])))
    (problem,) = coverage.problems
    assert "pyarrow" in problem.what
    assert problem.tip == "install 'loganalyzer[parquet]'"


def test_memory_is_flat_and_pandas_is_not_needed(tmp_path: Path) -> None:
    """One row group of 40 MB is read in far less memory, by a process that does not import pandas."""
    many = 200_000
    body = "Method request body before transformations: " + "x" * 150
    table = pa.table({"timestamp": list(range(T0, T0 + many)), "message": [f"({ONE}) {body}"] * many})
    path = tmp_path / "big.parquet"
    pq.write_table(table, path, row_group_size=many, use_dictionary=False)
    code = (
        "import sys\nimport pyarrow as pa\n"
        "from loganalyzer.formats import find_inputs\nfrom loganalyzer.coverage import Coverage\n"
        f"(source,) = find_inputs([{str(path)!r}])\n"
        "print(sum(chunk.text.count(b'\\n') for chunk in source.chunks(Coverage())))\n"
        "print('pandas' in sys.modules, pa.default_memory_pool().max_memory() < 20e6)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.split() == [str(many), "False", "True"]


def test_an_input_of_parquet_reads_the_same_again(tmp_path: Path) -> None:
    """A second look sees the same text at the same places."""
    (tmp_path / "x").write_bytes(written(pa.table(COLUMNS["events of CloudWatch"])))
    source: Input = find_inputs([tmp_path / "x"])[0]
    assert [chunk.text for chunk in source.chunks(Coverage())] == [chunk.text for chunk in source.chunks(Coverage())]
    assert datetime.fromtimestamp(T0 / 1000, UTC).year == 2026
