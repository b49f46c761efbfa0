"""The report for people: what failed, where it stopped, and every kind of failure with its cause and its fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rich.text import Text

from loganalyzer.model import CorrelatedRequest
from loganalyzer.reports.bars import bar, sparkline
from loganalyzer.reports.clean import clean
from loganalyzer.reports.coverage import coverage_lines
from loganalyzer.reports.folds import PARTS, Fold, Group, fold
from loganalyzer.reports.headline import count, duration, headline
from loganalyzer.reports.page import Page, shortened
from loganalyzer.reports.report import Report, iso
from loganalyzer.reports.selection import ANSWERED
from loganalyzer.reports.settings import settings_lines, show_explaining
from loganalyzer.scales import LIFECYCLE, Stage
from loganalyzer.trends import ANSWERED as ANSWERED_STEP
from loganalyzer.trends import funnel

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.model import Request

SHOWN = 12
"""So many kinds of like requests are shown of one category; the rest is counted."""

_STYLES = {"fact": "", "loss": "yellow", "note": "dim"}
_SURE = {"high": "green", "medium": "yellow", "low": "yellow"}
_BAR = 24
_LINES = 5
"""So many categories have a sparkline of their own."""
_FEW = 3
"""Fewer stretches of time show no trend."""


def show(
    report: Report,
    page: Page,
    *,
    entries: Mapping[str, Entry],
    everything: bool = False,
) -> None:
    """Write the report on the page; ``everything`` lists the requests that succeeded as well."""
    for number, sentence in enumerate(headline(report)):
        page.line((sentence, "" if number else "bold"))
    groups = fold(report.requests(), shown=report.shown)
    _show_over_time(report, page)
    _show_categories(groups, page)
    _show_funnel(report, page)
    _show_stages(report, page)
    for group in groups:
        _show_group(group, page, entry=entries.get(group.category), explanations=report.explanations)
    if groups:
        _rule(page)
        page.line(("loganalyzer trace ID PATH shows one request line by line.", "dim"))
    if everything:
        _show_successes(report, page)
    page.heading("What was read")
    for kind, sentence in coverage_lines(report.coverage, secret=report.secret):
        page.line((sentence, _STYLES[kind]), label=("! ", "yellow") if kind == "loss" else "  ")
    for kind, sentence in settings_lines(report.explanations) if report.explanations else ():
        page.line((sentence, _STYLES[kind]), label=("! ", "yellow") if kind == "loss" else "  ")


def _show_categories(groups: list[Group], page: Page) -> None:
    titles = (("Failed in API Gateway", "red"), ("The backend's own answers", "yellow"), ("Incomplete", "magenta"))
    wide = max((len(group.category) for group in groups), default=0)
    for part, (title, style) in zip(PARTS, titles, strict=True):
        members = [group for group in groups if group.part == part]
        if members:
            page.heading(f"{title} ({sum(group.count for group in members):,})")
        for group in members:
            page.line(
                ", ".join(group.stages) if len(group.stages) < 3 else f"{len(group.stages)} stages",
                label=Text.assemble(f"{group.count:>8,}  ", (f"{group.category:<{wide}}", style), "  "),
            )


def _show_over_time(report: Report, page: Page) -> None:
    """Failures of all categories and of the most frequent ones as sparklines, each relative to its own peak."""
    trend = report.trend()
    if trend is None or not trend.by_category or len(trend.requests) < _FEW:
        return
    page.heading(f"Over time ({duration(trend.width_s)} each, from {trend.start:%Y-%m-%d %H:%M:%SZ})")
    kept = list(trend.by_category.items())[:_LINES] if len(trend.by_category) > 1 else []
    rows = [("all", trend.failures), *kept]
    wide = min(max(len(name) for name, _ in rows), max(page.width - len(trend.requests) - 16, 8))
    for name, counts in rows:
        page.line(
            (sparkline(counts), "red" if name == "all" else "cyan"),
            f"  peak {max(counts):,}",
            label=f"  {shortened(name, wide):<{wide}}  ",
            log=True,
        )


def _show_funnel(report: Report, page: Page) -> None:
    """How many requests reached each step of the lifecycle and how many ended in it."""
    if not report.summary.by_stopped_at:
        return
    page.heading("How far they got")
    wide = max(min(_BAR, page.width - 64), 6)
    for number, step in enumerate(funnel(report.summary), start=1):
        how = "with an error" if step.step == ANSWERED_STEP else "stopped"
        ended = (
            f"{step.failed:,} {how}" if step.failed else "",
            f"{step.incomplete:,} last seen" if step.incomplete else "",
        )
        label = f"{number} {step.step}" if step.step != ANSWERED_STEP else "  answered"
        page.line(
            (f"{bar(step.reached, report.summary.requests, wide=wide):<{wide}}", "cyan"),
            f" {', '.join(filter(None, ended))}",
            label=f"{label:<26}{step.reached:>9,} ",
            indent=2,
        )


def _show_stages(report: Report, page: Page) -> None:
    stages = report.summary.by_stopped_at
    if not stages:
        return
    page.heading("Where they stopped")
    most = max(stages.values())
    for number, step in enumerate(LIFECYCLE, start=1):
        label = f"{number} {step}"
        here = {stage.name: stages[stage.name] for stage in Stage if stage.lifecycle == step and stages.get(stage.name)}
        if not here:
            page.line((label, "dim"), indent=2)
        for stage, requests in here.items():
            name = f"{stage} (answered)" if stage == ANSWERED else stage
            page.line(
                (bar(requests, most, wide=min(_BAR, page.width - 59)), "cyan"),
                label=f"{label:<26}{name:<22}{requests:>7,} ",
                indent=2,
            )
            label = ""


def _rule(page: Page) -> None:
    page.blank()
    page.line(("─" * min(page.width, 80), "dim"))


def _show_group(group: Group, page: Page, *, entry: Entry | None, explanations: Explanations | None) -> None:
    style = {"gateway": "bold red", "backend": "bold yellow"}.get(group.part, "bold magenta")
    stopped = f" · {where(group.folds[0].example)}" if len(group.stages) == 1 else ""
    _rule(page)
    page.line((group.category, style), f" · {count(group.count, 'request')}{stopped}")
    if entry is not None:
        show_advice(entry, page)
    if explanations is not None:
        certain = all(one.example.confidence == "high" for one in group.folds)
        show_explaining(explanations, group.category, page, certain=certain)
    for one in group.folds[:SHOWN]:
        _show_fold(one, page, placed=len(group.stages) == 1)
    if len(group.folds) > SHOWN:
        rest = sum(one.count for one in group.folds[SHOWN:])
        page.blank()
        page.line(
            f"and {count(rest, 'request')} of {count(len(group.folds) - SHOWN, 'more kind')}: "
            f"--category {group.category} --format csv lists all",
            indent=2,
        )


def show_advice(entry: Entry, page: Page) -> None:
    """Write what the catalogue says of a category: what happened, why, what to do, where to read on."""
    page.line(entry.title, indent=2)
    hints = [("hint", text) for text in entry.advice]
    for name, text in (("cause", entry.cause), ("fix", entry.fix), *hints, ("see", entry.link)):
        if text:
            page.line(text, label=(f"{name:<8}", "dim"), indent=2)


def show_doubts(reasons: Iterable[str], alternatives: Iterable[str], page: Page, *, indent: int) -> None:
    """Write why the diagnosis is not certain and what else the lines allow."""
    for reason in reasons:
        page.line(clean(reason), label=("because ", "dim"), indent=indent)
    if alternatives:
        page.line(" or ".join(alternatives), label=("perhaps ", "dim"), indent=indent)


def _show_fold(one: Fold, page: Page, *, placed: bool) -> None:
    request = one.example
    stopped = "" if placed else f"  {where(request).partition(' (')[0]}"
    sure = (f"confidence {request.confidence}", _SURE.get(request.confidence, ""))
    page.blank()
    page.line(
        (route(request), "bold"), answer(request), "  ", sure, stopped, label=(f"{one.count:,} × ", "bold"), indent=2
    )
    show_doubts(one.reasons, request.alternatives, page, indent=6)
    for detail, count_ in one.shown_details():
        times = f"{count_:,} × " if len(one.details) > 1 else ""
        page.line(times, clean(detail), label=("what ", "dim"), indent=6)
    for line in request.evidence[:3]:
        page.line(shortened(line, 2 * (page.width - 10)), label=("│ ", "dim"), indent=6, log=True)
    page.line(f"{clean(request.request_id)}  {iso(request.first_seen) or ''}", label=("e.g. ", "dim"), indent=6)


def _show_successes(report: Report, page: Page) -> None:
    page.heading("Succeeded")
    for request in report.rows():
        if request.outcome == "succeeded":
            when = iso(request.first_seen) or "-"
            page.line(route(request), answer(request), label=f"{when}  {clean(request.request_id)}  ", indent=2)


def where(request: Request) -> str:
    """Where a request stopped, in words."""
    stage = request.stopped_at
    step = Stage[stage].lifecycle if stage in Stage.__members__ else ""
    if stage == ANSWERED:
        return f"answered after {step}"
    verb = "last seen at" if request.outcome == "incomplete" else "stopped at"
    return f"{verb} {stage}" + (f" ({step})" if step and step.replace(" ", "_").upper() != stage else "")


def route(request: Request) -> str:
    """Method and resource (else path) of a request, as far as its lines tell."""
    named = f"{request.method or '?'} {request.resource or request.path}".strip()
    return clean(named) if request.resource or request.path else "route not in the log"


def answer(request: Request) -> str:
    """The status the client got, marked where it is not in the log but the default of the category."""
    if request.client_status is None:
        return ""
    told = request.status is not None or (isinstance(request, CorrelatedRequest) and request.access_status is not None)
    return f" → {request.client_status}" + ("" if told else " (by default)")
