"""Parquet holds the request table with its types, masked, and what was read."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import loganalyzer as la
from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from loganalyzer.reports import parquet
from loganalyzer.reports.report import Report
from loganalyzer.reports.selection import tally
from loganalyzer.simulate import simulate
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, SUCCEEDED, TORN, coverage

REQUESTS = [FAILED, ANSWERED, DENIED, CUT_SHORT, SUCCEEDED]
ROOT = Path(__file__).parents[2]


def written(requests: list[Request], *, redacted: bool = True) -> io.BytesIO:
    """The file that is written of some requests."""
    file = io.BytesIO()
    report = Report(coverage(**TORN), tally(requests), lambda: requests, ("method GET",), redacted=redacted)
    parquet.write_parquet(report, file)
    return file


def test_columns_have_their_types() -> None:
    """Times are milliseconds in UTC, numbers whole, lists lists of text, and all else text."""
    types = {str(field.name): str(field.type) for field in pq.read_schema(written(REQUESTS))}
    assert list(types) == [field.name for field in fields(Request)]
    assert types["first_seen"] == "timestamp[ms, tz=UTC]"
    assert types["status"] == "int64"
    assert types["evidence"].startswith("list<")
    assert types["path"] == "string"


def test_values_are_those_of_the_requests() -> None:
    """Every value comes back, None as null, also in a file of several batches."""
    many = [replace(request, request_id=f"{number}") for number in range(2_500) for request in REQUESTS]
    rows = pq.read_table(written(many, redacted=False)).to_pylist()
    assert len(rows) == len(many)
    for row, request in zip(rows[-5:], many[-5:], strict=True):
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in row.items()
        }
        assert Request(**values) == request


def test_it_equals_the_table_of_the_analysis(tmp_path: Path) -> None:
    """What pandas reads back of a file without masks is ``analysis.requests``, types and all."""
    analysis = la.analyze(simulate(tmp_path / "export", requests=300, failures=0.5, odd_ids=True))
    report = Report(analysis.coverage, analysis.summary(), lambda: analysis.records(everything=True), redacted=False)
    with (tmp_path / "requests.parquet").open("wb") as file:
        parquet.write_parquet(report, file)
    frame, expected = pd.read_parquet(tmp_path / "requests.parquet"), analysis.requests
    for name in ("alternatives", "evidence", "reasons"):
        frame[name] = frame[name].map(list)  # lists come as arrays of numpy
    pd.testing.assert_frame_equal(frame, expected)


@pytest.mark.parametrize("redacted", [True, False])
def test_batches_make_the_same_file(tmp_path: Path, redacted: bool) -> None:
    """Column by column the file holds what it holds one by one."""
    analysis = la.analyze(simulate(tmp_path / "export", requests=300, failures=0.3, odd_ids=True))
    report = Report(analysis.coverage, analysis.summary(), lambda: analysis.records(everything=True), redacted=redacted)
    tables = []
    for one in (report, replace(report, batches=lambda mask: analysis.batches(everything=True, mask=mask))):
        file = io.BytesIO()
        parquet.write_parquet(one, file)
        tables.append(pq.read_table(file))
    assert tables[0].num_rows == len(list(analysis.records(everything=True)))
    assert tables[0].equals(tables[1], check_metadata=True)


def test_it_has_the_columns_of_other_logs(tmp_path: Path) -> None:
    """Where other logs were read beside, the file has their columns, and pandas reads back the same table."""
    out = simulate(tmp_path / "export", requests=300, failures=0.5, lambda_logs=True, access_logs=True)
    analysis = la.analyze(
        out / "exportedlogs", lambda_logs=str(out / "lambda-logs"), access_logs=out / "access-logs", successes=False
    )
    report = Report(
        analysis.coverage, analysis.summary(), lambda: analysis.records(everything=True), redacted=False,
        kind=analysis.row_type,
    )  # fmt: skip
    with (tmp_path / "requests.parquet").open("wb") as file:
        parquet.write_parquet(report, file)
    frame, expected = pd.read_parquet(tmp_path / "requests.parquet"), analysis.requests
    for name in ("alternatives", "evidence", "reasons"):
        frame[name] = frame[name].map(list)
    assert frame["access_status"].notna().any() and frame["lambda_duration_ms"].notna().any()
    pd.testing.assert_frame_equal(frame, expected)


def test_without_a_request_the_types_stay() -> None:
    """A file of no request has the columns all the same."""
    assert pq.read_table(written([])).schema == pq.read_table(written(REQUESTS)).schema.with_metadata(None)


def test_secrets_are_masked_and_nothing_else_changes() -> None:
    """Secrets are masked unless they are to be shown; formulas and control characters stay what they are."""
    leaky = replace(FAILED, evidence=("token=top-secret-1",), path="=1+1\x1b[2J\ud800", resource="")
    (row,) = pq.read_table(written([leaky])).to_pylist()
    assert "top-secret" not in str(row)
    assert row["path"] == "=1+1\x1b[2J?"
    (shown,) = pq.read_table(written([leaky], redacted=False)).to_pylist()
    assert shown["evidence"] == ["token=top-secret-1"]


def test_coverage_goes_with_the_file() -> None:
    """What was read, what was not, the counts and the filters stand in the metadata, masked."""
    told = pq.read_schema(written(REQUESTS)).metadata
    assert told[b"loganalyzer.schema"] == b"loganalyzer/1"
    assert json.loads(told[b"loganalyzer.coverage"])["problems"][0]["where"] == "b.gz"
    assert b"abcdef" not in told[b"loganalyzer.coverage"]
    summary = json.loads(told[b"loganalyzer.summary"])
    assert (summary["requests"], summary["filters"]) == (5, ["method GET"])


def test_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed, one line says what to install."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(UsageError) as caught:
        parquet.demand_pyarrow()
    assert caught.value.tip == "install 'loganalyzer[parquet]'"


def test_the_command_writes_it_without_pandas(tmp_path: Path) -> None:
    """``--format parquet`` writes a file, or standard output, in a process that does not import pandas."""
    code = (
        "import sys\nfrom loganalyzer.cli import main\n"
        "try:\n    main(['analyze', '--format', 'parquet', *sys.argv[1:], 'fixtures/captures/error.log'])\n"
        "except SystemExit as end:\n    print(end.code, 'pandas' in sys.modules, file=sys.stderr)"
    )
    target = tmp_path / "requests.parquet"
    for arguments in ([], ["-o", str(target)]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, check=True, cwd=ROOT, timeout=120
        )
        assert done.stderr == b"0 False\n"
        table = pq.read_table(pa.BufferReader(done.stdout) if not arguments else target)
        assert table.num_rows > 10
    assert list(tmp_path.iterdir()) == [target]
