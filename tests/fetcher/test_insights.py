"""Groups that refuse FilterLogEvents, read by Logs Insights over HTTP."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.fetch import fetch_groups
from loganalyzer.fetcher.insights import most_rows, time_of
from loganalyzer.fetcher.plan import Plan, consent
from loganalyzer.fetcher.region import Options
from loganalyzer.formats.losses import ORDER
from loganalyzer.formats.stored import Fetched
from tests.aws import CloudWatch, SimulatedTime, Troubles
from tests.fetcher.logs import GROUP, HOUR, NAME, NOW, fetched, lines, log, numbers

RARE = replace(GROUP, log_class="INFREQUENT_ACCESS", stored_bytes=2_000_000, created=NOW - 2 * HOUR)


def agreed(aws: CloudWatch, out: Path, plans: list[Plan], *, max_cost: float | None = None) -> Fetched:
    """Fetch a group whose class nobody knows beforehand; what is planned is noted."""

    def agree(plan: Plan) -> None:
        plans.append(plan)
        consent(plan, max_cost=max_cost)

    return fetch_groups(
        [replace(GROUP, stored_bytes=2_000_000, created=NOW - 2 * HOUR)],
        since=NOW - HOUR,
        until=NOW,
        place=lambda group: out,
        clients=lambda region: aws.client(region=region),
        clock=aws.time,  # type: ignore[arg-type]
        agree=agree,
    )


def test_a_group_of_infrequent_access(tmp_path: Path) -> None:
    """All its events are read by queries, which wait through their states; what that loses is said."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(5_000), log_class="INFREQUENT_ACCESS")
        one = fetched(aws, tmp_path, groups=(RARE,))
        assert fetched(aws, tmp_path, groups=(RARE,)).coverage.problems == []
    assert sorted(numbers(one.directories[0])) == list(range(5_000))
    assert [line[:24] for line in lines(one.directories[0])] == sorted(line[:24] for line in lines(one.directories[0]))
    assert ORDER in one.coverage.notes
    assert aws.desk.calls["FilterLogEvents"] == 0


def test_the_order_within_a_millisecond_is_the_usual_one(tmp_path: Path) -> None:
    """Rows of one millisecond stand in the order in which API Gateway says such sentences."""
    said = ("Extended Request Id: x=", "Starting execution for request: a", "HTTP Method: GET, Resource Path: /",
            "Successfully completed execution", "Method completed with status: 200")  # fmt: skip
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME, log_class="INFREQUENT_ACCESS")
        group.put([(NOW - HOUR, f"(a) {text}") for text in said])
        one = fetched(aws, tmp_path, groups=(RARE,))
    assert [line.partition(") ")[2] for line in lines(one.directories[0])] == list(said)


def test_more_rows_than_a_query_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window with more rows than a query gives is read in parts, and little of it is billed twice."""
    monkeypatch.setattr("loganalyzer.fetcher.insights.MOST_ROWS", 1_000)
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME, events=log(9_500, span=1_800_000), log_class="INFREQUENT_ACCESS")
        one = fetched(aws, tmp_path, groups=(replace(RARE, stored_bytes=0),))
        size = sum(len(group.events[n].message) + 26 for n in range(9_500))
    assert sorted(numbers(one.directories[0])) == list(range(9_500))
    assert one.coverage.problems == []
    assert aws.insights.billed < 2.2 * size


def test_rows_come_in_pages(tmp_path: Path) -> None:
    """An answer of more than 10,000 rows is read to its last page."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(10_500), log_class="INFREQUENT_ACCESS")
        one = fetched(aws, tmp_path, groups=(replace(RARE, stored_bytes=0),))
    assert sorted(numbers(one.directories[0])) == list(range(10_500))


def test_more_rows_in_a_second_than_a_query_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second that no query can hold is named as lost, and what is before and after it is there."""
    monkeypatch.setattr("loganalyzer.fetcher.insights.MOST_ROWS", 100)
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME, log_class="INFREQUENT_ACCESS")
        group.put([(NOW - HOUR + n * 1_000, f"(a) before #{n}") for n in range(5)])
        group.put([(NOW - HOUR + 10_000, f"(b) dense #{n}") for n in range(100, 350)])
        group.put([(NOW - HOUR + n * 1_000, f"(a) after #{n}") for n in range(1_000, 1_005)])
        one = fetched(aws, tmp_path, groups=(RARE,))
    assert [number for number in numbers(one.directories[0]) if not 100 <= number < 350] == [
        0, 1, 2, 3, 4, 1_000, 1_001, 1_002, 1_003, 1_004]  # fmt: skip
    (problem,) = one.coverage.problems
    assert "more than 100 events in one second" in problem.what


@pytest.mark.parametrize("states", [("Failed",), ("Running", "Timeout"), ("Scheduled", "Cancelled")])
def test_a_query_that_ends_badly(tmp_path: Path, states: tuple[str, ...]) -> None:
    """A query that does not complete is asked again, then its window is missing; partial rows never count."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(100), log_class="INFREQUENT_ACCESS")
        aws.insights.states = states
        with pytest.raises(Exception, match=states[-1]):
            fetched(aws, tmp_path, groups=(RARE,))
        assert aws.desk.calls["StartQuery"] >= 3
        aws.insights.states = ("Complete",)
        one = fetched(aws, tmp_path, groups=(RARE,))
    assert sorted(numbers(one.directories[0])) == list(range(100))
    assert one.coverage.problems == []


def test_troubles_on_the_way(tmp_path: Path) -> None:
    """Errors and dropped connections lose nothing."""
    with CloudWatch(time=SimulatedTime(), troubles=Troubles(errors=4, resets=5, cut_bodies=6)) as aws:
        aws.group(NAME, events=log(3_000), log_class="INFREQUENT_ACCESS")
        one = fetched(aws, tmp_path, groups=(RARE,))
    assert sorted(numbers(one.directories[0])) == list(range(3_000))


def test_a_class_that_shows_only_when_asked(tmp_path: Path) -> None:
    """A group that refuses FilterLogEvents is read by Insights, after a plan of its own that says so."""
    plans: list[Plan] = []
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(1_000), log_class="INFREQUENT_ACCESS")
        with pytest.raises(UsageError, match="costs money"):
            agreed(aws, tmp_path, plans)
        assert aws.insights.billed == 0
        one = agreed(aws, tmp_path, plans, max_cost=0.1)
    assert [plan.is_billed for plan in plans] == [False, True, False, True]
    assert sorted(numbers(one.directories[0])) == list(range(1_000))
    assert one.coverage.problems == []


def test_queries_end_when_they_have_cost_enough(tmp_path: Path) -> None:
    """No query is begun once what was scanned has cost what is allowed; what is left is said."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(20_000), log_class="INFREQUENT_ACCESS")
        group = replace(RARE, stored_bytes=400_000_000)
        one = fetched(aws, tmp_path, groups=(group,), options=Options(max_cost=0.000_004, threads=1))
    assert {problem.what for problem in one.coverage.problems} == {"was not read: --max-cost was reached"}
    assert 0 < aws.insights.billed < 1_600_000


def test_times_of_rows() -> None:
    """A row's time is UTC to the millisecond."""
    assert time_of("2026-11-02 09:00:00.118") == 1_793_610_000_118
    assert time_of("") is None


def test_an_older_sdk_asks_for_fewer_rows() -> None:
    """One that does not know pages would silently stop at the first."""
    assert most_rows({"queryId": 0}) == 10_000
    assert most_rows({"queryId": 0, "nextToken": 0, "maxItems": 0}) == 100_000
