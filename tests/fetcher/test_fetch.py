"""Fetching over HTTP from a CloudWatch Logs that behaves as badly as the real one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from loganalyzer import analyze
from loganalyzer.errors import AwsError, UsageError
from loganalyzer.fetcher.fetch import fetch_groups, plan_groups
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.plan import Plan
from loganalyzer.fetcher.progress import Progress
from loganalyzer.fetcher.region import Options
from loganalyzer.formats.stored import Fetched, read_journal
from tests.aws import ACCOUNT, CloudWatch, SimulatedTime, Troubles
from tests.fetcher.logs import GROUP, HOUR, NAME, NOW, fetched, lines, log, numbers

TROUBLES = (
    Troubles(),
    Troubles(errors=5),
    Troubles(resets=7),
    Troubles(cut_bodies=7),
    Troubles(repeated=4),
    Troubles(stuck=4),
    Troubles(bad_tokens=6),
    Troubles(empty=3),
    Troubles(errors=11, resets=13, cut_bodies=17, repeated=7, stuck=8, bad_tokens=12, empty=5),
)


@pytest.mark.parametrize("troubles", TROUBLES, ids=Troubles.name)
def test_every_event_once_and_in_order(tmp_path: Path, troubles: Troubles) -> None:
    """Whatever goes wrong on the way, every event is stored once, in the order in which it was written."""
    with CloudWatch(time=SimulatedTime(), troubles=troubles) as aws:
        aws.group(NAME, events=log(8_000), page_events=150)
        one = fetched(aws, tmp_path, options=Options(piece_bytes=100_000))
    assert one.coverage.problems == []
    assert numbers(one.directories[0]) == list(range(8_000))
    assert all(troubles.met.values())


def test_stored_lines_are_canonical(tmp_path: Path) -> None:
    """A stored event is its time, its request id and its message; what continues it begins with a TAB."""
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME)
        group.put(
            [(NOW - HOUR, '(a-1) Method response body after transformations: {\r\n2026-11-02T00:00:00.000Z (b) "x"}')]
        )
        group.put([(NOW - HOUR + 5, "no request id")])
        one = fetched(aws, tmp_path)
    assert lines(one.directories[0]) == [
        "2026-11-02T10:46:40.000Z (a-1) Method response body after transformations: {",
        '\t2026-11-02T00:00:00.000Z (b) "x"}',
        "2026-11-02T10:46:40.005Z (-) no request id",
    ]


def test_files_are_private(tmp_path: Path) -> None:
    """Nobody else may read what was fetched: it is unmasked like its source."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(500))
        one = fetched(aws, tmp_path / "out")
    for path in [tmp_path / "out", *(tmp_path / "out").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert one.directories[0].name == "API-Gateway-Execution-Logs_abcde12345@prod"


def test_both_ends_are_inclusive(tmp_path: Path) -> None:
    """Events of the first and the last millisecond of the window are in it, their neighbours are not."""
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME)
        group.put([(NOW - HOUR + shift, f"(a) x #{shift}") for shift in (-1, 0, 1, 999, 1000, 1001)])
        one = fetched(aws, tmp_path, since=NOW - HOUR, until=NOW - HOUR + 1000, options=Options(margin=0))
    assert numbers(one.directories[0]) == [0, 1, 999, 1000]


def test_a_millisecond_larger_than_a_page(tmp_path: Path) -> None:
    """Events of one millisecond that fill many pages and outgrow a file keep their order, with tokens that go bad."""
    with CloudWatch(time=SimulatedTime(), troubles=Troubles(bad_tokens=40, stuck=5)) as aws:
        aws.group(NAME, events=log(3_000, burst=1_000), page_events=90)
        one = fetched(aws, tmp_path, options=Options(piece_bytes=20_000))
    assert numbers(one.directories[0]) == list(range(3_000))


