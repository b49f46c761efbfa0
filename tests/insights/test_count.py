"""Counting groups over HTTP: states and pages of queries, prices that somebody allowed, examples fetched whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.group import WEBSOCKET, LogGroup
from loganalyzer.fetcher.plan import Plan, consent
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.insights import Counts, count
from loganalyzer.simulate import make_requests
from tests.aws import ACCOUNT, CloudWatch, SimulatedTime, Troubles
from tests.insights.logs import HOUR, NAME, NOW

GROUP = LogGroup(NAME, "eu-central-1", ACCOUNT, stored_bytes=2_000_000, created=NOW - 2 * HOUR)


def filled(aws: CloudWatch, name: str = NAME, *, log_class: str = "STANDARD") -> dict[str, str]:
    """A group with some traffic of the last hour; the true category of each request."""
    truth, events = {}, []
    for number, request in enumerate(make_requests(60, seed=3, level="trace", failures=0.5, start=NOW - HOUR)):
        truth[request.truth.request_id] = request.truth.category
        said = zip(request.times, request.messages, strict=True)
        events += [(at + number * 20_000, f"({request.truth.request_id}) {message}") for at, message in said]
    aws.group(name, log_class=log_class).put(sorted(events, key=lambda event: event[0]))
    return truth


def count_in(aws: CloudWatch, groups: Sequence[LogGroup] = (GROUP,), *, max_cost: float | None = 1.0) -> Counts:
    """Count what is in some groups, at so much at most."""
    return count(
        groups,
        since=NOW - HOUR,
        until=NOW,
        clients=lambda region: aws.client(region=region),
        agree=lambda plan: consent(plan, max_cost=max_cost),
        clock=aws.time,  # type: ignore[arg-type]
    )


def test_a_group_is_counted_and_shown_by_examples() -> None:
    """Every request is counted once by one query; an example of each category is fetched whole and analysed."""
    with CloudWatch(time=SimulatedTime()) as aws:
        truth = filled(aws)
        counts = count_in(aws)
    assert counts.requests == len(truth)
    assert aws.desk.calls["StartQuery"] == 1
    assert counts.scanned == aws.insights.billed > 0
    assert counts.examples is not None
    shown = {one.request_id: one for one in counts.examples.records(everything=True)}
    kinds = {one.example: one for one in counts.counted if one.example in shown}
    assert len(kinds) == len(shown) == min(10, len(counts.by("category")))
    for name, one in kinds.items():
        assert shown[name].category in (one.category, *one.candidates)
    assert sum(counts.by("stopped_at").values()) == counts.of_outcome("failed") + counts.of_outcome("incomplete")


def test_nothing_is_billed_unasked() -> None:
    """The price is told before, and no query begins that nobody has allowed, or that costs more than is allowed."""
    told: list[Plan] = []
    with CloudWatch(time=SimulatedTime()) as aws:
        filled(aws)
        for max_cost in (None, 0.000_001):
            with pytest.raises(UsageError, match=r"costs money|may cost"):
                count_in(aws, max_cost=max_cost)
        assert aws.desk.calls["StartQuery"] == 0
        count([GROUP], since=NOW - HOUR, until=NOW, clients=lambda region: aws.client(region=region),
              agree=told.append, clock=aws.time)  # type: ignore[arg-type]  # fmt: skip
    assert [plan.is_billed for plan in told] == [True]
    assert told[0].dollars > 0


@pytest.mark.parametrize("states", [("Scheduled", "Running", "Running", "Complete"), ("Complete",)])
def test_partial_rows_never_count(states: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever states a query goes through and on however many pages its rows come, all are counted."""
    monkeypatch.setattr("tests.aws.insights.PAGE_ROWS", 3)
    with CloudWatch(time=SimulatedTime()) as aws:
        truth = filled(aws)
        aws.insights.states = states
        assert count_in(aws).requests == len(truth)
    assert aws.desk.calls["GetQueryResults"] > 3


@pytest.mark.parametrize("states", [("Failed",), ("Running", "Timeout")])
def test_a_query_that_ends_badly(states: tuple[str, ...]) -> None:
    """A group whose query does not complete is a problem beside the others; if there is no other, it is an error."""
    with CloudWatch(time=SimulatedTime()) as aws:
        filled(aws)
        aws.insights.states = states
        with pytest.raises(AwsRefused, match=states[-1]):
            count_in(aws)
        aws.insights.states = ("Complete",)
        counts = count_in(aws, [GROUP, replace(GROUP, name="API-Gateway-Execution-Logs_gone123456/prod")])
    assert counts.requests == 60
    assert len(counts.problems) == 1
    assert "gone123456" in counts.problems[0]


def test_troubles_on_the_way() -> None:
    """Errors and dropped connections lose nothing, and count nothing twice."""
    with CloudWatch(time=SimulatedTime(), troubles=Troubles(errors=3, resets=4, cut_bodies=5)) as aws:
        truth = filled(aws)
        assert count_in(aws).requests == len(truth)


def test_a_group_of_infrequent_access() -> None:
    """It is counted as any other; that no example could be fetched is said."""
    with CloudWatch(time=SimulatedTime()) as aws:
        filled(aws, log_class="INFREQUENT_ACCESS")
        counts = count_in(aws, [replace(GROUP, log_class="INFREQUENT_ACCESS")])
    assert counts.requests == 60
    assert counts.examples is None
    assert any("no examples of" in note for note in counts.notes)


def test_what_makes_no_sense_is_refused() -> None:
    """No group, an empty window and a WebSocket API are refused before anything is asked."""
    with CloudWatch(time=SimulatedTime()) as aws:
        for groups in ([], [replace(GROUP, kind=WEBSOCKET)]):
            with pytest.raises(UsageError):
                count_in(aws, groups)
        with pytest.raises(UsageError):
            count([GROUP], since=NOW, until=NOW - 1, clients=lambda region: aws.client(region=region),
                  agree=lambda plan: None)  # fmt: skip
    assert not aws.desk.calls
