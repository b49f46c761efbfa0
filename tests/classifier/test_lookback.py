"""Denials by a cached policy: the request that the policy was made for is found and named, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer import analysis as analysis_module
from loganalyzer import analyze
from loganalyzer.classifier.explainers.denial import CACHED

MADE, DENIED, OTHER = (f"{n}aad8ed6-f8a0-4f5b-bd00-9ec0cd44199c" for n in "abc")
ALICE, BOB = "******************k-2041", "******************k-7788"
KEYED = "API Key  authorized because method 'GET /loyalty/{id}' does not require API Key."
API = "arn:aws:execute-api:eu-west-1:123456789012:abcde12345/prod"


def line(at: str, request: str, message: str) -> str:
    """A line at this time of the hour."""
    return f"2026-11-02T{at}.118Z ({request}) {message}\n"


def run(
    at: str, request: str, path: str, *, identity: str = ALICE, allows: str = "", authorizer: str = "ez0194"
) -> str:
    """A request whose authorizer ran and allowed (by default its own path alone)."""
    policy = (
        f'{{"principalId":"u","policyDocument":{{"Version":"2012-10-17","Statement":[{{"Action":"execute-api:Invoke",'
        f'"Effect":"Allow","Resource":"{allows or f"{API}/GET{path}"}"}}]}}}}'
    )
    return "".join(line(at, request, message) for message in (
        f"Starting authorizer: {authorizer} for request: {request}",
        f"Incoming identity: {identity}",
        f'Endpoint request body after transformations: {{"type":"TOKEN","methodArn":"{API}/GET{path}"}}',
        f"Authorizer result body before parsing: {policy}",
        "Using valid authorizer policy for principal: ****k-2041",
        "Successfully completed authorizer execution",
        f"Starting execution for request: {request}",
        f"HTTP Method: GET, Resource Path: {path}",
        "Successfully completed execution",
        "Method completed with status: 200",
    ))  # fmt: skip


def refused(at: str = "09:30:00", request: str = DENIED) -> str:
    """A request that a policy from the cache refused."""
    return "".join(line(at, request, message) for message in (
        f"Starting authorizer: ez0194 for request: {request}",
        f"Incoming identity: {ALICE}",
        "Using valid authorizer policy for principal: ****k-2041",
        "Successfully completed authorizer execution",
        "The client is not authorized to perform this operation.",
    ))  # fmt: skip


def detail_of(tmp_path: Path, text: str) -> str:
    """What is said of the denied request in the table; opening it says the same."""
    log = tmp_path / "case.log"
    log.write_text(text)
    analysis = analyze(log, jobs=1)
    found = next(one for one in analysis.records() if one.request_id == DENIED)
    assert (found.category, found.authorizer) == ("ACCESS_DENIED", "cached")
    assert analysis.explanation(DENIED).detail == found.detail
    return found.detail


def test_both_requests_are_named(tmp_path: Path) -> None:
    """The policy was made for another path of the same caller."""
    log = tmp_path / "case.log"
    log.write_text(run("09:20:00", MADE, "/loyalty/7") + refused())
    explanation = analyze(log, jobs=1).explanation(DENIED)
    assert explanation.detail == (
        f"policy cached for another resource: the cached policy was made for request {MADE} "
        "(abcde12345/prod/GET/loyalty/7, allowed) and allows abcde12345/prod/GET/loyalty/7 only"
    )
    assert explanation.related == (MADE,)
    assert detail_of(tmp_path, run("09:20:00", MADE, "/loyalty/7") + refused()) == explanation.detail


def test_it_is_found_where_successes_have_no_row(tmp_path: Path) -> None:
    """The request that the policy was made for succeeded: it may have been counted without a row."""
    log = tmp_path / "case.log"
    log.write_text(line("09:20:00", MADE, KEYED) + run("09:20:00", MADE, "/loyalty/7") + refused())
    analysis = analyze(log, successes=False, jobs=1)
    assert [one.request_id for one in analysis.records(everything=True)] == [DENIED]
    assert MADE in next(analysis.records()).detail


def test_the_last_run_before_the_denial_counts(tmp_path: Path) -> None:
    """An authorizer call between replaces the policy."""
    text = run("09:10:00", OTHER, "/a") + run("09:20:00", MADE, "/b") + refused()
    assert f"request {MADE} " in detail_of(tmp_path, text)


NEAR = {
    "another caller": run("09:20:00", MADE, "/loyalty/7", identity=BOB),
    "another authorizer": run("09:20:00", MADE, "/loyalty/7", authorizer="zz9999"),
    "more than an hour before": run("08:20:00", MADE, "/loyalty/7"),
    "after the denial": run("09:40:00", MADE, "/loyalty/7"),
    "nothing before": "",
}


@pytest.mark.parametrize("text", NEAR.values(), ids=NEAR.keys())
def test_near_misses_name_nobody(tmp_path: Path, text: str) -> None:
    """Only the same caller's call of the same authorizer within the longest TTL can have made the policy."""
    assert detail_of(tmp_path, text + refused()) == CACHED


def test_a_policy_for_everything_was_not_the_trap(tmp_path: Path) -> None:
    """If the cached policy allows all methods, something else refused."""
    log = tmp_path / "case.log"
    log.write_text(run("09:20:00", MADE, "/loyalty/7", allows="*") + refused())
    explanation = analyze(log, jobs=1).explanation(DENIED)
    assert "allows everything" in explanation.notes[0]
    assert " only" not in explanation.detail


def test_a_large_log_is_read_again_for_an_opened_request_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table stays as fast as the scan; the request that is opened gets the whole answer."""
    monkeypatch.setattr(analysis_module, "READ_AGAIN", 10)
    log = tmp_path / "case.log"
    log.write_text(run("09:20:00", MADE, "/loyalty/7") + refused())
    analysis = analyze(log, jobs=1)
    assert next(iter(analysis.records())).detail == CACHED
    assert MADE in analysis.explanation(DENIED).detail


def test_any_number_of_callers_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many runs only the nearest are read again."""
    monkeypatch.setattr("loganalyzer.classifier.lookback.MOST_RUNS", 3)
    others = "".join(run(f"09:29:{n:02}", f"{n:08}-f8a0-4f5b-bd00-9ec0cd44199c", "/x", identity=BOB) for n in range(8))
    assert detail_of(tmp_path, run("09:20:00", MADE, "/loyalty/7") + others + refused()) == CACHED
