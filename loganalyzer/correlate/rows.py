"""Rows of the request table with what other logs say, and rows of requests that stand in the access log alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from loganalyzer.classifier.classify import FAILED
from loganalyzer.classifier.entries import Entry
from loganalyzer.correlate.access_join import type_of
from loganalyzer.correlate.records import AccessRecord, Invocation, Tie
from loganalyzer.correlate.settle import rule_book
from loganalyzer.model import CorrelatedRequest, Diagnosis, Request
from loganalyzer.scales import Confidence, Stage

NOT_LOGGED = "not logged by design: API Gateway writes no execution log for this, the access log alone shows it"
_SOMETIMES = ("THROTTLED", "QUOTA_EXCEEDED")
_NOT_ALWAYS = "not logged by design: of many such refusals API Gateway logs only some, the access log shows the rest"
_COLUMNS = tuple(field.name for field in fields(Request))


def with_tie(request: Request, tie: Tie | None) -> CorrelatedRequest:
    """The row of a request with what other logs say of it; ``client_status`` is what the access log saw."""
    tie = tie or Tie()
    own: dict[str, Any] = {name: getattr(request, name) for name in _COLUMNS}
    if tie.access is not None and tie.access.status is not None:
        own["client_status"] = tie.access.status
    if tie.access is not None:
        own["method"] = own["method"] or tie.access.method
        own["resource"] = own["resource"] or tie.access.resource
    return CorrelatedRequest(
        **own,
        **_of_function(tie.function, tie.integration_id),
        **_of_authorizer(tie.authorizer, tie.access),
        **_of_access(tie.access),
        trace_id=tie.trace_id,
        settled_by=tie.settled_by,
    )


def _of_function(run: Invocation | None, known_id: str) -> dict[str, Any]:
    if run is None:
        return {"lambda_request_id": known_id}
    return {
        "lambda_request_id": run.id,
        "lambda_status": _status(run),
        "lambda_error": run.error,
        "lambda_timed_out": run.timed_out,
        "lambda_duration_ms": run.duration_ms,
        "lambda_billed_ms": run.billed_ms,
        "lambda_memory_mb": run.memory_mb,
        "lambda_max_memory_mb": run.max_memory_mb,
        "lambda_init_ms": run.init_ms,
    }


def _of_authorizer(run: Invocation | None, access: AccessRecord | None) -> dict[str, Any]:
    if run is None:
        return {"authorizer_request_id": access.authorizer_id if access else ""}
    return {
        "authorizer_request_id": run.id,
        "authorizer_status": _status(run),
        "authorizer_error": run.error,
        "authorizer_duration_ms": run.duration_ms,
    }


def _status(run: Invocation) -> str:
    """The status of a run; text logs print none where all went well."""
    return run.status or ("error" if run.error else "success" if run.duration_ms is not None else "")


def _of_access(record: AccessRecord | None) -> dict[str, Any]:
    if record is None:
        return {}
    return {
        "access_status": record.status,
        "access_error_type": record.error_type,
        "access_error_message": record.error_message,
        "access_integration_error": record.integration_error,
        "access_authorizer_error": record.authorizer_error,
        "access_waf": record.waf,
    }


def unlogged_diagnosis(record: AccessRecord, *, entries: Mapping[str, Entry]) -> Diagnosis:
    """The diagnosis of a request that stands in the access log alone: certain where that names the response's type."""
    kind = type_of(record)
    category = rule_book().types[kind][0]
    stage = entries[category].stage
    reasons = [_NOT_ALWAYS if kind in _SOMETIMES else NOT_LOGGED]
    if not record.error_type:
        reasons.append("the access log holds no type of gateway response ($context.error.responseType)")
    return Diagnosis(
        category=category,
        stopped_at=Stage.ROUTE if stage is None else stage,
        outcome=FAILED,
        confidence=Confidence.HIGH if record.error_type else Confidence.MEDIUM,
        reasons=tuple(reasons),
    )


def unlogged_row(record: AccessRecord, *, entries: Mapping[str, Entry]) -> CorrelatedRequest:
    """The row of such a request."""
    diagnosis = unlogged_diagnosis(record, entries=entries)
    when = None if record.time is None else datetime.fromtimestamp(record.time / 1000, UTC)
    status = record.status if record.status is not None else entries[diagnosis.category].client_status
    return CorrelatedRequest(
        request_id=record.request_id or record.extended_id,
        extended_request_id=record.extended_id,
        api_id="",
        api_stage="",
        method=record.method,
        resource=record.resource,
        path=record.path,
        first_seen=when,
        last_seen=when,
        duration_ms=None,
        integration_latency_ms=None,
        status=None,
        client_status=status,
        outcome=diagnosis.outcome,
        category=diagnosis.category,
        stopped_at=diagnosis.stopped_at.name,
        confidence=str(diagnosis.confidence),
        alternatives=(),
        evidence=tuple(_evidence(record)),
        authorizer="none" if diagnosis.stopped_at < Stage.AUTHORIZATION else "unknown",
        log_level="unknown",
        reasons=diagnosis.reasons,
        access_status=record.status,
        access_error_type=record.error_type,
        access_error_message=record.error_message,
        access_waf=record.waf,
        trace_id=record.trace_id,
        in_execution_log=False,
        settled_by="access log",
    )


def _evidence(record: AccessRecord) -> Iterator[str]:
    said = (str(record.status or ""), record.error_type, record.waf, record.error_message)
    yield "access log: " + " ".join(part for part in said if part)
