"""What was counted inside Logs Insights, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from loganalyzer.fetcher.plan import price_text, size_text
from loganalyzer.formats.stored import between
from loganalyzer.redact import redact_request
from loganalyzer.reports.bars import bar
from loganalyzer.reports.clean import clean, json_text
from loganalyzer.reports.headline import count
from loganalyzer.reports.page import Page, shortened
from loganalyzer.reports.requests import request_document
from loganalyzer.reports.table import show_advice
from loganalyzer.scales import LIFECYCLE, Stage

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry
    from loganalyzer.insights.records import Counted, Counts
    from loganalyzer.model import Request

SCHEMA = "loganalyzer-insights/1"
"""Names the form of the JSON document."""

SHOWN = 10
"""So many routes are shown, of each category and in all."""

_BAR = 24
_EVIDENCE = 3


def show_counts(counts: Counts, page: Page, *, entries: Mapping[str, Entry], redacted: bool = True) -> None:
    """Write what was counted on the page: categories with what they may be as well, stages, routes, examples."""
    page.line((_headline(counts), "bold"))
    categories = counts.by("category")
    if categories:
        page.heading("What failed")
    wide = max(map(len, categories), default=0)
    for category, number in categories.items():
        members = [one for one in counts.counted if one.category == category]
        page.line(", ".join(_stages(members)), label=f"{number:>8,}  {category:<{wide}}  ")
        for line in _candidates(members):
            page.line((line, "yellow"), indent=wide + 12)
    _show_bars("Where they stopped", _by_lifecycle(counts), page)
    _show_bars("On which routes", _by_route(counts), page)
    examples = _examples(counts, redacted=redacted)
    for category in categories:
        page.blank()
        page.line((category, "bold red"), f" · {count(categories[category], 'request')}")
        if entry := entries.get(category):
            show_advice(entry, page)
        _show_example(category, examples, counts, page)
    page.heading("What was read")
    for fact in _facts(counts):
        page.line(fact, label="  ")
    for problem in counts.problems:
        page.line((clean(problem), "yellow"), label=("! ", "yellow"))
    for note in counts.notes:
        page.line((clean(note), "dim"), label="  ")


def counts_document(counts: Counts, *, redacted: bool = True) -> str:
    """What was counted as one JSON document."""
    document = {
        "schema": SCHEMA,
        "since_ms": counts.since,
        "until_ms": counts.until,
        "groups": [group.name for group in counts.groups],
        "scanned_bytes": counts.scanned,
        "dollars": round(counts.dollars, 6),
        "summary": {
            "requests": counts.requests,
            **{name: counts.of_outcome(name) for name in ("succeeded", "failed", "incomplete")},
            "by_category": counts.by("category"),
            "by_stopped_at": counts.by("stopped_at"),
            "by_route": counts.by("route"),
        },
        "counted": [_counted_document(one) for one in counts.counted],
        "examples": [request_document(one) for one in _examples(counts, redacted=redacted).values()],
        "notes": list(counts.notes),
        "problems": list(counts.problems),
    }
    return json_text(document, indent=2) + "\n"


def _counted_document(one: Counted) -> dict[str, object]:
    return {
        "group": one.group,
        "category": one.category,
        "outcome": one.outcome,
        "stopped_at": one.stopped_at,
        "confidence": one.confidence,
        "route": one.route,
        "requests": one.requests,
        "candidates": list(one.candidates),
        "example": one.example,
    }


def _headline(counts: Counts) -> str:
    failed, succeeded = counts.of_outcome("failed"), counts.of_outcome("succeeded")
    if not counts.requests:
        return "No request was found in this window."
    if not failed:
        return f"No failures among {count(counts.requests, 'request')}."
    if not succeeded:
        return f"{count(failed, 'request')} failed. The log shows no success, so there is no failure rate."
    return f"{failed:,} of {count(counts.requests, 'request')} failed ({100 * failed / counts.requests:.1f} %)."


def _stages(members: list[Counted]) -> list[str]:
    return list(dict.fromkeys(one.stopped_at for one in members))


def _candidates(members: list[Counted]) -> Iterator[str]:
    """How many of a category may be others, and which."""
    found: dict[tuple[str, ...], int] = {}
    for one in members:
        if one.candidates:
            found[one.candidates] = found.get(one.candidates, 0) + one.requests
    for names, number in sorted(found.items(), key=lambda item: -item[1]):
        yield f"{number:,} only a candidate: perhaps {' or '.join(names)}"


def _by_lifecycle(counts: Counts) -> dict[str, int]:
    stages = counts.by("stopped_at")
    order = [stage.name for step in LIFECYCLE for stage in Stage if stage.lifecycle == step]
    return {name: stages[name] for name in order if name in stages}


def _by_route(counts: Counts) -> dict[str, int]:
    routes = {clean(route) or "route not in the log": number for route, number in counts.by("route").items()}
    return dict(list(routes.items())[:SHOWN])


def _show_bars(title: str, counted: Mapping[str, int], page: Page) -> None:
    if not counted:
        return
    page.heading(title)
    wide, most = min(max(map(len, counted)), 44), max(counted.values())
    for name, number in counted.items():
        page.line((bar(number, most, wide=_BAR), "cyan"), label=f"  {shortened(name, wide):<{wide}} {number:>8,} ")


def _examples(counts: Counts, *, redacted: bool) -> dict[str, Request]:
    """The whole requests that were fetched, by id."""
    if counts.examples is None:
        return {}
    shown = (redact_request(one) if redacted else one for one in counts.examples.records(everything=True))
    return {one.request_id: one for one in shown}


def _show_example(category: str, examples: Mapping[str, Request], counts: Counts, page: Page) -> None:
    ids = dict.fromkeys(one.example for one in counts.counted if one.category == category)
    found = next((examples[name] for name in ids if name in examples), None)
    if found is None:
        return
    page.line(clean(found.request_id), label=("example ", "dim"), indent=2)
    if found.category != category:
        page.line(("read whole, it is " + (found.category or "a success"), "yellow"), indent=4)
    if found.detail:
        page.line(clean(found.detail), label=("what ", "dim"), indent=4)
    for line in found.evidence[:_EVIDENCE]:
        page.line(shortened(line, 2 * (page.width - 10)), label=("│ ", "dim"), indent=4, log=True)


def _facts(counts: Counts) -> Iterator[str]:
    yield f"{', '.join(clean(group.name) for group in counts.groups)} from {between((counts.since, counts.until))}"
    cost = f"about {price_text(counts.dollars)}" if counts.scanned else "nothing"
    yield f"Logs Insights scanned {size_text(counts.scanned)}, for which AWS bills {cost}"
