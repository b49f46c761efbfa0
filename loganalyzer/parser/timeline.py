"""The lines of one request → its timeline: ordered steps, the phase of each, where the lifecycle stopped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from loganalyzer import vocabulary as words
from loganalyzer.model import Event, Step, Timeline
from loganalyzer.parser import reader
from loganalyzer.scales import Stage
from loganalyzer.sentences import Sentence

_BLAMED = (words.CE + "Authorizer error", "AuthorizerConfigurationException")


def read_timeline(events: Iterable[Event], *, order: str = "position") -> Timeline:
    """The timeline of the events of one request, given in order; ``order`` says what that order rests on.

    ``stopped_at`` is what the steps alone tell; a diagnosis may know better.
    """
    listed = list(events)
    sentences = [words.match(event.message) for event in listed]
    phases = _phases(sentences, listed)
    steps: list[Step] = []
    before: int | None = None
    for event, sentence, in_authorizer in zip(listed, sentences, phases, strict=True):
        steps.append(_step(event, sentence, in_authorizer, before))
        before = event.time if event.time is not None else before
    return Timeline(
        request_id=listed[0].request_id if listed else "",
        steps=tuple(steps),
        stopped_at=_stopped(sentences, phases),
        authorizer=_authorizer(sentences, phases),
        order=order,
    )


def marked(timeline: Timeline, heads: Iterable[str]) -> Timeline:
    """The same timeline with the steps that say one of these sentences marked as evidence."""
    wanted = set(heads)
    steps = tuple(replace(step, evidence=True) if step.sentence in wanted else step for step in timeline.steps)
    return replace(timeline, steps=steps)


def _phases(sentences: Sequence[Sentence], events: Sequence[Event]) -> list[bool]:
    """For each line whether it belongs to the authorizer's phase.

    A shared sentence is the authorizer's between its start and its end; before any of both, what follows decides: an
    end of the authorizer or a line that blames it (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html).
    """
    started = False
    phases = []
    for index, (sentence, event) in enumerate(zip(sentences, events, strict=True)):
        if sentence.head == "Starting authorizer:":
            started = True
        elif sentence.bound:
            started = False
        own = not sentence.shared and sentence.stage == Stage.AUTHORIZATION
        named = "authorizer_arn" in sentence.facts_of(event.message) if sentence.shared else False
        inside = sentence.shared and (
            started or named or _authorizer_follows(sentences[index + 1 :], events[index + 1 :])
        )
        phases.append(own or inside)
    return phases


def _authorizer_follows(sentences: Sequence[Sentence], events: Sequence[Event]) -> bool:
    """Whether the next line that tells the phase is one of the authorizer's."""
    for sentence, event in zip(sentences, events, strict=True):
        if sentence.head in _BLAMED or (sentence.stage == Stage.AUTHORIZATION and not sentence.shared):
            return True
        if sentence.step == "outcome":
            return sentence.captured(event.message).get("response_type", "").startswith("AUTHORIZER_")
        if sentence.method_phase:
            return False
    return False


def _step(event: Event, sentence: Sentence, in_authorizer: bool, before: int | None) -> Step:  # noqa: FBT001
    gap = None if event.time is None or before is None else event.time - before
    return Step(
        time=None if event.time is None else datetime.fromtimestamp(event.time / 1000, UTC),
        stage=Stage.AUTHORIZATION if in_authorizer else sentence.stage,
        sentence=sentence.head,
        step=("authorizer " + sentence.step) if in_authorizer and sentence.shared else sentence.step,
        message=event.message.decode("utf-8", "replace"),
        fields=sentence.captured(event.message),
        gap_ms=gap,
        truncated=event.message.rstrip().endswith(reader.TRUNCATED),
    )


def _stopped(sentences: Sequence[Sentence], phases: Sequence[bool]) -> Stage:
    """The stage of the line that decides over the failure, else the furthest that any line proves to be reached."""
    pairs = list(zip(sentences, phases, strict=True))
    deciding = [(sentence, inside) for sentence, inside in pairs if sentence.rank and sentence.stage != Stage.ROUTE]
    if deciding:
        sentence, inside = min(deciding, key=lambda pair: pair[0].rank)
        return Stage.AUTHORIZATION if inside else sentence.stage
    stages = [Stage.AUTHORIZATION if inside else sentence.reached for sentence, inside in pairs if sentence.code]
    return max(stages, default=Stage.ROUTE)


def _authorizer(sentences: Sequence[Sentence], phases: Sequence[bool]) -> str:
    """``none | ran | cached | failed | unknown``: what became of the authorizer, as far as the lines tell.

    A completed authorizer without a call, in a log that shows calls, was answered from the cache.
    """
    heads = {sentence.head for sentence in sentences}
    if any(s.rank and (inside or s.stage == Stage.AUTHORIZATION) for s, inside in zip(sentences, phases, strict=True)):
        denied = "The client is not authorized to perform this operation" in heads
        if not denied:
            return "failed"
    called = "Authorizer result body before parsing:" in heads or any(
        inside and sentence.shared for sentence, inside in zip(sentences, phases, strict=True)
    )
    if called:
        return "ran"
    if "Starting authorizer:" not in heads and "Successfully completed authorizer execution" not in heads:
        return "none" if heads & {"Verifying Usage Plan for request:", "Starting execution for request:"} else "unknown"
    traced = any(sentence.printed == "trace" for sentence in sentences)
    return "cached" if traced and "Successfully completed authorizer execution" in heads else "unknown"
