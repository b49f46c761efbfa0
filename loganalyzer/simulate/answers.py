"""What authorizers and endpoints return, by the names that scenarios use."""

from __future__ import annotations

from dataclasses import dataclass

from loganalyzer.simulate.api import ARN, STAGE


def _policy(*statements: tuple[str, str]) -> str:
    listed = ",".join(
        f'{{"Action":"execute-api:Invoke","Effect":"{effect}","Resource":"{ARN}/{STAGE}/{target}"}}'
        for effect, target in statements
    )
    return (
        f'{{"principalId":"%(principal)s","policyDocument":{{"Version":"2012-10-17","Statement":[{listed}]}},'
        '"context":{"tier":"gold"}}'
    )


AUTHORIZER_RESULTS: dict[str, str] = {
    "allow": _policy(("Allow", "*/*")),
    "deny": _policy(("Deny", "*/*")),
    "allow_other": _policy(("Allow", "GET/loyalty/*")),
    "deny_other": _policy(("Allow", "GET/loyalty/*"), ("Deny", "DELETE/loyalty/*")),
    "refuse": '{"errorType":"Error","errorMessage":"Unauthorized","trace":["Error: Unauthorized","    at handler '
    '(/var/task/authorizer.js:31:11)"]}',
    "throw": '{"errorType":"Error","errorMessage":"%(error)s","trace":["Error: %(error)s","    at check '
    '(/var/task/authorizer.js:18:9)"]}',
    "throw_message": '{"errorMessage":"%(error)s","errorType":"KeyError","stackTrace":["  File \\"/var/task/app.py\\"'
    ', line 24, in handler\\n"]}',
    "time_out": '{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: %(function_id)s Error: '
    'Task timed out after 3.00 seconds"}',
    "time_out_message": '{"errorMessage":"%(now)s %(function_id)s Task timed out after 3.00 seconds"}',
    "null": "null",
    "garble": '{"principalId":"%(principal)s","policyDocument":{"Version":"2012-10-17","Statement":[{"Sid":1}]}}',
    "misspell": '{"principalId":"%(principal)s","policyDocuments":{"Version":"2012-10-17","Statement":[]}}',
    "cached": "",
}
"""The body of the authorizer function's answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint returns: its status, further response headers, its body and what the method makes of it."""

    status: str
    headers: str
    body: str
    mapped: str = "%(returned)s"


_FAILED = ", X-Amz-Function-Error=Unhandled"

ANSWERS: dict[str, Answer] = {
    "lambda_proxy": Answer(
        "200",
        "",
        '{"statusCode":%(answered)s,"headers":{"Content-Type":"application/json","Cache-Control":"no-store"},'
        '"body":%(escaped)s,"isBase64Encoded":false}',
    ),
    "lambda": Answer("200", "", "%(returned)s"),
    "http_proxy": Answer("%(answered)s", "", "%(returned)s"),
    "http": Answer("%(answered)s", "", "%(returned)s"),
    "vpc": Answer("%(answered)s", "", "%(returned)s"),
    "aws": Answer(
        "%(answered)s",
        "",
        '{"SendMessageResponse":{"ResponseMetadata":{"RequestId":"%(endpoint_id)s"}}}',
        '{"queued":true}',
    ),
    "mock": Answer("", "", "", '{"statusCode":200}'),
    "misleading": Answer("%(answered)s", "", "%(misleading)s", "%(misleading)s"),
    "function_error": Answer(
        "200",
        _FAILED,
        '{"errorType":"Error","errorMessage":"%(error)s","trace":["Error: %(error)s","    at Runtime.handler '
        '(/var/task/index.js:42:13)"]}',
        '{"errorType":"Error","errorMessage":"%(error)s"}',
    ),
    "function_timeout": Answer("200", _FAILED, '{"errorMessage":"%(error)s"}'),
    "malformed": Answer("200", "", "%(malformed)s"),
    "throttled": Answer(
        "429",
        ", x-amzn-ErrorType=TooManyRequestsException",
        '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded","Type":"User","message":"Rate Exceeded."}',
    ),
}
"""Answers by name; the name of a kind of integration stands for what it returns when nothing is wrong."""
