"""Whether an access log says what the execution log cannot."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.asking import group_in
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws, scalar, update_stage
from loganalyzer.audit.settings import HTTP, REST, Settings, Stage
from loganalyzer.audit.targets import stages_of

_LINK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-access-logging.html"
_VARIABLES = (
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html"
)

NEVER_LOGGED = ("MISSING_AUTHENTICATION_TOKEN", "WAF_FILTERED", "REQUEST_TOO_LARGE", "THROTTLED")
"""What API Gateway refuses before it writes a line of the execution log."""

_FIELDS = {
    "requestId": "requestId",
    "extendedRequestId": "extendedRequestId",
    "requestTime": "requestTimeEpoch",
    "method": "httpMethod",
    "path": "path",
    "resource": "resourcePath",
    "status": "status",
    "responseLatency": "responseLatency",
    "errorType": "error.responseType",
    "validation": "error.validationErrorString",
    "authorizerError": "authorizer.error",
    "authorizerStatus": "authorizer.status",
    "authorizerLatency": "authorizer.latency",
    "authorizerRequestId": "authorizer.requestId",
    "integrationError": "integration.error",
    "integrationStatus": "integration.status",
    "integrationLatency": "integration.latency",
    "integrationRequestId": "integration.requestId",
    "wafStatus": "waf.status",
    "wafError": "waf.error",
    "xrayTraceId": "xrayTraceId",
}
FORMAT = "{" + ",".join(f'"{name}":"$context.{variable}"' for name, variable in _FIELDS.items()) + (
    ',"errorMessage":$context.error.messageString}'
)  # fmt: skip
"""A format with what settles doubts; ``messageString`` brings its own quotes."""

WANTED: tuple[tuple[str, tuple[str, ...], str, tuple[str, ...]], ...] = (
    (
        "the request id",
        ("requestId", "extendedRequestId"),
        "without it no line can be joined to the execution log",
        (),
    ),
    (
        "error.responseType",
        ("error.responseType",),
        "it names the gateway response, also of requests that the execution log never has",
        (*NEVER_LOGGED, "QUOTA_EXCEEDED", "ACCESS_DENIED", "UNCLASSIFIED", "INCOMPLETE"),
    ),
    (
        "the integration's error",
        ("integration.error", "integrationErrorMessage"),
        "it repeats the sentence of the failure",
        ("CONFIGURATION_ERROR_UNSPECIFIED", "INTERNAL_ERROR"),
    ),
    (
        "the integration's request id",
        ("integration.requestId", "awsEndpointRequestId"),
        "it leads to the lines of the Lambda function",
        ("PROXY_INTEG_ERROR", "PROXY_INTEG_LAMBDA_TIMEOUT", "PROXY_INTEG_APIGW_TIMEOUT"),
    ),
    (
        "the authorizer's request id or error",
        ("authorizer.requestId", "authorizer.error", "authorizer.status"),
        "it tells whether the authorizer's function ran, and which of its runs it was",
        ("AUTHORIZER_APIGW_ID_SRC_MISSING", "AUTHORIZER_ERROR_UNAUTHORIZED", "AUTHORIZER_ERROR_OTHER",
         "AUTHORIZER_LAMBDA_TIMEOUT", "AUTHORIZER_APIGW_TIMEOUT", "AUTHORIZER_RESPONSE_INVALID"),
    ),
    (
        "what WAF decided",
        ("waf.status", "waf.error", "wafResponseCode", "waf.latency"),
        "the execution log does not have what WAF blocked",
        ("WAF_FILTERED",),
    ),
)  # fmt: skip
"""What a format should hold: in words, the variables one of which does, what for, and for which categories."""

_VARIABLE = re.compile(r"\$context\.([\w.]{1,100}\w)")
_DOUBLY_QUOTED = re.compile(r'"\s{0,8}\$context\.error\.messageString\s{0,8}"')


@check("access-log", "The stage writes an access log", needs=(calls.GET_STAGES,))
def access_log(settings: Settings) -> Iterator[Finding]:
    """Some failures never reach the execution log: an access log is their only trace."""
    for stage in stages_of(settings):
        if stage.log_to:
            continue
        yield Finding(
            Severity.ERROR if settings.kind == HTTP else Severity.WARNING,
            Effect.HIDES,
            where=f"stage {stage.name}",
            what=f"Stage {stage.name} writes no access log.",
            why="Unknown routes, what WAF blocks, requests that are too large and most throttled ones leave no line "
            "in the execution log: without an access log they leave no trace.",
            link=_LINK,
            categories=() if settings.kind == HTTP else NEVER_LOGGED,
            command=_switch_on(settings, stage),
            template=_template(settings, stage),
            stage=stage.name,
        )


@check("access-log-fields", "The access log holds what settles doubts", needs=(calls.GET_STAGES,))
def access_log_fields(settings: Settings) -> Iterator[Finding]:
    """The format lacks variables, or spoils its own JSON."""
    for stage in stages_of(settings):
        if not stage.log_format:
            continue
        has = frozenset(_VARIABLE.findall(stage.log_format))
        lacking = [
            wanted
            for wanted in WANTED
            if not has & set(wanted[1]) and (settings.kind == REST or "WAF" not in wanted[0])
        ]
        if lacking:
            yield _lacking(settings, stage, lacking)
        if _DOUBLY_QUOTED.search(stage.log_format):
            yield _unreadable(settings, stage)


def _lacking(
    settings: Settings, stage: Stage, lacking: list[tuple[str, tuple[str, ...], str, tuple[str, ...]]]
) -> Finding:
    names = ", ".join(name for name, *_ in lacking)
    unjoinable = lacking[0][0] == WANTED[0][0]
    return Finding(
        Severity.WARNING if unjoinable or any(name == "error.responseType" for name, *_ in lacking) else Severity.NOTE,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"The access log of stage {stage.name} lacks {names}.",
        why="; ".join(f"{name}: {why}" for name, _, why, _ in lacking) + ".",
        link=_VARIABLES,
        categories=tuple(dict.fromkeys(one for *_, categories in lacking for one in categories)),
        command=_set_format(settings, stage),
        template=_template(settings, stage),
        stage=stage.name,
    )


def _unreadable(settings: Settings, stage: Stage) -> Finding:
    mended = _DOUBLY_QUOTED.sub("$context.error.messageString", stage.log_format)
    return Finding(
        Severity.WARNING,
        Effect.HIDES,
        where=f"stage {stage.name}",
        what=f"The access log of stage {stage.name} puts $context.error.messageString in quotes, which it already has.",
        why="Lines of failed requests are then no valid JSON, so most tools drop the very lines that matter.",
        link=_VARIABLES,
        command=_set_format(settings, stage, mended),
        template=_template(settings, stage, mended),
        stage=stage.name,
    )


def _group(settings: Settings, stage: Stage) -> str:
    return group_in(stage.log_to) or f"api-access-logs/{api_id(settings)}/{stage.name}"


def _group_arn(settings: Settings, stage: Stage) -> str:
    if stage.log_to:
        return stage.log_to
    place = f"{settings.region or 'eu-west-1'}:{settings.account or '123456789012'}"
    return f"arn:{settings.partition}:logs:{place}:log-group:{_group(settings, stage)}"


def _switch_on(settings: Settings, stage: Stage) -> str:
    create = aws(settings, "logs", "create-log-group", "--log-group-name", _group(settings, stage))
    return f"{create}\n{_set_format(settings, stage)}"


def _set_format(settings: Settings, stage: Stage, log_format: str = FORMAT) -> str:
    arn = _group_arn(settings, stage)
    if settings.kind != REST:
        said = json.dumps({"DestinationArn": arn, "Format": log_format})
        return aws(settings, "apigatewayv2", "update-stage", "--api-id", api_id(settings), "--stage-name", stage.name,
                   "--access-log-settings", said)  # fmt: skip
    return update_stage(
        settings, stage, {"/accessLogSettings/destinationArn": arn, "/accessLogSettings/format": log_format}
    )


def _template(settings: Settings, stage: Stage, log_format: str = FORMAT) -> str:
    kind, setting = ("AWS::ApiGateway::Stage", "AccessLogSetting") if settings.kind == REST else (
        "AWS::ApiGatewayV2::Stage", "AccessLogSettings")  # fmt: skip
    return (
        f"AccessLog:\n  Type: AWS::Logs::LogGroup\n  Properties:\n    RetentionInDays: 30\n"
        f"Stage:\n  Type: {kind}\n  Properties:\n    StageName: {scalar(stage.name)}\n    {setting}:\n"
        f"      DestinationArn: !GetAtt AccessLog.Arn\n      Format: {scalar(log_format)}\n"
    )
