"""OTLP documents, read back by OpenTelemetry's own protocol buffers; ids byte for byte."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status, TracesData

from loganalyzer.classifier.rules import catalogue
from loganalyzer.errors import UsageError
from loganalyzer.model import Request, Timeline
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.otlp import otlp_document, trace_id
from loganalyzer.scales import Stage
from tests.reports.samples import ANSWERED, CUT_SHORT, DENIED, FAILED, NOON, SUCCEEDED, THREW, TIMELINE, step

ROOT = "Root=1-6AE8514c-dc12e57c3f8a97402ce265cf"
TRACE = "6ae8514cdc12e57c3f8a97402ce265cf"
_IDS = ("traceId", "spanId", "parentSpanId")


def document(timeline: Timeline = TIMELINE, request: Request = FAILED) -> dict[str, Any]:
    """What is written, as JSON reads it."""
    found = otlp_document(timeline, request, entry=catalogue().get(request.category))
    read: dict[str, Any] = json.loads(json_text(found))
    return read


def spans_of(written: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The spans of a document as they are written."""
    for resource in written["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            yield from scope["spans"]


def read_back(written: dict[str, Any]) -> TracesData:
    """The document as protocol buffers have it.

    OTLP writes ids in hex where protobuf's JSON has base64, and a hex id is valid base64 of something else: so they
    are turned over before.
    """
    turned = copy.deepcopy(written)
    for span in spans_of(turned):
        for name in _IDS:
            if name in span:
                span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return json_format.ParseDict(turned, TracesData(), ignore_unknown_fields=False)  # type: ignore[no-any-return]


def spans(written: dict[str, Any]) -> list[Span]:
    """The spans as protocol buffers have them."""
    return list(read_back(written).resource_spans[0].scope_spans[0].spans)


def facts(span: Span) -> dict[str, Any]:
    """The attributes of a span."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def traced(*messages: str) -> Timeline:
    """The sample with closing lines, as the parser reads them."""
    more = (
        step(text, Stage.ROUTE, sentence="X-ray Tracing ID", step="correlation", fields={"trace_id": text})
        for text in messages
    )
    return replace(TIMELINE, steps=(*TIMELINE.steps, *more))


def test_the_trace_is_that_of_x_ray() -> None:
    """The id in the log becomes the trace's id, byte for byte, in every span."""
    written = document(traced(ROOT))
    assert {span["traceId"] for span in spans_of(written)} == {TRACE}
    assert {span.trace_id for span in spans(written)} == {bytes.fromhex(TRACE)}
    assert TRACE == "6ae8514c" + "dc12e57c3f8a97402ce265cf"


@pytest.mark.parametrize(
    "said", ["1-6ae8514c-dc12e57c3f8a97402ce265cf", "Root=1-6ae8514c-dc12e57c3f8a97402ce265cf", f" {ROOT} "]
)
def test_forms_of_x_ray_ids(said: str) -> None:
    """With and without ``Root=``, in capitals or not."""
    assert trace_id(traced(said), FAILED) == TRACE


@pytest.mark.parametrize(
    "said",
    ["", "Root=1-6ae8514c", "1-00000000-000000000000000000000000", f"{ROOT}00", "1-6ae8514g-dc12e57c3f8a97402ce265cf"],
)
def test_an_id_is_made_where_none_is_logged(said: str) -> None:
    """It is valid, the same each time, and another one for another request."""
    made = trace_id(traced(said), FAILED)
    assert len(bytes.fromhex(made)) == 16 and any(bytes.fromhex(made)) and made != TRACE
    assert made == trace_id(traced(said), FAILED) != trace_id(traced(said), replace(FAILED, request_id="other"))


def test_the_header_of_the_endpoint_tells_the_trace_too() -> None:
    """Where the closing line is missing; what the client sent in its own headers does not count."""
    line = f"Endpoint request headers: {{a=b, X-Amzn-Trace-Id={ROOT}, c=d}}"
    sent = f"Method request headers: {{X-Amzn-Trace-Id={ROOT}}}"
    assert trace_id(replace(TIMELINE, steps=(step(line, Stage.INTEGRATION_REQUEST),)), FAILED) == TRACE
    assert trace_id(replace(TIMELINE, steps=(step(sent, Stage.REQUEST_VALIDATION),)), FAILED) != TRACE


def test_spans_form_one_tree() -> None:
    """One root; every other span has a parent in the document and lies within it; ids are eight bytes and unique."""
    found = spans(document())
    by_id = {span.span_id: span for span in found}
    assert len(by_id) == len(found) and all(len(key) == 8 and any(key) for key in by_id)
    root, *others = found
    assert root.parent_span_id == b"" and root.kind == Span.SPAN_KIND_SERVER
    for span in others:
        parent = by_id[span.parent_span_id]
        assert parent.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
        assert span.end_time_unix_nano <= parent.end_time_unix_nano
    assert [span.name for span in found] == [
        "POST /orders/{id}", "route match", "integration invocation", "backend execution", "integration call",
    ]  # fmt: skip
    assert by_id[found[4].parent_span_id].name == "backend execution"


def test_times_are_strings_of_nanoseconds() -> None:
    """No float rounds them."""
    root = next(spans_of(document()))
    start = 1_795_176_000_123_000_000
    assert root["startTimeUnixNano"] == str(start) and start == int(NOON.timestamp() * 1000) * 1_000_000
    assert root["endTimeUnixNano"] == str(start + 29_403_000_000)


def test_the_root_says_what_happened() -> None:
    """HTTP facts by OpenTelemetry's names, the diagnosis by ours."""
    written = document()
    root = facts(spans(written)[0])
    assert root["http.request.method"] == "POST" and root["http.route"] == "/orders/{id}"
    assert root["http.response.status_code"] == 502 and root["error.type"] == "PROXY_INTEG_ERROR"
    assert root["aws.request_id"] == FAILED.request_id
    resource = {one.key: one.value.string_value for one in read_back(written).resource_spans[0].resource.attributes}
    assert resource["service.name"] == "API Gateway a1b2c3d4e5/prod"


@pytest.mark.parametrize(
    ("request_row", "code"),
    [
        (FAILED, Status.STATUS_CODE_ERROR),
        (DENIED, Status.STATUS_CODE_ERROR),
        (ANSWERED, Status.STATUS_CODE_UNSET),
        (replace(ANSWERED, status=503, client_status=503), Status.STATUS_CODE_ERROR),
        (CUT_SHORT, Status.STATUS_CODE_UNSET),
        (SUCCEEDED, Status.STATUS_CODE_UNSET),
    ],
)
def test_the_status_of_the_root(request_row: Request, code: int) -> None:
    """What the gateway failed and what ended with 5xx is an error; a backend's 4xx is its answer to the client."""
    assert spans(document(request=request_row))[0].status.code == code


def test_a_status_that_was_not_logged_is_not_claimed() -> None:
    """The default of a category is no fact of the request."""
    assert "http.response.status_code" not in facts(spans(document(request=DENIED))[0])


def test_evidence_is_an_event_of_its_span() -> None:
    """The deciding line stands in the span of its lifecycle step, which is marked as failed."""
    span = next(one for one in spans(document()) if one.name == "backend execution")
    assert [facts(event)["log.record.original"] for event in span.events] == [THREW]
    assert span.status.code == Status.STATUS_CODE_ERROR


def test_a_lambda_call_names_its_function() -> None:
    """Viewers draw the dependency."""
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders:live"
    url = f"https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/{arn}/invocations"
    line = step(f"Sending request to {url}", Stage.INTEGRATION_INVOCATION, fields={"uri": url}, step="call",
                sentence="Sending request to")  # fmt: skip
    call = spans(document(replace(TIMELINE, steps=(line,))))[-1]
    assert call.kind == Span.SPAN_KIND_CLIENT
    assert facts(call) == {
        "url.full": url, "faas.invoked_provider": "aws", "faas.invoked_region": "eu-west-1",
        "faas.invoked_name": "orders:live",
    }  # fmt: skip


def test_a_request_without_times_is_refused() -> None:
    """There is no span without a time."""
    untimed = replace(TIMELINE, steps=tuple(replace(one, time=None) for one in TIMELINE.steps))
    with pytest.raises(UsageError, match="have no times"):
        document(untimed)


@settings(max_examples=30)
@given(st.text(), st.text(), st.text())
def test_any_text_can_be_read_back(path: str, message: str, request_id: str) -> None:
    """Whatever a client sends, the document is valid."""
    hostile = replace(FAILED, path=path, request_id=request_id)
    timeline = replace(TIMELINE, steps=(step(message, Stage.BACKEND, evidence=True),))
    assert spans(document(timeline, hostile))
