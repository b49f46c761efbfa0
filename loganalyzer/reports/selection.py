"""Which requests a report is about, and counts of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from loganalyzer.model import Request, Summary

ANSWERED = "COMPLETED"
"""Where a request stops whose failing status is the backend's own answer."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a request must be to be reported: one of each kind that is given; nothing given lets all pass.

    ``statuses`` are ``502`` or ``5xx``; ``paths`` globs or beginnings of the path or the resource; the times are aware.
    """

    categories: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.words())

    def words(self) -> tuple[str, ...]:
        """The selection in words, one for each kind of filter that is on."""
        kinds = (
            ("category", self.categories),
            ("client status", self.statuses),
            ("path", self.paths),
            ("method", self.methods),
        )
        said = [f"{name} {' or '.join(values)}" for name, values in kinds if values]
        times = (("since", self.since), ("until", self.until))
        said += [f"{name} {moment:%Y-%m-%d %H:%M:%SZ}" for name, moment in times if moment]
        return tuple(said)

    def admits(self, request: Request) -> bool:
        """Whether the request is one to report; without a time it is in no window."""
        return (
            (not self.categories or request.category in self.categories)
            and (not self.methods or request.method in self.methods)
            and (not self.statuses or any(_is_status(request.client_status, wanted) for wanted in self.statuses))
            and (not self.paths or any(_is_under(request, wanted) for wanted in self.paths))
            and self._in_window(request)
        )

    def _in_window(self, request: Request) -> bool:
        if self.since is None and self.until is None:
            return True
        if request.first_seen is None or request.last_seen is None:
            return False
        return (self.since is None or request.last_seen >= self.since) and (
            self.until is None or request.first_seen <= self.until
        )


def gateway_failed(request: Request) -> bool:
    """Whether API Gateway itself failed the request, as opposed to passing on the backend's failing answer."""
    return request.outcome == "failed" and request.stopped_at != ANSWERED


def tally(requests: Iterable[Request]) -> Summary:
    """Counts over some requests, as an analysis counts all of its own."""
    outcomes: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    stages: Counter[str] = Counter()
    last_seen: Counter[str] = Counter()
    by_gateway = 0
    for request in requests:
        outcomes[request.outcome] += 1
        if request.outcome != "succeeded":
            categories[request.category] += 1
            stages[request.stopped_at] += 1
            by_gateway += gateway_failed(request)
            last_seen[request.stopped_at] += request.outcome == "incomplete"
    return Summary(
        requests=outcomes.total(),
        succeeded=outcomes["succeeded"],
        failed=outcomes["failed"],
        incomplete=outcomes["incomplete"],
        gateway_failed=by_gateway,
        backend_failed=outcomes["failed"] - by_gateway,
        by_category=dict(categories.most_common()),
        by_stopped_at=dict(stages.most_common()),
        incomplete_at=dict(+last_seen),
    )


def _is_status(status: int | None, wanted: str) -> bool:
    return status is not None and (str(status) == wanted or (wanted[1:] == "xx" and str(status)[0] == wanted[0]))


def _is_under(request: Request, wanted: str) -> bool:
    if any(sign in wanted for sign in "*?["):
        return fnmatchcase(request.path, wanted) or fnmatchcase(request.resource, wanted)
    return request.path.startswith(wanted) or request.resource.startswith(wanted)
