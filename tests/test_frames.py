"""DataFrames of events are read like files: whatever their columns are called, and however they hold time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import loganalyzer as la
from loganalyzer.errors import NothingReadable, UsageError
from tests.formats.delivered import ARN, CANONICAL, EVENTS, ONE, RECORDS, STAMPS, TWO

MESSAGES = [record["payload"] for record in RECORDS]
MS = [time for time, _, _ in EVENTS]
UTC = pd.to_datetime(pd.Series(MS), unit="ms", utc=True)
IDS = [str((ms << 144) + number) for number, ms in enumerate(MS)]
SPACED = [stamp[:-1].replace("T", " ") for stamp in STAMPS]

FRAMES: dict[str, dict[str, Any]] = {
    "Insights": {"@timestamp": SPACED[::-1], "@message": MESSAGES[::-1], "@logStream": "0f1e", "@ptr": "x"},
    "Insights through awswrangler": {"timestamp": UTC.dt.tz_localize(None), "message": MESSAGES, "ptr": "x"},
    "CloudWatch": {
        "timestamp": MS,
        "message": MESSAGES,
        "ingestionTime": [ms + 3000 for ms in MS],
        "eventId": IDS,
        "logStreamName": "0f1e",
    },
    "CloudWatch, newest first": {"timestamp": MS[::-1], "message": MESSAGES[::-1], "eventId": IDS[::-1]},
    "times in a zone": {"time": UTC.dt.tz_convert("Asia/Tokyo"), "message": MESSAGES},
    "times in nanoseconds": {"time": UTC.dt.as_unit("ns"), "message": MESSAGES},
    "times as objects": {"time": pd.Series([stamp.to_pydatetime() for stamp in UTC], dtype=object), "body": MESSAGES},
    "times as floats": {"timestamp": [float(ms) for ms in MS], "message": MESSAGES},
    "times as text": {"timestamp": STAMPS, "message": MESSAGES},
    "messages as categories": {"timestamp": MS, "message": pd.Categorical(MESSAGES)},
    "messages as bytes": {"timestamp": MS, "message": [text.encode() for text in MESSAGES]},
    "ids apart": {"timestamp": MS, "requestId": [i for _, i, _ in EVENTS], "message": [m for *_, m in EVENTS]},
    "records of log delivery": {
        "resource_arn": ARN,
        "event_timestamp": MS,
        "stage": "prod",
        "payload": MESSAGES,
    },
}


@pytest.mark.parametrize("columns", FRAMES.values(), ids=list(FRAMES))
def test_events_in_frames(columns: dict[str, Any]) -> None:
    """Every kind of frame gives the same requests with the same times and diagnoses."""
    analysis = la.analyze(pd.DataFrame(columns))
    assert analysis.coverage.events == len(CANONICAL)
    assert analysis.coverage.forms == {"DataFrame": 1}
    rows = analysis.requests
    assert rows["request_id"].tolist() == [ONE, TWO]
    assert rows["category"].tolist() == ["PROXY_INTEG_RESPONSE_INVALID"] * 2
    assert rows["first_seen"].tolist() == [UTC[0], UTC[1]]
    assert rows["duration_ms"].tolist() == [4, 3]
    assert rows["api_id"].tolist() == ["abcde12345" if "resource_arn" in columns else ""] * 2


def test_the_index_means_nothing_and_what_is_missing_is_left_out() -> None:
    """Repeated index values, repeated column names, NaN, NaT and None do no harm."""
    frame = pd.DataFrame({"timestamp": UTC.array, "message": MESSAGES, "x": 1}, index=[7] * len(MS))
    frame.columns = pd.Index(["timestamp", "message", "message"])
    frame.iloc[0, 0] = pd.NaT
    frame.iloc[1, 1] = None
    rows = la.analyze(frame).requests
    assert rows["request_id"].tolist() == [ONE, TWO]
    assert rows["first_seen"].tolist() == [UTC[2], UTC[4]]


def test_frames_and_paths_together(tmp_path: Path) -> None:
    """Several frames and files are one analysis; what they share counts as one request."""
    (tmp_path / "export").write_text("".join(line + "\n" for line in CANONICAL[:3]))
    first, second = pd.DataFrame(FRAMES["CloudWatch"])[:4], pd.DataFrame(FRAMES["times as text"])[4:]
    analysis = la.analyze(first, tmp_path / "export", second)
    assert analysis.coverage.forms == {"DataFrame": 2, "S3 export": 1}
    assert analysis.requests["status"].tolist() == [502, 502]


def test_timelines_of_frames() -> None:
    """The second look works for a frame too."""
    steps = la.analyze(pd.DataFrame(FRAMES["CloudWatch"])).timeline(ONE).steps
    assert [step.message for step in steps] == [message for _, request_id, message in EVENTS if request_id == ONE]


def test_columns_are_said() -> None:
    """The user's word on a column is taken."""
    frame = pd.DataFrame({"when": MS, "said": MESSAGES, "message": "Method completed with status: 200"})
    rows = la.analyze(frame, fields={"message": "said", "timestamp": "when"}).requests
    assert rows["status"].tolist() == [502, 502]


@pytest.mark.parametrize(
    ("frame", "fields", "said"),
    [
        ({"a": [1], "b": ["x"]}, {}, "no field holds messages of an execution log: the fields are a, b"),
        (FRAMES["CloudWatch"], {"message": "text"}, "there is no field 'text' for the message: the fields are"),
    ],
)  # fmt: skip
def test_a_frame_without_messages_is_said(frame: dict[str, Any], fields: dict[str, str], said: str) -> None:
    """Where no column holds messages, or not the one that was named, the columns are listed."""
    with pytest.raises(UsageError) as caught:
        la.analyze(pd.DataFrame(frame), fields=fields)
    assert caught.value.message.startswith(f"DataFrame: {said}")
    assert "fields={'message': 'NAME'}" in caught.value.tip


def test_a_frame_without_rows_is_said() -> None:
    """An empty frame is nothing to read."""
    with pytest.raises(NothingReadable) as caught:
        la.analyze(pd.DataFrame({"message": []}))
    assert caught.value.message == "DataFrame: it has no rows"


def test_what_is_no_source_is_said() -> None:
    """A list of paths, or what else cannot be read, is answered with what can."""
    with pytest.raises(UsageError) as caught:
        la.analyze(["a.log", "b.log"])  # type: ignore[arg-type]
    assert caught.value.message == "cannot read a list"
    assert "each as an argument of its own" in caught.value.tip


def test_other_processes_read_parquet_with_the_same_fields(tmp_path: Path) -> None:
    """What was said of fields goes along to worker processes."""
    for number in range(4):
        frame = pd.DataFrame({"when": MS, "said": MESSAGES, "message": "Method completed with status: 200"})
        frame[frame.index % 4 == number].to_parquet(tmp_path / f"{number}.parquet")
    analysis = la.analyze(tmp_path, jobs=2, fields={"message": "said", "timestamp": "when"})
    assert analysis.coverage.forms == {"Parquet": 4}
    assert analysis.requests["status"].tolist() == [502, 502]
