"""What was logged in one period, counted from columns: in Python only what is distinct is looked at, and denials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from loganalyzer.comparison.kinds import UNTIMED, Kind, Kinds, kinds_of_requests, ms_from
from loganalyzer.comparison.records import Period, Window
from loganalyzer.coverage import Coverage
from loganalyzer.errors import UsageError
from loganalyzer.model import Request
from loganalyzer.scales import Stage

DENIALS = ("EXPLICIT_DENY", "IMPLICIT_DENY", "ACCESS_DENIED")
"""Categories in which a policy refused the request: of an authorizer's results policies alone are cached
(https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html)."""

ANSWERING = ("ran", "cached")
"""What an authorizer does that answers with a policy."""


class Analysed(Protocol):
    """What is needed of an analysis."""

    coverage: Coverage

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """The requests."""


@runtime_checkable
class Columned(Protocol):
    """What spares single requests where an analysis has it."""

    def kinds(self) -> Kinds:
        """All requests as columns."""


def period(
    analysis: Analysed, *, name: str, window: Window | None = None, later_than: datetime | None = None
) -> Period:
    """The requests that began within the window (all of them without one), counted.

    ``later_than`` is the moment after which requests with an authorizer are counted once more.

    Raises :class:`UsageError` for an analysis without its successes: they could not be counted by time or route.
    """
    told = analysis.kinds() if isinstance(analysis, Columned) else kinds_of_requests(analysis.records(everything=True))
    if len(told.kind) < analysis.coverage.requests:
        raise UsageError(
            f"{name}: the analysis has only counts of the requests that succeeded",
            tip="analyze with successes=True, which is the default",
        )
    told = told if window is None else _within(told, window)
    outcomes, categories, answered, stages, levels, authorizers = (Counter[str]() for _ in range(6))
    routes: dict[str, list[int]] = {}
    for kind, count in _counted(told):
        outcomes[kind.outcome] += count
        levels[kind.log_level] += count
        authorizers[kind.authorizer] += count
        counts = routes.setdefault(kind.route, [0, 0, 0])
        counts[1] += count
        if kind.outcome != "succeeded":
            categories[kind.category] += count
        if kind.outcome == "failed":
            counts[0] += count
            stages[kind.stopped_at] += count
            if kind.stopped_at == Stage.COMPLETED.name:
                counts[2] += count
                answered[kind.category] += count
    start, end = window or _span(told)
    return Period(
        name=name,
        start=start,
        end=end,
        stated=window is not None,
        requests=outcomes.total(),
        failed=outcomes["failed"],
        incomplete=outcomes["incomplete"],
        by_category=dict(categories),
        by_stopped_at=dict(stages),
        by_route={route: (failed, seen, told) for route, (failed, seen, told) in routes.items()},
        levels=dict(levels),
        authorizers=dict(authorizers),
        logged=(moment_of(analysis.coverage.first_seen), moment_of(analysis.coverage.last_seen)),
        later=_later(told, later_than),
        answered=dict(answered),
        denials=_denials(told),
    )


def moment_of(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 as a time; None for one that no calendar has."""
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _within(told: Kinds, window: Window) -> Kinds:
    """Those that began in the window; of what has no time nothing is known to be in it."""
    start, end = map(ms_from, window)
    inside = (told.first != UNTIMED) & (told.first >= start) & (told.first < end)
    return Kinds(told.first[inside], told.last[inside], told.kind[inside], told.kinds)


def _counted(told: Kinds) -> Iterator[tuple[Kind, int]]:
    """What there is and how often, in the order in which it is first seen."""
    found, at, counts = np.unique(told.kind, return_index=True, return_counts=True)
    order = np.argsort(at)
    for number, count in zip(found[order].tolist(), counts[order].tolist(), strict=True):
        yield told.kinds[number], count


def _span(told: Kinds) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest time of requests that have both."""
    timed = (told.first != UNTIMED) & (told.last != UNTIMED)
    if not timed.any():
        return None, None
    return moment_of(int(told.first[timed].min())), moment_of(int(told.last[timed].max()))


def _later(told: Kinds, moment: datetime | None) -> int:
    """How many that an authorizer answered began after the moment."""
    if moment is None:
        return 0
    answered = np.array([kind.authorizer in ANSWERING for kind in told.kinds] or [False])[told.kind]
    after = (told.first != UNTIMED) & (told.first >= ms_from(moment + timedelta(microseconds=1)))
    return int(np.count_nonzero(answered & after))


def _denials(told: Kinds) -> tuple[tuple[datetime | None, str], ...]:
    """When a policy refused a request, and what its authorizer did."""
    which: npt.NDArray[np.bool_] = np.array([kind.category in DENIALS for kind in told.kinds] or [False])[told.kind]
    pairs = zip(told.first[which].tolist(), told.kind[which].tolist(), strict=True)
    return tuple((None if ms == UNTIMED else moment_of(ms), told.kinds[kind].authorizer) for ms, kind in pairs)
