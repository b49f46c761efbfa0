"""The words that rules know, for people who write some: sentences, facts, gateway response types, stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loganalyzer import vocabulary as words
from loganalyzer.reports.clean import clean
from loganalyzer.scales import Stage

MEANINGS = {
    "lambda_endpoint": "the request to the backend goes to a Lambda function",
    "other_endpoint": "the request to the backend goes to something that is no Lambda function",
    "authorizer_arn": "the source ARN of a call is that of an authorizer",
    "method_arn": "the source ARN of a call is that of a method",
    "authorizer_event": "a call carries the event that an authorizer's function gets",
    "authorizer_timed_out": "the authorizer's result says that its function timed out",
    "authorizer_threw": "the authorizer's result is an error",
    "policy_says_deny": "some statement of the authorizer's policy has the effect Deny",
    "policy_says_allow": "some statement of the authorizer's policy has the effect Allow",
    "function_error": "the endpoint's response says that the Lambda function failed",
    "too_many_requests": "the endpoint's response says that Lambda has no capacity left",
    "lambda_error_body": "the body of the endpoint's response is the error of a Lambda function",
    "threw": "the authorizer's policy could not be read because it is an error",
    "key_absent": "the request has no API key",
    "key_without_plan": "the API key is in no usage plan",
    "stage_without_plan": "the API stage is in no usage plan",
    "lambda_said_429": "Lambda refused the call with 429",
    "lambda_said_403": "Lambda refused the call with 403",
    "lambda_status_told": "the line that names the failure holds the status that Lambda answered with",
    "task_timed_out": "the Lambda function ran into its timeout",
    "authorizer_error_told": "the authorizer's result holds the message of its function's error",
    "error_told": "the line that names the failure holds the message of the function's error",
    "reason_told": "the line that names the failure says what is wrong with the authorizer's policy",
    "field_told": "the line that names the failure says which field of the authorizer's policy is not known",
    "content_type_told": "the line that names the failure holds the content type of the refused body",
    "limit_named": "the line that names the failure says whose limit was reached",
    "lambda_id_told": "the line about Lambda's refusal holds Lambda's request id",
    "endpoint_blamed": "the line that names the failure goes on about the endpoint",
    "truncated": "some event of the request is cut",
    "cut_decisive": "the line that names the failure is cut",
    "cut_answer": "the headers of the endpoint's response are cut",
    "test_log": "the lines are those of a console Test",
    "paste": "the lines are a copied part of a log",
    "order_lost": "the source does not tell the order of lines of one millisecond",
    "line_guessed": "the lines come from text in which line breaks had to be guessed",
    "undecided": "no line names a failure",
    "cause_untold": "the line that names the failure leaves the cause to another one, which is missing",
    "authorizer_seen": "some line is about an authorizer",
    "authorizer_ran": "the authorizer's function was called and answered",
    "authorizer_called": "the authorizer's function was called, or was about to be",
    "authorizer_done": "the authorizer let the request pass, or answered with a policy",
    "in_authorizer": "the failure is one of the authorizer's phase",
    "in_integration": "the failure is one of the integration's phase",
    "phase_unknown": "no line tells whether authorizer or integration failed",
    "integration_prepared": "the request to the backend was made up",
    "integration_called": "the request to the backend was sent",
    "answered": "the backend answered",
    "executed": "the request came further than the authorizer",
    "completed": "API Gateway completed the request: its status is the backend's or a mapping's",
    "closed": "the line with the status is there",
    "order_untold": "lines of one millisecond are out of order, and the order matters",
    "traced": "the lines show data trace",
    "info_level": "the lines show the level INFO",
    "stopped_after_authorizer": "the lines stop after the authorizer without naming a failure",
    "log_traced": "the whole log is written with data trace",
    "log_goes_on": "the log goes on for seconds after the request's last line",
    "policy_allows": "the authorizer's policy, as far as it is in the log, allows the method",
    "policy_denies": "the authorizer's policy denies the method",
    "policy_does_not_match": "the authorizer's policy does not speak of the method",
}
"""What each fact means."""


def listed(part: str = "") -> Iterator[str]:
    """The words in lines of text by the keys that take them, those alone that hold ``part``."""
    parts = [(title, [row for row in rows if part.lower() in row.lower()]) for title, rows in _parts()]
    if not any(found for _, found in parts):
        yield f"no word that rules know has '{clean(part)}' in it"
    for number, (title, found) in enumerate(full for full in parts if full[1]):
        yield from ("", title) if number else (title,)
        yield from (f"  {row}" for row in found)


def _parts() -> Iterator[tuple[str, Iterable[str]]]:
    for stage in Stage:
        heads = dict.fromkeys(s.head for s in words.SENTENCES if s.code and s.stage == stage)
        yield f"sentences of {stage.name} (said, said_any, not_said; ✗ names a failure)", map(_sentence, heads)
    wide = max(map(len, words.FACTS))
    yield (
        "facts (fact, fact_any, not_fact)",
        (f"{name:<{wide}}  {MEANINGS.get(name, '')}".rstrip() for name in words.FACTS),
    )
    yield "gateway response types (gateway)", words.GATEWAY_RESPONSE_TYPES
    yield "stages (stage)", (*Stage.__members__, "REACHED  the furthest that the lines prove")


def _sentence(head: str) -> str:
    fails = any(words.SENTENCES[code].rank for code in words.BY_HEAD[head])
    return f"{'✗' if fails else ' '} {head}"
