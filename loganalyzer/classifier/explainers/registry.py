"""Which explainer serves which category."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from loganalyzer.classifier.explainers.authorizer_answer import explain_authorizer_answer
from loganalyzer.classifier.explainers.denial import explain_denial
from loganalyzer.classifier.explainers.function_error import explain_authorizer_error, explain_function_error
from loganalyzer.classifier.explainers.mapping import (
    explain_invalid_mapping,
    explain_missing_mapping,
    explain_passed_on_error,
)
from loganalyzer.classifier.explainers.material import Material
from loganalyzer.classifier.explainers.proxy_answer import explain_answer_encoding, explain_proxy_answer
from loganalyzer.classifier.explainers.transport import (
    explain_authorizer_timeout,
    explain_certificate,
    explain_integration_timeout,
    explain_invoke_denied,
    explain_network_error,
    explain_refused_invocation,
)
from loganalyzer.classifier.explainers.validation import explain_invalid_request, explain_plan
from loganalyzer.model import Explanation

Explainer = Callable[[Material], Explanation]

EXPLAINERS: Mapping[str, Explainer] = {
    "AUTHORIZER_RESPONSE_INVALID": explain_authorizer_answer,
    "AUTHORIZER_ERROR_OTHER": explain_authorizer_error,
    "AUTHORIZER_ERROR_UNAUTHORIZED": explain_authorizer_error,
    "AUTHORIZER_LAMBDA_TIMEOUT": explain_authorizer_error,
    "AUTHORIZER_APIGW_TIMEOUT": explain_authorizer_timeout,
    "AUTHORIZER_INVOKE_DENIED": explain_invoke_denied,
    "EXPLICIT_DENY": explain_denial,
    "IMPLICIT_DENY": explain_denial,
    "ACCESS_DENIED": explain_denial,
    "RESOURCE_POLICY_DENY": explain_denial,
    "API_KEY_MISSING": explain_plan,
    "API_KEY_INVALID": explain_plan,
    "THROTTLED": explain_plan,
    "QUOTA_EXCEEDED": explain_plan,
    "REQUEST_VALIDATION_FAILED": explain_invalid_request,
    "PROXY_INTEG_INVOKE_DENIED": explain_invoke_denied,
    "INTEGRATION_ROLE_ASSUME_DENIED": explain_invoke_denied,
    "PROXY_INTEG_APIGW_TIMEOUT": explain_integration_timeout,
    "INTEGRATION_TIMEOUT": explain_integration_timeout,
    "INTEGRATION_NETWORK_ERROR": explain_network_error,
    "INTEGRATION_TLS_CERT_MISMATCH": explain_certificate,
    "INTEGRATION_TLS_CERT_UNTRUSTED": explain_certificate,
    "INTEGRATION_TLS_CERT_EXPIRED": explain_certificate,
    "PROXY_INTEG_LAMBDA_THROTTLED": explain_refused_invocation,
    "PROXY_INTEG_LAMBDA_SERVICE_ERROR": explain_refused_invocation,
    "PROXY_INTEG_ERROR": explain_function_error,
    "PROXY_INTEG_LAMBDA_TIMEOUT": explain_function_error,
    "PROXY_INTEG_RESPONSE_INVALID": explain_proxy_answer,
    "INTEGRATION_RESPONSE_TRANSFORM_FAILED": explain_answer_encoding,
    "INTEGRATION_RESPONSE_MAPPING_MISSING": explain_missing_mapping,
    "INTEGRATION_RESPONSE_MAPPING_INVALID": explain_invalid_mapping,
    "LAMBDA_ERROR_MAPPED": explain_passed_on_error,
    "LAMBDA_ERROR_UNMAPPED": explain_passed_on_error,
}
"""Categories that have more to say than their catalogue entry, and what says it."""

_NOTHING = Explanation()


def explain(material: Material) -> Explanation:
    """What exactly broke in a request; empty for a category that has no explainer."""
    explainer = EXPLAINERS.get(material.category)
    return explainer(material) if explainer else _NOTHING
