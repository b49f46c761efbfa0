"""Requests that share an id, as clients may send their own: the extended id tells them apart."""

from __future__ import annotations

from pathlib import Path

from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from loganalyzer.parser.shared import split_events
from loganalyzer.reading import analyze
from tests.parser.logs import (
    AUTHORIZED,
    BAD,
    EXECUTED,
    GOOD,
    PLANNED,
    START,
    TIMED_OUT,
    A,
    B,
    lines,
    on_disk,
    sorted_text,
    text,
)

X, Y = "Qx7ZkHbVoAMEf2g=", "Rz8AlIcWpBNFg3h="
DENIED = tuple(line.replace('"Allow"', '"Deny"') for line in AUTHORIZED)
MINUTE = 60_000


def requests_of(directory: Path, content: bytes) -> list[Request]:
    """The requests of a log by time."""
    return list(analyze(*on_disk(directory, content)).records(everything=True))


def test_events_are_split_where_another_extended_id_comes() -> None:
    """A line with another extended id opens another request, or resumes one."""
    first, second = lines(A, "one", "two", xid=X), lines(A, "three", xid=Y)
    resumed = lines(A, "four", xid=X)
    groups = split_events([*first, *second, *resumed])
    assert [[event.message.decode() for event in group] for group in groups] == [
        [f"Extended Request Id: {X}", "one", "two", f"Extended Request Id: {X}", "four"],
        [f"Extended Request Id: {Y}", "three"],
    ]


def test_lines_before_the_first_extended_id_belong_to_it() -> None:
    """What stands before any extended id is of the request that names its own first."""
    groups = split_events([*lines(A, "zero"), *lines(A, "one", xid=X), *lines(A, "two", xid=Y)])
    assert [len(group) for group in groups] == [3, 2]


def test_two_requests_with_one_id_are_two_rows(tmp_path: Path) -> None:
    """Two requests that share an id are diagnosed apart, each with its own times, status and evidence."""
    good, bad = lines(A, *GOOD, xid=X), lines(A, *BAD, xid=Y, start=START + MINUTE)
    other = lines(B, *BAD, xid="Sa9BmJdXqCOGh4i=", start=START + MINUTE)
    found = requests_of(tmp_path, sorted_text(good, bad, other))
    assert [(r.request_id, r.extended_request_id, r.category, r.status) for r in found if r.request_id == A] == [
        (A, X, "", 200),
        (A, Y, "PROXY_INTEG_APIGW_TIMEOUT", 504),
    ]
    failed = next(r for r in found if r.extended_request_id == Y)
    assert failed.evidence == TIMED_OUT
    assert failed.duration_ms == len(BAD)
    assert failed.first_seen is not None
    assert failed.first_seen.timestamp() * 1000 == START + MINUTE


def test_the_two_may_stand_in_different_files(tmp_path: Path) -> None:
    """Requests that share an id are told apart across files."""
    good, bad = lines(A, *GOOD, xid=X), lines(A, *BAD, xid=Y, start=START + MINUTE)
    analysis = analyze(*on_disk(tmp_path, text(bad), text(good)))
    assert [r.category for r in analysis.records(everything=True)] == ["", "PROXY_INTEG_APIGW_TIMEOUT"]


def test_interleaved_requests_with_one_id_are_both_there(tmp_path: Path) -> None:
    """Where the lines of two requests with one id mix, nothing tells them apart in between, but both are counted."""
    found = requests_of(tmp_path, sorted_text(lines(A, *GOOD, xid=X), lines(A, *BAD, xid=Y, start=START)))
    assert sorted(r.extended_request_id for r in found) == [X, Y]


def test_one_extended_id_is_one_request(tmp_path: Path) -> None:
    """The same extended id again, in another file or twice in one, is the same request."""
    analysis = analyze(*on_disk(tmp_path, text(lines(A, *BAD, xid=X)), text(lines(A, *BAD, xid=X))))
    assert analysis.coverage.requests == 1


def test_timelines_of_requests_with_one_id(tmp_path: Path) -> None:
    """The extended id opens the timeline of the one request that has it; the shared id fits both and is refused."""
    good, bad = lines(A, *GOOD, xid=X), lines(A, *BAD, xid=Y, start=START + MINUTE)
    analysis = analyze(*on_disk(tmp_path, text(good, bad)))
    assert len(analysis.timeline(X).steps) == len(GOOD) + 1
    assert len(analysis.timeline(Y).steps) == len(BAD) + 1
    assert [step.message for step in analysis.timeline(Y).steps if step.evidence][:1] == [TIMED_OUT[0]]
    try:
        analysis.timeline(A)
    except UsageError as error:
        assert X in error.message
        assert Y in error.message
    else:
        raise AssertionError("two requests have this id")


def test_a_policy_is_judged_for_the_request_that_it_was_made_for(tmp_path: Path) -> None:
    """If one of two requests with an id is denied and the other let in, the denial is the one's and explicit."""
    denied = lines(A, *DENIED, xid=X)
    allowed = lines(
        A, *AUTHORIZED, *PLANNED, *EXECUTED, "Method completed with status: 200", xid=Y, start=START + MINUTE
    )
    later = lines(B, *GOOD, start=START + 2 * MINUTE)
    found = {r.extended_request_id: r for r in requests_of(tmp_path, text(denied, allowed, later))}
    assert found[X].category == "EXPLICIT_DENY"
    assert found[Y].outcome == "succeeded"


def test_two_denied_requests_with_one_id_are_judged_apart(tmp_path: Path) -> None:
    """Two denials under one id, one explicit and one because nothing matched, keep their own categories."""
    elsewhere = tuple(line.replace('"Resource":"*"', '"Resource":"arn:aws:execute-api:eu-west-1:123456789012:other/*"')
                      for line in AUTHORIZED)  # fmt: skip
    one, two = lines(A, *DENIED, xid=X), lines(A, *elsewhere, xid=Y, start=START + MINUTE)
    later = lines(B, *GOOD, start=START + 2 * MINUTE)
    found = {r.extended_request_id: r.category for r in requests_of(tmp_path, text(one, two, later)) if r.category}
    assert found == {X: "EXPLICIT_DENY", Y: "IMPLICIT_DENY"}
