"""Other logs that do not fit: it is said what was joined and what was not, and nothing is guessed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loganalyzer import Analysis, LogAnalyzerError, analyze
from loganalyzer.model import CorrelatedRequest
from loganalyzer.simulate import simulate


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An account whose execution log is at INFO without data trace."""
    out = tmp_path_factory.mktemp("account") / "out"
    logs = {"lambda_logs": True, "access_logs": True}
    return simulate(out, requests=200, seed=4, level="info", failures=0.9, streams=1, **logs)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another account at the same time."""
    out = tmp_path_factory.mktemp("other") / "out"
    logs = {"lambda_logs": True, "access_logs": True}
    return simulate(out, requests=200, seed=5, level="info", failures=0.9, streams=1, **logs)  # type: ignore[arg-type]


def notes(analysis: Analysis) -> str:
    """What coverage says."""
    return " | ".join(analysis.coverage.notes)


def verdicts(analysis: Analysis) -> list[tuple[str, str, str]]:
    """What is said of each request."""
    return [(row.request_id, row.category, row.confidence) for row in analysis.records(everything=True)]


def test_logs_of_another_account_change_nothing(account: Path, other: Path) -> None:
    """Ids that do not match join nothing: no diagnosis changes, no request is added, and coverage says so."""
    alone = analyze(account / "exportedlogs", jobs=1)
    beside = analyze(
        account / "exportedlogs", lambda_logs=[other / "lambda-logs"], access_logs=[other / "access-logs"], jobs=1
    )
    assert verdicts(beside) == verdicts(alone)
    assert "its ids are of other requests" in notes(beside)
    assert "are they of the right functions" in notes(beside)


def test_logs_in_each_others_place(account: Path) -> None:
    """An access log is no Lambda log and the other way round: each is a problem, and nothing is joined."""
    alone = analyze(account / "exportedlogs", jobs=1)
    beside = analyze(
        account / "exportedlogs", lambda_logs=[account / "access-logs"], access_logs=[account / "lambda-logs"], jobs=1
    )
    assert verdicts(beside) == verdicts(alone)
    said = {problem.what for problem in beside.coverage.problems}
    assert said == {"this holds no REPORT of a Lambda function", "no line of this is one of an access log"}


def test_access_log_without_ids(account: Path, tmp_path: Path) -> None:
    """Lines without any id are counted and joined to nothing."""
    path = tmp_path / "access.json"
    path.write_text("".join(f'{{"status":"{status}","path":"/orders"}}\n' for status in (200, 401, 504)), "utf-8")
    analysis = analyze(account / "exportedlogs", access_logs=[path], jobs=1)
    assert "no line holds an id" in notes(analysis)
    assert all(isinstance(row, CorrelatedRequest) and row.access_status is None for row in analysis.records())


def test_the_log_of_one_function_settles_what_it_can(account: Path) -> None:
    """With the authorizer's log alone the authorizer's failures are settled; the rest is as it was."""
    analysis = analyze(
        account / "exportedlogs", lambda_logs=[account / "lambda-logs" / "shop-authorizer"], successes=False, jobs=1
    )
    rows = [row for row in analysis.records() if isinstance(row, CorrelatedRequest)]
    assert any(row.settled_by == "Lambda log" for row in rows if row.stopped_at == "AUTHORIZATION")
    assert not any(row.settled_by for row in rows if row.stopped_at != "AUTHORIZATION")


def test_live_logs_need_an_account(account: Path) -> None:
    """``auto`` is no path: where the execution log comes from files it says what to give instead."""
    with pytest.raises(LogAnalyzerError, match="auto needs a live account"):
        analyze(account / "exportedlogs", access_logs=["auto"])


def test_failures_at_another_time_are_left_out(account: Path, tmp_path: Path) -> None:
    """An access log of a whole day does not add the failures of hours that the execution log does not cover."""
    lines = [line for file in (account / "access-logs").rglob("*.gz") for line in _lines(file)]
    stray = {"requestId": "00000000-0000-4000-8000-0000000000aa", "status": "413", "responseType": "REQUEST_TOO_LARGE"}
    late = json.dumps({**stray, "requestTimeEpoch": "1793700000000"})
    path = tmp_path / "access.json"
    path.write_text("\n".join([*lines, late]), encoding="utf-8")
    analysis = analyze(account / "exportedlogs", access_logs=[path], jobs=1)
    assert "1 failures outside of the time" in notes(analysis)
    assert stray["requestId"] not in {row.request_id for row in analysis.records()}


def _lines(path: Path) -> list[str]:
    import gzip

    return [line.partition(" ")[2] for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def test_frames_have_plain_columns(account: Path) -> None:
    """The columns of other logs are there only if such were read, typed, in the order of the record."""
    alone = analyze(account / "exportedlogs", jobs=1).requests
    assert "lambda_duration_ms" not in alone.columns
    beside = analyze(
        account / "exportedlogs", lambda_logs=[account / "lambda-logs"], access_logs=[account / "access-logs"], jobs=1
    ).requests
    assert list(beside.columns[: len(alone.columns)]) == list(alone.columns)
    kinds = {"lambda_duration_ms": "Float64", "lambda_billed_ms": "Int64", "lambda_timed_out": "boolean"}
    assert {name: str(beside[name].dtype) for name in kinds} == kinds
    assert beside["lambda_duration_ms"].notna().any()
    assert beside["first_seen"].is_monotonic_increasing
