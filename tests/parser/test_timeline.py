"""The timeline of one request: the stage of each step, what became of its authorizer, gaps, cuts and marks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from loganalyzer import vocabulary as words
from loganalyzer.model import Event, Timeline
from loganalyzer.parser.timeline import marked, read_timeline
from loganalyzer.scales import Stage
from loganalyzer.simulate import make_requests
from tests.parser.logs import (
    ANSWERED,
    AUTHORIZED,
    BAD,
    CACHED,
    CALLED,
    EXECUTED,
    GOOD,
    LAMBDA_ID,
    PLANNED,
    READ,
    START,
    A,
    lines,
)
from tests.strategies import LEVELS

INVOKE = words.CE + "Invalid permissions on Lambda function"
ASSUME = words.CE + "API Gateway does not have permission to assume the provided role arn:aws:iam::123456789012:role/r"
TIMEOUT = "Execution failed due to a timeout error"
BLAMED = words.CE + "Authorizer error"
STARTED = "Starting authorizer: k3j2h1 for request: {id}"
ENDED = "Successfully completed authorizer execution"
URI = "Endpoint request URI: https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/f/invocations"
OF_AUTHORIZER = (
    "Endpoint request headers: {X-Amz-Source-Arn=arn:aws:execute-api:eu-west-1:1:abcde12345/authorizers/k3j2h1}"
)
OF_METHOD = "Endpoint request headers: {X-Amz-Source-Arn=arn:aws:execute-api:eu-west-1:1:abcde12345/prod/GET/things}"
S = Stage


def timeline(*messages: str) -> Timeline:
    """The timeline of a request with these lines."""
    return read_timeline(lines(A, *messages))


PHASES: dict[str, tuple[tuple[str, ...], int, Stage]] = {
    "between its start and its end": ((STARTED, URI, TIMEOUT), 2, S.AUTHORIZATION),
    "after its start, before the line that blames it": ((STARTED, INVOKE, BLAMED), 1, S.AUTHORIZATION),
    "a call after its end": ((STARTED, ENDED, URI), 2, S.INTEGRATION_REQUEST),
    "a failure after its end": ((STARTED, ENDED, TIMEOUT), 2, S.INTEGRATION_INVOCATION),
    "after the plan check": ((PLANNED[0], INVOKE), 1, S.INTEGRATION_INVOCATION),
    "after execution has started": ((EXECUTED[0], ASSUME), 1, S.INTEGRATION_INVOCATION),
    "followed by the line that blames it": ((INVOKE, BLAMED), 0, S.AUTHORIZATION),
    "followed by the name of its exception": ((ASSUME, "AuthorizerConfigurationException"), 0, S.AUTHORIZATION),
    "followed by the type of its failure": (
        (ASSUME, "Gateway response type: AUTHORIZER_CONFIGURATION_ERROR with status code: 500"), 0, S.AUTHORIZATION,
    ),
    "followed by its end, its start being cut off": ((URI, ENDED), 0, S.AUTHORIZATION),
    "followed by another type of failure": (
        (ASSUME, "Gateway response type: DEFAULT_5XX with status code: 500"), 0, S.INTEGRATION_INVOCATION,
    ),
    "with an authorizer's ARN": ((OF_AUTHORIZER,), 0, S.AUTHORIZATION),
    "with a method's ARN": ((OF_METHOD,), 0, S.INTEGRATION_REQUEST),
    "a lone failure": ((INVOKE,), 0, S.INTEGRATION_INVOCATION),
    "a lone failure with a status": ((TIMEOUT, "Method completed with status: 504"), 0, S.INTEGRATION_INVOCATION),
    "a lone call": ((URI,), 0, S.INTEGRATION_REQUEST),
}  # fmt: skip


@pytest.mark.parametrize(("messages", "at", "stage"), PHASES.values(), ids=list(PHASES))
def test_shared_sentences_belong_to_the_phase_they_stand_in(messages: tuple[str, ...], at: int, stage: Stage) -> None:
    """A sentence that authorizer and integration share is told by where it stands, else by what it names."""
    assert timeline(*messages).steps[at].stage == stage


def test_the_steps_of_a_whole_request_have_their_stages() -> None:
    """Every step of a request with authorizer stands in the stage that it belongs to, in the order of the lifecycle."""
    steps = timeline(*AUTHORIZED, *GOOD).steps
    authorizing, rest = steps[: len(AUTHORIZED)], steps[len(AUTHORIZED) :]
    assert {step.stage for step in authorizing} == {S.AUTHORIZATION}
    assert {step.step for step in authorizing if step.sentence.startswith("Endpoint")} == {
        "authorizer endpoint request"
    }
    assert [step.stage for step in rest] == sorted(step.stage for step in rest)
    assert S.AUTHORIZATION not in {step.stage for step in rest}


AUTHORIZERS = {
    "asked": ((*AUTHORIZED, *GOOD), "ran"),
    "asked, and then nothing more": (AUTHORIZED[:6], "ran"),
    "answered from the cache": ((*CACHED, *GOOD), "cached"),
    "cache or not, without data trace": ((STARTED, ENDED, *PLANNED, *EXECUTED), "unknown"),
    "none": (GOOD, "none"),
    "none that an error log would show": ((TIMEOUT, "Method completed with status: 504"), "unknown"),
    "may not be invoked": ((STARTED, INVOKE, BLAMED), "failed"),
    "refused by throwing": ((*AUTHORIZED[:6], "Unauthorized request: {id}"), "failed"),
    "not asked for want of an identity": ((STARTED, "Unauthorized request: {id}"), "failed"),
    "denied by its policy": ((*AUTHORIZED, "The client is not authorized to perform this operation."), "ran"),
    "started, and then nothing": ((STARTED,), "unknown"),
}


@pytest.mark.parametrize(("messages", "expected"), AUTHORIZERS.values(), ids=list(AUTHORIZERS))
def test_what_became_of_the_authorizer(messages: tuple[str, ...], expected: str) -> None:
    """A timeline says whether an authorizer ran, was answered from the cache, failed, or whether nobody can know."""
    assert timeline(*messages).authorizer == expected


STOPPED = {
    "nothing": ((), S.ROUTE),
    "an extended id": (("Extended Request Id: Qx7ZkHbVoAMEf2g=",), S.ROUTE),
    "an authorizer that is asked": (AUTHORIZED[:6], S.AUTHORIZATION),
    "a plan that is checked": ((*AUTHORIZED, PLANNED[0]), S.USAGE_PLAN),
    "an execution that starts": ((*PLANNED, EXECUTED[0]), S.REQUEST_VALIDATION),
    "a request that is read": ((*PLANNED, *EXECUTED, *READ), S.INTEGRATION_REQUEST),
    "a call": ((*PLANNED, *EXECUTED, *READ, *CALLED), S.INTEGRATION_INVOCATION),
    "an answer": ((*PLANNED, *EXECUTED, *READ, *CALLED, *ANSWERED), S.BACKEND),
    "a timeout": (BAD, S.INTEGRATION_INVOCATION),
    "a whole request": (GOOD, S.COMPLETED),
    "lines that nobody knows": (("Teleporting the request",), S.ROUTE),
}


@pytest.mark.parametrize(("messages", "expected"), STOPPED.values(), ids=list(STOPPED))
def test_where_it_stopped_is_what_the_steps_prove(messages: tuple[str, ...], expected: Stage) -> None:
    """A request has reached the furthest stage that its lines prove."""
    assert timeline(*messages).stopped_at == expected


@pytest.mark.parametrize("level", LEVELS)
def test_make_believe_requests_go_as_far_as_they_went(level: str) -> None:
    """A make-believe request that goes well is completed; one whose lines break off stands where they do."""
    for request in make_requests(400, seed=3, level=level, failures=0.7):
        found = read_timeline([Event(time, A, message, n) for n, (time, message) in enumerate(request.lines)])
        assert len(found.steps) == request.truth.lines
        if found.steps and request.truth.category in ("", "INCOMPLETE"):
            assert found.stopped_at == Stage[request.truth.stopped_at]


def test_gaps_are_the_time_since_the_step_before() -> None:
    """A step knows how long after the one before it came; where a time is missing, that is not known."""
    events = lines(A, *EXECUTED, *READ, TIMEOUT, step=0)
    events[2] = replace(events[2], time=START + 29_000)
    events[3] = replace(events[3], time=None)
    events[4] = replace(events[4], time=START + 29_003)
    steps = read_timeline(events).steps
    assert [step.gap_ms for step in steps] == [None, 0, 29_000, None, 3]
    assert steps[0].time == datetime(2026, 11, 2, 9, 15, 42, 118_000, UTC)
    assert steps[3].time is None


CUTS = {
    "Method request headers: {Accept=*/* [TRUNCATED]": True,
    "Method request headers: {Accept=*/* [TRUNCATED] ": True,
    "Method request headers: {Accept=*/* [TRUNCATED]\n": True,
    "Method request headers: {Accept=[TRUNCATED]}": False,
    "Method request headers: {}": False,
}


@pytest.mark.parametrize(("message", "expected"), CUTS.items(), ids=[repr(message) for message in CUTS])
def test_cut_steps_are_marked(message: str, expected: bool) -> None:
    """A step that API Gateway has cut says so."""
    assert timeline(message).steps[0].truncated is expected


def test_steps_carry_their_values() -> None:
    """The values that a sentence carries are named."""
    steps = {step.sentence: step.fields for step in timeline(*GOOD).steps}
    assert steps["HTTP Method:"] == {"method": "GET", "path": "/things"}
    assert steps["Received response."] == {"backend_status": "200", "integration_latency_ms": "37"}
    assert steps["Endpoint response headers:"] == {"endpoint_request_id": LAMBDA_ID}
    assert steps["Method completed with status:"] == {"status": "200"}


def test_evidence_is_marked() -> None:
    """Steps with the sentences of a diagnosis are marked, and no others."""
    found = marked(timeline(*BAD), [TIMEOUT, "Method completed with status:"])
    assert [step.message for step in found.steps if step.evidence] == list(BAD[-2:])


def test_the_order_is_explained() -> None:
    """A timeline passes on what the order of its events rests on."""
    assert read_timeline(lines(A, *GOOD)).order == "position"
    assert read_timeline(lines(A, *GOOD), order="event id").order == "event id"


def test_messages_that_are_no_utf8_are_shown_as_well_as_can_be() -> None:
    """Bytes that are no UTF-8 do not keep a step from being read."""
    (step,) = read_timeline([Event(START, A, b"Method request path: {a=\xff}", 0)]).steps
    assert step.message == "Method request path: {a=\ufffd}"
    assert step.stage == S.REQUEST_VALIDATION
