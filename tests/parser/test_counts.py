"""What a scan counts besides requests: what it could not place, did not know, or found cut."""

from __future__ import annotations

import pytest

from loganalyzer import vocabulary as words
from tests.parser.logs import BAD, GOOD, A, B, lines, text
from tests.parser.oracle import scan, scanned


def facts(*messages: str) -> set[str]:
    """The facts of a request with these lines."""
    found: set[str] = scanned(scan(text(lines(A, *messages))))[A]["facts"]
    return found


def test_lines_before_the_first_event_are_counted() -> None:
    """Lines that belong to no event are counted, the first of them is shown."""
    scanner = scan(b"what is this\n\n and this\n" + text(lines(A, *GOOD)) + b"\tbelongs to the line above\n")
    assert scanner.coverage.unknown_lines.count == 2
    assert scanner.coverage.unknown_lines.example == "what is this"


def test_sentences_that_nobody_knows_are_counted() -> None:
    """A message that is not in the vocabulary is counted and shown, and its request is still there."""
    scanner = scan(
        text(lines(A, "Teleporting the request", *GOOD, "Beaming it up"), lines(B, "Teleporting the request"))
    )
    assert scanner.coverage.unknown_sentences.count == 3
    assert scanner.coverage.unknown_sentences.example == "Teleporting the request"
    assert scanned(scanner)[B]["said"] == set()


def test_long_examples_are_shown_in_part() -> None:
    """An example is short, however long the line."""
    scanner = scan(b"x" * 5000 + b"\n" + text(lines(A, "y" * 5000)))
    assert len(scanner.coverage.unknown_lines.example) == len(scanner.coverage.unknown_sentences.example) == 200


def test_truncated_events_are_counted() -> None:
    """Events that API Gateway has cut are counted."""
    scanner = scan(
        text(lines(A, "Method request headers: {a=b [TRUNCATED]", "Method request path: {} [TRUNCATED] not"))
    )
    assert scanner.coverage.truncated_events == 1


CUT = {
    "Method request headers: {Accept=*/* [TRUNCATED]": {"truncated"},
    "Endpoint response headers: {Date=Mon [TRUNCATED]": {"truncated", "cut_answer"},
    words.CE + "Malformed Lambda proxy resp [TRUNCATED]": {"truncated", "cut_decisive"},
    "Execution failed due to a timeout error [TRUNCATED]": {"truncated", "cut_decisive"},
    "Method request body before transformations: [TRUNCATED] is the first word": set(),
    "Method request headers: {Accept=*/*}": set(),
}


@pytest.mark.parametrize(("message", "expected"), CUT.items(), ids=list(CUT))
def test_what_was_cut_is_a_fact(message: str, expected: set[str]) -> None:
    """A request knows that one of its lines was cut, and whether it was the answer or the line that decides."""
    assert facts(message) == expected


