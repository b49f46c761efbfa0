"""Failures that look like another layer's: whom the client would suspect, who failed, and what proves it."""

from __future__ import annotations

from dataclasses import dataclass

from loganalyzer.model import Masking, Timeline
from loganalyzer.scales import Stage

BACKEND, CREDENTIALS, CLIENT = "the backend", "the caller's token or permissions", "the request itself"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Whom a status makes a client suspect."""

    statuses: range
    suspect: str


SUSPICIONS = (
    Suspicion(range(401, 402), CREDENTIALS),
    Suspicion(range(403, 404), CREDENTIALS),
    Suspicion(range(400, 500), CLIENT),
    Suspicion(range(500, 600), BACKEND),
)
"""By the status alone, the first that fits: the default bodies name no layer (``{"message": null}``, ``Forbidden``)."""

FAILED_IN = {
    Stage.AUTHORIZATION: "the authorizer",
    Stage.USAGE_PLAN: "the usage plan",
    Stage.REQUEST_VALIDATION: "the request validation",
    Stage.INTEGRATION_REQUEST: "the mapping of the request in API Gateway",
    Stage.INTEGRATION_INVOCATION: "the call from API Gateway to the backend",
    Stage.INTEGRATION_RESPONSE: "the mapping of the answer in API Gateway",
    Stage.METHOD_RESPONSE: "the mapping of the answer in API Gateway",
}
"""Who failed where a request stopped; where nobody is named, the client suspects the right one."""

_BY_CATEGORY = {
    "RESOURCE_POLICY_DENY": "the API's resource policy",
    "EXPLICIT_DENY": "the authorizer's policy",
    "IMPLICIT_DENY": "the authorizer's policy",
    "ACCESS_DENIED": "a policy",
    "AUTHORIZER_INVOKE_DENIED": "the permission to call the authorizer",
    "PROXY_INTEG_INVOKE_DENIED": "the permission to call the function",
    "INTEGRATION_ROLE_ASSUME_DENIED": "the role of the integration",
    "PROXY_INTEG_LAMBDA_THROTTLED": "Lambda's limit of concurrent executions",
    "INTEGRATION_INVALID_ENDPOINT": "the endpoint's address in API Gateway",
    "PROXY_INTEG_RESPONSE_INVALID": "the form of the function's answer",
    "API_KEY_MISSING": "the API key, which is missing",
    "API_KEY_INVALID": "the usage plan of the API key",
}
_SUSPECTED_RIGHTLY = {
    "PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT", "INTEGRATION_NETWORK_ERROR", "INTEGRATION_TLS_CERT_EXPIRED",
    "INTEGRATION_TLS_CERT_MISMATCH", "INTEGRATION_TLS_CERT_UNTRUSTED", "INTEGRATION_VPC_LINK_ERROR",
    "EXPLICIT_DENY", "AUTHORIZER_ERROR_UNAUTHORIZED", "AUTHORIZER_APIGW_ID_SRC_MISSING", "UNSUPPORTED_MEDIA_TYPE",
}  # fmt: skip
"""Failures of the call that the backend has its part in, and refusals that say what is wrong."""

_UNKNOWN = {"", "UNCLASSIFIED", "INCOMPLETE", "INTERNAL_ERROR", "CONFIGURATION_ERROR_UNSPECIFIED"}
"""What nobody knows the culprit of."""

_CALLS = ("method request", "authorizer call", "authorizer endpoint request", "endpoint request")
_PERMISSION = ("PROXY_INTEG_INVOKE_DENIED", "INTEGRATION_ROLE_ASSUME_DENIED", "PROXY_INTEG_LAMBDA_THROTTLED",
               "PROXY_INTEG_LAMBDA_SERVICE_ERROR")  # fmt: skip


def masking_of(timeline: Timeline, *, category: str, client_status: int | None) -> Masking | None:
    """Whom the client would wrongly suspect, None where suspicion and failure agree or nothing is known."""
    if category == "LAMBDA_ERROR_UNMAPPED":
        return Masking("nobody: the status says success", "the function", "its answer is marked as a function error")
    if category == "BACKEND_RETURNED_4XX" and client_status in (401, 403):
        proof = "'Successfully completed execution' stands before the status: the backend itself refused"
        return Masking("the authorizer or a policy of API Gateway", BACKEND, proof)
    stage = timeline.stopped_at
    failed = _BY_CATEGORY.get(category) or FAILED_IN.get(stage, "")
    suspect = next((one.suspect for one in SUSPICIONS if client_status in one.statuses), "")
    if not failed or not suspect or category in _SUSPECTED_RIGHTLY | _UNKNOWN:
        return None
    if suspect == CLIENT and stage in (Stage.USAGE_PLAN, Stage.REQUEST_VALIDATION):
        return None
    return Masking(suspect, failed, _proof(timeline, category))


def _proof(timeline: Timeline, category: str) -> str:
    """What the lines show of the backend, as far as this log would show it."""
    steps = {step.step for step in timeline.steps}
    if timeline.stopped_at >= Stage.BACKEND:
        return "'Received response' shows that the backend ran and answered" if "answer" in steps else (
            "API Gateway judges the answer only after the backend gave it"
        )  # fmt: skip
    if category in _PERMISSION:
        if "call" not in steps:
            return "the call itself was refused, so no code behind it ran"
        return "no 'Received response' follows 'Sending request to', which stands there before the call is allowed"
    if timeline.stopped_at <= Stage.USAGE_PLAN and steps & {"request header", "authorizer start", "plan check"}:
        return "no 'Starting execution for request' follows: the backend was never called"
    if steps & set(_CALLS) and "call" not in steps:
        return "no 'Sending request to' follows: the backend was never called"
    return "API Gateway ends a request with this line, before any call: the backend's log has nothing of it"
