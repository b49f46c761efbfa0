"""What the make-believe account did, against what the analysis says with and without the other logs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from loganalyzer import analyze
from loganalyzer.model import CorrelatedRequest, Request
from loganalyzer.simulate import TRUTH, simulate

Truth = dict[str, Any]
LEVELS = ("trace", "info", "error")

SETTLED = {
    "info": {
        "AUTHORIZER_APIGW_ID_SRC_MISSING",
        "AUTHORIZER_ERROR_UNAUTHORIZED",
        "AUTHORIZER_ERROR_OTHER",
        "AUTHORIZER_LAMBDA_TIMEOUT",
        "EXPLICIT_DENY",
        "IMPLICIT_DENY",
        "PROXY_INTEG_APIGW_TIMEOUT",
        "INTEGRATION_TIMEOUT",
        "INTEGRATION_REQUEST_TRANSFORM_FAILED",
        "INTEGRATION_RESPONSE_TRANSFORM_FAILED",
        "PROXY_INTEG_LAMBDA_THROTTLED",
        "LAMBDA_ERROR_MAPPED",
        "LAMBDA_ERROR_UNMAPPED",
    },
    "error": {
        "AUTHORIZER_ERROR_UNAUTHORIZED",
        "AUTHORIZER_APIGW_TIMEOUT",
        "EXPLICIT_DENY",
        "IMPLICIT_DENY",
        "RESOURCE_POLICY_DENY",
        "UNSUPPORTED_MEDIA_TYPE",
    },
}
"""Categories that a level leaves open and the other logs settle, every time."""


@pytest.fixture(scope="module", params=LEVELS)
def account(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A level and an account whose execution log is written at it: with the functions' logs and the access log."""
    level: str = request.param
    out = tmp_path_factory.mktemp("account") / "out"
    simulate(out, requests=900, seed=17, level=level, failures=0.8, streams=3, lambda_logs=True, access_logs=True)
    return level, out


def truths_of(out: Path) -> dict[str, Truth]:
    """The truth about each request by its id."""
    lines = (out / TRUTH).read_text(encoding="utf-8").splitlines()
    return {truth["request_id"]: truth for truth in map(json.loads, lines)}


def rows_of(out: Path, *, beside: bool) -> dict[str, Request]:
    """The rows of the analysis by id, with or without the logs beside the execution log."""
    logs = {"lambda_logs": [out / "lambda-logs"], "access_logs": [out / "access-logs"]} if beside else {}
    analysis = analyze(out / "exportedlogs", jobs=1, **logs)  # type: ignore[arg-type]
    return {row.request_id: row for row in analysis.records(everything=True)}


def right(rows: dict[str, Request], truths: dict[str, Truth]) -> set[str]:
    """The requests whose category is what happened."""
    return {one for one, row in rows.items() if row.category == truths[one]["category"]}


def test_correlation_is_never_worse(account: tuple[str, Path], record_property: Callable[[str, object], None]) -> None:
    """No request that was named rightly without other logs is named wrongly with them; the accuracies are reported."""
    level, out = account
    truths = truths_of(out)
    alone, beside = rows_of(out, beside=False), rows_of(out, beside=True)
    before, after = right(alone, truths), right(beside, truths)
    lost = [(truths[one]["category"], beside[one].category, beside[one].reasons) for one in before - after]
    failed = [one for one, truth in truths.items() if truth["category"]]
    shares = [len(named & set(failed)) / len(failed) for named in (before, after)]
    text = f"{level}: {shares[0]:.1%} of {len(failed)} failures named rightly without other logs, {shares[1]:.1%} with"
    record_property("accuracy", text)
    assert not lost
    assert shares[1] >= shares[0]


def test_correlation_settles_what_it_should(account: tuple[str, Path]) -> None:
    """What a level leaves open is told by the other logs, for every request of these categories that they know."""
    level, out = account
    truths, rows = truths_of(out), rows_of(out, beside=True)
    wanted = SETTLED.get(level, set())
    wrong = Counter(
        (truths[one]["category"], row.category, row.reasons)
        for one, row in rows.items()
        if truths[one]["category"] in wanted and row.category != truths[one]["category"]
    )
    assert wrong == Counter()


def test_what_is_settled_says_so(account: tuple[str, Path]) -> None:
    """Whatever other logs changed names the log that did it, and a settled category is as sure as the rest allow."""
    _, out = account
    alone, beside = rows_of(out, beside=False), rows_of(out, beside=True)
    changed = [row for one, row in beside.items() if one in alone and alone[one].category != row.category]
    for row in settled(beside.values()):
        assert any(row.settled_by in reason or "not logged" in reason for reason in row.reasons), row
        assert row.confidence == ("medium" if row.alternatives else "high")
    assert {row.request_id for row in changed} <= {row.request_id for row in settled(beside.values())}


def settled(rows: Iterable[Request]) -> list[CorrelatedRequest]:
    """The rows that other logs settled."""
    return [row for row in rows if isinstance(row, CorrelatedRequest) and row.settled_by]


def test_never_logged_requests_come_from_the_access_log(account: tuple[str, Path]) -> None:
    """Requests that API Gateway logs nothing of are there once, named by the access log, and told to be so."""
    _, out = account
    truths, rows = truths_of(out), rows_of(out, beside=True)
    unlogged = {
        one: row for one, row in rows.items() if isinstance(row, CorrelatedRequest) and not row.in_execution_log
    }
    expected = {one: truth["category"] for one, truth in truths.items() if truth["level"] == "none"}
    assert expected
    assert {one: row.category for one, row in unlogged.items()} == expected
    assert all("not logged by design" in row.reasons[0] for row in unlogged.values())


def test_runs_are_those_of_the_request(account: tuple[str, Path]) -> None:
    """A run that is joined took as long as the truth allows: timeouts are timeouts, errors are errors."""
    _, out = account
    truths, rows = truths_of(out), rows_of(out, beside=True)
    statuses = {
        "PROXY_INTEG_LAMBDA_TIMEOUT": {"timeout"},
        "PROXY_INTEG_ERROR": {"error"},
        "PROXY_INTEG_RESPONSE_INVALID": {"success"},
    }
    seen = Counter[str]()
    for one, row in rows.items():
        category = truths[one]["category"]
        if isinstance(row, CorrelatedRequest) and category in statuses:
            assert row.lambda_status in statuses[category]
            assert row.lambda_duration_ms is not None
            seen[category] += 1
    assert seen.keys() == statuses.keys()
