"""The incident note: what failed and what to do about it, in Markdown to paste into an issue or a chat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loganalyzer.reports.coverage import coverage_lines
from loganalyzer.reports.folds import PARTS, Group, fold
from loganalyzer.reports.gfm import code, link, prose, table
from loganalyzer.reports.headline import count, headline
from loganalyzer.reports.report import Report
from loganalyzer.reports.settings import explaining, settings_lines
from loganalyzer.reports.table import route

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

ROWS = 20
"""So many categories have a row; the rest is counted. An issue on GitHub takes 65,536 characters."""

_BROKE = 2
"""So many ways in which requests of one category broke are told."""

_WHOSE = dict(
    zip(PARTS, ("Failed in API Gateway", "The backend's own answers", "Incomplete: the lines stop early"), strict=True)
)
_HEADS = ("#requests", "category", "stopped at", "most on", "cause", "fix", "e.g.")


def note(report: Report, *, entries: Mapping[str, Entry]) -> Iterator[str]:
    """The note in pieces: headline, what was looked at, and a table of the categories with cause and fix."""
    first, *others = headline(report)
    yield f"**{prose(first)}**\n"
    if others:
        yield "\n" + " ".join(map(prose, others)) + "\n"
    groups = fold(report.requests(), shown=report.shown)
    for part in PARTS:
        mine = [group for group in groups if group.part == part]
        yield from _part(part, mine, entries=entries)
        yield from _settings(mine[:ROWS], report)
    yield "\n" + "\n".join(_coverage(report)) + "\n"
    if groups:
        yield "\n`loganalyzer trace ID PATH` shows one request line by line.\n"


def _part(part: str, groups: list[Group], *, entries: Mapping[str, Entry]) -> Iterator[str]:
    if not groups:
        return
    yield f"\n#### {_WHOSE[part]}: {count(sum(group.count for group in groups), 'request')}\n\n"
    rows = (_row(group, entry=entries.get(group.category)) for group in groups[:ROWS])
    yield from (f"{line}\n" for line in table(_HEADS, rows))
    if len(groups) > ROWS:
        rest = ", ".join(f"{group.category} {group.count:,}" for group in groups[ROWS:])
        yield f"\nand {prose(rest)}.\n"


def _settings(groups: list[Group], report: Report) -> Iterator[str]:
    """The settings that explain the categories of a table, as a list below it."""
    if report.explanations is None:
        return
    lines = [
        f"- {one.label.capitalize()} behind {group.category}: {prose(one.what)} ({prose(one.check)})\n"
        for group in groups
        for one in explaining(report.explanations, group.category, certain=not _doubt(group))[0]
    ]
    yield from ("\n", *lines) if lines else ()


def _row(group: Group, *, entry: Entry | None) -> tuple[str, ...]:
    example = group.folds[0].example
    return (
        f"{group.count:,}",
        (link(group.category, entry.link) if entry else prose(group.category)) + _doubt(group),
        "<br>".join(map(prose, group.stages)),
        _routes(group),
        "<br>".join([*([prose(entry.cause)] if entry else []), *_broke(group)]),
        prose(entry.fix) if entry else "",
        code(example.request_id, longest=60),
    )


def _doubt(group: Group) -> str:
    """What to know before believing the row; nothing where all of it is sure."""
    sure: Counter[str] = Counter()
    for one in group.folds:
        sure[one.example.confidence] += one.count
    if sure["high"] == group.count or group.part == PARTS[2]:
        return ""
    said = "<br>confidence " + " · ".join(f"{level} {n:,}" for level, n in sure.most_common())
    others = dict.fromkeys(name for one in group.folds for name in one.example.alternatives)
    return said + (f"<br>or {prose(' or '.join(others))}" if others else "")


def _broke(group: Group) -> Iterator[str]:
    """What exactly broke in most of them; it quotes the log."""
    for text, times in list(group.details.items())[:_BROKE]:
        yield f"{times:,} × {code(text)}"


def _routes(group: Group) -> str:
    """The route most of them are on, and how many others there are; requests without one say nothing."""
    routes: Counter[str] = Counter()
    for one in group.folds:
        if one.example.resource or one.example.path:
            routes[route(one.example)] += one.count
    if not routes:
        return "not in the log"
    most, _ = routes.most_common(1)[0]
    return code(most, longest=60) + (f"<br>and {len(routes) - 1:,} more" if len(routes) > 1 else "")


def _coverage(report: Report) -> Iterator[str]:
    settings = settings_lines(report.explanations) if report.explanations else ()
    for kind, sentence in (*coverage_lines(report.coverage, secret=report.secret), *settings):
        yield f"- **Not read:** {prose(sentence)}" if kind == "loss" else f"- {prose(sentence)}"