UNRECOGNIZED = "Execution failed due to configuration error: Invalid JSON in response: Unrecognized field"
TOLD = {
    "Sending request to https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/f/invocations": {"lambda_endpoint"},
    "Sending request to http://10.0.0.7/2015-03-31/functions/f": {"lambda_endpoint"},
    "Sending request to https://stock.example.com/lambda": {"other_endpoint"},
    "Endpoint request URI: https://stock.example.com/": {"other_endpoint"},
    "Endpoint request URI: ": set(),
    'Endpoint request body after transformations: {"type":"TOKEN","methodArn":""}': {"authorizer_event"},
    'Endpoint request body after transformations: {"type":"REQUEST"}': {"authorizer_event"},
    'Endpoint request body after transformations: {"type":"CREDIT_CARD"}': set(),
    'Endpoint request body after transformations: "transformations: {"type":"TOKEN"}"': set(),
    "Endpoint response headers: {X-Amz-Function-Error=Unhandled}": {"function_error"},
    "Endpoint response headers: {x-amzn-ErrorType=TooManyRequestsException}": {"too_many_requests"},
    "Method response headers: {X-Amz-Function-Error=Unhandled}": set(),
    'Endpoint response body before transformations: {"errorMessage":"no","errorType":"E"}': {"lambda_error_body"},
    'Endpoint response body before transformations: {"errorMessage":"no","hint":"x"}': set(),
    'Endpoint response body before transformations: {"errorMessage":"no"': set(),
    'Method response body after transformations: {"errorMessage":"no"}': set(),
    'Authorizer result body before parsing: {"errorMessage":"Task timed out after 3.00 seconds"}': {
        "authorizer_timed_out",
        "authorizer_threw",
        "authorizer_error_told",
    },
    'Authorizer result body before parsing: {"errorMessage":"Task timed': {"authorizer_threw"},
    'Method request body before transformations: {"errorMessage":"Task timed out after 3.00 seconds"}': set(),
    'Authorizer result body before parsing: {"Effect" : "Deny"}': {"policy_says_deny"},
    'Authorizer result body before parsing: {"Effect":"Allow"}': {"policy_says_allow"},
    "Lambda execution failed with status 200 due to customer function error: Task timed out after 3.00 seconds. "
    "Lambda request id: x": {"task_timed_out", "error_told"},
    "Lambda execution failed with status 200 due to customer function error: Bad handler": {"error_told"},
    "Lambda execution failed with status 200 due to customer function error: 2026-11-02T09:15:42.118Z "
    "71952965-d5cc-4974-ae08-6e2138b2275c Task timed": set(),
    "Lambda execution failed with status 200 due to customer function err": set(),
    UNRECOGNIZED + ' "errorType" , not marked as ignorable': {"threw", "field_told"},
    UNRECOGNIZED + " &quot;error Message&quot; , not marked as ignorable": {"threw", "field_told"},
    UNRECOGNIZED + ' "policy" , not marked as ignorable': {"field_told"},
    UNRECOGNIZED + ' "erro': set(),
    "Execution failed due to configuration error: Invalid JSON in response: Unrec": set(),
    "Execution failed due to configuration error: Invalid JSON in response: Unexpected character": {"reason_told"},
    "Lambda invocation failed with status: 429. Lambda request id: x": {
        "lambda_said_429",
        "lambda_id_told",
        "lambda_status_told",
    },
}


@pytest.mark.parametrize(("message", "expected"), TOLD.items(), ids=list(TOLD))
def test_decisive_content_is_a_fact_of_its_sentence_alone(message: str, expected: set[str]) -> None:
    """Content decides in the sentence that the vocabulary names it for, and in no other."""
    assert facts(message) == expected


BROKEN_BODIES = [
    b'{"errorMessage":"\xff\xfe"}',
    b'{"errorMessage":"\xc3("}',
    b'{"errorMessage":' + b"[" * 20_000,
    b'{"errorMessage":"\x00\x01"}',
    b'{"errorMessage":"no","errorMessage":' + b"9" * 5000 + b"}",
]


@pytest.mark.parametrize("body", BROKEN_BODIES, ids=["no UTF-8", "half UTF-8", "deep", "control", "long number"])
def test_broken_bodies_are_read_past(body: bytes) -> None:
    """A body that looks like an error object and is none does not stop the scan."""
    head = b"2026-11-02T09:15:42.118Z (a) Endpoint response body before transformations: "
    assert "lambda_error_body" not in scanned(scan(head + body + b"\n"))["a"]["facts"]


def test_the_first_of_the_strongest_lines_decides() -> None:
    """The line that decides over a failure is the one of the least rank, then the earliest."""
    scanner = scan(text(lines(A, *BAD[:-2], words.CE + "Rate Exceeded.", words.CE + "Authorizer error", *BAD[-2:])))
    decisive = scanned(scanner)[A]["decisive"]
    assert words.SENTENCES[decisive[3]].head == "Execution failed due to a timeout error"
