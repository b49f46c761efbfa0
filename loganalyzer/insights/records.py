"""What counting inside Logs Insights comes to, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis
    from loganalyzer.fetcher.group import LogGroup
    from loganalyzer.formats.stored import Span


@dataclass(frozen=True, slots=True)
class Counted:
    """Requests of one group that are alike: how many, what became of them, on which route (empty where not logged).

    ``candidates`` are the categories that it may be as well, as far as a query can tell; ``example`` is the id of one
    of the requests, ``span`` from the first line of one of them to the last (ms), None where AWS did not tell.
    """

    group: str
    category: str
    outcome: str
    stopped_at: str
    confidence: str
    route: str
    requests: int
    candidates: tuple[str, ...] = ()
    example: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """All that was counted in some groups from ``since`` to ``until`` (ms), the most frequent kinds first.

    ``scanned`` are the bytes that AWS bills, ``dollars`` about what they cost; ``notes`` say what counting cannot see
    or did not; ``examples`` are whole requests, one for each category at most, None if none were fetched.
    """

    groups: tuple[LogGroup, ...]
    since: int
    until: int
    counted: tuple[Counted, ...]
    scanned: float
    dollars: float
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    examples: Analysis | None = field(default=None, compare=False)

    @property
    def requests(self) -> int:
        """How many there are in all."""
        return sum(one.requests for one in self.counted)

    def of_outcome(self, outcome: str) -> int:
        """How many had this outcome: ``failed | succeeded | incomplete``."""
        return sum(one.requests for one in self.counted if one.outcome == outcome)

    def by(self, name: str) -> Mapping[str, int]:
        """Failed and incomplete requests by a field of :class:`Counted`, the most frequent first."""
        found: dict[str, int] = {}
        for one in self.counted:
            if one.category:
                key = str(getattr(one, name))
                found[key] = found.get(key, 0) + one.requests
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
