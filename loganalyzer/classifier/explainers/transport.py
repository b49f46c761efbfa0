"""Calls that did not come to an answer: timeouts, networks, certificates, permissions."""

from __future__ import annotations

import re

from loganalyzer import vocabulary as words
from loganalyzer.classifier.explainers.mapping import service_error
from loganalyzer.classifier.explainers.material import ENDPOINT_HEADERS, ENDPOINT_URI, Material
from loganalyzer.classifier.explainers.wording import quoted
from loganalyzer.model import Explanation, Finding

INTEGRATION_LIMIT_MS = 29_000
"""The integration timeout unless it was set or raised (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html)."""

AUTHORIZER_LIMIT_MS = 30_000
"""What API Gateway grants an authorizer: measured, not documented."""

_SLACK_MS = 700
_MISMATCH = words.CE + "Host name … does not match the certificate subject"
_BUILDING = words.CE + "PKIX path building failed"
_VALIDATION = words.CE + "PKIX path validation failed"
_ENGINE = words.CE + "General SSLEngine problem"
_NETWORK = "Execution failed due to a network error"
_ASSUME = words.CE + "API Gateway does not have permission to assume the provided role"
_INVOCATION = "Lambda invocation failed with status:"
_ONLY_POST = "Lambda is invoked by POST alone: set the integration's own HTTP method to it, whatever that of the API is"
_FUNCTION = re.compile(
    r"(arn:[\w-]{2,20}:lambda:[\w-]{1,30}:\d{0,20}:function:[\w:$.-]{1,200}?)/(?:response-streaming-)?invocations"
)
_SOURCE = re.compile(r"X-Amz-Source-Arn=((?:[^\s,{}\]]|\{[^\s,{}]{1,128}\}){1,600})")
_PARAMETER = re.compile(r"\{[^{}]*\}")
_ROUTE_TAILS = {
    "connection is closed": "a connection that was kept alive had been closed by the endpoint",
    "connection reset": "the endpoint reset the connection",
    "connection refused": "nothing listens at the endpoint's port",
    "unknown host": "the endpoint's name cannot be resolved",
    "no route to host": "the endpoint's network cannot be reached",
}


def explain_integration_timeout(material: Material) -> Explanation:
    """How long API Gateway waited for the backend, and which limit that is."""
    waited = material.waited_ms
    if waited is None or waited < 1:
        return Explanation(unseen=("the log does not show when the call was sent",) if material.complete else ())
    said = f"no answer within {waited / 1000:.1f} s"
    if abs(waited - INTEGRATION_LIMIT_MS) <= _SLACK_MS:
        return Explanation(f"{said}: the default integration timeout of 29 s")
    if waited < INTEGRATION_LIMIT_MS:
        return Explanation(f"{said}: the integration timeout is set below the default of 29 s")
    return Explanation(f"{said}: the integration timeout was raised above the default of 29 s")


def explain_authorizer_timeout(material: Material) -> Explanation:
    """How long API Gateway waited for the authorizer."""
    waited = material.waited_ms
    if waited is None or waited < 1:
        return Explanation()
    near = abs(waited - AUTHORIZER_LIMIT_MS) <= 2 * _SLACK_MS
    return Explanation(
        f"no answer within {waited / 1000:.1f} s" + (": API Gateway's limit for authorizers" if near else "")
    )


def explain_network_error(material: Material) -> Explanation:
    """What the end of the sentence says of the broken connection."""
    tail = material.fields(_NETWORK).get("detail", "").strip()
    means = next((text for words_, text in _ROUTE_TAILS.items() if words_ in tail.lower()), "")
    return Explanation(means or quoted(tail), notes=(f"the line ends: {quoted(tail)}",) if means else ())


def explain_certificate(material: Material) -> Explanation:
    """What is wrong with the endpoint's certificate."""
    if _MISMATCH in material.said:
        return _mismatch(material.fields(_MISMATCH))
    if _BUILDING in material.said:
        return Explanation("no path from the endpoint's certificate to an authority that API Gateway trusts")
    if _ENGINE in material.said:
        return Explanation("the TLS handshake failed at the endpoint's certificate")
    said = material.message(_VALIDATION).decode("utf-8", "replace").lower()
    if "notafter" in said or "expired" in said:
        return Explanation("the endpoint's certificate has expired")
    if "notbefore" in said or "notyetvalid" in said:
        return Explanation("the endpoint's certificate is not valid yet")
    if "validity check failed" in said:
        return Explanation("a certificate of the endpoint's chain is out of its time of validity")
    return Explanation()


def _mismatch(fields: dict[str, str]) -> Explanation:
    host, name = fields.get("host", ""), fields.get("common_name", "")
    if not host:
        return Explanation()
    if not name:
        return Explanation(f"the endpoint's certificate does not cover {quoted(host)}")
    found = Finding("the certificate's name", quoted(name), f"one that covers {quoted(host)}")
    deep = name.startswith("*.") and host.endswith(name[1:]) and "." in host[: -len(name[1:])]
    notes = ("a wildcard covers one level of names only",) if deep else ()
    return Explanation(f"the certificate is for {quoted(name)}, the call goes to {quoted(host)}", (found,), notes)


def explain_invoke_denied(material: Material) -> Explanation:
    """Which function may not be invoked by whom, and the command that mends it."""
    if _ASSUME in material.said:
        role = material.fields(_ASSUME).get("role_arn", "")
        return Explanation(f"the role {quoted(role, 160)} cannot be assumed" if role else "")
    function = _of_last(material, ENDPOINT_URI, _FUNCTION) or _of_last(material, "Sending request to", _FUNCTION)
    source = _of_last(material, ENDPOINT_HEADERS, _SOURCE)
    if not function:
        return Explanation(
            unseen=("the function called is not in the log: data trace is off",) if material.complete else ()
        )
    detail = f"nothing lets API Gateway invoke {quoted(function.rpartition(':function:')[2], 120)}"
    detail += f" for {quoted(source.split(':', 5)[-1], 160)}" if source else ""
    command = (
        f"aws lambda add-permission --function-name {function} --statement-id apigateway-invoke --action "
        "lambda:InvokeFunction --principal apigateway.amazonaws.com --source-arn "
    ) + (_PARAMETER.sub("*", source) or "ARN")
    return Explanation(detail, notes=(f"where no role is used, this mends it: {command}",))


def _of_last(material: Material, head: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(material.text(head)[0])
    return found[1] if found else ""


def explain_refused_invocation(material: Material) -> Explanation:
    """What Lambda answered to the invocation itself."""
    status = material.fields(_INVOCATION).get("lambda_status", "")
    own = service_error(material)
    if "ReservedFunctionConcurrentInvocationLimitExceeded" in own:
        return Explanation("the function's reserved concurrency is used up")
    if "ConcurrentInvocationLimitExceeded" in own:
        return Explanation("the account's concurrency in this region is used up")
    if status == "429":
        return Explanation("", unseen=("whether the function's reserved or the account's concurrency is used up",))
    detail = own or (f"Lambda answered the invocation with status {status}" if status else "")
    return Explanation(detail, notes=(_ONLY_POST,) if "Unable to determine service/operation name" in own else ())
