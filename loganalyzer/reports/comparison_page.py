"""Two periods side by side, as a page of text and as a note in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.cells import set_cell_size

from loganalyzer.comparison.records import CERTAIN, GONE, GROWN, NEW, SHRUNK, VERDICTS, Change, Comparison, Period
from loganalyzer.redact import redact
from loganalyzer.reports.comparison import TITLES, cache_told, method, rate, side, told
from loganalyzer.reports.gfm import code, prose, table
from loganalyzer.reports.page import Page, shortened

SHOWN = 15
"""So many rows of one kind are shown, what is certain first; JSON has all."""

_STYLES = {NEW: "red", GROWN: "red", GONE: "green", SHRUNK: "green"}
_NUMBER = 17
_MARGIN = 4 + 8 + 2 * _NUMBER


def show_comparison(comparison: Comparison, page: Page, *, redacted: bool = True) -> None:
    """Write the comparison on the page: the outcome in words, then categories, stages and routes."""
    for number, sentence in enumerate(told(comparison)):
        page.line((sentence, "" if number else "bold"))
    page.blank()
    for label, period in (("before", comparison.before), ("after", comparison.after)):
        page.line(side(period), label=(f"{label:<8}", "dim"))
    for title, changes in tables(comparison):
        _show(title, changes, page, unit=comparison.unit, shown=_shown(redacted=redacted))
    cache = list(cache_told(comparison.cache))
    if cache:
        page.heading("Did the fix work, or is the authorizer's cache still answering?")
        for sentence in cache:
            page.line(sentence, indent=2)
    page.heading("Read with care")
    page.line((method(comparison), "dim"), indent=2)
    for caution in comparison.cautions:
        page.line((caution, "yellow"), label=("! ", "yellow"))


def _shown(*, redacted: bool) -> Callable[[str], str]:
    return redact if redacted else str


def tables(comparison: Comparison) -> Iterator[tuple[str, tuple[Change, ...]]]:
    """The changes by category, stage and route, each with its title; empty ones are left out."""
    found = (comparison.categories, comparison.stages, comparison.routes)
    yield from ((title, changes) for title, changes in zip(TITLES, found, strict=True) if changes)


def _show(title: str, changes: tuple[Change, ...], page: Page, *, unit: str, shown: Callable[[str], str]) -> None:
    """One table, its rows below what can be said of them."""
    listed = {verdict: [c for c in changes if c.verdict == verdict] for verdict in VERDICTS}
    wide = max(min(max(len(shown(c.name)) for c in changes), page.width - _MARGIN), 20)
    page.heading(title)
    heads = f"{'':<{wide + 10}}{'before':>{_NUMBER}}{'after':>{_NUMBER}}"
    page.line((heads, "dim"), indent=2, log=True)
    for verdict, members in listed.items():
        if members:
            page.line((verdict, "" if verdict == CERTAIN else "dim"), indent=2)
        for change in members[:SHOWN]:
            _show_change(change, page, wide=wide, unit=unit, shown=shown)
        if len(members) > SHOWN:
            page.line((f"and {len(members) - SHOWN:,} more: --format json has all", "dim"), indent=4)


def _show_change(change: Change, page: Page, *, wide: int, unit: str, shown: Callable[[str], str]) -> None:
    sides = ((change.before, change.before_rate), (change.after, change.after_rate))
    numbers = "".join(f"{counted:>7,}{rate(share, unit):>10}" for counted, share in sides)
    certain = change.verdict == CERTAIN
    name = set_cell_size(shortened(shown(change.name), wide), wide)
    kind = (f"{change.kind:<8}", _STYLES.get(change.kind, "dim") if certain else "dim")
    page.line((name, "bold" if certain else ""), numbers, label=kind, indent=4, log=True)


def comparison_note(comparison: Comparison, *, redacted: bool = True) -> Iterator[str]:
    """The comparison in Markdown, in pieces."""
    first, *others = told(comparison)
    yield f"**{prose(first)}**\n"
    if others:
        yield "\n" + "\n".join(f"- {prose(sentence)}" for sentence in others) + "\n"
    yield "\n" + "\n".join(f"- {label}: {prose(side(period))}" for label, period in _sides(comparison)) + "\n"
    shown = _shown(redacted=redacted)
    for title, changes in tables(comparison):
        yield f"\n#### {title}\n\n"
        rows = (_row(change, unit=comparison.unit, shown=shown) for change in changes[:SHOWN])
        yield from (f"{line}\n" for line in table(("", "", "#before", "#after", ""), rows))
        if len(changes) > SHOWN:
            yield f"\nand {len(changes) - SHOWN:,} more.\n"
    cache = list(cache_told(comparison.cache))
    if cache:
        yield "\n#### Did the fix work, or is the authorizer's cache still answering?\n\n"
        yield " ".join(map(prose, cache)) + "\n"
    yield "\n" + "\n".join(prose(said) for said in (method(comparison), *comparison.cautions)) + "\n"


def _sides(comparison: Comparison) -> Iterator[tuple[str, Period]]:
    yield "before", comparison.before
    yield "after", comparison.after


def _row(change: Change, *, unit: str, shown: Callable[[str], str]) -> tuple[str, ...]:
    numbers = (
        f"{counted:,}" + (f" ({prose(rate(share, unit))})" if share is not None else "")
        for counted, share in ((change.before, change.before_rate), (change.after, change.after_rate))
    )
    verdict = f"**{change.verdict}**" if change.verdict == CERTAIN else change.verdict
    return (change.kind, code(shown(change.name), longest=80), *numbers, verdict)