def test_final_windows_are_never_fetched_again(tmp_path: Path) -> None:
    """A second fetch of settled windows makes no call; one of a longer time reads only what is new."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(2_000, start=NOW - 3 * HOUR, span=2 * HOUR), page_events=100)
        first = fetched(aws, tmp_path, since=NOW - 2 * HOUR, until=NOW - HOUR)
        assert fetched(aws, tmp_path, since=NOW - 2 * HOUR, until=NOW - HOUR).calls == 0
        longer = fetched(aws, tmp_path, since=NOW - 3 * HOUR, until=NOW - HOUR)
    assert numbers(longer.directories[0]) == list(range(2_000))
    assert first.events + longer.events == 2_000


def test_late_events_come_with_the_next_fetch(tmp_path: Path) -> None:
    """A window younger than the settling age is read anew, and then an event that came late is in it."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        group = aws.group(NAME)
        group.put([(NOW - 20 * 60_000, "(a) x #1"), (NOW - 5 * 60_000, "(a) x #2")])
        group.put([(NOW - 5 * 60_000 - 1, "(a) late #3")], visible=NOW + 60_000)
        before = fetched(aws, tmp_path)
        assert numbers(before.directories[0]) == [1, 2]
        assert any("still have been on their way" in note for note in before.coverage.notes)
        time.sleep(120)
        assert numbers(fetched(aws, tmp_path).directories[0]) == [1, 3, 2]
        time.sleep(900)
        settled = fetched(aws, tmp_path)
        assert settled.coverage.notes == []
        assert fetched(aws, tmp_path).calls == 0
    assert numbers(settled.directories[0]) == [1, 3, 2]


def test_a_year_of_little_log_takes_few_calls(tmp_path: Path) -> None:
    """A sparse year costs about as many calls as AWS makes of it, not one a minute."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(400, start=NOW - 365 * 24 * HOUR, span=364 * 24 * HOUR), scan_span=7 * 24 * HOUR)
        one = fetched(aws, tmp_path, since=NOW - 365 * 24 * HOUR)
    assert numbers(one.directories[0]) == list(range(400))
    assert one.calls < 80


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "eu-central-1"])
def test_the_quota_is_used_and_kept(tmp_path: Path, region: str) -> None:
    """On a dense window at least 90 % of the calls that the region allows are made, and none is throttled.

    Threads that share a simulated clock come a little late, so the server lets them catch up.
    """
    quota = {"us-east-1": 25, "eu-west-1": 10}.get(region, 5)
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        aws.limit("FilterLogEvents", rate=quota, burst=2 * quota)
        aws.group(NAME, region=region, events=log(20_000), page_events=100)
        fetched(aws, tmp_path, groups=(LogGroup(NAME, region, ACCOUNT),), options=Options(piece_bytes=300_000))
        calls = aws.desk.times["FilterLogEvents"]
    assert not aws.desk.throttled
    assert len(calls) / (calls[-1] - calls[0]) >= 0.9 * quota


def test_throttling_slows_down_and_does_not_end_it(tmp_path: Path) -> None:
    """Where somebody else uses most of the quota, the fetch takes longer and misses nothing."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.limit("FilterLogEvents", rate=1.5, burst=1)
        aws.group(NAME, events=log(6_000), page_events=100)
        one = fetched(aws, tmp_path)
    assert numbers(one.directories[0]) == list(range(6_000))
    assert aws.desk.throttled["FilterLogEvents"] > 0


def test_expired_events_are_said_to_be_missing(tmp_path: Path) -> None:
    """What the group's retention has dropped is named with its window, and not asked for."""
    group = LogGroup(NAME, "eu-central-1", ACCOUNT, retention_days=1)
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(300, start=NOW - 48 * HOUR, span=47 * HOUR), retention_days=1)
        one = fetched(aws, tmp_path, since=NOW - 48 * HOUR, groups=(group,))
        asked = [parameters["startTime"] for operation, parameters in aws.requests]
    (problem,) = one.coverage.problems
    assert problem.what == "has expired: the group keeps events for 1 days"
    assert "2026-10-31 11:45:40Z to 2026-11-01 11:46:40Z" in problem.where
    assert min(int(str(start)) for start in asked) == NOW - 24 * HOUR


def test_a_group_that_is_refused_is_in_the_coverage(tmp_path: Path) -> None:
    """One of several groups that cannot be read does not stop the others, and is named with its window."""
    missing = LogGroup("API-Gateway-Execution-Logs_gone/prod", "eu-central-1", ACCOUNT)
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(300))
        one = fetched(aws, tmp_path, groups=(missing, GROUP))
    assert numbers(one.directories[1]) == list(range(300))
    assert {problem.where.partition(",")[0] for problem in one.coverage.problems} == {missing.name}
    again = analyze(tmp_path).coverage
    assert {problem.where.partition(",")[0] for problem in again.problems} == {missing.name}


def test_nothing_but_refusals_is_an_error(tmp_path: Path) -> None:
    """A permission that is missing is named, with the exit code for AWS."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(300))
        aws.deny("logs:FilterLogEvents")
        with pytest.raises(AwsError, match="logs:FilterLogEvents is not permitted"):
            fetched(aws, tmp_path)


def test_a_budget_ends_the_fetch(tmp_path: Path) -> None:
    """No more is read than the bytes allowed, a page more or less; what is left is said, and can be had later."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(20_000), page_events=100)
        one = fetched(aws, tmp_path, options=Options(max_bytes=200_000, piece_bytes=50_000))
        assert 200_000 <= one.bytes < 320_000
        assert {problem.what for problem in one.coverage.problems} == {"was not read: --max-bytes was reached"}
        rest = fetched(aws, tmp_path)
    assert numbers(rest.directories[0]) == list(range(20_000))
    assert rest.coverage.problems == []


