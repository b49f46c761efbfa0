"""One request as OpenTelemetry spans in OTLP's JSON, for trace viewers.

https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids are hex, enums numbers, 64-bit integers strings.
API Gateway logs in milliseconds, so spans of less have no length.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from loganalyzer import __version__
from loganalyzer.errors import UsageError
from loganalyzer.model import Request, Step, Timeline
from loganalyzer.reports.selection import gateway_failed
from loganalyzer.reports.spans import Span, call_spans, lifecycle_spans, whole
from loganalyzer.reports.table import route

if TYPE_CHECKING:
    from loganalyzer.classifier.rules import Entry

INTERNAL, SERVER, CLIENT = 1, 2, 3
"""Kinds of span."""
UNSET, ERROR = 0, 2
"""Status codes of a span; what went well stays unset (https://opentelemetry.io/docs/specs/semconv/http/http-spans/)."""

Value = str | int | bool | tuple[str, ...]
Document = dict[str, object]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_XRAY = re.compile(r"(?:Root=)?1-([0-9a-fA-F]{8})-([0-9a-fA-F]{24})(?![0-9a-fA-F])")
_XRAY_HEADER = re.compile(r"X-Amzn-Trace-Id=" + _XRAY.pattern, re.IGNORECASE)
_FUNCTION = re.compile(
    r"https://lambda\.([\w-]+)\.[^/]+/20\d\d-\d\d-\d\d/functions/"
    r"arn:[\w-]+:lambda:[^:]*:(\d*):function:([\w.:$-]+)"
)


def otlp_document(timeline: Timeline, request: Request, *, entry: Entry | None) -> Document:
    """A trace of one request: a root span, below it a span for each lifecycle step and each call, evidence as events.

    Raises :class:`UsageError` for a request whose lines have no time: a span without one is none.
    """
    root = whole(timeline)
    if root is None:
        raise UsageError(
            f"request {request.request_id}: its lines have no times, so there is no trace of it",
            tip="take --format json, or logs with timestamps",
        )
    trace = trace_id(timeline, request)
    identity = f"{trace} {request.request_id} {request.extended_request_id}"
    spans = [_root(root, timeline, request, trace=trace, identity=identity, entry=entry)]
    parts = lifecycle_spans(timeline)
    stopped = timeline.stopped_at.lifecycle if gateway_failed(request) else ""
    for part in parts:
        above = _span_id(identity, root.name)
        spans.append(_child(part, trace=trace, identity=identity, parent=above, broke=part.name == stopped))
    for number, call in enumerate(call_spans(timeline)):
        parent = next((part.name for part in reversed(parts) if _within(call, part)), root.name)
        own = f"{call.name} {number}"
        spans.append(_call(call, own, trace=trace, identity=identity, parent=_span_id(identity, parent)))
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(_resource(request))},
                "scopeSpans": [{"scope": {"name": "loganalyzer", "version": __version__}, "spans": spans}],
            }
        ]
    }


def trace_id(timeline: Timeline, request: Request) -> str:
    """The trace's id as 32 hex digits: X-Ray's (``Root=1-<8>-<24>``) if it was logged, else one made of the ids.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids
    """
    said = [_XRAY.fullmatch(step.fields.get("trace_id", "").strip()) for step in timeline.steps]
    headers = (step for step in timeline.steps if step.sentence in _WITH_TRACE)
    for found in [*said, *(_XRAY_HEADER.search(step.message) for step in headers)]:
        if found and int(found[1] + found[2], 16):
            return (found[1] + found[2]).lower()
    first = min((step.time for step in timeline.steps if step.time), default=None)
    return _digest(f"trace {request.request_id} {request.extended_request_id} {first}", length=16)


_WITH_TRACE = ("Endpoint request headers:", "Method response headers:")
"""Lines whose header of the trace is API Gateway's own; that of the method request is whatever the client sent."""


def _digest(text: str, *, length: int) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:length].hex()


def _span_id(identity: str, name: str) -> str:
    return _digest(f"span {identity} {name}", length=8)


