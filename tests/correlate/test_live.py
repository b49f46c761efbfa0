"""``auto``: the logs that an account has beside the execution log, from a make-believe one on loopback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.coverage import Coverage
from loganalyzer.fetcher.group import OTHER, LogGroup
from loganalyzer.formats import find_inputs
from loganalyzer.formats.messages import messages_of
from loganalyzer.model import CorrelatedRequest
from tests.aws import ACCOUNT, CloudWatch, ListedEvents, SimulatedTime
from tests.aws.account import ACCESS, API, LOG, REGION, shop
from tests.fetcher.logs import HOUR, NOW, fetched
from tests.live import point_at

STAGES = f"/restapis/{API}/stages"


@pytest.fixture
def level() -> str:
    """What the execution log is written at."""
    return "trace"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, level: str) -> Iterator[CloudWatch]:
    """A shop with its functions' logs and its access log."""
    with shop(requests=250, level=level) as cloud:
        point_at(monkeypatch, cloud.url)
        monkeypatch.setenv("AWS_REGION", REGION)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield cloud


def analysed(where: Path, *, logs: tuple[str, ...] = ("lambda_logs", "access_logs")) -> la.Analysis:
    """The log of the stage with what the account has beside it."""
    return la.analyze(la.fetch(log_group=LOG, since="3h", out=where), **dict.fromkeys(logs, "auto"))  # type: ignore[arg-type]


def problems(analysis: la.Analysis) -> str:
    """What could not be had."""
    return "\n".join(f"{one.where}: {one.what} ({one.tip})" for one in analysis.coverage.problems)


def notes(analysis: la.Analysis) -> str:
    """What is said of what was read."""
    return "\n".join(analysis.coverage.notes)


def test_functions_and_access_log_are_found(aws: CloudWatch, tmp_path: Path) -> None:
    """Functions are named by the log, the access log by the stage; both are read over the same time, once."""
    analysis = analysed(tmp_path)
    assert problems(analysis) == ""
    rows = [row for row in analysis.records() if isinstance(row, CorrelatedRequest)]
    assert sum(row.lambda_duration_ms is not None for row in rows) > 5
    assert {row.category for row in rows if not row.in_execution_log} >= {"WAF_FILTERED"}
    assert any(row.access_error_type for row in rows)
    read = {given["logGroupName"] for operation, given in aws.requests if operation == "FilterLogEvents"}
    assert read > {LOG, ACCESS, "/aws/lambda/shop-authorizer"}
    assert read <= {name for _, name in aws.groups}
    before = aws.desk.calls["FilterLogEvents"]
    again = la.analyze(tmp_path, lambda_logs=["auto"], access_logs="auto")
    first, second = ({**one.summary().by_category, "INCOMPLETE": 0} for one in (analysis, again))
    assert first == second
    assert aws.desk.calls["FilterLogEvents"] - before < before


@pytest.mark.parametrize("level", ["info", "error"])
def test_without_data_trace_the_settings_name_the_functions(aws: CloudWatch, tmp_path: Path) -> None:
    """Where no line names a function, the API's settings do, and the report says so; else that none is known."""
    analysis = analysed(tmp_path / "with", logs=("lambda_logs",))
    assert problems(analysis) == ""
    assert "the log names no function without data trace: the API's present settings told them" in notes(analysis)
    assert any(row.lambda_duration_ms for row in analysis.records() if isinstance(row, CorrelatedRequest))
    aws.gateway[f"/restapis/{API}/resources"] = {"item": []}
    assert "nor the API's settings name a function" in problems(analysed(tmp_path / "none", logs=("lambda_logs",)))


def test_only_functions_of_routes_that_failed(aws: CloudWatch, tmp_path: Path) -> None:
    """Of the functions that settings name those are read that a failed request can have called."""
    group = aws.groups[REGION, LOG]
    group.events = ListedEvents()
    at = int(time.time() * 1000) - HOUR
    group.put([
        (at, "(a-1) API Key  authorized because method 'GET /orders' does not require API Key. Request will not "
             "contribute to throttle or quota limits"),
        (at, "(a-1) Execution failed due to a timeout error"),
        (at + 1, "(a-1) Method completed with status: 504"),
    ])  # fmt: skip
    assert problems(analysed(tmp_path, logs=("lambda_logs",))) == ""
    read = {given["logGroupName"] for operation, given in aws.requests if operation == "FilterLogEvents"}
    assert read == {LOG, "/aws/lambda/shop-orders-list", "/aws/lambda/shop-authorizer"}


