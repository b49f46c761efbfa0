"""One request for people and programs: where in its life it stopped, every step it took, and what that means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from loganalyzer.model import Explanation, Request, Step, Timeline
from loganalyzer.reports.documents import explanation_document
from loganalyzer.reports.other_logs import trace_link
from loganalyzer.reports.report import SCHEMA, iso
from loganalyzer.reports.requests import request_document
from loganalyzer.scales import LIFECYCLE, Stage
from loganalyzer.vocabulary import EMULATED

if TYPE_CHECKING:
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.classifier.rules import Entry

PASSED, STOPPED, NEVER, LAST_SEEN, ANSWERED = "passed", "stopped here", "never ran", "last seen here", "answered"
UNUSED = "answer unusable"


def lifecycle(timeline: Timeline, request: Request) -> list[tuple[str, str]]:
    """The four steps of a request and what became of each: those after the one it stopped in never ran."""
    stopped = LIFECYCLE.index(timeline.stopped_at.lifecycle)
    states = [PASSED] * stopped + [_state(timeline, request)] + [NEVER] * (len(LIFECYCLE) - stopped - 1)
    if stopped > 1 and timeline.authorizer in _AUTHORIZERS:
        states[1] = _AUTHORIZERS[timeline.authorizer]
    return list(zip(LIFECYCLE, states, strict=True))


_AUTHORIZERS = {"cached": "passed (cached)", "none": "no authorizer"}


def _state(timeline: Timeline, request: Request) -> str:
    if timeline.stopped_at == Stage.COMPLETED:
        return PASSED if request.outcome == "succeeded" else ANSWERED
    if request.outcome == "incomplete":
        return LAST_SEEN
    return UNUSED if timeline.stopped_at in (Stage.INTEGRATION_RESPONSE, Stage.METHOD_RESPONSE) else STOPPED


def timeline_document(
    timeline: Timeline,
    request: Request,
    *,
    entry: Entry | None,
    explanation: Explanation | None = None,
    explanations: Explanations | None = None,
) -> dict[str, Any]:
    """The timeline, the diagnosis, what exactly broke and the explanation of the category as one JSON object.

    ``settings`` are in it where ``explanations`` are given: what they explain.
    """
    settings: dict[str, Any] = {}
    if explanations is not None:
        from loganalyzer.reports.settings import explaining_document

        settings = {"settings": explaining_document(explanations)}
    return {
        "schema": SCHEMA,
        "request": request_document(request),
        "lifecycle": [{"step": step, "state": state} for step, state in lifecycle(timeline, request)],
        "authorizer": timeline.authorizer,
        "trace_link": trace_link(timeline, request) or None,
        "order": timeline.order,
        "steps": [_step_document(step) for step in timeline.steps],
        "what_broke": None if explanation is None else asdict(explanation),
        "explanation": None if entry is None else explanation_document(entry),
        **settings,
    }


def _step_document(step: Step) -> dict[str, Any]:
    return {
        "time": iso(step.time),
        "gap_ms": step.gap_ms,
        "stage": step.stage.name,
        "step": step.step,
        "message": step.message,
        "fields": dict(step.fields),
        "truncated": step.truncated,
        "emulated": step.sentence in EMULATED,
        "evidence": step.evidence,
    }


def gap(milliseconds: int | None) -> str:
    """The time since the step before, short: ``+2 ms``, ``+29.0 s``; nothing where there is none."""
    if not milliseconds:
        return ""
    sign = "+" if milliseconds > 0 else "-"
    size = abs(milliseconds)
    return f"{sign}{size} ms" if size < 1000 else f"{sign}{size / 1000:.1f} s"


def waterfall(steps: Sequence[Step], *, wide: int) -> list[tuple[int, int]]:
    """For each step where the wait before it begins and how long it is, in a bar of ``wide`` for the whole request.

    All are (0, 0) where the request took no time or times are not known.
    """
    times = [step.time for step in steps if step.time is not None]
    whole = (max(times) - min(times)).total_seconds() if times else 0.0
    if not whole:
        return [(0, 0)] * len(steps)
    bars, before = [], 0
    for step in steps:
        at = before if step.time is None else round(wide * (step.time - min(times)).total_seconds() / whole)
        bars.append((min(before, at), abs(at - before)))
        before = at
    return bars


def clock(moment: datetime | None) -> str:
    """The time of day of a step."""
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}" if moment else ""


def by_stage(steps: tuple[Step, ...]) -> Iterator[tuple[str, list[Step]]]:
    """Neighbouring steps of one stage together, in their order; ids printed at the end open no stage again."""
    stage, together = "", list[Step]()
    for step in steps:
        if together and step.stage.name != stage and step.step != "correlation":
            yield stage, together
            together = []
        stage = stage if together else step.stage.name
        together.append(step)
    if together:
        yield stage, together
