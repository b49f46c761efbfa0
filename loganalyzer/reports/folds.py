"""Like failures folded into one with a count, so that a thousand equal ones read as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from loganalyzer.model import Request
from loganalyzer.reports.selection import ANSWERED


@dataclass(slots=True)
class Fold:
    """Requests with the same category, stage, route, client status and confidence; ``example`` is the first of them."""

    example: Request
    count: int = 0
    reasons: dict[str, None] = field(default_factory=dict)
    details: dict[str, int] = field(default_factory=dict)

    def add(self, request: Request) -> None:
        """Count one more; reasons are kept in the order in which they first came up."""
        self.count += 1
        if request.detail and (request.detail in self.details or len(self.details) < _DETAILS):
            self.details[request.detail] = self.details.get(request.detail, 0) + 1
        for reason in request.reasons:
            if len(self.reasons) < _REASONS:
                self.reasons.setdefault(reason)

    def shown_details(self) -> list[tuple[str, int]]:
        """What exactly broke and how often, the most frequent first."""
        return sorted(self.details.items(), key=lambda item: -item[1])[:_SHOWN]


@dataclass(slots=True)
class Group:
    """All folds of one category, the most frequent first; ``details`` say what exactly broke most often in them."""

    category: str
    folds: list[Fold]
    details: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many requests there are in all folds."""
        return sum(fold.count for fold in self.folds)

    @property
    def stages(self) -> tuple[str, ...]:
        """Where the requests stopped, without repetition."""
        return tuple(dict.fromkeys(fold.example.stopped_at for fold in self.folds))

    @property
    def part(self) -> str:
        """Whose failure it is: ``gateway``, ``backend``, or nobody's as far as is known (``incomplete``)."""
        if self.folds[0].example.outcome == "incomplete":
            return PARTS[2]
        return PARTS[self.folds[0].example.stopped_at == ANSWERED]


PARTS = ("gateway", "backend", "incomplete")
"""The parts of a report in their order."""

_REASONS = 6
_DETAILS = 200
_SHOWN = 3


def fold(requests: Iterable[Request], *, shown: Callable[[Request], Request]) -> list[Group]:
    """Failed and incomplete requests in groups: API Gateway's failures, the backend's answers, then incomplete ones.

    Of the requests only the examples are kept, as ``shown`` makes them: to mask all would cost more than to fold them.
    """
    folds: dict[tuple[object, ...], Fold] = {}
    for request in requests:
        if request.outcome != "succeeded":
            folds.setdefault(_likeness(request), Fold(request)).add(request)
    groups: dict[str, Group] = {}
    broke: dict[str, Counter[str]] = {}
    for one in folds.values():
        first = one.example
        broke.setdefault(first.category, Counter()).update(one.details)
        one.details = _masked(one.details, first, shown=shown)
        one.example = shown(first)
        groups.setdefault(one.example.category, Group(one.example.category, [])).folds.append(one)
    for group in groups.values():
        group.folds.sort(key=lambda one: -one.count)
        group.details = _masked(broke[group.category], group.folds[0].example, shown=shown)
    return sorted(groups.values(), key=lambda group: (PARTS.index(group.part), -group.count, group.category))


def _masked(details: Mapping[str, int], first: Request, *, shown: Callable[[Request], Request]) -> dict[str, int]:
    """The most frequent details as they may be shown; what is alike then is one."""
    found: Counter[str] = Counter()
    for text, times in Counter(details).most_common(_SHOWN):
        found[shown(replace(first, detail=text)).detail] += times
    return found


def _likeness(request: Request) -> tuple[object, ...]:
    route = request.resource or request.path
    return request.category, request.stopped_at, request.method, route, request.client_status, request.confidence
