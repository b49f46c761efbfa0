"""What is about to be read is said, and agreed to where it is much or costs money."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.plan import (
    FAILURES,
    FILTER,
    INSIGHTS,
    Plan,
    consent,
    duration_text,
    part_of,
    sentences,
    size_text,
)
from loganalyzer.fetcher.store import Store
from tests.fetcher.logs import GROUP, HOUR, NOW

DAY = 24 * HOUR


def plan(tmp_path: Path, *, route: str = FILTER, stored: int = 10_000_000_000, hours: int = 24) -> Plan:
    """A plan for the last hours of a group that is ten days old."""
    group = replace(GROUP, stored_bytes=stored, created=NOW - 10 * DAY)
    return Plan((part_of(Store(tmp_path, group), [(NOW - hours * HOUR, NOW)], route=route, now=NOW),))


def test_how_much_by_size_and_age(tmp_path: Path) -> None:
    """A tenth of the group's age is a tenth of its size; its retention counts as its age if that is shorter."""
    assert plan(tmp_path).bytes == pytest.approx(1_000_000_000, rel=0.01)
    group = replace(GROUP, stored_bytes=1_000_000, created=NOW - 100 * DAY, retention_days=2)
    short = part_of(Store(tmp_path, group), [(NOW - DAY, NOW)], route=FILTER, now=NOW)
    assert short.bytes == pytest.approx(500_000, rel=0.01)
    assert plan(tmp_path, stored=0).bytes is None


def test_what_is_said(tmp_path: Path) -> None:
    """Amount, way, price, limit and duration, each in the words of the way."""
    assert sentences(plan(tmp_path)) == [
        "Reading about 1.0 GB of 1 group by FilterLogEvents: free of charge, limited to 5 calls/s in eu-central-1, "
        "about 3 min."
    ]
    (failures,) = sentences(plan(tmp_path, route=FAILURES))
    assert failures.startswith("Looking for failed requests in about 1.0 GB")
    (billed,) = sentences(plan(tmp_path, route=INSIGHTS))
    assert "which AWS bills by what it scans ($0.20 at most)" in billed
    (unknown,) = sentences(plan(tmp_path, route=INSIGHTS, stored=0))
    assert "an unknown amount" in unknown
    assert sentences(Plan((part_of(Store(tmp_path, GROUP), [], route=FILTER, now=NOW),))) == []


def test_more_than_is_allowed(tmp_path: Path) -> None:
    """More bytes than allowed are not begun."""
    consent(plan(tmp_path), max_bytes=2_000_000_000)
    with pytest.raises(UsageError, match=r"about 1\.0 GB are to be read, and 500 MB are allowed"):
        consent(plan(tmp_path), max_bytes=500_000_000)


def test_nothing_is_billed_unasked(tmp_path: Path) -> None:
    """Insights needs a limit that it keeps, a yes, or a person who agrees."""
    billed, unknown = plan(tmp_path, route=INSIGHTS), plan(tmp_path, route=INSIGHTS, stored=0)
    with pytest.raises(UsageError, match="costs money"):
        consent(billed)
    with pytest.raises(UsageError, match="costs money"):
        consent(billed, ask=lambda question: False)
    with pytest.raises(UsageError, match=r"may cost \$0\.20, and \$0\.01 are allowed"):
        consent(billed, max_cost=0.01)
    with pytest.raises(UsageError, match="price is not known"):
        consent(unknown, max_cost=10)
    consent(billed, max_cost=0.21)
    consent(unknown, yes=True)
    consent(billed, ask=lambda question: "$0.20" in question)


def test_much_is_asked_about(tmp_path: Path) -> None:
    """A person is asked before more than a gigabyte is read; a program is not, as it costs nothing."""
    asked: list[str] = []

    def refuse(question: str) -> bool:
        asked.append(question)
        return False

    consent(plan(tmp_path, hours=6), ask=refuse)
    assert not asked
    with pytest.raises(UsageError, match="nothing was read"):
        consent(plan(tmp_path, hours=48), ask=refuse)
    assert len(asked) == 1
    consent(plan(tmp_path, hours=48))
    consent(plan(tmp_path, hours=48), ask=lambda question: False, yes=True)


def test_words_for_sizes_and_durations() -> None:
    """Sizes in decimal units, durations as people say them."""
    assert [size_text(size) for size in (12, 1_500, 950_000_000, 3.2e12)] == ["12 bytes", "1.5 kB", "950 MB", "3.2 TB"]
    assert [duration_text(seconds) for seconds in (0.1, 40, 200, 9_000)] == ["1 s", "40 s", "3 min", "2.5 h"]
