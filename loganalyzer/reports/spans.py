"""The timeline of one request as stretches of time: what each part of its life took, for waterfalls and trace viewers.

A part lasts from its first line to its last. Waiting for an answer counts for the one who was asked: for the backend if
it answered, else for the call that got no answer. Time that no line accounts for (without data trace most of it) is
nobody's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loganalyzer.model import Step, Timeline
from loganalyzer.scales import Stage

CALL = "Sending request to"
"""The sentence after which API Gateway waits for somebody else."""

_ABOUT = ("outcome", "correlation")
"""Steps that speak of the whole request: their lines stand at its end, whatever it reached."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a request's life and the lines it is known by; ``target`` is the URL called, empty for no call."""

    name: str
    start: datetime
    end: datetime
    steps: tuple[Step, ...]
    target: str = ""

    @property
    def milliseconds(self) -> int:
        """How long it took."""
        return (self.end - self.start) // timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class _Timed:
    """A step and the part it belongs to; a line without a time has that of the line before, else of the next one."""

    step: Step
    stage: Stage
    time: datetime
    since: datetime


def whole(timeline: Timeline) -> Span | None:
    """The request from its first to its last line; None where no line has a time."""
    timed = _timed(timeline)
    return _span("request", timed) if timed else None


def lifecycle_spans(timeline: Timeline) -> list[Span]:
    """One span for each of the four steps of the lifecycle that left a line, in their order."""
    return list(_parts(timeline, {stage: stage.lifecycle for stage in Stage}))


def stage_spans(timeline: Timeline) -> list[Span]:
    """One span for each stage that left a line, in their order."""
    return list(_parts(timeline, {stage: stage.name for stage in Stage}))


def call_spans(timeline: Timeline) -> Iterator[Span]:
    """The calls of the authorizer's function and of the integration, from sending to the next line."""
    timed = _timed(timeline)
    for index, one in enumerate(timed):
        if one.step.sentence == CALL:
            who = "authorizer" if one.step.stage == Stage.AUTHORIZATION else "integration"
            pair = timed[index : index + 2]
            yield replace(_span(f"{who} call", pair), steps=(one.step,), target=one.step.fields.get("uri", "unknown"))


def _parts(timeline: Timeline, names: dict[Stage, str]) -> Iterator[Span]:
    timed = [one for one in _timed(timeline) if one.step.sentence and one.step.step not in _ABOUT]
    for name in dict.fromkeys(names.values()):
        own = [one for one in timed if names[one.stage] == name]
        if own:
            yield _span(name, own)


def _span(name: str, timed: list[_Timed]) -> Span:
    start, end = min(one.since for one in timed), max(max(one.since, one.time) for one in timed)
    return Span(name, start, end, tuple(one.step for one in timed))


def _timed(timeline: Timeline) -> list[_Timed]:
    timed: list[_Timed] = []
    before = next((step.time for step in timeline.steps if step.time is not None), None)
    called: datetime | None = None
    for step in timeline.steps:
        before = step.time or before
        if before is None:
            break
        stage = timeline.stopped_at if step.step.endswith("failure") else step.stage
        answered = called is not None and stage > Stage.INTEGRATION_INVOCATION
        timed.append(_Timed(step, stage, before, called if answered and called else before))
        called = before if step.sentence == CALL else None
    return timed
