"""Fetching and analysing a live account, as a shell runs it, from a CloudWatch Logs on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.simulate import make_requests
from tests.aws import CloudWatch, Group
from tests.cli.conftest import Run
from tests.live import point_at

NAME = "API-Gateway-Execution-Logs_abcde12345/prod"
RARE = "API-Gateway-Execution-Logs_rarerare12/prod"
FAILED = 30


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """An account with a group of some traffic of the last hour, and the same in one of Infrequent Access."""
    with CloudWatch() as cloud:
        point_at(monkeypatch, cloud.url)
        monkeypatch.setenv("AWS_REGION", "us-east-1")  # where the quota is largest
        now = int(time.time() * 1000)
        for name, log_class in ((NAME, "STANDARD"), (RARE, "INFREQUENT_ACCESS")):
            _fill(cloud.group(name, region="us-east-1", created=now - 86_400_000, log_class=log_class), now)
        yield cloud


def _fill(group: Group, now: int) -> None:
    """Half an hour of requests, of which some fail; the last came in twenty minutes ago."""
    events = []
    for number, request in enumerate(make_requests(150, seed=11, level="info", failures=0.3, start=now - 3_000_000)):
        said = zip(request.times, request.messages, strict=True)
        events += [(at + number * 8_000, f"({request.truth.request_id}) {message}") for at, message in said]
    group.put(sorted(events, key=lambda event: event[0]))


def test_fetch_and_analyze(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """What is about to be read is said; the directory is named on standard output, and analyze reads it."""
    out = tmp_path / "logs"
    done = run("fetch", "--api", "abcde12345", "--stage", "prod", "--since", "1h", "--out", str(out))
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{out / 'API-Gateway-Execution-Logs_abcde12345@prod'}\n"
    assert "by FilterLogEvents: free of charge, limited to 25 calls/s in us-east-1" in done.stderr
    assert "0 events" not in done.stderr
    found = run("analyze", str(out))
    assert "requests failed (" in found.stdout
    assert "CloudWatch Logs" in found.stdout
    before = aws.desk.calls["FilterLogEvents"]
    again = run("fetch", "--api", "abcde12345", "--stage", "prod", "--since", "1h", "--out", str(out))
    assert again.exit_code == 0
    assert aws.desk.calls["FilterLogEvents"] - before < before


def test_analyze_a_live_api(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """An API is fetched into the cache and analysed; the second time only what is young is read."""
    command = ("analyze", "--api", "abcde12345", "--format", "csv", "--cache-dir", str(tmp_path))
    first = run(*command)
    assert first.exit_code == 0, first.stderr
    assert first.stdout.count("\n") > FAILED
    assert "Fetching the last hour; --since looks further back." in first.stderr
    before = aws.desk.calls["FilterLogEvents"]
    assert run(*command).stdout == first.stdout
    assert aws.desk.calls["FilterLogEvents"] - before < before
    told = run("cache", "info", "--cache-dir", str(tmp_path))
    assert told.stdout.startswith(f"{NAME}  us-east-1  123456789012\n")
    (tmp_path / "mine.txt").write_text("mine")
    assert "removed from" in run("cache", "clear", "--cache-dir", str(tmp_path)).stderr
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_live_and_stored_logs_together(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """An ARN is fetched, a path is read, and both are one analysis."""
    (tmp_path / "old.log").write_text(
        "2026-11-02T09:00:00.000Z (old-request) Execution failed due to a timeout error\n"
        "2026-11-02T09:00:00.001Z (old-request) Method completed with status: 504\n"
    )
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{NAME}"
    done = run("analyze", arn, str(tmp_path / "old.log"), "--format", "csv", "--cache-dir", str(tmp_path / "cache"))
    assert done.exit_code == 0, done.stderr
    assert "old-request" in done.stdout
    assert done.stdout.count("\n") > FAILED


def test_failures_only(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """The same failures are named as by a whole fetch, but for those that this mode cannot see, and no rate is said."""
    cache = ("--cache-dir", str(tmp_path), "--api", "abcde12345")
    whole, only = (run("analyze", *cache, *more, "--format", "csv").stdout for more in ((), ("--failures-only",)))
    seen = {line.split(",")[0] for line in only.splitlines()}
    unseen = [line for line in whole.splitlines() if line.split(",")[0] not in seen]
    assert all(",INCOMPLETE," in line or ",ACCESS_DENIED," in line or ",200," in line for line in unseen)
    told = run("analyze", *cache, "--failures-only").stdout
    assert "Nothing else was fetched, so there is no failure rate." in told
    assert "only requests that failed were fetched" in " ".join(told.split())


def test_insights_is_not_billed_unasked(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """A group of Infrequent Access is read if its price is allowed, and not before."""
    command = ("fetch", "--log-group", RARE, "--since", "1h", "--out", str(tmp_path))
    refused = run(*command)
    assert refused.exit_code == 2
    assert "which AWS bills by what it scans" in refused.stderr
    assert aws.insights.billed == 0
    done = run(*command, "--max-cost", "0.5")
    assert done.exit_code == 0, done.stderr
    assert "loses the order within a millisecond" in done.stderr


def test_insights_reads_the_whole_log(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """Insights costs as much for failures alone: all is read, and nothing is said to be left out."""
    command = ("analyze", "--log-group", RARE, "--since", "1h", "--cache-dir", str(tmp_path), "--yes")
    only = run(*command, "--failures-only")
    assert only.exit_code == 0, only.stderr
    assert "Nothing else was fetched" not in only.stdout
    billed = aws.insights.billed
    whole = run(*command)
    assert whole.stdout.splitlines()[0] == only.stdout.splitlines()[0]
    assert aws.insights.billed < 2 * billed


def test_what_cannot_be_had(run: Run, aws: CloudWatch, tmp_path: Path) -> None:
    """A permission that is missing is named with what to do; a limit that ends the fetch makes it incomplete."""
    command = ("fetch", "--api", "abcde12345", "--since", "1h", "--out", str(tmp_path))
    part = run(*command, "--max-bytes", "1k", "--strict")
    assert part.exit_code == 2
    assert "1.0 kB are allowed" in part.stderr
    aws.deny("logs:FilterLogEvents")
    refused = run(*command)
    assert refused.exit_code == 5
    assert "logs:FilterLogEvents is not permitted" in refused.stderr
    assert "loganalyzer policy" in refused.stderr
    unread = run("analyze", str(tmp_path))
    assert unread.exit_code == 3
    assert "logs:FilterLogEvents is not permitted" in unread.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing is named to be fetched"),
        (("shop",), "'shop' is no URL and no ARN"),
        (("--api", "abcde12345", "--max-bytes", "much"), "'much' is no size"),
        (("--api", "abcde12345", "--since", "1h", "--until", "2h"), "the window to fetch is empty"),
    ],
)
def test_arguments_that_make_no_sense(
    run: Run, aws: CloudWatch, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    """Each is one line that says what is wrong, and exit code 2."""
    done = run("fetch", *arguments, "--out", str(tmp_path))
    assert (done.exit_code, said in done.stderr) == (2, True), done.stderr


def test_from_python(aws: CloudWatch, tmp_path: Path) -> None:
    """A notebook fetches in one line and analyses what it got."""
    logs = la.fetch(api="abcde12345", stage="prod", since="1h", out=tmp_path)
    assert logs.events > 500
    assert repr(logs).startswith("<Fetched: 1 group, ")
    assert la.analyze(logs).summary().failed > FAILED
    failures = la.fetch(log_group=NAME, since="1h", out=tmp_path, failures_only=True)
    assert la.analyze(failures).coverage.failures_only
    with pytest.raises(la.LogAnalyzerError, match="costs money"):
        la.fetch(log_group=RARE, since="1h", out=tmp_path)
    with pytest.raises(la.LogAnalyzerError, match="no log group is named"):
        la.fetch(since="1h", out=tmp_path)


def test_successes_are_counted_within_the_window(aws: CloudWatch, tmp_path: Path) -> None:
    """Of what was fetched around the window nothing counts, be it that successes have rows or are only counted."""
    now = datetime.now(UTC)
    logs = la.fetch(log_group=NAME, since=now - timedelta(minutes=45), until=now - timedelta(minutes=40), out=tmp_path)
    whole, brief = (la.analyze(logs, successes=successes) for successes in (True, False))
    assert brief.summary() == whole.summary()
    assert list(brief.records()) == list(whole.records())
    assert brief.coverage.requests == whole.coverage.requests < la.analyze(tmp_path).coverage.requests
    assert brief.coverage.first_seen == whole.coverage.first_seen
    assert len(brief._found.table.successes) > 10
