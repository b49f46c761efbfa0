"""One request in full as the page shows it: the lifecycle strip, every step with its time, the evidence marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from loganalyzer.model import Request, Step, Timeline
from loganalyzer.reports.clean import clean
from loganalyzer.reports.other_logs import said_by_others, trace_link
from loganalyzer.reports.report import Report, iso
from loganalyzer.reports.table import route
from loganalyzer.reports.timeline import (
    ANSWERED,
    LAST_SEEN,
    NEVER,
    STOPPED,
    UNUSED,
    by_stage,
    clock,
    gap,
    lifecycle,
    waterfall,
)
from loganalyzer.reports.trace import explained

MOST_STEPS = 80
"""So many steps are shown of one request, and every one that is evidence."""
MOST_CHARACTERS, MOST_EVIDENCE = 1_000, 4_000
"""So much is shown of one message, and of one that is evidence."""
AT_ONCE = 240
"""Longer messages are folded up."""

_SPAN = 1_000

_STATES = {STOPPED: "stopped", UNUSED: "stopped", NEVER: "never", LAST_SEEN: "lost", ANSWERED: "answered"}
_MARKS = {"stopped": "✗", "never": "·", "lost": "?", "answered": "✓", "passed": "✓"}


@dataclass(frozen=True, slots=True)
class Line:
    """One step: ``begin`` and ``wide`` place the wait before it in a bar that is 1000 wide."""

    clock: str
    gap: str
    begin: int
    wide: int
    message: str
    rest: str
    notes: str
    evidence: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One request: ``strip`` holds (step, state, kind of state, mark), ``stages`` the lines of each stage.

    ``said`` pairs a label with what else is to be said of it: what its lines and other logs tell, and do not tell;
    ``trace`` is its address in the X-Ray console.
    ``whole`` ones have lines from the beginning on: more to learn from than where errors only are logged.
    """

    request_id: str
    route: str
    facts: Sequence[str]
    strip: Sequence[tuple[str, str, str, str]]
    stages: Sequence[tuple[str, Sequence[Line]]]
    more: str
    detail: str
    said: Sequence[tuple[str, str]]
    trace: str
    size: int
    whole: bool


def example_of(timeline: Timeline, request: Request, report: Report) -> Example:
    """The example that a request makes; its messages are masked as the report says, and cut."""
    steps = timeline.steps
    kept = [step for number, step in enumerate(steps) if number < MOST_STEPS or step.evidence]
    bars = waterfall(kept, wide=_SPAN)
    lines = [_line(step, bar, report) for step, bar in zip(kept, bars, strict=True)]
    stages: list[tuple[str, list[Line]]] = []
    taken = iter(lines)
    for stage, together in by_stage(tuple(kept)):
        stages.append((stage, [next(taken) for _ in together]))
    left = len(steps) - len(kept)
    strip = [(step, state, _kind(state)) for step, state in lifecycle(timeline, request)]
    return Example(
        request_id=clean(request.request_id),
        route=route(request)[:300],
        facts=[fact for fact in _facts(request) if fact],
        strip=[(*parts, _MARKS[parts[2]]) for parts in strip],
        stages=stages,
        more=f"and {left:,} more steps: loganalyzer trace shows all" if left else "",
        detail=clean(request.detail),
        said=_said(timeline, request, report),
        trace=trace_link(timeline, request),
        size=sum(len(line.message) + len(line.rest) + 200 for line in lines),
        whole=len(stages) > 2,
    )


def _said(timeline: Timeline, request: Request, report: Report) -> list[tuple[str, str]]:
    """What is to be said besides the sentence of what broke; a label that repeats is said once."""
    broke = explained(timeline.explanation) if timeline.explanation else []
    found: list[tuple[str, str]] = []
    last = ""
    for label, logged in (*broke, *said_by_others(request)):
        text = clean(report.secret(logged))[:MOST_CHARACTERS]
        if text != clean(request.detail):
            found.append(("" if label == last else label, text))
            last = label
    return found


def _kind(state: str) -> str:
    return _STATES.get(state, "passed")


def _facts(request: Request) -> Sequence[str]:
    return (
        iso(request.first_seen) or "",
        f"api {clean(request.api)}" if request.api else "",
        f"answered {request.client_status}" + ("" if request.status else " (by default)")
        if request.client_status else "",
        f"{request.duration_ms:,} ms" if request.duration_ms is not None else "",
        f"{request.integration_latency_ms:,} ms in the integration" if request.integration_latency_ms else "",
        f"confidence {request.confidence}",
    )  # fmt: skip


def _line(step: Step, bar: tuple[int, int], report: Report) -> Line:
    text = report.secret(step.message)
    most = MOST_EVIDENCE if step.evidence else MOST_CHARACTERS
    shown = "\n".join(map(clean, text[:most].rstrip("\n").split("\n")))
    cut = f" … {len(text) - most:,} more characters" if len(text) > most else ""
    split = len(shown) if step.evidence or len(shown) <= AT_ONCE else AT_ONCE
    notes = [
        "not a known sentence" if not step.sentence else "",
        "cut by API Gateway" if step.truncated else "",
    ]
    begin, wide = bar
    return Line(
        clock=clock(step.time),
        gap=gap(step.gap_ms),
        begin=begin,
        wide=wide,
        message=shown[:split] + (cut if split == len(shown) else ""),
        rest=shown[split:] + cut if split < len(shown) else "",
        notes=", ".join(filter(None, notes)),
        evidence=step.evidence,
    )