def _root(
    span: Span, timeline: Timeline, request: Request, *, trace: str, identity: str, entry: Entry | None
) -> Document:
    failed = gateway_failed(request) or (request.outcome == "failed" and (request.client_status or 500) >= 500)
    placed = {id(step) for part in lifecycle_spans(timeline) for step in part.steps}
    return {
        **_base(span, span.name, trace=trace, identity=identity),
        "name": route(request) if request.resource or request.path else request.method or "request",
        "kind": SERVER,
        "attributes": _attributes(_request(request, entry=entry)),
        "events": _events((step for step in span.steps if id(step) not in placed), span.start),
        "status": {"code": ERROR, "message": entry.title if entry else request.category} if failed else {"code": UNSET},
    }


def _within(call: Span, part: Span) -> bool:
    return part.start <= call.start and call.end <= part.end


def _child(span: Span, *, trace: str, identity: str, parent: str, broke: bool) -> Document:
    stages = tuple(dict.fromkeys(step.stage.name for step in span.steps))
    return {
        **_base(span, span.name, trace=trace, identity=identity, parent=parent),
        "kind": INTERNAL,
        "attributes": _attributes({"loganalyzer.stages": stages}),
        "events": _events(span.steps, span.start),
        "status": {"code": ERROR if broke else UNSET},
    }


def _call(span: Span, own: str, *, trace: str, identity: str, parent: str) -> Document:
    function = _FUNCTION.match(span.target)
    facts: dict[str, Value] = {"url.full": span.target}
    if function:
        facts |= {"faas.invoked_provider": "aws", "faas.invoked_region": function[1], "faas.invoked_name": function[3]}
    return {
        **_base(span, own, trace=trace, identity=identity, parent=parent),
        "name": span.name,
        "kind": CLIENT,
        "attributes": _attributes(facts),
        "status": {"code": UNSET},
    }


def _base(span: Span, own: str, *, trace: str, identity: str, parent: str = "") -> Document:
    return {
        "traceId": trace,
        "spanId": _span_id(identity, own),
        **({"parentSpanId": parent} if parent else {}),
        "name": span.name,
        "startTimeUnixNano": _nanoseconds(span.start),
        "endTimeUnixNano": _nanoseconds(span.end),
    }


def _resource(request: Request) -> Mapping[str, Value]:
    return {
        "service.name": f"API Gateway {request.api}".strip(),
        "cloud.provider": "aws",
        "aws.api_gateway.api_id": request.api_id,
        "aws.api_gateway.stage": request.api_stage,
    }


def _request(request: Request, *, entry: Entry | None) -> Mapping[str, Value]:
    status: dict[str, Value] = {} if request.status is None else {"http.response.status_code": request.status}
    return {
        "http.request.method": request.method,
        "http.route": request.resource,
        "url.path": request.path,
        **status,
        "error.type": request.category if request.outcome == "failed" else "",
        "aws.request_id": request.request_id,
        "aws.extended_request_id": request.extended_request_id,
        "loganalyzer.outcome": request.outcome,
        "loganalyzer.category": request.category,
        "loganalyzer.stopped_at": request.stopped_at,
        "loganalyzer.confidence": request.confidence if request.category else "",
        "loganalyzer.alternatives": request.alternatives,
        "loganalyzer.authorizer": request.authorizer,
        "loganalyzer.log_level": request.log_level,
        "loganalyzer.cause": entry.cause if entry else "",
        "loganalyzer.fix": entry.fix if entry else "",
    }


def _events(steps: Iterable[Step], start: datetime) -> list[Document]:
    return [
        {
            "timeUnixNano": _nanoseconds(step.time or start),
            "name": step.step,
            "attributes": _attributes({"log.record.original": step.message, "loganalyzer.stage": step.stage.name}),
        }
        for step in steps
        if step.evidence
    ]


def _attributes(facts: Mapping[str, Value]) -> list[Document]:
    """The facts that there are, as OTLP has them."""
    return [{"key": key, "value": _value(value)} for key, value in facts.items() if value not in ("", ())]


def _value(value: Value) -> Document:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, tuple):
        return {"arrayValue": {"values": [{"stringValue": text} for text in value]}}
    return {"stringValue": value}


def _nanoseconds(moment: datetime) -> str:
    return str((moment - _EPOCH) // timedelta(microseconds=1) * 1000)
