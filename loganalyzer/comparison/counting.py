"""What was logged in one period, counted in one pass over its requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Protocol

from loganalyzer.comparison.records import Period, Window
from loganalyzer.errors import UsageError
from loganalyzer.model import Coverage, Request, Stage

DENIALS = ("EXPLICIT_DENY", "IMPLICIT_DENY", "ACCESS_DENIED")
"""Categories in which a policy refused the request: of an authorizer's results policies alone are cached
(https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html)."""

ANSWERING = ("ran", "cached")
"""What an authorizer does that answers with a policy."""

NO_ROUTE = "route not in the log"


class Analysed(Protocol):
    """What is needed of an analysis."""

    coverage: Coverage

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """The requests."""


def period(
    analysis: Analysed, *, name: str, window: Window | None = None, later_than: datetime | None = None
) -> Period:
    """The requests that began within the window (all of them without one), counted.

    ``later_than`` is the moment after which requests with an authorizer are counted once more.

    Raises :class:`UsageError` for an analysis without its successes: they could not be counted by time or route.
    """
    requests = later = 0
    outcomes, categories, answered, stages, levels, authorizers = (Counter[str]() for _ in range(6))
    routes: dict[str, list[int]] = {}
    denials: list[tuple[datetime | None, str]] = []
    times: list[datetime] = []
    for request in analysis.records(everything=True):
        requests += 1
        if window is not None and not _within(request.first_seen, window):
            continue
        outcomes[request.outcome] += 1
        levels[request.log_level] += 1
        authorizers[request.authorizer] += 1
        _widen(times, request)
        if later_than is not None and request.first_seen is not None and request.first_seen > later_than:
            later += request.authorizer in ANSWERING
        counts = routes.setdefault(route_of(request), [0, 0, 0])
        counts[1] += 1
        if request.outcome == "succeeded":
            continue
        categories[request.category] += 1
        if request.outcome == "failed":
            counts[0] += 1
            stages[request.stopped_at] += 1
            if request.stopped_at == Stage.COMPLETED.name:
                counts[2] += 1
                answered[request.category] += 1
        if request.category in DENIALS:
            denials.append((request.first_seen, request.authorizer))
    if requests < analysis.coverage.requests:
        raise UsageError(
            f"{name}: the analysis has only counts of the requests that succeeded",
            tip="analyze with successes=True, which is the default",
        )
    start, end = window or (times if times else (None, None))
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
        later=later,
        answered=dict(answered),
        denials=tuple(denials),
    )


def moment_of(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 as a time; None for one that no calendar has."""
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _within(moment: datetime | None, window: Window) -> bool:
    return moment is not None and window[0] <= moment < window[1]


def _widen(times: list[datetime], request: Request) -> None:
    """Keep the earliest and the latest time."""
    first, last = request.first_seen, request.last_seen
    if first is None or last is None:
        return
    times[:] = [min(first, times[0]), max(last, times[1])] if times else [first, last]


def route_of(request: Request) -> str:
    """Method and resource (else path) of a request, as logged."""
    place = request.resource or request.path
    return f"{request.method or '?'} {place}" if place else NO_ROUTE
