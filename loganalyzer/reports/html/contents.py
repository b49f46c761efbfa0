"""What stands on the page: headline, figures, groups with their kinds and examples, coverage; all of it bounded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from loganalyzer.reports.clean import clean
from loganalyzer.reports.coverage import coverage_lines
from loganalyzer.reports.folds import PARTS, Fold, Group, fold
from loganalyzer.reports.headline import count, headline, only_errors
from loganalyzer.reports.html.examples import Example, example_of
from loganalyzer.reports.report import Report, iso, moment
from loganalyzer.reports.settings import Explaining, explaining, settings_lines
from loganalyzer.reports.table import route, where

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

MOST_KINDS = 400
"""So many kinds of like requests are listed in all."""
KINDS_IN_GROUP = 12
EXAMPLES_IN_GROUP = 3
MOST_EXAMPLES = 90
MOST_TEXT = 1_500_000
"""Characters of examples in all; what comes later is shown without its timeline."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the headline with what it counts, and a word on it."""

    name: str
    value: str
    note: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Like requests as one row: ``sure`` orders confidences, ``details`` say what exactly broke, and how often."""

    category: str
    part: str
    route: str
    status: str
    default: bool
    stopped: str
    confidence: str
    sure: int
    count: int
    first: str
    reasons: tuple[str, ...]
    alternatives: tuple[str, ...]
    details: Sequence[str]


@dataclass(frozen=True, slots=True)
class Section:
    """One category: what the catalogue says of it, its kinds, examples in full."""

    category: str
    part: str
    count: int
    stopped: str
    entry: Entry | None
    kinds: Sequence[Kind]
    more: str
    examples: Sequence[Example]
    settings: Sequence[Explaining] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """All that the template shows apart from charts."""

    title: str
    headline: Sequence[str]
    window: str
    figures: Sequence[Figure]
    groups: Sequence[Group]
    kinds: Sequence[Kind]
    more_kinds: str
    sections: Sequence[Section]
    coverage: Sequence[tuple[str, str]]
    redacted: bool


def contents_of(report: Report, *, entries: Mapping[str, Entry]) -> Contents:
    """The contents of a report's page."""
    groups = fold(report.requests(), shown=report.shown)
    kinds = [_kind(one, group) for group in groups for one in group.folds]
    kinds.sort(key=lambda kind: (PARTS.index(kind.part), -kind.count, kind.category))
    left = kinds[MOST_KINDS:]
    title, said = _headline(report)
    return Contents(
        title=title,
        headline=said,
        window=_window(report),
        figures=_figures(groups, report),
        groups=groups,
        kinds=kinds[:MOST_KINDS],
        more_kinds=f"and {count(sum(kind.count for kind in left), 'request')} of {count(len(left), 'more kind')}: "
        "--format csv lists all" if left else "",
        sections=_sections(groups, report, entries=entries),
        coverage=[
            *coverage_lines(report.coverage, secret=report.secret),
            *(settings_lines(report.explanations) if report.explanations else ()),
        ],
        redacted=report.redacted,
    )  # fmt: skip


def _headline(report: Report) -> tuple[str, list[str]]:
    """The first short sentence that is no filter, and what else there is to say."""
    said = headline(report)
    filters, said = (said[:1], said[1:]) if report.filters else ([], said)
    title, _, rest = said[0].partition(". ")
    return title.rstrip("."), [*filters, *filter(None, [rest]), *said[1:]]


def _window(report: Report) -> str:
    first, last = moment(report.coverage.first_seen), moment(report.coverage.last_seen)
    if first is None or last is None:
        return ""
    return f"{first:%Y-%m-%d %H:%M:%S} to {last:%Y-%m-%d %H:%M:%S} UTC"


