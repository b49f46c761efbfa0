"""Customised gateway responses: what the client sees is then no sign of what happened."""

from __future__ import annotations

from collections.abc import Iterator

from loganalyzer.audit import calls
from loganalyzer.audit.finding import Effect, Finding, Severity, check
from loganalyzer.audit.mend import api_id, aws
from loganalyzer.audit.settings import Settings
from loganalyzer.classifier.rules import Entry, catalogue

_LINK = "https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"

_AUTHORIZER = (
    "AUTHORIZER_APIGW_TIMEOUT", "AUTHORIZER_ERROR_OTHER", "AUTHORIZER_INVOKE_DENIED", "AUTHORIZER_LAMBDA_TIMEOUT",
    "AUTHORIZER_RESPONSE_INVALID",
)  # fmt: skip

CATEGORIES = {
    "ACCESS_DENIED": ("ACCESS_DENIED", "EXPLICIT_DENY", "IMPLICIT_DENY", "RESOURCE_POLICY_DENY"),
    "API_CONFIGURATION_ERROR": (
        "INTEGRATION_INVALID_ENDPOINT", "INTEGRATION_REQUEST_TRANSFORM_FAILED", "INTEGRATION_RESPONSE_TRANSFORM_FAILED",
        "INTEGRATION_RESPONSE_MAPPING_MISSING",
    ),
    "AUTHORIZER_CONFIGURATION_ERROR": _AUTHORIZER,
    "AUTHORIZER_FAILURE": ("AUTHORIZER_ERROR_OTHER",),
    "BAD_REQUEST_BODY": ("REQUEST_VALIDATION_FAILED",),
    "BAD_REQUEST_PARAMETERS": ("REQUEST_VALIDATION_FAILED",),
    "EXPIRED_TOKEN": ("EXPIRED_TOKEN",),
    "INTEGRATION_FAILURE": (
        "INTEGRATION_NETWORK_ERROR", "INTEGRATION_TLS_CERT_EXPIRED", "INTEGRATION_TLS_CERT_MISMATCH",
        "INTEGRATION_TLS_CERT_UNTRUSTED", "INTEGRATION_VPC_LINK_ERROR",
    ),
    "INTEGRATION_TIMEOUT": ("PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT"),
    "INVALID_API_KEY": ("API_KEY_MISSING", "API_KEY_INVALID"),
    "INVALID_SIGNATURE": ("INVALID_SIGNATURE",),
    "MISSING_AUTHENTICATION_TOKEN": ("MISSING_AUTHENTICATION_TOKEN",),
    "QUOTA_EXCEEDED": ("QUOTA_EXCEEDED",),
    "REQUEST_TOO_LARGE": ("REQUEST_TOO_LARGE",),
    "RESOURCE_NOT_FOUND": ("UNCLASSIFIED",),
    "THROTTLED": ("THROTTLED",),
    "UNAUTHORIZED": ("AUTHORIZER_APIGW_ID_SRC_MISSING", "AUTHORIZER_ERROR_UNAUTHORIZED", "COGNITO_UNAUTHORIZED"),
    "UNSUPPORTED_MEDIA_TYPE": ("UNSUPPORTED_MEDIA_TYPE",),
    "WAF_FILTERED": ("WAF_FILTERED",),
}  # fmt: skip
"""The categories that answer with a type of gateway response; the two defaults stand in for all that are not set."""


@check("gateway-responses", "Clients get API Gateway's own answers", needs=(calls.GET_GATEWAY_RESPONSES,))
def gateway_responses(settings: Settings) -> Iterator[Finding]:
    """A stage may answer with any status and body: then these prove nothing."""
    for kind in settings.customised or ():
        categories = _categories(kind, own=frozenset(settings.customised or ()))
        every = kind.startswith("DEFAULT_")
        yield Finding(
            Severity.WARNING if every else Severity.NOTE,
            Effect.HIDES,
            where=f"gateway response {kind}",
            what=f"The gateway response {kind} is customised"
            + (": it changes every type that has none of its own." if every else "."),
            why="Status, headers and body that the client reports prove nothing for these categories; the log lines "
            "do not change.",
            link=_LINK,
            categories=categories,
            command=aws(
                settings, "apigateway", "update-gateway-response", "--rest-api-id", api_id(settings), "--response-type",
                kind, "--patch-operations",
                "op=add,path=/responseParameters/gatewayresponse.header.x-error-type,value=context.error.responseType",
            ),
            template=_template(kind),
        )  # fmt: skip


def _categories(kind: str, *, own: frozenset[str]) -> tuple[str, ...]:
    if kind not in ("DEFAULT_4XX", "DEFAULT_5XX"):
        return CATEGORIES.get(kind, ())
    elsewhere = {category for one in own for category in CATEGORIES.get(one, ())}
    low = 400 if kind == "DEFAULT_4XX" else 500
    return tuple(
        entry.id for entry in catalogue().values() if _by_gateway(entry, low) and entry.id not in elsewhere
    )  # fmt: skip


def _by_gateway(entry: Entry, low: int) -> bool:
    """Whether API Gateway itself answers with a status of this class."""
    status = entry.client_status
    return bool(entry.client_error_type) and status is not None and low <= status < low + 100


def _template(kind: str) -> str:
    return (
        f"Response:\n  Type: AWS::ApiGateway::GatewayResponse\n  Properties:\n    ResponseType: {kind}\n"
        "    ResponseParameters:  # keeps the cause visible beside a body of your own\n"
        "      gatewayresponse.header.x-error-type: context.error.responseType\n"
    )
