"""``loganalyzer analyze --engine insights``, as a shell runs it, with a CloudWatch Logs on loopback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from loganalyzer.errors import UsageError
from loganalyzer.insights import count_requests
from loganalyzer.simulate import make_requests
from tests.aws import CloudWatch
from tests.cli.conftest import Run
from tests.live import point_at

NAME = "API-Gateway-Execution-Logs_abcde12345/prod"
COUNT = ("analyze", "--engine", "insights", "--log-group", NAME)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[CloudWatch]:
    """An account with a group of some traffic of the last hour."""
    with CloudWatch() as cloud:
        point_at(monkeypatch, cloud.url)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        now = int(time.time() * 1000)
        events = []
        for number, request in enumerate(make_requests(60, seed=4, level="trace", failures=0.4, start=now - 3_000_000)):
            said = zip(request.times, request.messages, strict=True)
            events += [(at + number * 10_000, f"({request.truth.request_id}) {message}") for at, message in said]
        cloud.group(NAME, region="us-east-1", created=now - 86_400_000).put(sorted(events, key=lambda event: event[0]))
        yield cloud


def test_counts_are_reported(run: Run, aws: CloudWatch) -> None:
    """The price is said first; then counts by category, stage and route, what is a candidate, and whole examples."""
    refused = run(*COUNT)
    assert refused.exit_code == 2
    assert "AWS bills by what it scans" in refused.stderr
    assert not refused.stdout
    assert aws.insights.billed == 0
    done = run(*COUNT, "--max-cost", "0.5")
    assert done.exit_code == 0, done.stderr
    assert "of 60 requests failed" in done.stdout
    for part in (
        "What failed",
        "Where they stopped",
        "On which routes",
        "only a candidate",
        "example",
        "What was read",
    ):
        assert part in done.stdout
    assert "Logs Insights scanned" in done.stdout


def test_counts_for_programs(run: Run, aws: CloudWatch) -> None:
    """JSON holds what the page shows: every kind with its candidates, the totals, the price."""
    told = json.loads(run(*COUNT, "--yes", "--format", "json").stdout)
    assert told["schema"] == "loganalyzer-insights/1"
    assert told["summary"]["requests"] == 60 == sum(one["requests"] for one in told["counted"])
    failing = [one for one in told["counted"] if one["category"]]
    assert sum(told["summary"]["by_category"].values()) == sum(one["requests"] for one in failing)
    assert told["scanned_bytes"] > 0
    assert {one["request_id"] for one in told["examples"]} <= {one["example"] for one in failing}


def test_from_python(aws: CloudWatch) -> None:
    """A notebook counts in one call, at a price that it allows."""
    with pytest.raises(UsageError, match="costs money"):
        count_requests(log_group=NAME)
    counts = count_requests(log_group=NAME, max_cost=0.5, examples=2)
    assert counts.requests == 60
    assert counts.examples is not None
    assert counts.examples.summary().requests == 2


@pytest.mark.parametrize(
    "more",
    [
        ("exports/",),
        ("--all",),
        ("--method", "GET"),
        ("--format", "csv"),
        ("--fail-on", "any"),
        ("--access-logs", "access.log"),
    ],
)
def test_what_cannot_be_counted_is_refused(run: Run, more: tuple[str, ...]) -> None:
    """What a query cannot do is refused before AWS is asked."""
    done = run(*COUNT, *more)
    assert done.exit_code == 2
    assert "tip:" in done.stderr
    assert run("analyze", "--engine", "insights").exit_code == 2
