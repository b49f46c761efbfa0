"""A log that was pasted in any form and damaged on the way says what it said before."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Callable

import pytest

from loganalyzer.vocabulary import match
from tests.formats.test_text import canonical_events

ID = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
LAMBDA_ID = "71952965-d5cc-4974-ae08-6e2138b2275c"
URL = (
    "https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"
    "arn:aws:lambda:eu-west-1:123456789012:function:orders-dev-get/invocations"
)
AUTHORIZER = (
    "Starting authorizer: a1b2c3 for request: " + ID,
    "Incoming identity: " + "*" * 60 + "I1BUdE",
    "Endpoint request URI: " + URL,
    "Endpoint request headers: {x-amzn-lambda-integration-tag=" + ID + ", Authorization=***9081d0, X-Amz-Source-Arn="
    "arn:aws:execute-api:eu-west-1:123456789012:abcde12345/authorizers/a1b2c3, X-Amz-Security-Token=xxxxxx [TRUNCATED]",
    'Endpoint request body after transformations: {"type":"TOKEN","methodArn":"arn:aws:execute-api:eu-west-1:12345"}',
    "Sending request to " + URL,
    'Authorizer result body before parsing: {"principalId": "u|1", "policy": {"Statement": [{"Effect": "Deny"}]}}',
    "Using valid authorizer policy for principal: ***bkwef5",
    "Successfully completed authorizer execution",
    "The client is not authorized to perform this operation.",
)
INTEGRATION = (
    "Starting execution for request: " + ID,
    "HTTP Method: POST, Resource Path: /orders/17",
    "Method request path: {id=17}",
    "Method request query string: {}",
    "Method request headers: {Accept=*/*, User-Agent=Mozilla/5.0 (Macintosh; Mac OS X 10_11_6), Via=1.1 (CloudFront)}",
    'Method request body before transformations: {"note": "Method completed with status: 200", "n": [1, 2]}',
    "Endpoint request URI: " + URL,
    "Endpoint request headers: {x-amzn-lambda-integration-tag=" + ID + ", Host=lambda.eu-west-1.amazonaws.com}",
    'Endpoint request body after transformations: {"resource":"/orders/{id}","path":"/orders/17","httpMe [TRUNCATED]',
    "Sending request to " + URL,
    "Received response. Status: 200, Integration latency: 353 ms",
    "Endpoint response headers: {Content-Type=application/json, X-Amz-Function-Error=Unhandled, Connection=keep-alive}",
    'Endpoint response body before transformations: {"errorMessage":"boom","errorType":"Error"}',
    "Lambda execution failed with status 200 due to customer function error: boom. Lambda request id: " + LAMBDA_ID,
    "Method completed with status: 502",
)
TLS = (
    "Sending request to https://internal.example.com/orders",
    "Execution failed due to configuration error: Host name 'internal.example.com' does not match the certificate "
    "subject provided by the peer (CN=*.example.org)",
    "Method completed with status: 500",
)
LOGS = {"authorizer": AUTHORIZER, "integration": INTEGRATION, "certificate": TLS}

FORMS: dict[str, Callable[[str], str]] = {
    "test": lambda message: "Mon Nov 02 09:15:42 UTC 2026 : " + message,
    "row": lambda message: f"2026-11-02T09:15:42.118Z ({ID}) {message}",
    "console": lambda message: f"2026-11-02T18:15:42.118+09:00\t({ID}) {message}",
    "id": lambda message: f"({ID}) {message}",
    "tail": lambda message: f"2026-11-02T09:15:42.118000+00:00 0f1e2d3c4b5a69788796a5b4c3d2e1f0 ({ID}) {message}",
    "bare": lambda message: message,
}


def hard(width: int) -> Callable[[list[str]], str]:
    """Lines broken at a column, as terminals do."""
    return lambda lines: "\n".join(line[i : i + width] for line in lines for i in range(0, len(line), width))


def soft(width: int) -> Callable[[list[str]], str]:
    """Lines broken between words, as editors do."""
    return lambda lines: "\n".join(
        part for line in lines for part in textwrap.wrap(line, width, break_on_hyphens=False)
    )


DAMAGE: dict[str, Callable[[list[str]], str]] = {
    "none": "\n".join,
    "broken at column 80": hard(80),
    "broken at column 120": hard(120),
    "wrapped at 80": soft(80),
    "wrapped at 100": soft(100),
    "collapsed blanks": lambda lines: "\n".join(" ".join(line.split()) for line in lines),
    "glued": "".join,
    "glued with blanks": " ".join,
    "doubled rows": lambda lines: "\n".join(f"{line}\n\n{line}" for line in lines),
    "blank lines": "\n\n".join,
    "quoted": lambda lines: "\n".join("> " + line for line in lines),
    "bullets and code marks": lambda lines: "\n".join(f"- `{line}`" for line in lines),
    "indented": lambda lines: "\n".join("        " + line for line in lines),
    "numbered": lambda lines: "\n".join(f"{i}. {line}" for i, line in enumerate(lines, 1)),
    "a web page": lambda lines: "\n".join(f"<p>{html.escape(line)}</p>" for line in lines),
    "line breaks of a web page": "<br>".join,
    "strings": lambda lines: "\n".join("  " + json.dumps(line) + "," for line in lines),
    "one string": lambda lines: json.dumps("\n".join(lines)),
    "CRLF": lambda lines: "\r\n".join(lines) + "\r\n",
    "a table": lambda lines: "\n".join(f"| {line} |" for line in lines),
}


def sentences(events: list[str]) -> list[str]:
    """The heads of canonical events."""
    return [match(event.split(" ", 2)[2].encode()).head for event in events]


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_does_not_change_what_a_log_says(log: str, form: str, damage: str) -> None:
    """The same sentences in the same order, all of one request, however the text was bent."""
    events, _ = canonical_events(DAMAGE[damage]([FORMS[form](message) for message in LOGS[log]]))
    assert sentences(events) == [match(message.encode()).head for message in LOGS[log]]
    assert len({event.split(" ", 2)[1] for event in events}) == 1
