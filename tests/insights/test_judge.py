"""What is counted inside Insights is what a whole analysis finds, or it says what else it may be."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.simulate import make_requests
from tests.classifier.cases import Case, case_at, files, name_of
from tests.insights.logs import NAME, counted

NOT_IN_A_GROUP = {
    "ACCESS_DENIED/near_cut_paste": "a part that somebody copied",
    "AUTHORIZER_INVOKE_DENIED/last_line_of_a_test": "a console test",
    "EXPLICIT_DENY/near_console_test": "a console test",
    "BACKEND_RETURNED_5XX/websocket_message": "WebSocket APIs are refused",
    "SUCCESS/websocket_connection": "WebSocket APIs are refused",
    "PROXY_INTEG_ERROR/id_shared_with_a_success": "two requests with one id are counted as one, and that is said",
}
"""Cases that a query cannot count, and why."""


def expected(case: Case, request_id: str) -> str | None:
    """The category that a request of a case must get, None if the case does not speak of it."""
    named = [row for row in case.expect if row.get("request_id", request_id) == request_id]
    return str(named[0]["category"]) if named else None


def differences(path: Path) -> list[str]:
    """Where counting says something else than the case demands, in words."""
    case = case_at(path)
    found = []
    for one in counted(case.log):
        wanted = expected(case, one.example)
        others = {"" if name == "SUCCEEDED" else name for name in one.candidates}
        if wanted is not None and wanted != one.category and wanted not in others:
            found.append(f"{name_of(path)}: {one.category or 'a success'} {one.candidates}, not {wanted}")
    return found


def test_every_fixture_is_counted_right() -> None:
    """The category of each case is the one counted, or among the candidates; never is another one said for certain."""
    assert [line for path in files() if name_of(path) not in NOT_IN_A_GROUP for line in differences(path)] == []


def test_most_is_decided() -> None:
    """What the query decides by itself is most of the cases: candidates are the exception."""
    kinds = [one for path in files() if name_of(path) not in NOT_IN_A_GROUP for one in counted(case_at(path).log)]
    assert sum(not one.candidates for one in kinds) > 0.6 * len(kinds)


@pytest.mark.parametrize("level", ["trace", "info", "error"])
def test_traffic_is_counted_as_it_is_analysed(tmp_path: Path, level: str) -> None:
    """Of a busy log every request is counted once, and categories without candidates are those of the analysis."""
    lines = []
    for number, request in enumerate(make_requests(300, seed=5, level=level, failures=0.4, start=1_793_610_000_000)):
        for at, message in zip(request.times, request.messages, strict=True):
            lines.append((at + number * 900, f"({request.truth.request_id}) {message}"))
    lines.sort(key=lambda line: line[0])
    log = "".join(f"{iso(at)} {text}\n" for at, text in lines)
    path = tmp_path / "whole.log"
    path.write_text(log, encoding="utf-8")
    here = {row.request_id: row for row in la.analyze(path, jobs=1).records(everything=True)}
    kinds = counted(log)
    assert sum(one.requests for one in kinds) == len(here)
    for one in kinds:
        known = here[one.example]
        assert known.category in (one.category, *("" if name == "SUCCEEDED" else name for name in one.candidates))
        if known.resource:
            assert one.route.split(" ")[-1] == known.resource
        assert one.group == NAME


def iso(ms: int) -> str:
    """A time as the canonical log writes it."""
    return f"{datetime.fromtimestamp(ms // 1000, UTC):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def test_rules_of_ones_own_are_candidates() -> None:
    """A pattern of the user's rules is looked for in no query: where it could fit, its category is a candidate."""
    rules = Path(__file__).parents[2] / "fixtures" / "rules" / "shop.toml"
    log = "2026-11-02T09:00:00.000Z (a) Lambda execution failed with status 200 due to customer function error: x\n"
    own = [name for one in counted(log, rules=[rules]) for name in one.candidates if name.startswith("X_")]
    assert own
