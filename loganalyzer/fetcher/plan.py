"""What a fetch is about to read, by which way, for how long and at what price: told before anything is read."""

from __future__ import annotations

from dataclasses import dataclass

from loganalyzer.fetcher.pace import quota_of
from loganalyzer.fetcher.store import Store
from loganalyzer.formats.stored import Span

FILTER, INSIGHTS = "FilterLogEvents", "Logs Insights"
"""The two ways to the events of a group. The first costs nothing but calls; the second is billed for what it scans
(https://aws.amazon.com/cloudwatch/pricing/) and the only one into groups of the Infrequent Access class."""

DOLLARS_PER_GB = 0.005
"""What Insights costs in most regions; some are dearer."""

_DEARER = {"sa-east-1": 0.009, "af-south-1": 0.0067, "us-gov-west-1": 0.005}
_PAGE_BYTES = 1_000_000
_DAY_MS = 86_400_000
_SCAN_BYTES_PER_SECOND = 100_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """What is to be read of one group: ``spans`` are not stored yet, ``span`` ms in all of ``wanted`` ms.

    ``bytes`` is about how much that is, by the group's size and age (None where AWS does not tell); ``bound`` is what
    it is at most; ``dollars`` what it costs at most.
    """

    store: Store
    route: str
    spans: tuple[Span, ...]
    bytes: int | None
    bound: int | None
    dollars: float
    seconds: float | None

    @property
    def span(self) -> int:
        """Milliseconds to be read."""
        return sum(last - first + 1 for first, last in self.spans)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a whole fetch is about to read."""

    parts: tuple[Part, ...]

    @property
    def bytes(self) -> int | None:
        """About how many bytes; None where that is not known of some group."""
        known = [part.bytes for part in self.parts if part.spans]
        return None if None in known else sum(size for size in known if size is not None)

    @property
    def dollars(self) -> float:
        """The price at most."""
        return sum(part.dollars for part in self.parts)

    @property
    def seconds(self) -> float | None:
        """About how long it takes; calls to a region share its quota, regions run side by side."""
        by_region: dict[str, float] = {}
        for part in self.parts:
            if part.spans and part.seconds is None:
                return None
            region = part.store.group.region
            by_region[region] = by_region.get(region, 0.0) + (part.seconds or 0.0)
        return max(by_region.values(), default=0.0)


def part_of(store: Store, spans: list[Span], *, route: str, now: int) -> Part:
    """What reading ``spans`` of a group by ``route`` comes to; ``now`` is in ms."""
    group = store.group
    if not spans:
        return Part(store, route, (), 0, 0, 0.0, 0.0)
    oldest = max(group.created or 0, now - group.retention_days * _DAY_MS if group.retention_days else 0)
    lived = now - oldest
    wanted = sum(max(0, min(last, now) - max(first, oldest) + 1) for first, last in spans)
    bound = group.stored_bytes or None
    size = None if bound is None or not oldest or lived <= 0 else int(bound * min(1.0, wanted / lived))
    billed = route == INSIGHTS
    dollars = (bound or 0) / 1e9 * _DEARER.get(group.region, DOLLARS_PER_GB) if billed else 0.0
    return Part(
        store, route, tuple(spans), size, bound, dollars, _seconds(size, len(spans), group.region, billed=billed)
    )


def _seconds(size: int | None, windows: int, region: str, *, billed: bool) -> float | None:
    if size is None:
        return None
    if billed:
        return 3.0 * windows + size / _SCAN_BYTES_PER_SECOND
    return (windows + size / _PAGE_BYTES) / quota_of("filter_log_events", region)
