"""Two periods side by side, in words: what the terminal, the note and the JSON document have in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from loganalyzer.comparison.records import (
    CERTAIN,
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
    CacheAnswer,
    Change,
    Comparison,
    Period,
)
from loganalyzer.redact import redact
from loganalyzer.reports.headline import count
from loganalyzer.reports.report import SCHEMA, iso

_VERDICTS = {
    CERTAIN: "that is more than chance",
    PERHAPS: "that may be chance",
    FEW: "those are too few to tell it from chance",
    UNKNOWN: "whether that is chance cannot be told",
}
_METHODS = {
    SHARE: "Shares of all requests (of the route's own for a route), weighed with Fisher's exact test",
    HOUR: "Numbers an hour, as successes are not logged, weighed with the exact test of Poisson rates",
}
_WEAK = {UNKNOWN: "whether by more than chance cannot be told"}
TITLES = ("By category", "By where they stopped", "By route")


def told(comparison: Comparison) -> Iterator[str]:
    """The sentences that open a comparison: whether it is better or worse, and what came and went for certain."""
    yield _overall(comparison)
    for kind, said in ((NEW, "New"), (GROWN, "Grown"), (GONE, "Gone"), (SHRUNK, "Shrunk")):
        found = [change for change in comparison.categories if change.kind == kind and change.verdict == CERTAIN]
        if found:
            yield f"{said}: " + ", ".join(f"{c.name} ({c.before:,} → {c.after:,})" for c in found) + "."
    unsure = sum(1 for c in comparison.categories if c.verdict != CERTAIN and c.kind != SAME)
    if unsure:
        certain = any(c.verdict == CERTAIN for c in comparison.categories)
        differ = "category differs" if unsure == 1 else "categories differ"
        told = UNKNOWN if comparison.unit not in _METHODS else "not by more than chance"
        yield f"{unsure:,} {'other ' if certain else ''}{differ}, {_WEAK.get(told, told)}."


def _overall(comparison: Comparison) -> str:
    change = comparison.overall
    was, now = (_of(side, comparison.unit) for side in (comparison.before, comparison.after))
    if not change.before and not change.after:
        return f"Nothing failed on either side: {was} before, {now} after."
    opening = {NEW: "More failures", GROWN: "More failures", SAME: "As many failures"}.get(
        change.kind, "Fewer failures"
    )
    said = "" if change.kind == SAME else f"; {_VERDICTS[change.verdict]}{_probability(change)}"
    return f"{opening}: {was} before, {now} after{said}."


def _of(side: Period, unit: str) -> str:
    if unit == SHARE:
        return f"{side.failed:,} of {count(side.requests, 'request')} ({percent(side.failed / side.requests)})"
    if unit == HOUR and side.hours:
        return f"{side.failed:,} in {_duration(side.hours)} ({rate(side.failed / side.hours, unit)})"
    return f"{side.failed:,}"


def _duration(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.1f} days"
    return (
        f"{hours:.1f} hours"
        if hours >= 2
        else f"{hours * 60:.0f} minutes"
        if hours >= 1 / 30
        else f"{hours * 3600:.0f} s"
    )


def percent(share: float) -> str:
    """A share as people read it: nothing that there is reads 0 %, and nothing but all of it 100 %."""
    shown = 100 * share
    if shown in (0, 100):
        return f"{shown:.0f} %"
    return "< 0.01 %" if shown < 0.01 else f"{shown:.2f} %" if shown < 1 else f"{min(shown, 99.9):.1f} %"


def _probability(change: Change) -> str:
    if change.p is None or change.verdict in (FEW, UNKNOWN):
        return ""
    return (
        " (p < 0.001)" if change.p < 0.001 else f" (p = {change.p:.3f})" if change.p < 0.1 else f" (p = {change.p:.2f})"
    )


def rate(value: float | None, unit: str) -> str:
    """A rate of the comparison's unit, short."""
    if value is None:
        return ""
    if unit == SHARE:
        return percent(value)
    return "< 0.1/h" if 0 < value < 0.1 else f"{value:,.1f}/h"


