"""Requests, explanations, steps and timelines with all masked in them that is to be."""

from __future__ import annotations

from dataclasses import replace

from loganalyzer.model import CorrelatedRequest, Explanation, Finding, Request, Step, Timeline
from loganalyzer.redact.names import name_of
from loganalyzer.redact.texts import redact
from loganalyzer.redact.values import MASK


def redact_request(request: Request) -> Request:
    """The request with every text that leaves the process masked."""
    if isinstance(request, CorrelatedRequest):
        request = _redact_correlated(request)
    resource, path = redact(request.resource), redact(request.path)
    evidence, reasons = tuple(map(redact, request.evidence)), tuple(map(redact, request.reasons))
    detail = redact(request.detail) if request.detail else ""
    before = (request.resource, request.path, request.evidence, request.reasons, request.detail)
    if (resource, path, evidence, reasons, detail) == before:
        return request
    return replace(request, resource=resource, path=path, evidence=evidence, reasons=reasons, detail=detail)


def _redact_correlated(request: CorrelatedRequest) -> CorrelatedRequest:
    """The same with the free texts masked that come from functions' logs and access logs."""
    return replace(
        request,
        lambda_error=redact(request.lambda_error),
        authorizer_error=redact(request.authorizer_error),
        access_error_message=redact(request.access_error_message),
        access_integration_error=redact(request.access_integration_error),
        access_authorizer_error=redact(request.access_authorizer_error),
    )


def redact_explanation(explanation: Explanation) -> Explanation:
    """The explanation with every text that quotes the log masked."""
    return replace(
        explanation,
        detail=redact(explanation.detail),
        findings=tuple(
            Finding(redact(one.part), redact(one.found), redact(one.required)) for one in explanation.findings
        ),
        notes=tuple(map(redact, explanation.notes)),
        unseen=tuple(map(redact, explanation.unseen)),
    )


def redact_step(step: Step) -> Step:
    """The step with its message and the values read from it masked."""
    fields = {name: MASK if name_of(name).masked else redact(value) for name, value in step.fields.items()}
    return replace(step, message=redact(step.message), fields=fields)


def redact_timeline(timeline: Timeline) -> Timeline:
    """The timeline with its steps, its request and the explanation masked."""
    return replace(
        timeline,
        steps=tuple(map(redact_step, timeline.steps)),
        request=timeline.request and redact_request(timeline.request),
        explanation=timeline.explanation and redact_explanation(timeline.explanation),
    )