def test_going_on_after_a_failure(tmp_path: Path) -> None:
    """A fetch that AWS ends in the midst keeps what it has; the next one reads the rest and nothing twice."""
    seen: list[Progress] = []
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(10_000), page_events=100)

        def stop(progress: Progress) -> None:
            seen.append(progress)
            if progress.pages >= 60:
                aws.deny("logs:FilterLogEvents")

        part = fetched(aws, tmp_path, options=Options(piece_bytes=50_000), tell=stop)
        assert part.coverage.problems
        aws.denied.clear()
        kept = sum(window.events for window in read_journal(part.directories[0]).windows.values())
        rest = fetched(aws, tmp_path)
    assert 0 < kept < 10_000
    assert rest.events < 10_000 - kept + 2_000
    assert numbers(rest.directories[0]) == list(range(10_000))
    assert [progress.events for progress in seen] == sorted(progress.events for progress in seen)


def test_progress_ends_with_everything(tmp_path: Path) -> None:
    """The last that is told of a fetch is all of it, with nothing left to wait for."""
    seen: list[Progress] = []
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(2_000), page_events=100)
        fetched(aws, tmp_path, tell=seen.append)
    assert (seen[-1].share, seen[-1].events, seen[-1].seconds_left) == (1.0, 2_000, 0.0)
    assert seen[-1].bytes > 100_000


def test_two_fetches_do_not_share_a_directory(tmp_path: Path) -> None:
    """While one fetch writes to a directory another one is told to wait."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(300))

        def second(progress: Progress) -> None:
            with pytest.raises(UsageError, match="another fetch is writing"):
                fetched(aws, tmp_path)

        fetched(aws, tmp_path, tell=second)


def test_regions_side_by_side(tmp_path: Path) -> None:
    """Groups of the same name in two regions are kept apart and read together."""
    there = LogGroup(NAME, "us-east-1", ACCOUNT)
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(700))
        aws.group(NAME, region="us-east-1", events=log(900))
        one = fetched(aws, tmp_path, groups=(GROUP, there))
    assert [len(numbers(directory)) for directory in one.directories] == [700, 900]


def test_what_was_fetched_is_analysed(tmp_path: Path) -> None:
    """Requests of the window asked for are analysed, those of the margin around it are not; the group gives the API."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(600))
        one = fetched(aws, tmp_path, since=NOW - HOUR // 2, until=NOW - HOUR // 4)
    found = analyze(one)
    requests = found.requests
    assert 40 < len(requests) < 60
    assert set(requests["outcome"]) == {"succeeded"}
    assert set(requests["api_id"]) == {"abcde12345"}
    assert found.coverage.forms == {"CloudWatch Logs": found.coverage.files}
    assert isinstance(one, Fetched)
    assert len(analyze(tmp_path).requests) > len(requests)


def test_a_window_without_events_is_an_answer(tmp_path: Path) -> None:
    """A group that holds nothing in the window was looked at all the same."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME)
        found = analyze(fetched(aws, tmp_path))
    assert found.summary().requests == 0
    assert found.coverage.problems == []


def test_a_plan_reads_and_writes_nothing(tmp_path: Path) -> None:
    """What a fetch would read is told before, without a call and without a trace on the disk; afterwards it is less."""
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group(NAME, events=log(500))
        arguments = {"since": NOW - 2 * HOUR, "until": NOW - HOUR, "place": lambda group: tmp_path / "out"}
        plan = plan_groups([GROUP], **arguments, clock=aws.time)  # type: ignore[arg-type]
        assert not list(tmp_path.iterdir())
        assert not aws.desk.calls
        told: list[Plan] = []
        fetch_groups([GROUP], **arguments, clock=aws.time, agree=told.append,  # type: ignore[arg-type]
                     clients=lambda region: aws.client(region=region))  # fmt: skip
        after = plan_groups([GROUP], **arguments, clock=aws.time)  # type: ignore[arg-type]
    assert [part.spans for part in plan.parts] == [part.spans for part in told[0].parts]
    assert str(plan).startswith("Reading an unknown amount of 1 group by FilterLogEvents")
    assert str(after) == "All of that window is stored already; nothing is read."
    with pytest.raises(UsageError, match="no log group is named"):
        plan_groups([], **arguments)  # type: ignore[arg-type]
