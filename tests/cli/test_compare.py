"""``loganalyzer compare``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

LOGS = Path(__file__).parents[2] / "fixtures" / "compare"
BEFORE, AFTER = str(LOGS / "before.log.gz"), str(LOGS / "after.log.gz")


def test_two_logs(run: Run) -> None:
    """The page says whether it got better, and whether the cache still answers."""
    result = run("compare", BEFORE, AFTER)
    assert result.exit_code == 0
    assert result.stdout.startswith("Fewer failures: 27 of 100 requests (27.0 %) before")
    assert "The cache has answered, but no longer does" in result.stdout.replace("\n  ", " ")


def test_two_ranges_of_one_log(run: Run) -> None:
    """Times are read as everywhere, and an end left out is now."""
    ranges = ("--utc", "--before", "2026-11-20T13:00..2026-11-20T14:00", "--after", "2026-11-20 14:00..")
    result = run("compare", "--format", "json", *ranges, str(LOGS))
    document = json.loads(result.stdout)
    assert (document["before"]["requests"], document["after"]["requests"]) == (100, 100)
    assert document["before"]["start"] == "2026-11-20T13:00:00.000Z" and document["before"]["stated"]


def test_change_and_time_to_live(run: Run) -> None:
    """Both are for the question about the cache."""
    result = run(
        "compare", "--format", "json", "--utc", "--changed", "2026-11-20T14:01", "--ttl", "3600", BEFORE, AFTER
    )
    cache = json.loads(result.stdout)["authorizer_cache"]
    assert cache["verdict"] == "cache" and cache["expires"] == "2026-11-20T15:01:00.000Z"


def test_the_note(run: Run, tmp_path: Path) -> None:
    """Markdown, to a file if asked for."""
    target = tmp_path / "note.md"
    assert run("compare", "--format", "md", "-o", str(target), BEFORE, AFTER).stdout == ""
    assert "| gone | `IMPLICIT_DENY` | 12 (12.0 %) | 0 (0 %) | **more than chance** |" in target.read_text("utf-8")


@pytest.mark.parametrize(
    ("logs", "conditions", "code"),
    [
        ((BEFORE, AFTER), ("new", "grown"), 0),
        ((AFTER, BEFORE), ("new",), 1),
        ((AFTER, BEFORE), ("grown",), 1),
        ((AFTER, AFTER), ("new", "grown"), 0),
        ((AFTER, BEFORE), (), 0),
    ],
)
def test_fail_on(run: Run, logs: tuple[str, str], conditions: tuple[str, ...], code: int) -> None:
    """A build breaks on what is new, or has grown by more than chance; the report is written all the same."""
    options = [word for condition in conditions for word in ("--fail-on", condition)]
    result = run("compare", *options, *logs)
    assert result.exit_code == code
    assert "By category" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give one log or two"),
        ((BEFORE,), "one log needs --before and --after"),
        ((BEFORE, AFTER, BEFORE), "give one log or two"),
        (("-", "-"), "standard input can be one side only"),
        (("--before", "2h", BEFORE, AFTER), "--before: '2h' is no range of time"),
        (("--before", "..1h", BEFORE, AFTER), "--before: '..1h' is no range of time"),
        (("--before", "soon..1h", BEFORE, AFTER), "'soon' is not a time"),
        (("--before", "1h..2h", "--after", "1h..", BEFORE), "is empty"),
        (("--before", "2h..1h", "--after", "90m..", BEFORE), "the two ranges overlap"),
        ((BEFORE, "no-such.log"), "no-such.log"),
    ],
)
def test_what_makes_no_sense(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """One line that says what, a tip, and exit code 2."""
    result = run("compare", *arguments)
    assert result.exit_code == 2 and result.stdout == ""
    error, *tip = result.stderr.splitlines()
    assert error.startswith("error: ") and said in error and len(tip) <= 1
