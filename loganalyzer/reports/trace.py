"""The timeline of one request as a page of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loganalyzer.model import Explanation, Request, Step, Timeline
from loganalyzer.reports.bars import span
from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import count
from loganalyzer.reports.other_logs import said_by_others, trace_link
from loganalyzer.reports.page import Page, shortened
from loganalyzer.reports.settings import settings_lines, show_explaining
from loganalyzer.reports.table import answer, route, show_advice, show_doubts, where
from loganalyzer.reports.timeline import (
    ANSWERED,
    LAST_SEEN,
    NEVER,
    PASSED,
    STOPPED,
    UNUSED,
    by_stage,
    clock,
    gap,
    lifecycle,
    waterfall,
)
from loganalyzer.vocabulary import EMULATED

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry

MARKS = {
    PASSED: ("✓", "green"),
    STOPPED: ("✗", "bold red"),
    UNUSED: ("✗", "bold red"),
    NEVER: ("·", "dim"),
    LAST_SEEN: ("?", "bold magenta"),
    ANSWERED: ("✓", "bold yellow"),
}
"""How a state of the lifecycle is marked: a sign and its style."""

_ORDERS = {"position": "as they stand in the log", "time": "by time"}
_EVIDENCE_ROWS = 4
_CLOCK, _GAP = 13, 9
_NARROWEST_BAR, _WIDEST_BAR = 8, 24
_MARGIN = 2 + _CLOCK + _GAP + 3


def show_timeline(
    timeline: Timeline,
    request: Request,
    page: Page,
    *,
    entry: Entry | None,
    explanation: Explanation | None = None,
    explanations: Explanations | None = None,
    full: bool = False,
) -> None:
    """Write what became of the request, its steps (``full``: with their whole messages), and what to do about it.

    ``explanations`` name the settings that explain the diagnosis.
    """
    page.line((route(request), "bold"), (answer(request), "bold"))
    page.line(identity(request), indent=2)
    page.blank()
    _show_strip(timeline, request, page)
    page.blank()
    _show_diagnosis(request, page, entry=entry, explanation=explanation, explanations=explanations)
    _show_other_logs(timeline, request, page)
    if not timeline.steps:
        return
    page.heading(f"{count(len(timeline.steps), 'step')}, {order_of(timeline)}")
    wide = _bar_width(page)
    bars = (span(begin, length, wide=wide) for begin, length in waterfall(timeline.steps, wide=wide))
    for stage, steps in by_stage(timeline.steps):
        page.line((stage, "cyan"), indent=2)
        for step in steps:
            _show_step(step, page, waited=next(bars), full=full)
    page.blank()
    page.line(("▶ marks the evidence" + ("" if full else "; --full shows whole messages"), "dim"), indent=2)


def order_of(timeline: Timeline) -> str:
    """What the order of the steps rests on, in words."""
    return _ORDERS.get(timeline.order, f"by {clean(timeline.order)}")


def identity(request: Request) -> str:
    """Which request it is: its id, when it was, of which API, how long it took."""
    took = f"{request.duration_ms:,} ms" if request.duration_ms is not None else ""
    waited = f"{request.integration_latency_ms:,} ms in the integration" if request.integration_latency_ms else ""
    when = f"{request.first_seen:%Y-%m-%d %H:%M:%SZ}" if request.first_seen else ""
    said = (f"request {request.request_id}", when, request.api and f"api {request.api}", took, waited)
    return clean(" · ".join(part for part in said if part))


def _show_strip(timeline: Timeline, request: Request, page: Page) -> None:
    """The four steps side by side with their states below; one below the other where there is no room."""
    steps = [(step, state, *MARKS.get(state, ("✓", "green"))) for step, state in lifecycle(timeline, request)]
    widths = [max(len(step), len(state)) + 2 for step, state, *_ in steps]
    gap_wide = min(4, (page.width - sum(widths)) // (len(steps) - 1))
    if gap_wide < 1:
        for step, state, mark, style in steps:
            page.line((f"{mark} {step:<24}{state}", style))
        return
    wide = [width + gap_wide for width in widths]
    page.line(
        *((f"{f'{mark} {step}':<{w}}", style) for (step, _, mark, style), w in zip(steps, wide, strict=True)), log=True
    )
    page.line(*((f"  {state}".ljust(w), style) for (_, state, _, style), w in zip(steps, wide, strict=True)), log=True)


def _show_diagnosis(
    request: Request,
    page: Page,
    *,
    entry: Entry | None,
    explanation: Explanation | None,
    explanations: Explanations | None,
) -> None:
    if not request.category:
        page.line(("succeeded", "bold green"))
        return
    page.line((request.category, "bold red"), f" · confidence {request.confidence} · {where(request)}")
    if explanation is not None:
        show_explanation(explanation, page)
    if entry is not None:
        show_advice(entry, page)
    if explanations is not None:
        show_explaining(explanations, request.category, page, certain=request.confidence == "high")
        for _, sentence in settings_lines(explanations):
            page.line(sentence, label=("        ", "dim"), indent=2)
    show_doubts(request.reasons, request.alternatives, page, indent=2)


def show_explanation(explanation: Explanation, page: Page) -> None:
    """Write what exactly broke."""
    for name, text in explained(explanation):
        page.line(clean(text), label=(f"{name:<8}", "dim"), indent=2)


def explained(explanation: Explanation) -> list[tuple[str, str]]:
    """What exactly broke, each line with its label: the sentence, further findings, what else the lines tell and do not
    tell, and who only seems to be at fault."""
    said = [("what", explanation.detail)]
    if len(explanation.findings) > 2:
        said += [("", f"{one.part}: {one.found}; required: {one.required}") for one in explanation.findings]
    said += [("note", text) for text in explanation.notes] + [("unseen", text) for text in explanation.unseen]
    masking = explanation.masking
    if masking is not None:
        said.append(("not", f"{masking.suspected}, as the answer suggests, but {masking.failed}: {masking.proof}"))
    return [(name, text) for name, text in said if text]


def notes_of(step: Step) -> str:
    """What is to be said of a step besides its message, in brackets."""
    notes = "" if step.sentence else " (not a known sentence)"
    notes += " (known from emulators only)" if step.sentence in EMULATED else ""
    return notes + (" (cut)" if step.truncated else "")


def _show_other_logs(timeline: Timeline, request: Request, page: Page) -> None:
    """What the logs beside the execution log say, and the trace."""
    said = [*said_by_others(request)]
    if link := trace_link(timeline, request):
        said.append(("trace", link))
    if said:
        page.heading("Elsewhere")
    for source, words in said:
        page.line(clean(words), label=(f"{source:<12}", "dim"), indent=2, log=True)


def _bar_width(page: Page) -> int:
    return min(max(page.width // 8, _NARROWEST_BAR), _WIDEST_BAR)


def _show_step(step: Step, page: Page, *, waited: str, full: bool) -> None:
    """One step: its time, the wait before it, and where in the request that wait lies."""
    notes = notes_of(step)
    space = (page.width - _MARGIN - len(waited) - 1) * (_EVIDENCE_ROWS if step.evidence else 1) - len(notes)
    message = clean(step.message) if full else shortened(step.message, space)
    label = f"{clock(step.time):<{_CLOCK}}{gap(step.gap_ms):>{_GAP}} {waited} {'▶' if step.evidence else ' '} "
    page.line(
        (message, "bold" if step.evidence else ""),
        (notes, "dim"),
        label=(label, "bold red" if step.evidence else "dim"),
        indent=2,
        log=True,
    )