def _figures(groups: Sequence[Group], report: Report) -> list[Figure]:
    summary = report.summary
    rate = "no rate: errors only are logged" if only_errors(report.coverage) else _share(summary.failed, report)
    found = [
        Figure("failed", f"{summary.failed:,}", rate, "bad" if summary.failed else "good"),
        Figure("by API Gateway", f"{summary.gateway_failed:,}", "stopped before an answer"),
        Figure("by the backend", f"{summary.backend_failed:,}", "its own 4xx and 5xx"),
        Figure("incomplete", f"{summary.incomplete:,}", "lines stop before an outcome"),
    ]
    firsts = [one.example.first_seen for group in groups for one in group.folds if one.example.first_seen]
    if firsts:
        since = min(firsts)
        found.append(Figure("first failure", f"{since:%H:%M:%S}", f"{since:%Y-%m-%d} UTC"))
    if groups:
        sure = _confidences(groups)
        share = 100 * sure.get("high", 0) // sum(sure.values())
        rest = ", ".join(f"{sure[name]:,} {name}" for name in _SURE[1:] if sure.get(name))
        found.append(Figure("high confidence", f"{share} %", rest or "of all diagnoses"))
    return found


def _share(failed: int, report: Report) -> str:
    share = 100 * failed / report.summary.requests if report.summary.requests else 0
    return f"{share:.2g} % of {report.summary.requests:,}" if share < 99.5 else f"of {report.summary.requests:,}"


_SURE = ("high", "medium", "low")


def _confidences(groups: Sequence[Group]) -> dict[str, int]:
    sure: dict[str, int] = {}
    for group in groups:
        for one in group.folds:
            sure[one.example.confidence] = sure.get(one.example.confidence, 0) + one.count
    return sure


def _kind(one: Fold, group: Group) -> Kind:
    request = one.example
    return Kind(
        category=group.category,
        part=group.part,
        route=route(request)[:300],
        status="" if request.client_status is None else str(request.client_status),
        default=request.status is None,
        stopped=request.stopped_at,
        confidence=request.confidence,
        sure=_SURE[::-1].index(request.confidence) if request.confidence in _SURE else 0,
        count=one.count,
        first=iso(request.first_seen) or "",
        reasons=tuple(map(clean, one.reasons)),
        alternatives=request.alternatives,
        details=list(_details(one)),
    )


def _details(one: Fold) -> Iterator[str]:
    """What exactly broke in like requests, with numbers where it is not the same in all."""
    alike = len(one.details) == 1 and sum(one.details.values()) == one.count
    for text, times in one.shown_details():
        yield clean(text) if alike else f"{times:,} × {clean(text)}"


def _sections(groups: Sequence[Group], report: Report, *, entries: Mapping[str, Entry]) -> list[Section]:
    shown = [(group, one) for group in groups for one in group.folds[:EXAMPLES_IN_GROUP]]
    shown.sort(key=lambda pair: pair[0].folds.index(pair[1]))  # one of each group before a second of any
    chosen = [one.example for _, one in shown[:MOST_EXAMPLES]]
    examples: dict[int, Example] = {}
    text = 0
    for request, timeline in zip(chosen, report.timelines(chosen), strict=False):
        if text < MOST_TEXT:
            examples[id(request)] = example = example_of(timeline, request, report)
            text += example.size
    return [
        _section(group, examples, entry=entries.get(group.category), settings=_settings(group, report))
        for group in groups
    ]


def _settings(group: Group, report: Report) -> list[Explaining]:
    """The settings that explain the category; the page has the requests by now, so the report knows all there are."""
    if report.explanations is None:
        return []
    certain = all(one.example.confidence == "high" for one in group.folds)
    named, _ = explaining(report.explanations, group.category, certain=certain)
    return [replace(one, what=clean(one.what), command=clean(one.command)) for one in named]


def _section(
    group: Group, examples: Mapping[int, Example], *, entry: Entry | None, settings: Sequence[Explaining]
) -> Section:
    left = group.folds[KINDS_IN_GROUP:]
    ended = "last seen" if group.part == PARTS[2] else "stopped"
    stopped = where(group.folds[0].example) if len(group.stages) == 1 else f"{ended} at {len(group.stages)} stages"
    shown = [examples[id(one.example)] for one in group.folds if id(one.example) in examples]
    return Section(
        category=group.category,
        part=group.part,
        count=group.count,
        stopped=stopped,
        entry=entry,
        kinds=[_kind(one, group) for one in group.folds[:KINDS_IN_GROUP]],
        more=f"and {count(sum(one.count for one in left), 'request')} of {count(len(left), 'more kind')}"
        if left else "",
        examples=sorted(shown, key=lambda example: not example.whole),
        settings=settings,
    )  # fmt: skip
