"""What a fetch is about to read, by which way, for how long and at what price: told before anything is read."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from loganalyzer.errors import UsageError
from loganalyzer.fetcher.pace import quota_of
from loganalyzer.fetcher.store import Store
from loganalyzer.formats.stored import Span

FILTER, FAILURES, INSIGHTS = "FilterLogEvents", "FilterLogEvents (failures only)", "Logs Insights"
"""The ways to the events of a group. The first two cost nothing but calls; the last is billed for what it scans
(https://aws.amazon.com/cloudwatch/pricing/) and the only one into groups of the Infrequent Access class."""

DOLLARS_PER_GB = 0.01
"""What Insights is reckoned to cost where the price is not known here: more than any region is known to ask."""

_KNOWN_PRICES = {"us-east-1": 0.005, "us-east-2": 0.005, "us-west-2": 0.005}
_SCANS = 2
"""A window with more rows than a query gives is scanned a second time, in parts."""
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
    def is_billed(self) -> bool:
        """Whether AWS bills any of it."""
        return any(part.route == INSIGHTS and part.spans for part in self.parts)

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

    def __str__(self) -> str:
        return " ".join(sentences(self)) or NOTHING


NOTHING = "All of that window is stored already; nothing is read."


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
    dollars = price_of(_SCANS * (bound or 0), group.region) if route == INSIGHTS else 0.0
    return Part(store, route, tuple(spans), size, bound, dollars, _seconds(size, len(spans), group.region, route=route))


def price_of(scanned: float, region: str) -> float:
    """What Insights costs for so many bytes, in dollars."""
    return scanned / 1e9 * _KNOWN_PRICES.get(region, DOLLARS_PER_GB)


def _seconds(size: int | None, windows: int, region: str, *, route: str) -> float | None:
    """How long it takes; how fast AWS looks for failures nobody can say before."""
    if size is None or route == FAILURES:
        return None
    if route == INSIGHTS:
        return 3.0 * windows + size / _SCAN_BYTES_PER_SECOND
    return (windows + size / _PAGE_BYTES) / quota_of("filter_log_events", region)


def sentences(plan: Plan) -> list[str]:
    """What is about to be read, by which way, for how long and at what price; empty where nothing is."""
    parts = [part for part in plan.parts if part.spans]
    if not parts:
        return []
    said = []
    for route in (FILTER, FAILURES, INSIGHTS):
        own = [part for part in parts if part.route == route]
        if own:
            said.append(_of_route(route, own))
    stored = sum(not part.spans for part in plan.parts)
    if stored:
        said.append(f"{stored} of {len(plan.parts)} groups are stored already.")
    return said


def _of_route(route: str, parts: list[Part]) -> str:
    sizes = [part.bytes for part in parts]
    size = "an unknown amount" if None in sizes else f"about {size_text(sum(size or 0 for size in sizes))}"
    groups = f"{len(parts)} group{'s' if len(parts) > 1 else ''}"
    seconds = Plan(tuple(parts)).seconds
    lasts = "" if seconds is None else f", about {duration_text(seconds)}"
    if route != INSIGHTS:
        regions = sorted({part.store.group.region for part in parts})
        pace = ", ".join(f"{quota_of('filter_log_events', region):.0f} calls/s in {region}" for region in regions)
        what = "Reading" if route == FILTER else "Looking for failed requests in"
        return f"{what} {size} of {groups} by FilterLogEvents: free of charge, limited to {pace}{lasts}."
    bounds = [part.bound for part in parts]
    price = "AWS does not tell how much" if None in bounds else f"{price_text(Plan(tuple(parts)).dollars)} at most"
    return f"Reading {size} of {groups} by Logs Insights, which AWS bills by what it scans ({price}){lasts}."


def size_text(size: float) -> str:
    """Bytes in decimal units: ``950 bytes``, ``1.2 GB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:,.0f} {unit}" if unit == "bytes" or size >= 100 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:,.1f} TB"


def price_text(dollars: float) -> str:
    """Dollars, rounded up to cents."""
    return f"${math.ceil(dollars * 100) / 100:,.2f}"


def _exactly(dollars: float) -> str:
    return f"${dollars:,.2f}" if dollars >= 0.1 else f"${dollars:.2g}"


def duration_text(seconds: float) -> str:
    """Seconds as people say them: ``40 s``, ``5 min``, ``3.5 h``."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


LARGE_BYTES = 1_000_000_000
LARGE_SECONDS = 600
"""From here on a person is asked first."""


def consent(
    plan: Plan,
    *,
    max_bytes: int | None = None,
    max_cost: float | None = None,
    yes: bool = False,
    ask: Callable[[str], bool] | None = None,
) -> None:
    """Raise :class:`UsageError` if what is about to be read is more than is allowed, or costs what nobody has allowed.

    ``ask`` asks the person, where there is one; ``yes`` answers for them.
    """
    said = " ".join(sentences(plan))
    if max_bytes is not None and plan.bytes is not None and plan.bytes > max_bytes:
        about = f"about {size_text(plan.bytes)} are to be read, and {size_text(max_bytes)} are allowed"
        raise UsageError(about, tip="allow more with --max-bytes, narrow the window, or try --failures-only")
    if plan.is_billed:
        if max_cost is not None:
            _within(plan, max_cost)
        elif not yes and not (ask and ask(f"{said} Go on?")):
            tip = "allow it with --max-cost DOLLARS or --yes, in Python with max_cost=DOLLARS"
            raise UsageError(f"this costs money, and nobody has allowed it: {said}", tip=tip)
    elif not yes and ask and _is_large(plan) and not ask(f"{said} Go on?"):
        raise UsageError("nothing was read", tip="narrow the window with --since and --until, or try --failures-only")


def _within(plan: Plan, max_cost: float) -> None:
    if any(part.route == INSIGHTS and part.spans and part.bound is None for part in plan.parts):
        raise UsageError("AWS does not tell how much Logs Insights would scan, so its price is not known",
                         tip="allow it with --yes, or narrow the window")  # fmt: skip
    if plan.dollars > max_cost:
        about = f"Logs Insights may cost {_exactly(plan.dollars)}, and {_exactly(max_cost)} are allowed"
        raise UsageError(about, tip="allow more with --max-cost, or narrow the window")


def _is_large(plan: Plan) -> bool:
    return (plan.bytes or 0) > LARGE_BYTES or (plan.seconds or 0) > LARGE_SECONDS
