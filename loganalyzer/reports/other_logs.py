"""What other logs say of one request, in words, and where its trace is to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from loganalyzer.model import CorrelatedRequest, Request, Timeline

_REGION = r"[a-z]{2}(?:-[a-z]{2,12}){1,3}-\d"
_PLACE = re.compile(rf"arn:aws[a-z-]{{0,8}}:(?:execute-api|lambda):({_REGION}):|lambda\.({_REGION})\.amazonaws\.com")
_TRACE = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")


def said_by_others(request: Request) -> Iterator[tuple[str, str]]:
    """Which log, and what it says of the request; nothing where no other log was read."""
    if not isinstance(request, CorrelatedRequest):
        return
    if request.lambda_status:
        yield "function", _joined(_of_function(request))
    if request.authorizer_status:
        yield "authorizer", _joined(_of_authorizer(request))
    if request.access_status is not None or request.access_error_type:
        yield "access log", _joined(_of_access(request))


def _of_function(request: CorrelatedRequest) -> Iterator[str]:
    yield request.lambda_status
    if request.lambda_duration_ms is not None:
        yield f"{request.lambda_duration_ms:,.0f} ms"
    if request.lambda_init_ms is not None:
        yield f"cold start of {request.lambda_init_ms:,.0f} ms before"
    if request.lambda_max_memory_mb is not None and request.lambda_memory_mb is not None:
        yield f"{request.lambda_max_memory_mb} of {request.lambda_memory_mb} MB"
    if request.lambda_error:
        yield f'"{request.lambda_error}"'
    yield f"run {request.lambda_request_id}"


def _of_authorizer(request: CorrelatedRequest) -> Iterator[str]:
    yield request.authorizer_status
    if request.authorizer_duration_ms is not None:
        yield f"{request.authorizer_duration_ms:,.0f} ms"
    if request.authorizer_error:
        yield f'"{request.authorizer_error}"'
    yield f"run {request.authorizer_request_id}"


def _of_access(request: CorrelatedRequest) -> Iterator[str]:
    yield str(request.access_status or "")
    yield request.access_error_type
    yield request.access_waf
    yield request.access_error_message
    yield request.access_integration_error
    yield request.access_authorizer_error


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(dict.fromkeys(part for part in parts if part))


def trace_link(timeline: Timeline, request: Request) -> str:
    """The trace of a request in the X-Ray console, empty where it has none.

    https://docs.aws.amazon.com/xray/latest/devguide/xray-console-traces.html
    """
    trace = _trace_of(timeline, request)
    region = _region_of(timeline)
    if not trace:
        return ""
    where = f"{region}.console.aws.amazon.com/cloudwatch/home?region={region}" if region else _NO_REGION
    return f"https://{where}#xray:traces/{trace}"


_NO_REGION = "console.aws.amazon.com/cloudwatch/home"


def _trace_of(timeline: Timeline, request: Request) -> str:
    """The trace's id without ``Root=``."""
    logged = next((step.fields["trace_id"] for step in timeline.steps if step.fields.get("trace_id")), "")
    known = logged or (request.trace_id if isinstance(request, CorrelatedRequest) else "")
    found = _TRACE.search(known)
    return found[0] if found else ""


def _region_of(timeline: Timeline) -> str:
    """The region that an ARN or an address in the lines names."""
    for step in timeline.steps:
        if found := _PLACE.search(step.message):
            return found[1] or found[2]
    return ""
