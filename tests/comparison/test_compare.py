"""Two periods compared: kinds of change, what counts as a rate, verdicts, cautions, and the authorizer's cache."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.comparison.compare import compare
from loganalyzer.comparison.records import CERTAIN, FEW, PERHAPS, UNKNOWN, Change, Comparison
from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, NOON, SUCCEEDED, FakeAnalysis, coverage

LOGS = Path(__file__).parents[2] / "fixtures" / "compare"
LATER = NOON + timedelta(hours=1)
AT_ERROR = {"log_level": "error"}


def at(when: datetime, requests: Iterable[Request], **changes: object) -> list[Request]:
    """The requests one second apart, from a time on."""
    return [
        replace(r, first_seen=when + timedelta(seconds=n), last_seen=when + timedelta(seconds=n), **changes)  # type: ignore[arg-type]
        for n, r in enumerate(requests)
    ]


def analysis(requests: list[Request], when: datetime = NOON) -> FakeAnalysis:
    """An analysis of them."""
    return FakeAnalysis(requests, covered=coverage(requests=len(requests), first_seen=int(when.timestamp() * 1000)))


def both(before: Iterable[Request], after: Iterable[Request], **changes: object) -> Comparison:
    """What is an hour apart, compared."""
    return compare(analysis(at(NOON, before, **changes)), analysis(at(LATER, after, **changes), LATER))


def named(changes: tuple[Change, ...]) -> dict[str, tuple[str, str]]:
    """Kind and verdict by name."""
    return {change.name: (change.kind, change.verdict) for change in changes}


def test_kinds_of_change() -> None:
    """New, gone, grown, shrunk and the same are told by shares, not by counts."""
    grown, shrunk, same = (replace(FAILED, category=name) for name in ("X_GROWN", "X_SHRUNK", "X_SAME"))
    before = [SUCCEEDED] * 75 + [FAILED] * 10 + [grown] * 2 + [shrunk] * 8 + [same] * 5
    after = [SUCCEEDED] * 144 + [ANSWERED] * 20 + [grown] * 24 + [shrunk] * 2 + [same] * 10
    found = both(before, after)
    assert {name: kind for name, (kind, _) in named(found.categories).items()} == {
        "PROXY_INTEG_ERROR": "gone", "BACKEND_RETURNED_4XX": "new", "X_GROWN": "grown", "X_SHRUNK": "shrunk",
        "X_SAME": "same",
    }  # fmt: skip
    assert found.unit == "share"
    assert found.overall.before_rate == 0.25 and found.overall.after_rate == 56 / 200


def test_verdicts() -> None:
    """Clear differences are more than chance, small numbers are called too few, the rest may be chance."""
    few, some = replace(FAILED, category="X_FEW"), replace(FAILED, category="X_SOME")
    before = [SUCCEEDED] * 900 + [FAILED] * 60 + [some] * 12
    after = [SUCCEEDED] * 900 + [few] * 2 + [some] * 20
    assert named(both(before, after).categories) == {
        "PROXY_INTEG_ERROR": ("gone", CERTAIN), "X_SOME": ("grown", PERHAPS), "X_FEW": ("new", FEW),
    }  # fmt: skip


def test_many_rows_are_corrected_for() -> None:
    """What would pass alone is not called certain among fifty others."""
    others = [replace(FAILED, category=f"X_{n:02}") for n in range(50) for _ in range(6)]
    before = [SUCCEEDED] * 1000 + [*others]
    after = [SUCCEEDED] * 1000 + [*others] + [FAILED] * 7
    alone = both([SUCCEEDED] * 1300, [SUCCEEDED] * 1300 + [FAILED] * 7)
    assert named(alone.categories)["PROXY_INTEG_ERROR"] == ("new", CERTAIN)
    assert named(both(before, after).categories)["PROXY_INTEG_ERROR"] == ("new", PERHAPS)


def test_routes_are_compared_by_their_own_requests() -> None:
    """A route that is called ten times as often and fails as often in each call is no worse."""
    before = [SUCCEEDED] * 90 + [FAILED] * 10 + [replace(SUCCEEDED, resource="/other")] * 900
    after = [SUCCEEDED] * 900 + [FAILED] * 100
    found = both(before, after)
    assert named(found.routes) == {"POST /orders/{id}": ("same", PERHAPS)}
    assert found.overall.kind == "grown"


def test_a_route_that_is_new_altogether() -> None:
    """Without a request before there is nothing to weigh its failures against."""
    found = both([SUCCEEDED] * 50, [SUCCEEDED] * 50 + [replace(FAILED, resource="/new")] * 20)
    assert named(found.routes) == {"POST /new": ("new", UNKNOWN)}


def test_no_shares_where_only_errors_are_logged() -> None:
    """Then numbers an hour are compared, and only if it is known how many hours."""
    found = both([FAILED] * 5, [FAILED] * 15, **AT_ERROR)
    assert found.unit == "count" and found.overall.before_rate is None and found.overall.verdict == UNKNOWN
    assert any("name both ranges" in caution for caution in found.cautions)
    one, two = at(NOON, [FAILED] * 5, **AT_ERROR), at(LATER, [FAILED] * 15, **AT_ERROR)
    hour = timedelta(hours=1)
    stated = compare(analysis([*one, *two]), before_window=(NOON, LATER), after_window=(LATER, LATER + hour))
    assert stated.unit == "per_hour" and stated.overall.after_rate == 15.0 and stated.overall.verdict == CERTAIN
    quiet = compare(analysis(one), before_window=(NOON, LATER), after_window=(LATER, LATER + hour))
    assert quiet.overall.kind == "gone" and quiet.overall.verdict == FEW
    assert any("nothing failed or nothing was logged" in caution for caution in quiet.cautions)


def test_a_range_beyond_the_log() -> None:
    """Where numbers an hour are compared, time that nobody logged would make them small."""
    hour = timedelta(hours=1)
    errors = at(NOON, [FAILED] * 3000, **AT_ERROR)
    covered = coverage(
        requests=3000, first_seen=int(NOON.timestamp() * 1000), last_seen=int(NOON.timestamp() * 1000) + 3_000_000
    )
    log = FakeAnalysis(errors, covered=covered)
    cut = NOON + timedelta(minutes=25)
    fitting = compare(log, before_window=(NOON, cut), after_window=(cut, NOON + timedelta(minutes=50)))
    assert not any("reaches well beyond" in caution for caution in fitting.cautions)
    wide = compare(log, before_window=(NOON - hour, cut), after_window=(cut, NOON + timedelta(minutes=50)))
    assert [caution for caution in wide.cautions if "for before reaches well beyond the log" in caution]


def test_errors_only_on_one_side() -> None:
    """What the backend answered leaves no line at ERROR level, so it is not called gone."""
    before = at(NOON, [FAILED, ANSWERED, ANSWERED, SUCCEEDED] * 10)
    after = at(LATER, [FAILED] * 25, **AT_ERROR)
    found = compare(analysis(before), analysis(after, LATER))
    assert set(named(found.categories)) == {"PROXY_INTEG_ERROR"} and found.overall.before == 10
    assert any("left out" in caution for caution in found.cautions)
    assert "COMPLETED" not in named(found.stages)


def test_an_empty_side() -> None:
    """No request is no health."""
    found = compare(
        analysis(at(NOON, [FAILED] * 30)),
        before_window=(NOON, LATER), after_window=(LATER, LATER + timedelta(hours=1)),
    )  # fmt: skip
    assert found.overall.verdict == UNKNOWN and found.cautions[0].startswith("There is no request in after")


def test_windows_divide_one_log() -> None:
    """A request belongs to the window in which it began; the end of a window is no longer in it."""
    requests = at(NOON, [SUCCEEDED] * 10)
    cut = NOON + timedelta(seconds=4)
    found = compare(analysis(requests), before_window=(NOON, cut), after_window=(cut, LATER))
    assert (found.before.requests, found.after.requests) == (4, 6)


@pytest.mark.parametrize(
    ("one", "two", "said"),
    [
        ((NOON, LATER), None, "only one log"),
        ((NOON, LATER), (NOON, LATER), "overlap"),
        ((LATER, NOON), (LATER, LATER + timedelta(hours=1)), "is empty"),
        ((NOON.replace(tzinfo=None), LATER), (LATER, LATER), "no time zone"),
    ],
)
def test_windows_that_make_no_sense(
    one: tuple[datetime, datetime], two: tuple[datetime, datetime] | None, said: str
) -> None:
    """Each is one clear sentence."""
    with pytest.raises(UsageError, match=said):
        compare(analysis([FAILED]), before_window=one, after_window=two)


def test_an_analysis_without_its_successes_is_refused() -> None:
    """Its counts would be wrong."""
    brief = FakeAnalysis([FAILED], covered=coverage(requests=10))
    with pytest.raises(UsageError, match="only counts of the requests that succeeded"):
        compare(brief, brief)


def test_logs_that_are_swapped() -> None:
    """What begins before it is said."""
    found = compare(analysis(at(LATER, [FAILED]), LATER), analysis(at(NOON, [FAILED])))
    assert any("swapped" in caution for caution in found.cautions)


def test_incomplete_requests_do_not_fail() -> None:
    """They are listed as a category and do not count as failures."""
    found = both([SUCCEEDED] * 9 + [CUT_SHORT], [SUCCEEDED] * 10)
    assert found.before.failed == 0 and found.before.incomplete == 1
    assert named(found.categories)["INCOMPLETE"][0] == "gone"


# -- the authorizer's cache --------------------------------------------------------------------------------------------

OLD = replace(DENIED, authorizer="cached", log_level="info_trace")
ANEW = replace(DENIED, authorizer="ran", log_level="info_trace")
LET_IN = replace(SUCCEEDED, authorizer="ran")


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([SUCCEEDED], [SUCCEEDED], "none"),
        ([LET_IN], [LET_IN], "no denials"),
        ([ANEW, LET_IN], [LET_IN], "cleared"),
        ([ANEW, LET_IN], [LET_IN, OLD], "cache"),
        ([ANEW, LET_IN], [OLD, *[LET_IN] * 400], "expired"),
        ([ANEW, LET_IN], [OLD, ANEW], "not the cache"),
        ([ANEW, LET_IN], [*[LET_IN] * 400, OLD], "not the cache"),
        ([ANEW, LET_IN], [replace(DENIED, authorizer="unknown")], "unknown"),
    ],
)
def test_is_the_cache_still_answering(before: list[Request], after: list[Request], verdict: str) -> None:
    """An old result explains a denial only if it came from the cache, within its time to live after the change."""
    assert both(before, after).cache.verdict == verdict


def test_the_time_of_the_change_counts() -> None:
    """Denials before it are none after it; results live on for the time given."""
    one, two = analysis(at(NOON, [ANEW])), analysis(at(LATER, [ANEW, ANEW, OLD]), LATER)
    changed = LATER + timedelta(seconds=2)
    found = compare(one, two, changed=changed, ttl=timedelta(seconds=60)).cache
    assert (found.verdict, found.old, found.fresh, found.expires) == ("cache", 1, 0, changed + timedelta(seconds=60))


def test_two_logs_from_their_files() -> None:
    """The library reads what it is given; the tables are pandas'."""
    found = la.compare(LOGS / "before.log.gz", str(LOGS / "after.log.gz"))
    assert isinstance(found, la.Comparison)
    assert found.overall.verdict == CERTAIN and found.cache.verdict == "expired"
    frame = found.by_category
    assert list(frame.columns) == ["name", "kind", "before", "after", "before_rate", "after_rate", "p", "verdict"]
    assert frame.set_index("name").loc["IMPLICIT_DENY", "kind"] == "gone"
    assert len(found.by_route) == len(found.routes) and len(found.by_stopped_at) == len(found.stages)
    assert repr(found) == "<Comparison: 100 → 100 requests, 27 → 4 failed, shrunk, more than chance>"


def test_two_ranges_of_one_log() -> None:
    """Both sides can stand in the same files, which are read once."""
    start = datetime(2026, 11, 20, 13, 0, tzinfo=UTC)
    hour = timedelta(hours=1)
    found = la.compare(
        [LOGS / "before.log.gz", LOGS / "after.log.gz"],
        before_window=(start, start + hour), after_window=(start + hour, start + hour + timedelta(minutes=4)),
    )  # fmt: skip
    assert found.cache.verdict == "cache" and found.before.failed == 27
