"""An analysis and a timeline as pieces of HTML, for a notebook: complete in themselves, readable on light and on dark.

Nothing is loaded and nothing runs. Log text is cleaned, and escaped by the template engine, never marked as safe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.model import Request, Timeline
from loganalyzer.reports.clean import clean
from loganalyzer.reports.coverage import coverage_lines
from loganalyzer.reports.folds import PARTS, Group, fold
from loganalyzer.reports.headline import count, headline
from loganalyzer.reports.report import Report, iso
from loganalyzer.reports.selection import ANSWERED
from loganalyzer.reports.table import SHOWN, answer, route, where
from loganalyzer.reports.timeline import by_stage, clock, gap, lifecycle
from loganalyzer.reports.trace import MARKS, explained, identity, notes_of, order_of
from loganalyzer.scales import LIFECYCLE, Stage

if TYPE_CHECKING:
    import jinja2

    from loganalyzer.classifier.rules import Entry

TITLES = ("Failed in API Gateway", "The backend's own answers", "Incomplete")
"""What the parts of a report are called, in the order of :data:`loganalyzer.reports.folds.PARTS`."""

LINE = 160
"""Characters of a message that are shown at once."""

LONGEST = 8_000
"""Characters of a message that are shown when it is opened."""


def analysis_html(report: Report, *, entries: Mapping[str, Entry]) -> str:
    """What failed and where, each kind of failure with its cause and its fix, and what was read."""
    groups = fold(report.requests(), shown=report.shown)
    return template("analysis.html.j2").render(
        headline=headline(report),
        parts=[(title, [group for group in groups if group.part == part])
               for title, part in zip(TITLES, PARTS, strict=True)],
        stages=_stages(report.summary.by_stopped_at),
        entries=entries,
        shown=SHOWN,
        coverage=list(coverage_lines(report.coverage, secret=report.secret)),
        place=_place,
    )  # fmt: skip


def timeline_html(timeline: Timeline, *, entries: Mapping[str, Entry]) -> str:
    """One request: its life in four steps, what is wrong with it, and all it said, the evidence marked."""
    request = timeline.request
    return template("timeline.html.j2").render(
        timeline=timeline,
        request=request,
        strip=_strip(timeline, request),
        stages=list(by_stage(timeline.steps)),
        order=order_of(timeline),
        entry=entries.get(request.category) if request is not None else None,
        broke=[(name, clean(text)) for name, text in explained(timeline.explanation)] if timeline.explanation else [],
    )


def _stages(by_stage: Mapping[str, int]) -> list[tuple[str, str, int, int]]:
    """Step of the lifecycle, stage, requests, and the length of a bar in percent; steps without a request too."""
    most = max(by_stage.values(), default=1)
    rows: list[tuple[str, str, int, int]] = []
    for number, step in enumerate(LIFECYCLE, start=1):
        here = [stage.name for stage in Stage if stage.lifecycle == step and by_stage.get(stage.name)]
        for place, stage in enumerate(here or [""]):
            requests = by_stage.get(stage, 0)
            name = f"{stage} (answered)" if stage == ANSWERED else stage
            rows.append((f"{number} {step}" if not place else "", name, requests, round(100 * requests / most)))
    return rows if by_stage else []


def _strip(timeline: Timeline, request: Request | None) -> list[tuple[str, str, str, str]]:
    """The four steps of the life of a request: mark, step, what became of it, and the kind of that."""
    if request is None:
        return []
    kinds = {"✓": "passed", "✗": "stopped", "·": "never", "?": "unknown"}
    strip = []
    for step, state in lifecycle(timeline, request):
        mark = MARKS.get(state, ("✓", ""))[0]
        strip.append((mark, step, state, kinds[mark]))
    return strip


def _place(group: Group) -> str:
    """Where the requests of a group stopped, in few words."""
    if len(group.stages) == 1:
        return where(group.folds[0].example)
    return ", ".join(group.stages) if len(group.stages) < 3 else count(len(group.stages), "stage")


def _brief(message: str, *, evidence: bool = False) -> str:
    """The beginning of a message, more of it where it is evidence."""
    shown = clean(message)
    room = 4 * LINE if evidence else LINE
    return shown if len(shown) <= room else shown[: room - 1].rstrip() + "…"


def _whole(message: str, *, evidence: bool = False) -> str:
    """The message when it is opened, its lines kept; empty where :func:`_brief` shows all of it."""
    if len(clean(message)) <= (4 * LINE if evidence else LINE):
        return ""
    lines = "\n".join(clean(line) for line in message[:LONGEST].split("\n"))
    return lines if len(message) <= LONGEST else f"{lines}\n… and {len(message) - LONGEST:,} more characters"


def _reasons(reasons: Sequence[str]) -> list[str]:
    return [clean(reason) for reason in reasons]


@cache
def _environment() -> jinja2.Environment:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=clean, count=count, route=route, answer=answer, where=where, identity=identity, clock=clock, gap=gap,
        iso=iso, brief=_brief, whole=_whole, reasons=_reasons, notes_of=notes_of,
    )  # fmt: skip
    return environment


def template(name: str) -> jinja2.Template:
    """A template of such a piece, which escapes whatever is put into it."""
    return _environment().get_template(name)
