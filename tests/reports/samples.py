"""Requests, timelines and analyses made by hand, for tests of what is shown of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from loganalyzer import trends
from loganalyzer.classifier.rules import catalogue
from loganalyzer.coverage import Coverage, Example, Problem
from loganalyzer.errors import NothingReadable
from loganalyzer.model import (
    Explanation,
    Finding,
    Latency,
    Masking,
    Request,
    Step,
    Summary,
    Timeline,
    Trend,
)
from loganalyzer.reports.selection import tally
from loganalyzer.scales import Stage
from loganalyzer.vocabulary import match

NOON = datetime(2026, 11, 20, 12, 0, 0, 123000, tzinfo=UTC)

THREW = "Lambda execution failed with status 200 due to customer function error: 'order'. Lambda request id: 77aa"

FAILED = Request(
    request_id="0a1b2c3d-1111-4222-8333-444455556666",
    extended_request_id="Qx7ZkHbVoAMEf2g=",
    api_id="a1b2c3d4e5",
    api_stage="prod",
    method="POST",
    resource="/orders/{id}",
    path="/orders/17",
    first_seen=NOON,
    last_seen=NOON + timedelta(milliseconds=412),
    duration_ms=412,
    integration_latency_ms=398,
    status=502,
    client_status=502,
    outcome="failed",
    category="PROXY_INTEG_ERROR",
    stopped_at="BACKEND",
    confidence="high",
    alternatives=(),
    evidence=(THREW,),
    authorizer="none",
    log_level="info_trace",
)

ANSWERED = replace(
    FAILED,
    request_id="1a1b2c3d-1111-4222-8333-444455556666",
    method="GET",
    status=404,
    client_status=404,
    category="BACKEND_RETURNED_4XX",
    stopped_at="COMPLETED",
    evidence=("Method completed with status: 404",),
)

DENIED = replace(
    FAILED,
    request_id="2a1b2c3d-1111-4222-8333-444455556666",
    resource="",
    path="",
    method="",
    status=None,
    client_status=403,
    category="ACCESS_DENIED",
    stopped_at="AUTHORIZATION",
    confidence="low",
    alternatives=("EXPLICIT_DENY", "IMPLICIT_DENY"),
    reasons=("the authorizer's policy is not in the log",),
    evidence=("The client is not authorized to perform this operation.",),
    log_level="error",
)

CUT_SHORT = replace(
    FAILED,
    request_id="3a1b2c3d-1111-4222-8333-444455556666",
    status=None,
    client_status=None,
    outcome="incomplete",
    category="INCOMPLETE",
    stopped_at="INTEGRATION_INVOCATION",
    confidence="low",
    evidence=("Sending request to https://backend.example.com/orders",),
)

SUCCEEDED = replace(
    FAILED,
    request_id="4a1b2c3d-1111-4222-8333-444455556666",
    status=200,
    client_status=200,
    outcome="succeeded",
    category="",
    stopped_at="COMPLETED",
    evidence=(),
)


def coverage(**changes: Any) -> Coverage:
    """What was read, all of it understood unless ``changes`` say otherwise."""
    settings: dict[str, Any] = {
        "files": 2,
        "bytes": 12_400_000,
        "events": 4120,
        "requests": 412,
        "forms": {"s3 export": 2},
        "levels": {"info_trace": 412},
        "first_seen": int(NOON.timestamp() * 1000),
        "last_seen": int(NOON.timestamp() * 1000) + 3_600_000,
    }
    return Coverage(**(settings | changes))


TORN: dict[str, Any] = {
    "unknown_lines": Example(3, "\x1b[31mnot a log line"),
    "unknown_sentences": Example(2, "Something new happened to token=abcdef"),
    "problems": [Problem("b.gz", "the compressed data ends early", "download it again")],
    "truncated_events": 7,
    "notes": ["order rests on time alone"],
}


def step(message: str, stage: Stage, *, after_ms: int = 0, **changes: Any) -> Step:
    """One step of a timeline, ``after_ms`` after noon."""
    settings: dict[str, Any] = {
        "time": NOON + timedelta(milliseconds=after_ms),
        "stage": stage,
        "sentence": match(message.encode("utf-8", "replace")).head or message.partition(":")[0],
        "step": "step",
        "message": message,
        "fields": {},
        "gap_ms": after_ms,
        "truncated": False,
    }
    return Step(**(settings | changes))


TIMELINE = Timeline(
    request_id=FAILED.request_id,
    steps=(
        step("Extended Request Id: Qx7ZkHbVoAMEf2g=", Stage.ROUTE, gap_ms=None),
        step("Starting execution for request: 0a1b2c3d-1111-4222-8333-444455556666", Stage.REQUEST_VALIDATION),
        step(
            "Method request headers: {Host=api.example.com, Cookie=sid=0123456789}",
            Stage.REQUEST_VALIDATION,
            truncated=True,
        ),
        step("Sending request to https://lambda.example.com/invocations", Stage.INTEGRATION_INVOCATION, after_ms=3),
        step(THREW, Stage.BACKEND, after_ms=29_401, evidence=True),
        step("Something nobody knows", Stage.BACKEND, after_ms=29_402, sentence=""),
        step("Method completed with status: 502", Stage.COMPLETED, after_ms=29_403),
    ),
    stopped_at=Stage.BACKEND,
    authorizer="cached",
    order="time",
    request=FAILED,
)


EXPLANATION = Explanation(
    detail="body is an object, must be a string; cookies is an unknown field",
    findings=(
        Finding("body", "an object", "a string"),
        Finding("cookies", "an unknown field", "in multiValueHeaders"),
        Finding("headers", "a list", "an object"),
    ),
    notes=("the function was asked with token=abcdefghijklmnop",),
    unseen=("the rest of the answer is cut off",),
    masking=Masking("the backend", "the form of the answer", "'Received response' shows that the backend ran"),
)


class FakeAnalysis:
    """Has what commands need of an analysis, for requests made by hand."""

    def __init__(self, requests: Iterable[Request], *, covered: Coverage | None = None) -> None:
        self._requests = list(requests)
        self.row_type: type[Request] = Request
        self.entries = catalogue()
        self.coverage = covered or coverage(requests=len(self._requests))

    def records(self, *, everything: bool = False) -> Iterator[Request]:
        """The requests, as an analysis gives them out."""
        return (request for request in self._requests if everything or request.outcome != "succeeded")

    def parts(self, *, everything: bool = False) -> list[list[Request]]:
        """None: they are few."""
        return []

    def summary(self) -> Summary:
        """Counts of them."""
        return tally(self._requests)

    def over_time(self) -> Trend | None:
        """Failures by time."""
        return trends.over_time(trends.columns_of(self._requests))

    def latency(self) -> tuple[Latency, ...]:
        """Latency quantiles."""
        return trends.latency(trends.columns_of(self._requests))

    def timelines(self, requests: Sequence[Request]) -> list[Timeline]:
        """The one timeline there is, for each."""
        return [replace(TIMELINE, request_id=request.request_id) for request in requests]

    def timeline(self, request_id: str) -> Timeline:
        """The one timeline there is."""
        if not TIMELINE.request_id.startswith(request_id):
            raise NothingReadable(f"no request with the id '{request_id}' in what was read", tip="give more of it")
        return TIMELINE

    def explanation(self, request_id: str) -> Explanation:
        """What broke in that request."""
        return EXPLANATION

    def diagnosis(self, request_id: str) -> Request:
        """The request of that timeline."""
        return FAILED
