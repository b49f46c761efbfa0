"""What :func:`compare` does: two periods counted, and every difference between them weighed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, cast

from loganalyzer.comparison import chance
from loganalyzer.comparison.cache import DEFAULT_TTL, cache_answer
from loganalyzer.comparison.counting import Analysed, moment_of, period
from loganalyzer.comparison.kinds import NO_ROUTE
from loganalyzer.comparison.records import (
    CERTAIN,
    COUNT,
    FEW,
    GONE,
    GROWN,
    HOUR,
    NEW,
    PERHAPS,
    SAME,
    SHARE,
    SHRUNK,
    UNKNOWN,
    Change,
    Comparison,
    Period,
    Window,
)
from loganalyzer.errors import UsageError
from loganalyzer.scales import Stage

ALPHA = 0.05
"""A difference is called more than chance where equal sides would show one like it less often than so."""

ENOUGH = 20
"""Of fewer requests the first and the last do not tell how long the log was kept."""

Side = Analysed | str | Path | BinaryIO | Sequence[str | Path]
"""An analysis, or what :func:`loganalyzer.analyze` reads."""

Weigh = Callable[[int, int], chance.Odds | None]


def compare(
    before: Side,
    after: Side | None = None,
    *,
    before_window: Window | None = None,
    after_window: Window | None = None,
    changed: datetime | None = None,
    ttl: timedelta = DEFAULT_TTL,
    names: tuple[str, str] = ("before", "after"),
) -> Comparison:
    """Compare what failed in two periods: two analyses or logs, or two windows of one (then ``after`` is left out).

    A request belongs to the window in which it began. ``changed`` is when the fix was made (by default the start of
    the later period) and ``ttl`` how long the authorizer's results are cached, both for the question whether that
    cache still answers; ``names`` are what the sides are called. Raises :class:`UsageError` for windows that are
    missing, empty, naive or overlapping, and what :func:`loganalyzer.analyze` raises for a source.
    """
    _check(after, before_window, after_window, changed)
    first = _analysed(before)
    second = first if after is None else _analysed(after)
    one = period(first, name=names[0], window=before_window)
    changed = changed or (after_window[0] if after_window else moment_of(second.coverage.first_seen))
    two = period(second, name=names[1], window=after_window, later_than=changed and changed + ttl)
    return compared(one, two, changed=changed, ttl=ttl)


def compared(
    before: Period, after: Period, *, changed: datetime | None = None, ttl: timedelta = DEFAULT_TTL
) -> Comparison:
    """Compare two periods that are counted already."""
    cautions = [*_logging(before, after)]
    if before.nothing_but_errors != after.nothing_but_errors:
        before, after = _without_answers(before), _without_answers(after)
    unit = _unit(before, after)
    failed = before.failed, after.failed
    overall = _settled([_change("failed requests", *failed, before, after, unit=unit)])[0]
    return Comparison(
        before=before,
        after=after,
        unit=unit,
        overall=overall,
        categories=_changes(before.by_category, after.by_category, before, after, unit=unit),
        stages=_in_order(_changes(before.by_stopped_at, after.by_stopped_at, before, after, unit=unit)),
        routes=_route_changes(before, after, unit=unit),
        cache=cache_answer(before, after, changed=changed, ttl=ttl),
        cautions=(*_cautions(before, after, unit=unit), *cautions),
    )


def _without_answers(period: Period) -> Period:
    """The period without what ERROR level does not print: requests that completed, whatever the backend answered."""
    categories = {name: n - period.answered.get(name, 0) for name, n in period.by_category.items()}
    return replace(
        period,
        failed=period.failed - sum(period.answered.values()),
        by_category={name: n for name, n in categories.items() if n},
        by_stopped_at={name: n for name, n in period.by_stopped_at.items() if name != Stage.COMPLETED.name},
        by_route={name: (failed - told, seen, 0) for name, (failed, seen, told) in period.by_route.items()},
    )


def _check(after: Side | None, one: Window | None, two: Window | None, changed: datetime | None) -> None:
    if after is None and (one is None or two is None):
        raise UsageError(
            "there is only one log to compare",
            tip="give two logs, or the two ranges of time in it that are to be compared",
        )
    for moment in (*(one or ()), *(two or ()), *([changed] if changed else ())):
        if moment.tzinfo is None:
            raise UsageError(f"{moment} has no time zone", tip="give an aware datetime, such as one with tzinfo=UTC")
    for window in (one, two):
        if window is not None and window[0] >= window[1]:
            raise UsageError(f"the range from {window[0]} to {window[1]} is empty", tip="begin it before its end")
    if one and two and one[0] < two[1] and two[0] < one[1]:
        raise UsageError("the two ranges overlap", tip="end the first one where the second begins: requests count once")


def _analysed(side: Side) -> Analysed:
    if hasattr(side, "records") and hasattr(side, "coverage"):
        return cast("Analysed", side)
    from loganalyzer.reading import analyze

    several = isinstance(side, Sequence) and not isinstance(side, str)
    return analyze(*cast("Sequence[str | Path | BinaryIO]", side if several else [side]))


def _unit(before: Period, after: Period) -> str:
    """What rates can be of: of nothing where the log neither has successes nor tells how long it was kept."""
    if before.only_errors or after.only_errors:
        return HOUR if all(s.hours and (s.stated or s.requests >= ENOUGH) for s in (before, after)) else COUNT
    return SHARE if before.requests and after.requests else COUNT


# -- changes -----------------------------------------------------------------------------------------------------------


def _changes(
    ones: Mapping[str, int], twos: Mapping[str, int], before: Period, after: Period, *, unit: str
) -> tuple[Change, ...]:
    return _settled(
        _change(name, ones.get(name, 0), twos.get(name, 0), before, after, unit=unit)
        for name in ones.keys() | twos.keys()
    )


def _route_changes(before: Period, after: Period, *, unit: str) -> tuple[Change, ...]:
    """Routes with failures; a route's share is one of its own requests, so that busier routes do not seem worse."""
    none = (0, 0, 0)
    rows = []
    for name in before.by_route.keys() | after.by_route.keys():
        (one, of_one, _), (two, of_two, _) = before.by_route.get(name, none), after.by_route.get(name, none)
        if not one and not two:
            continue
        known = name != NO_ROUTE and unit == SHARE
        here = (replace(before, requests=of_one), replace(after, requests=of_two)) if known else (before, after)
        rows.append(_change(name, one, two, *here, unit=COUNT if known and not (of_one and of_two) else unit))
    return _settled(rows)


