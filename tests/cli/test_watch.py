"""``loganalyzer watch`` as a shell runs it, on a CloudWatch Logs on loopback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.aws import CloudWatch, SimulatedTime
from tests.cli.conftest import Run
from tests.live import point_at

NAME = "API-Gateway-Execution-Logs_abcde12345/prod"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """An account in which one request is about to fail, in a time that passes when the watch waits."""
    time = SimulatedTime()
    monkeypatch.setattr("loganalyzer.fetcher.clock.WallClock", lambda: time)
    with CloudWatch(time=time) as cloud:
        point_at(monkeypatch, cloud.url)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        group = cloud.group(NAME, region="us-east-1")
        soon = int(time.now() * 1000) + 7_000
        group.put([
            (soon, "(a-1) Verifying Usage Plan for request: a-1. API Key: ****** API Stage: abcde12345/prod"),
            (soon, "(a-1) API Key ********x exceeded throttle limit for API Stage abcde12345/prod"),
            (soon, "(a-1) Method request headers: {Authorization=Bearer abcdefghijklmnop}"),
            (soon + 1, "(a-1) Method completed with status: 429"),
        ])  # fmt: skip
        yield cloud


def test_a_failure_for_people(run: Run, aws: CloudWatch) -> None:
    """A failed request is a few lines; the watch ends with the category that was awaited, and says what it saw."""
    done = run("watch", "--api", "abcde12345", "--until-category", "throttled")
    assert done.exit_code == 0, done.stderr
    first, second, third = done.stdout.splitlines()[:3]
    assert "  429  THROTTLED  stopped at USAGE_PLAN, confidence high" in first
    assert second.endswith("abcde12345/prod  a-1")
    assert third.startswith("  | API Key ")
    assert f"Watching {NAME}; Ctrl-C ends it." in done.stderr
    assert "Watched: 1 requests, 1 of them failed, 0 not over." in done.stderr


def test_a_failure_for_programs(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """Each failure is one JSON object, and a program gets it on its standard input, never through a shell."""
    script = tmp_path / "alert.py"
    script.write_text("import sys, pathlib\npathlib.Path(sys.argv[1]).write_text(sys.stdin.read())\n")
    told = tmp_path / "told; rm -rf nothing"
    program = f"{sys.executable} {script} '{told}'"
    done = run("watch", "--api", "abcde12345", "--format", "ndjson", "--exec", program, "--until-category", "THROTTLED")
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["request_id"], document["category"]) == ("a-1", "THROTTLED")
    assert json.loads(told.read_text()) == document


def test_a_program_that_fails_does_not_end_it(run: Run, aws: CloudWatch) -> None:
    """What goes wrong with the program is said, and the watch goes on."""
    done = run("watch", "--api", "abcde12345", "--exec", "/no/such/program", "--until-category", "THROTTLED")
    assert done.exit_code == 0
    assert "--exec /no/such/program:" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing is named to be watched"),
        (("shop",), "is no URL and no ARN"),
        (("--api", "abcde12345", "--until-category", "NOPE"), "is no category"),
        (("--api", "abcde12345", "--exec", "'"), "--exec"),
    ],
)
def test_arguments_that_make_no_sense(run: Run, aws: CloudWatch, arguments: tuple[str, ...], said: str) -> None:
    """Each is one line that says what is wrong, and exit code 2."""
    done = run("watch", *arguments)
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_interrupted(aws: CloudWatch) -> None:
    """Ctrl-C ends a watch at once, with what it saw and without a traceback."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "loganalyzer", "watch", "--api", "abcde12345"]
    watching = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watching.stderr is not None
    assert any(line.startswith(f"Watching {NAME}") for line in watching.stderr)
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert "Watched: " in said
    assert "Traceback" not in said