def method(comparison: Comparison) -> str:
    """How differences were weighed."""
    said = _METHODS.get(comparison.unit)
    if said is None:
        return "Counts alone: there is nothing to weigh them by."
    return (
        f"{said} and corrected for the number of rows (Holm); more than chance is p < 0.05. Requests are taken to be "
        "independent of each other: retries of one client are not."
    )


def side(period: Period) -> str:
    """What one side is."""
    start, end = (moment and f"{moment:%Y-%m-%d %H:%M:%SZ}" for moment in (period.start, period.end))
    window = f"{start} to {end}" if start and end else "no time known"
    unfinished = f", {period.incomplete:,} incomplete" if period.incomplete else ""
    return f"{window} · {count(period.requests, 'request')}, {period.failed:,} failed{unfinished}"


# -- the authorizer's cache --------------------------------------------------------------------------------------------


def cache_told(answer: CacheAnswer) -> Iterator[str]:
    """Did the fix work, or is the authorizer's cache still answering? Nothing where no authorizer is seen."""
    if answer.verdict == "none":
        return
    shares = [
        f"{percent(cached / results)} ({cached:,} of {results:,}) {when}"
        for when, cached, results in (
            ("before", answer.before_cached, answer.before_answers),
            ("after", answer.after_cached, answer.after_answers),
        )
        if results
    ]
    if shares:
        yield f"Authorizer's results from its cache: {', '.join(shares)}."
    yield _cache_verdict(answer)


def _cache_verdict(answer: CacheAnswer) -> str:
    denials = count(answer.denials_after, "denial")
    changed, expires = (iso(moment) or "the change" for moment in (answer.changed, answer.expires))
    if answer.verdict == "no denials":
        return "No policy refused a request on either side."
    if answer.verdict == "cleared":
        return f"{count(answer.denials_before, 'denial')} before the change and none after it: no old result answers."
    if answer.verdict == "cache":
        return (
            f"The authorizer's cache may still be answering: of {denials} after {changed} all came from the cache, and "
            f"before {expires}, when the last result of before the change runs out. Compare again after that, or "
            "flush the cache: aws apigateway flush-stage-authorizers-cache --rest-api-id API --stage-name STAGE"
        )
    if answer.verdict == "expired":
        return (
            f"The cache has answered, but no longer does: {denials} after {changed} came from it, none after "
            f"{expires}, when the last result of before the change had run out. Since then the authorizer has answered "
            f"{count(answer.later, 'request')} without one."
        )
    if answer.verdict == "not the cache":
        rest = f" {answer.old:,} more may be old results." if answer.old else ""
        return (
            f"It is not the cache: {answer.fresh:,} of {denials} after {changed} were decided anew or came after "
            f"{expires}, when every result of before the change has run out. The cause is still there.{rest}"
        )
    return (
        f"Whether the cache answered cannot be told for {answer.unclear:,} of {denials} after {changed}: that takes "
        f"logs with data trace, or requests after {expires}."
    )


# -- JSON --------------------------------------------------------------------------------------------------------------


def comparison_document(comparison: Comparison, *, redacted: bool = True) -> dict[str, Any]:
    """The comparison as one JSON object; ``told`` is what it says in words."""
    return {
        "schema": SCHEMA,
        "told": list(told(comparison)),
        "unit": comparison.unit,
        "before": _side_document(comparison.before),
        "after": _side_document(comparison.after),
        "overall": asdict(comparison.overall),
        "by_category": [asdict(change) for change in comparison.categories],
        "by_stopped_at": [asdict(change) for change in comparison.stages],
        "by_route": [{**asdict(c), "name": redact(c.name) if redacted else c.name} for c in comparison.routes],
        "authorizer_cache": {
            **asdict(comparison.cache),
            "changed": iso(comparison.cache.changed),
            "expires": iso(comparison.cache.expires),
            "told": list(cache_told(comparison.cache)),
        },
        "method": method(comparison),
        "cautions": list(comparison.cautions),
    }


def _side_document(period: Period) -> dict[str, Any]:
    named = ("name", "stated", "requests", "failed", "incomplete", "levels", "authorizers")
    facts = {name: getattr(period, name) for name in named}
    return {**facts, "start": iso(period.start), "end": iso(period.end)}
