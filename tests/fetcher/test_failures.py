"""Fetching only what failed: the two-pass search, over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from loganalyzer import analyze
from loganalyzer.fetcher.byfailures import (
    AFTER_MS,
    FAILURES_NOTE,
    LONGEST_PATTERN,
    any_of,
    batches,
    failing_patterns,
    is_failing,
)
from loganalyzer.fetcher.region import Options
from loganalyzer.simulate import make_requests
from loganalyzer.vocabulary import SENTENCES
from tests.aws import CloudWatch, Group, SimulatedTime, Troubles
from tests.aws.patterns import matcher
from tests.fetcher.logs import HOUR, NAME, NOW, fetched, lines

ONLY = Options(failures_only=True)
UNSEEN = {"INCOMPLETE", "LAMBDA_ERROR_UNMAPPED"}
"""What this mode is known not to see: requests that stop without an ending, and errors passed on as successes."""


def traffic(group: Group, count: int, *, seed: int = 5) -> dict[str, tuple[str, ...]]:
    """Put simulated requests into a group; the categories that the lines of each allow, empty for a success."""
    truth = {}
    events = []
    for request in make_requests(count, seed=seed, level="info", failures=0.2, start=NOW - HOUR):
        truth[request.truth.request_id] = request.truth.shown
        said = zip(request.times, request.messages, strict=True)
        events += [(time, f"({request.truth.request_id}) {message}") for time, message in said]
    group.put(sorted(events, key=lambda event: event[0]))
    return truth


def ids(found: list[str]) -> list[str]:
    """The request ids of some lines, each once, in order."""
    return list(dict.fromkeys(line.split("(", 1)[1].partition(")")[0] for line in found if not line.startswith("\t")))


def test_patterns_find_every_known_failure() -> None:
    """Every sentence that decides over a failure is found by a pattern, and none of the patterns is too long."""
    patterns = [matcher(pattern) for pattern in failing_patterns()]
    assert all(len(pattern) <= LONGEST_PATTERN for pattern in failing_patterns())
    for sentence in SENTENCES:
        if sentence.rank and not sentence.exact:
            text = sentence.head.replace("…", "********abc123").replace("polic", "policy")
            assert any(matches(f"(id) {text} and more") for matches in patterns), text


@pytest.mark.parametrize(
    ("status", "failing"),
    [(200, False), (204, False), (304, False), (400, True), (404, True), (502, True), (599, True)],
)
def test_patterns_know_statuses(status: int, failing: bool) -> None:
    """A closing line is found if its status is one of a failure."""
    text = f"Method completed with status: {status}"
    assert is_failing(text) == failing
    assert any(matcher(pattern)(f"(id) {text}") for pattern in failing_patterns()) == failing


def test_failures_are_told_by_heads() -> None:
    """What a body says is no failure, though a pattern finds it."""
    assert not is_failing('Method response body after transformations: {"message": "Execution failed"}')
    assert is_failing("Gateway response type: THROTTLED with status code: 429")
    assert not is_failing("Connection API request completed with status: 200")
    assert is_failing("Connection API request failed: gone")


def test_batches_are_near_in_time_and_fit_a_pattern() -> None:
    """Each request is in one batch; a batch fits one pattern and spans little time."""
    found = {f"{n:036d}": n * 1000 if n < 60 else n * HOUR for n in range(70)}
    made = list(batches(found))
    assert [failed.request_id for batch in made for failed in batch] == list(found)
    assert all(len(list(any_of(failed.request_id for failed in batch))) == 1 for batch in made)
    assert max(len(batch) for batch in made) > 20
    assert [len(batch) for batch in made[-10:]] == [1] * 10


@pytest.mark.parametrize("troubles", [Troubles(), Troubles(errors=9, repeated=5, stuck=6, bad_tokens=11, empty=4)])
def test_whole_requests_that_failed_and_no_others(tmp_path: Path, troubles: Troubles) -> None:
    """Every request that is known to have failed is there with all its lines, and no success is."""
    with CloudWatch(time=SimulatedTime(), troubles=troubles) as aws:
        group = aws.group(NAME, page_events=400)
        truth = traffic(group, 300)
        one = fetched(aws, tmp_path, options=ONLY)
        everything = lines(fetched(aws, tmp_path).directories[0])
    found = lines(one.directories[0])
    wanted = {name for name, shown in truth.items() if "" not in shown and not UNSEEN & set(shown)}
    assert len(wanted) > 30
    assert wanted <= set(ids(found))
    assert not any("" in truth[name] for name in ids(found))
    assert sorted(found) == sorted(line for line in everything if ids([line])[0] in set(ids(found)))
    assert one.directories[0].name.endswith("@prod+failures")
    assert FAILURES_NOTE in one.coverage.notes


def test_a_request_over_two_windows_is_stored_once(tmp_path: Path) -> None:
    """A request that says twice that it failed, in two windows, belongs to the first of them alone."""
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME)
        for minute in range(2, 58, 2):
            start = NOW - HOUR + minute * 60_000 - 2_000
            said = ("Starting execution for request: x", "Execution failed due to a timeout error",
                    "Method completed with status: 504")  # fmt: skip
            group.put([(start + 2_000 * n, f"(r-{minute}) {text}") for n, text in enumerate(said)])
        one = fetched(aws, tmp_path, options=ONLY)
    assert len(lines(one.directories[0])) == 3 * 28


def test_many_failures_are_stored_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where much failed, a window's requests go to several files, and each is in one of them."""
    monkeypatch.setattr("loganalyzer.fetcher.byfailures.PIECE_BYTES", 20_000)
    with CloudWatch(time=SimulatedTime()) as aws:
        group = aws.group(NAME)
        for n in range(400):
            group.put([(NOW - HOUR + n * 50, f"(request-{n}) Execution failed due to a timeout error {'x' * 200}")])
        one = fetched(aws, tmp_path, options=ONLY)
    assert ids(lines(one.directories[0])) == [f"request-{n}" for n in range(400)]
    assert len(list(one.directories[0].glob("*.gz"))) > 2


def test_windows_are_final_once_their_requests_are(tmp_path: Path) -> None:
    """A window is final when lines after its end are settled too; then it is not looked through again."""
    time = SimulatedTime()
    with CloudWatch(time=time) as aws:
        traffic(aws.group(NAME), 50)
        fetched(aws, tmp_path, options=ONLY)
        time.sleep(600 + 60 + AFTER_MS / 1000 + 1)
        assert fetched(aws, tmp_path, options=ONLY).calls > 0
        assert fetched(aws, tmp_path, options=ONLY).calls == 0


def test_the_report_claims_no_rate(tmp_path: Path) -> None:
    """Where only failures were fetched nothing is said about how many requests succeeded."""
    with CloudWatch(time=SimulatedTime()) as aws:
        traffic(aws.group(NAME), 60)
        found = analyze(fetched(aws, tmp_path, options=ONLY))
    assert found.summary().failed == found.summary().requests > 0
    assert found.coverage.failures_only
