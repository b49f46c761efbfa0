"""A comparison as a piece of HTML for a notebook, of the same kind as those of :mod:`loganalyzer.reports.pieces`."""

from __future__ import annotations

from dataclasses import dataclass

from loganalyzer.comparison.records import CERTAIN, COUNT, GONE, GROWN, NEW, SHRUNK, Change, Comparison
from loganalyzer.redact import redact
from loganalyzer.reports.comparison import TITLES, cache_told, method, rate, side, told
from loganalyzer.reports.comparison_page import SHOWN, tables
from loganalyzer.reports.pieces import template

_LOOKS = {NEW: "stopped", GROWN: "stopped", GONE: "passed", SHRUNK: "passed"}
"""The colour of a change that is more than chance; any other is grey."""


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of a change: how many, the rate as people read it, and the length of its bar in percent."""

    when: str
    count: int
    rate: str
    percent: float


@dataclass(frozen=True, slots=True)
class _Row:
    """One change as it is drawn."""

    change: Change
    name: str
    certain: bool
    look: str
    sides: tuple[_Side, _Side]


def comparison_html(comparison: Comparison, *, redacted: bool = True) -> str:
    """What is new, gone, grown or shrunk, each with its verdict, and whether the authorizer's cache still answers."""
    return template("comparison.html.j2").render(
        told=list(told(comparison)),
        sides=[("before", side(comparison.before)), ("after", side(comparison.after))],
        tables=[
            (title, _rows(changes, unit=comparison.unit, redacted=redacted), max(0, len(changes) - SHOWN))
            for title, changes in tables(comparison)
        ],
        titles=TITLES,
        cache=list(cache_told(comparison.cache)),
        method=method(comparison),
        cautions=comparison.cautions,
    )


def _rows(changes: tuple[Change, ...], *, unit: str, redacted: bool) -> list[_Row]:
    shown = changes[:SHOWN]
    most = max((height for change in shown for height in _heights(change, unit=unit)), default=0)
    return [
        _Row(
            change,
            redact(change.name) if redacted else change.name,
            change.verdict == CERTAIN,
            _LOOKS.get(change.kind, "never") if change.verdict == CERTAIN else "never",
            _sides(change, most, unit=unit),
        )
        for change in shown
    ]


def _heights(change: Change, *, unit: str) -> tuple[float, float]:
    """What the bars of a change stand for: rates, which some rows lack, or counts where no row has any."""
    return (change.before, change.after) if unit == COUNT else (change.before_rate or 0, change.after_rate or 0)


def _sides(change: Change, most: float, *, unit: str) -> tuple[_Side, _Side]:
    was, now = (max(round(100 * height / most, 1), 0.1) if height else 0.0 for height in _heights(change, unit=unit))
    return (
        _Side("before", change.before, rate(change.before_rate, unit), was),
        _Side("after", change.after, rate(change.after_rate, unit), now),
    )
