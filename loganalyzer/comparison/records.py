"""What a comparison is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Window = tuple[datetime, datetime]
"""A stretch of time: its start, and its end, which is no longer in it. Both aware."""

SHARE, HOUR, COUNT = "share", "per_hour", "count"
"""What rates are of: the share of requests, a number an hour (where only errors are logged), or not known."""

NEW, GONE, GROWN, SHRUNK, SAME = "new", "gone", "grown", "shrunk", "same"

CERTAIN, PERHAPS, FEW, UNKNOWN = "more than chance", "may be chance", "too few to tell", "cannot be told"
"""Verdicts: what the numbers allow to say of a difference."""
VERDICTS = (CERTAIN, PERHAPS, FEW, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Period:
    """One side: what was logged in it.

    ``stated`` is whether start and end were given rather than those of the requests in it. ``by_route`` has failed
    requests, all requests, and the backend's failing answers among them; ``answered`` counts those answers by category.
    ``logged`` is from when to when the whole log goes, whatever the period; ``later`` counts requests with an
    authorizer after the moment asked for; ``denials`` is when a policy refused a
    request and what its authorizer did.
    """

    name: str
    start: datetime | None
    end: datetime | None
    stated: bool
    requests: int
    failed: int
    incomplete: int
    by_category: Mapping[str, int]
    by_stopped_at: Mapping[str, int]
    by_route: Mapping[str, tuple[int, int, int]]
    levels: Mapping[str, int]
    authorizers: Mapping[str, int]
    logged: tuple[datetime | None, datetime | None] = (None, None)
    later: int = 0
    answered: Mapping[str, int] = field(default_factory=dict)
    denials: tuple[tuple[datetime | None, str], ...] = ()

    @property
    def beyond_the_log(self) -> bool:
        """Whether a good part of the time given lies before the first or after the last line of the log."""
        first, last = self.logged
        if not self.stated or None in (self.start, self.end, first, last):
            return False
        assert self.start and self.end and first and last
        without = max(first - self.start, timedelta()) + max(self.end - last, timedelta())
        return without > (self.end - self.start) / 4

    @property
    def only_errors(self) -> bool:
        """Whether some method logs errors only, so that what succeeded leaves no line."""
        return bool(self.levels.get("error"))

    @property
    def nothing_but_errors(self) -> bool:
        """Whether all methods do, so that the backend's own answers are missing as well."""
        return self.only_errors and not self.levels.keys() & {"info", "info_trace"}

    @property
    def hours(self) -> float | None:
        """How long the period is."""
        if self.start is None or self.end is None or self.end <= self.start:
            return None
        return (self.end - self.start).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Change:
    """How one category, stage or route differs: ``kind`` is ``new | gone | grown | shrunk | same``.

    Rates are shares of all requests (of the route's requests for a route) or numbers an hour, as the comparison's
    ``unit`` says, None where there are none; ``p`` is corrected for the number of comparisons.
    """

    name: str
    kind: str
    before: int
    after: int
    before_rate: float | None
    after_rate: float | None
    p: float | None
    verdict: str


@dataclass(frozen=True, slots=True)
class CacheAnswer:
    """Whether the authorizer's cache may still answer with what it decided before the change.

    ``verdict`` is ``none`` (no authorizer seen), ``no denials``, ``cleared`` (some before, none after), ``cache`` (old
    cached results explain all denials after the change), ``expired`` (they do, and have run out since), ``not the
    cache`` (some denials cannot be old results) or ``unknown`` (the log does not show where the results came from).
    Of the denials after ``changed``, ``old`` counts those that may be old results, ``fresh`` those that cannot,
    ``unclear`` the others; ``later`` counts requests that the authorizer answered after all old results had run out.
    """

    verdict: str
    changed: datetime | None
    expires: datetime | None
    before_cached: int
    before_answers: int
    after_cached: int
    after_answers: int
    denials_before: int
    old: int
    fresh: int
    unclear: int
    later: int

    @property
    def denials_after(self) -> int:
        """How many requests a policy refused after the change."""
        return self.old + self.fresh + self.unclear


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods and how they differ; changes that are more than chance come first."""

    before: Period
    after: Period
    unit: str
    overall: Change
    categories: tuple[Change, ...]
    stages: tuple[Change, ...]
    routes: tuple[Change, ...]
    cache: CacheAnswer
    cautions: tuple[str, ...] = ()

    @property
    def by_category(self) -> pd.DataFrame:
        """One row a category (that failed on either side, and INCOMPLETE): the columns of :class:`Change`."""
        return _frame(self.categories)

    @property
    def by_stopped_at(self) -> pd.DataFrame:
        """One row a stage at which failed requests stopped."""
        return _frame(self.stages)

    @property
    def by_route(self) -> pd.DataFrame:
        """One row a route with failures on either side."""
        return _frame(self.routes)

    def __repr__(self) -> str:
        failed = f"{self.before.failed} → {self.after.failed} failed"
        requests = f"{self.before.requests} → {self.after.requests} requests"
        return f"<Comparison: {requests}, {failed}, {self.overall.kind}, {self.overall.verdict}>"


def _frame(changes: tuple[Change, ...]) -> pd.DataFrame:
    import pandas as pd

    names = [column.name for column in fields(Change)]
    frame = pd.DataFrame({name: [getattr(change, name) for change in changes] for name in names}, columns=names)
    types = {"name": "str", "kind": "str", "verdict": "str", "before": "int64", "after": "int64"}
    return frame.astype(types | dict.fromkeys(("before_rate", "after_rate", "p"), "float64"))
