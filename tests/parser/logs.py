"""Small logs written by hand: a request is an id and its messages, a millisecond apart unless told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loganalyzer.formats import Input, find_inputs
from loganalyzer.formats.base import canonical
from loganalyzer.model import Event
from loganalyzer.parser.table import Table, scan

START = 1_793_610_942_118
"""2026-11-02T09:15:42.118Z."""

A = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
B = "b7d0c9a2-1f63-4e58-8a21-90c4d6e1f233"
C = "b7d0ffff-22aa-4c33-9d44-aa55bb66cc77"
LAMBDA_ID = "5d1e0f77-3c2b-4a19-8e6d-1234567890ab"
LAMBDA = "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:f"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcde12345"

AUTHORIZED = (
    "Starting authorizer: k3j2h1 for request: {id}",
    "Incoming identity: *******abc123",
    f"Endpoint request URI: {LAMBDA}-auth/invocations",
    f"Endpoint request headers: {{X-Amz-Source-Arn={ARN}/authorizers/k3j2h1}}",
    f'Endpoint request body after transformations: {{"type":"TOKEN","methodArn":"{ARN}/prod/GET/things"}}',
    f"Sending request to {LAMBDA}-auth/invocations",
    'Authorizer result body before parsing: {"principalId":"u1","policyDocument":{"Statement":'
    '[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"*"}]}}',
    "Using valid authorizer policy for principal: **u1",
    "Successfully completed authorizer execution",
)
"""What an authorizer that is asked and says yes logs with data trace."""

CACHED = tuple(line for line in AUTHORIZED if not line.startswith(("Endpoint", "Sending", "Authorizer result")))
"""The same, answered from the cache."""

PLANNED = (
    "Verifying Usage Plan for request: {id}. API Key:  API Stage: abcde12345/prod",
    "API Key  authorized because method 'GET /things' does not require API Key. "
    "Request will not contribute to throttle or quota limits",
    "Usage Plan check succeeded for API Key  and API Stage abcde12345/prod",
)
EXECUTED = ("Starting execution for request: {id}", "HTTP Method: GET, Resource Path: /things")
READ = ("Method request path: {}", "Method request headers: {Accept=*/*}")
CALLED = (
    f"Endpoint request URI: {LAMBDA}/invocations",
    f"Endpoint request headers: {{X-Amz-Source-Arn={ARN}/prod/GET/things}}",
    'Endpoint request body after transformations: {"resource":"/things"}',
    f"Sending request to {LAMBDA}/invocations",
)
ANSWERED = (
    "Received response. Status: 200, Integration latency: 37 ms",
    f"Endpoint response headers: {{x-amzn-RequestId={LAMBDA_ID}, Content-Type=application/json}}",
    'Endpoint response body before transformations: {"statusCode":200,"body":"{}"}',
)
DONE = ("Method response headers: {}", "Successfully completed execution", "Method completed with status: 200")
TIMED_OUT = ("Execution failed due to a timeout error", "Method completed with status: 504")
GOOD = (*PLANNED, *EXECUTED, *READ, *CALLED, *ANSWERED, *DONE)
"""A request without authorizer that goes well, with data trace."""
BAD = (*PLANNED, *EXECUTED, *READ, *CALLED, *TIMED_OUT)
"""A request whose function is too slow."""


def lines(request_id: str, *messages: str, xid: str = "", start: int = START, step: int = 1) -> list[Event]:
    """The events of a request: ``{id}`` in a message stands for its id, ``xid`` opens it with an extended id."""
    opened = (f"Extended Request Id: {xid}", *messages) if xid else messages
    return [
        Event(start + step * n, request_id, message.replace("{id}", request_id).encode(), n)
        for n, message in enumerate(opened)
    ]


def text(*requests: Sequence[Event]) -> bytes:
    """Canonical text of some requests, one after another."""
    return b"".join(canonical(e.time, e.request_id, e.message) for events in requests for e in events)


def sorted_text(*requests: Sequence[Event]) -> bytes:
    """Canonical text of some requests, in the order of time."""
    return text(sorted((event for events in requests for event in events), key=lambda event: event.time or 0))


def on_disk(directory: Path, *contents: bytes) -> list[Path]:
    """Files with these contents."""
    paths = [directory / f"{number:06d}" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def scanned(directory: Path, *contents: bytes) -> tuple[list[Input], Table]:
    """The table of files with these contents, and the inputs it was read from."""
    inputs = find_inputs(on_disk(directory, *contents))
    return inputs, scan(inputs)
