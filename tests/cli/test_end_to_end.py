"""The command on real text: a log in, the right answer out, and one clear line for everything that is no log."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]

THREW = "5f0c7a1e-3b1d-4e0a-9c55-0d2f7b6c1e90"
REFUSED = "6a1c7a1e-3b1d-4e0a-9c55-0d2f7b6c1e91"
WENT_WELL = "7b2c7a1e-3b1d-4e0a-9c55-0d2f7b6c1e92"
FUNCTION = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:shop/invocations"


def _request(request_id: str, path: str, *closing: str) -> list[str]:
    return [
        f"({request_id}) {message}"
        for message in (
            f"Extended Request Id: {request_id[:11]}MEf2g=",
            f"Verifying Usage Plan for request: {request_id}. API Key:  API Stage: a1b2c3d4e5/prod",
            "API Key  authorized because method 'POST /orders/{id}' does not require API Key. "
            "Request will not contribute to throttle or quota limits",
            "Usage Plan check succeeded for API Key  and API Stage a1b2c3d4e5/prod",
            f"Starting execution for request: {request_id}",
            f"HTTP Method: POST, Resource Path: {path}",
            "Method request path: {id=17}",
            "Method request query string: {access_token=open-sesame-1234}",
            "Method request headers: {Cookie=sid=open-sesame-5678, Host=api.example.com}",
            "Method request body before transformations: ",
            f"Endpoint request URI: {FUNCTION}",
            f"Sending request to {FUNCTION}",
            "Received response. Status: 200, Integration latency: 31 ms",
            *closing,
        )
    ]


LINES = [
    *_request(
        THREW,
        "/orders/17",
        "Lambda execution failed with status 200 due to customer function error: order 17 is gone. "
        "Lambda request id: 91d0b8a0-5a5a-4b4b-8c8c-123456789abc",
        "Method completed with status: 502",
    ),
    f"({REFUSED}) Extended Request Id: {REFUSED[:11]}MEf2g=",
    f"({REFUSED}) Verifying Usage Plan for request: {REFUSED}. API Key:  API Stage: a1b2c3d4e5/prod",
    f"({REFUSED}) Key throttle limit exceeded for RestApi a1b2c3d4e5, Stage prod, Resource x1y2z3, HttpMethod GET. "
    "Limit: 5.00 Burst: 2",
    f"({REFUSED}) Method completed with status: 429",
    *_request(WENT_WELL, "/orders/18", "Successfully completed execution", "Method completed with status: 200"),
]
LOG = "".join(f"2026-11-20T12:00:{n // 10:02d}.{n % 10}00Z {line}\n" for n, line in enumerate(LINES)).encode()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """An exported log with a function that threw, a throttled request and a good one."""
    path = tmp_path / "exports" / "stream" / "000000.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(LOG))
    return tmp_path / "exports"


def test_every_failed_request_is_named(run: Run, log: Path) -> None:
    """A downloaded export in, each failed request with category, stage and confidence out."""
    document = json.loads(run("analyze", "--format", "json", str(log)).stdout)
    named = {row["request_id"]: (row["category"], row["stopped_at"], row["confidence"]) for row in document["requests"]}
    assert named[THREW] == ("PROXY_INTEG_ERROR", "BACKEND", "high")
    assert named[REFUSED][:2] == ("THROTTLED", "USAGE_PLAN")
    assert len(named) == 2
    assert document["summary"]["requests"] == 3


def test_the_table_tells_cause_and_fix(run: Run, log: Path) -> None:
    """The default report says what happened, why, what to do, and shows the line that proves it."""
    told = run("analyze", str(log)).stdout
    for part in ("2 of 3 requests failed", "PROXY_INTEG_ERROR", "order 17 is gone", "cause", "fix", "What was read"):
        assert part in told


def test_standard_input_gives_the_same(run: Run, log: Path) -> None:
    """Piped in, plain or packed, the log gives the same requests."""
    from_file = json.loads(run("analyze", "--format", "json", str(log)).stdout)["requests"]
    for stdin in (LOG, gzip.compress(LOG)):
        assert json.loads(run("analyze", "--format", "json", stdin=stdin).stdout)["requests"] == from_file


@pytest.mark.parametrize("wanted", [THREW, THREW[:4], f"{THREW[:11]}MEf2g=", "91d0b8a0-5a5a-4b4b-8c8c-123456789abc"])
def test_trace_finds_a_request_by_any_of_its_ids(run: Run, log: Path, wanted: str) -> None:
    """Request id, its beginning, extended id and the Lambda request id lead to the same timeline."""
    result = run("trace", "--format", "json", wanted, str(log))
    document = json.loads(result.stdout)
    assert document["request"]["request_id"] == THREW
    assert next(step["message"] for step in document["steps"] if step["evidence"]).startswith("Lambda execution failed")


@pytest.mark.parametrize("arguments", [["analyze", "--all"], ["trace", "--full", THREW]])
def test_no_secret_leaves_unasked(run: Run, log: Path, arguments: list[str]) -> None:
    """Tokens and cookies of the log are in no output, in no format, unless --no-redact is given."""
    forms = ("table", "json") if arguments[0] == "trace" else ("table", "json", "ndjson", "csv")
    for form in forms:
        assert "open-sesame" not in run(*arguments, "--format", form, str(log)).stdout
    if arguments[0] == "trace":
        assert "open-sesame-5678" in run(*arguments, "--no-redact", str(log)).stdout


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", 3),
        (b'192.0.2.1 - - [20/Nov/2026:12:00:00 +0000] "GET /orders HTTP/1.1" 200 3 c6af9ac6\n' * 5, 3),
        (b"START RequestId: 91d0b8a0-5a5a-4b4b-8c8c-123456789abc Version: $LATEST\nEND RequestId: 91d0b8a0\n", 3),
        (bytes(range(256)) * 64, 3),
        (b"\x1f\x8b\x08\x00broken", 3),
    ],
)
def test_what_is_no_execution_log_is_one_line(run: Run, tmp_path: Path, content: bytes, code: int) -> None:
    """Empty files, other logs and junk end with one line, a tip and 3; never with a traceback."""
    path = tmp_path / "other.log"
    path.write_bytes(content)
    result = run("analyze", str(path))
    assert (result.exit_code, result.stdout) == (code, "")
    error, tip = result.stderr.splitlines()
    assert error.startswith(f"error: {path}: ")
    assert tip.startswith("tip: ")


def test_missing_paths_and_ids_are_one_line(run: Run, log: Path, tmp_path: Path) -> None:
    """A path that is not there is a usage error; an id that is not in the log is nothing found."""
    missing = run("analyze", str(tmp_path / "none"))
    assert (missing.exit_code, len(missing.stderr.splitlines())) == (2, 2)
    unknown = run("trace", "ffffffff", str(log))
    assert (unknown.exit_code, len(unknown.stderr.splitlines())) == (3, 2)


def test_one_bad_file_among_good_ones_is_in_the_coverage(run: Run, log: Path) -> None:
    """The good files are analysed, the loss is said, and --strict ends with 4."""
    (log / "stream" / "000001.gz").write_bytes(gzip.compress(LOG)[:-40])
    result = run("analyze", "--strict", str(log))
    assert result.exit_code == 4
    assert "PROXY_INTEG_ERROR" in result.stdout
    assert "000001.gz" in result.stdout


def test_analysing_loads_neither_pandas_nor_boto3(log: Path) -> None:
    """Tables, JSON and CSV do without pandas, and nothing asks AWS."""
    code = (
        "import sys\nfrom loganalyzer.cli import main\n"
        f"try:\n    main(['analyze', {str(log)!r}])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('pandas', 'boto3', 'botocore') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr == "[]\n"
    assert "PROXY_INTEG_ERROR" in done.stdout
