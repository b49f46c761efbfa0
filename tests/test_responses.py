"""A client's response and a log together: the very request is found by its id, and the log decides."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import loganalyzer as la
from loganalyzer.client.records import ExplainedResponse, LogAnswer
from loganalyzer.model import Request
from loganalyzer.scales import Confidence

CAPTURES = Path(__file__).parents[1] / "fixtures" / "captures"


@cache
def logs() -> la.Analysis:
    """Requests with all their lines, and what they were diagnosed as."""
    return la.analyze(CAPTURES / "info-with-data-trace.log.gz", jobs=1)


def first(category: str) -> Request:
    """The first request of a category."""
    return next(request for request in logs().records(everything=True) if request.category == category)


def asked(explained: ExplainedResponse) -> LogAnswer:
    """What the log said."""
    assert explained.log is not None
    return explained.log


AUTHORIZER_FAILED = {"status": 500, "error_type": "AuthorizerConfigurationException", "body": '{"message":null}'}


@pytest.mark.parametrize("name", ["x-amzn-requestid", "X-Amz-Apigw-Id"])
def test_the_log_answers_for_certain(name: str) -> None:
    """Found by either id, the request's own diagnosis comes first and the other candidates are ruled out."""
    request = first("AUTHORIZER_LAMBDA_TIMEOUT")
    wanted = request.request_id if name == "x-amzn-requestid" else request.extended_request_id
    explained = la.explain_response(
        status=500, error_type="AuthorizerConfigurationException", headers={name: wanted}, logs=logs()
    )
    answer = asked(explained)
    assert answer.request == logs().diagnosis(request.request_id)
    assert answer.timeline == logs().timeline(request.request_id)
    assert [candidate.category for candidate in explained.candidates] == ["AUTHORIZER_LAMBDA_TIMEOUT"]
    assert str(explained.candidates[0].confidence) == request.confidence
    assert "AUTHORIZER_ERROR_OTHER" in answer.ruled_out


@pytest.mark.parametrize("request_row", [row for row in logs().records() if row.outcome == "failed"][::7],
                         ids=lambda row: row.category)  # fmt: skip
def test_the_diagnosis_is_that_of_the_trace(request_row: Request) -> None:
    """Whatever the response looks like, a request that the log names is named so here as well."""
    explained = la.explain_response(status=500, headers=[f"x-amzn-RequestId: {request_row.request_id}"], logs=logs())
    if request_row.category != "UNCLASSIFIED":
        assert explained.candidates[0].category == request_row.category
        assert [one.category for one in explained.candidates[1:]] == list(request_row.alternatives)


def test_a_pasted_response_is_looked_up() -> None:
    """Pasted text has the ids in its headers; a status that differs from the log's is told."""
    request = first("PROXY_INTEG_ERROR")
    (explained,) = la.explain_pasted(
        f"HTTP/2 503\ndate: Mon, 02 Nov 2026 09:01:00 GMT\nx-amzn-requestid: {request.request_id}\n\nsorry", logs=logs()
    )
    assert explained.candidates[0].category == "PROXY_INTEG_ERROR"
    assert any("the log says 502, the client got 503" in remark for remark in asked(explained).remarks)


def test_the_response_settles_what_the_log_leaves_open() -> None:
    """A denial whose policy the log does not show is told by the body, next to the log's own diagnosis."""
    denied = next(request for request in logs().records() if "EXPLICIT_DENY" in request.alternatives)
    explained = la.explain_response(
        status=403,
        error_type="AccessDeniedException",
        body='{"Message":"User is not authorized to access this resource with an explicit deny"}',
        headers={"x-amzn-requestid": denied.request_id},
        logs=logs(),
    )
    assert [one.category for one in explained.candidates[:2]] == [denied.category, "EXPLICIT_DENY"]
    assert explained.candidates[1].confidence == Confidence.MEDIUM
    assert "the response settles what the log leaves open: EXPLICIT_DENY" in asked(explained).remarks