def _change(name: str, one: int, two: int, before: Period, after: Period, *, unit: str) -> tuple[Change, float | None]:
    """The change with its p-value as it is, and the least that so few could give."""
    odds: chance.Odds | None = None
    rates: tuple[float | None, float | None] = (None, None)
    if unit == SHARE:
        odds = chance.shares(one, before.requests, two, after.requests)
        rates = one / before.requests, two / after.requests
    elif unit == HOUR and before.hours and after.hours:
        odds = chance.rates(one, before.hours, two, after.hours)
        rates = one / before.hours, two / after.hours
    kind = _kind(one, two, rates)
    change = Change(name, kind, one, two, *rates, odds.p if odds else None, UNKNOWN)
    return change, odds.least if odds else None


def _kind(one: int, two: int, rates: tuple[float | None, float | None]) -> str:
    if bool(one) != bool(two):
        return NEW if two else GONE
    was, now = (one, two) if rates[0] is None or rates[1] is None else (rates[0], rates[1])
    return SAME if was == now else GROWN if now > was else SHRUNK


def _settled(rows: Iterable[tuple[Change, float | None]]) -> tuple[Change, ...]:
    """The changes with their verdicts, all of them weighed together; what is certain and large comes first."""
    listed = list(rows)
    tested = [(number, change.p) for number, (change, _) in enumerate(listed) if change.p is not None]
    corrected = dict(zip((n for n, _ in tested), chance.holm([p for _, p in tested]), strict=True))
    changes = [
        replace(change, p=corrected.get(number), verdict=_verdict(corrected.get(number), least))
        for number, (change, least) in enumerate(listed)
    ]
    return tuple(sorted(changes, key=lambda c: (c.verdict != CERTAIN, -abs(c.after - c.before), c.name)))


def _verdict(p: float | None, least: float | None) -> str:
    if p is None or least is None:
        return UNKNOWN
    if p < ALPHA:
        return CERTAIN
    return FEW if least >= ALPHA else PERHAPS


def _in_order(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Stages in the order in which requests pass them."""
    return tuple(sorted(changes, key=lambda change: Stage[change.name]))


def _cautions(before: Period, after: Period, *, unit: str) -> Iterator[str]:
    for side in (before, after):
        if not side.requests and unit == HOUR:
            yield f"No line in {side.name}: with errors only logged, nothing failed or nothing was logged."
        elif not side.requests:
            yield f"There is no request in {side.name}: it says nothing about what would have failed."
    if unit == HOUR and not (before.stated and after.stated):
        yield "The log has errors only and is taken to cover the time from its first to its last request."
    for side in (before, after):
        if unit == HOUR and side.beyond_the_log:
            yield (
                f"The range of time given for {side.name} reaches well beyond the log and is taken to have been logged "
                "whole: if it was not, its numbers an hour are too small."
            )
    if unit == COUNT and (before.only_errors or after.only_errors):
        yield (
            "The log has errors only and does not say how long it was kept, so counts cannot be weighed: name both "
            "ranges of time."
        )
    if not (before.stated or after.stated) and before.end and after.start and after.start < before.end:
        yield "The two logs overlap in time, or are swapped: the second begins before the first ends."


def _logging(before: Period, after: Period) -> Iterator[str]:
    """What differs in how the two sides were logged."""
    if before.requests and after.requests and (before.levels.keys() ^ after.levels.keys()) - {"unknown"}:
        yield "The logging level is not the same on both sides, so categories may have been told apart differently."
        if before.nothing_but_errors != after.nothing_but_errors and (before.answered or after.answered):
            yield "What the backend itself answered is left out, since one side logs errors of the gateway only."