def test_a_function_with_a_log_group_of_its_own(aws: CloudWatch, tmp_path: Path) -> None:
    """A function may log elsewhere: it is asked where. One that has no log at all is named."""
    for name in ("shop-authorizer", "shop-pages"):
        group = aws.groups.pop((REGION, f"/aws/lambda/{name}"))
        if name == "shop-authorizer":
            aws.groups[REGION, "/shop/authorizer"] = group
            group.name = "/shop/authorizer"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop-authorizer"
    aws.gateway[f"/2015-03-31/functions/{arn}/configuration"] = {"LoggingConfig": {"LogGroup": "/shop/authorizer"}}
    analysis = analysed(tmp_path, logs=("lambda_logs",))
    assert problems(analysis) == (
        "log of function shop-pages: there is no log group /aws/lambda/shop-pages (it may never have run)"
    )
    assert any(given.get("logGroupName") == "/shop/authorizer" for _, given in aws.requests)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"destinationArn": f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/amazon-apigateway-x"}, "firehose"),
        ({"destinationArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/gone"}, "there is no log group /gone"),
        ({}, ""),
    ],
)
def test_an_access_log_that_cannot_be_read(
    aws: CloudWatch, tmp_path: Path, settings: dict[str, str], said: str
) -> None:
    """One that goes elsewhere, is gone or does not exist is said, with what to give instead."""
    aws.gateway[STAGES] = {"item": [{"stageName": "prod", "accessLogSettings": settings}]}
    analysis = analysed(tmp_path, logs=("access_logs",))
    assert said in problems(analysis)
    assert ("--access-logs PATH" in problems(analysis)) == bool(said)
    assert ("stage prod of abcde12345 writes no access log now" in analysis.coverage.notes) == (not said)


def test_what_is_not_permitted(aws: CloudWatch, tmp_path: Path) -> None:
    """Missing permissions are named; what is left is analysed."""
    logs = la.fetch(log_group=LOG, since="3h", out=tmp_path)
    aws.deny("apigateway:GET")
    aws.deny("logs:FilterLogEvents")
    analysis = la.analyze(logs, lambda_logs="auto", access_logs="auto")
    assert "--lambda-logs auto: logs:FilterLogEvents is not permitted" in problems(analysis)
    assert "apigateway:GET is not permitted" in problems(analysis)
    assert list(analysis.records())


def test_logs_of_another_kind_are_stored_as_they_are(tmp_path: Path) -> None:
    """Whatever an event of another log looks like, it is read again as it was: JSON, several lines, ids in brackets."""
    said = [
        '{"timestamp":"2026-11-02T09:00:00Z","level":"ERROR","requestId":"r-1","message":"no","stackTrace":["a"]}',
        "(3f2a6c1e-7a45-4d09-9c6e-5b1d2e8f7a10) Method completed with status: 200",
        "REPORT RequestId: 1\tDuration: 2.00 ms\t\nXRAY TraceId: 1-6ae85112-48935c88773a0dd0",
        "\tbegins with a TAB",
        "",
    ]
    with CloudWatch(time=SimulatedTime()) as aws:
        aws.group("/aws/lambda/x").put([(NOW - HOUR // 2 + at, text) for at, text in enumerate(said)])
        one = fetched(aws, tmp_path, groups=(LogGroup("/aws/lambda/x", "eu-central-1", ACCOUNT, kind=OTHER),))
    coverage = Coverage()
    sources = [source for source in find_inputs([one]) if not source.is_journal]
    read = [message for source in sources for message in messages_of(source, coverage)]
    assert [message.text for message in read] == said
    assert [message.time for message in read] == [NOW - HOUR // 2 + at for at in range(len(said))]
    assert not coverage.failures_only