def test_a_request_that_the_log_calls_a_success() -> None:
    """Where API Gateway answered well, what the client got came from in between."""
    request = next(request for request in logs().records(everything=True) if request.outcome == "succeeded")
    explained = la.explain_response(status=502, headers={"x-amzn-requestid": request.request_id}, logs=logs())
    assert [one.category for one in explained.candidates] == [""]
    assert f"status {request.status}" in explained.candidates[0].why


@pytest.mark.parametrize("category", ["INCOMPLETE", "UNCLASSIFIED"])
def test_a_log_that_does_not_know_leaves_the_candidates(category: str) -> None:
    """A request whose cause the log does not tell keeps the candidates of its response, and that is said."""
    errors = la.analyze(CAPTURES / "error.log", CAPTURES / "info-with-data-trace.log.gz", jobs=1)
    request = next(request for request in errors.records() if request.category == category)
    explained = la.explain_response(**AUTHORIZER_FAILED, headers={"x-amzn-requestid": request.request_id}, logs=errors)  # type: ignore[arg-type]
    assert explained.candidates[0].category == "AUTHORIZER_ERROR_OTHER"
    assert asked(explained).request == request
    assert any(category in remark for remark in asked(explained).remarks)


WITHIN, LONG_AFTER = "Mon, 02 Nov 2026 09:00:30 GMT", "Tue, 03 Nov 2026 09:01:00 GMT"


@pytest.mark.parametrize(
    ("sent", "covered", "told"),
    [(WITHIN, True, "covers the time"), (LONG_AFTER, False, "not of the time"), ("", None, "does not say when")],
)
def test_a_request_that_is_not_in_the_log(sent: str, covered: bool | None, told: str) -> None:
    """Whether the log covers the time decides what its silence means."""
    explained = la.explain_response(
        status=403,
        error_type="ForbiddenException",
        body='{"message":"Forbidden"}',
        headers={"x-amzn-requestid": "00000000-0000-4000-8000-00000000dead", "date": sent},
        logs=logs(),
    )
    answer = asked(explained)
    assert (answer.request, answer.covered) == (None, covered)
    assert told in answer.remarks[-1]
    best = [one.category for one in explained.candidates]
    keys, others = ["API_KEY_MISSING", "API_KEY_INVALID"], ["WAF_FILTERED", ""]
    assert best == (others + keys if covered else keys + others)


def test_silence_where_a_line_is_due() -> None:
    """A failure that always leaves lines, in a log without them: the log is another one's."""
    explained = la.explain_response(
        **AUTHORIZER_FAILED,  # type: ignore[arg-type]
        headers={"x-amz-apigw-id": "NotInThisLog0=", "date": WITHIN},
        logs=logs(),
    )
    assert explained.candidates[0].symptom == "no_lines"
    assert explained.candidates[1].category == "AUTHORIZER_ERROR_OTHER"


def test_a_response_without_ids_and_with_a_short_one() -> None:
    """Without an id nothing is looked up; a few characters are no id, though some request begins with them."""
    assert "no id" in asked(la.explain_response(status=500, logs=logs())).remarks[-1]
    short = logs().diagnosis(first("PROXY_INTEG_ERROR").request_id).request_id[:9]
    assert asked(la.explain_response(status=502, headers={"x-amzn-requestid": short}, logs=logs())).request is None


def test_what_makes_no_response_is_refused() -> None:
    """A status out of range, a success, nothing at all, and a header without a colon are usage errors."""
    for settings, told in (
        ({"status": 600}, "600 is no HTTP status"),
        ({"status": 0}, "0 is no HTTP status"),
        ({"status": 204}, "204 is no failure"),
        ({}, "nothing is said"),
        ({"status": 500, "headers": ["Cookie"]}, "no 'Name: value'"),
        ({"status": 500, "headers": ["two words: x"]}, "no 'Name: value'"),
    ):
        with pytest.raises(la.LogAnalyzerError) as error:
            la.explain_response(**settings)
        assert told in error.value.message and error.value.exit_code == 2


def test_explanations_can_be_compared() -> None:
    """Records are values: the same response is explained the same way, with no log unless one was asked."""
    one, other = (la.explain_response(status=404) for _ in range(2))
    assert one == other and one.log is None
    assert replace(one, alike=2) != one
