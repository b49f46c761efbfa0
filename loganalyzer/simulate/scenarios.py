"""What can become of a request: one entry a scenario, from which its lines and the truth about it follow.

The sequences are those of API Gateway's own logs, see https://repost.aws/knowledge-center/api-gateway-logs and
https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html.
"""

from __future__ import annotations

from loganalyzer.scales import Stage
from loganalyzer.simulate.scenario import CALLED, HTTP, LAMBDA, Scenario
from loganalyzer.vocabulary import CE

S = Stage

_REFUSED = (
    "API Key %(key)s not authorized because method '%(declared)s %(resource)s' requires API Key and API Key is not "
    "associated with a Usage Plan for API Stage %(api)s/%(stage)s: "
)
_METHOD_LIMIT = "RestApi %(api)s, Stage %(stage)s, Resource %(resource_id)s, HttpMethod %(declared)s"
_PLAN_LIMIT = (
    "API Key %(key)s exceeded throttle limit for API Stage %(api)s/%(stage)s: "
    "Key throttle limit exceeded for Usage Plan ID %(plan_id)s"
)
_DENIED = "The client is not authorized to perform this operation."
_UNAUTHORIZED = ("AUTHORIZER_APIGW_ID_SRC_MISSING", "AUTHORIZER_ERROR_UNAUTHORIZED", "COGNITO_UNAUTHORIZED")
_TIMEOUTS = ("PROXY_INTEG_APIGW_TIMEOUT", "INTEGRATION_TIMEOUT")
_AUTHORIZER_CRASHES = ("AUTHORIZER_ERROR_OTHER", "AUTHORIZER_LAMBDA_TIMEOUT")
_BASE64 = ("INTEGRATION_REQUEST_TRANSFORM_FAILED", "INTEGRATION_RESPONSE_TRANSFORM_FAILED")
_THROTTLED_2018 = ("PROXY_INTEG_RESPONSE_INVALID", "PROXY_INTEG_LAMBDA_THROTTLED")
_UNRECOGNIZED = CE + 'Invalid JSON in response: Unrecognized field "%(field)s" , not marked as ignorable'
_ASSUME = (
    CE + "API Gateway does not have permission to assume the provided role arn:aws:iam::%(account)s:role/shop-gateway"
)
_TIMEOUT = "Execution failed due to a timeout error"
_AUTHORIZER_CLOSING = "gateway:AUTHORIZER_CONFIGURATION_ERROR"
_UNTRUSTED = (
    "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: "
    "unable to find valid certification path to requested target"
)
_EXPIRED = "PKIX path validation failed: java.security.cert.CertPathValidatorException: validity check failed"
_FUNCTION_ERRORS = (
    "'customerId'", "Cannot read properties of undefined (reading 'items')", "division by zero",
    "connect ECONNREFUSED 10.0.3.17:5432", "RequestId: %(endpoint_id)s Error: Runtime exited with error: exit status 1",
    "RequestId: %(endpoint_id)s Process exited before completing request", "Bad handler 'app'",
    "Handler 'handler' missing on module 'index'", "Error: Cannot find module 'pg'",
    "[Errno 13] Permission denied: '/var/task/app.py'",
)  # fmt: skip

SUCCESSES: tuple[Scenario, ...] = (
    Scenario("", 970, "completed"),
    Scenario("", 4, "completed", plan="unenforced"),
    Scenario("", 26, "completed", on=("http", "http_proxy", "vpc"), answer="misleading"),
)
"""What goes well; in some of it the bodies talk of errors."""

FAILURES: tuple[Scenario, ...] = (
    # -- the backend's own answers -------------------------------------------------------------------------------------
    Scenario("BACKEND_RETURNED_4XX", 300, "completed", status=(400, 401, 403, 404, 404, 404, 409, 422, 429), on=CALLED),
    Scenario("BACKEND_RETURNED_5XX", 80, "completed", status=(500, 500, 502, 503, 504), on=CALLED),
    Scenario("LAMBDA_ERROR_MAPPED", 16, "completed", status=(400, 404), on=("lambda",), answer="function_error",
             values={"error": ("[NotFound] no such customer", "[BadRequest] quantity must be positive")},
             seen_info=("BACKEND_RETURNED_4XX",)),
    Scenario("LAMBDA_ERROR_MAPPED", 8, "completed", status=(500,), on=("lambda",), answer="function_error",
             values={"error": ("[Internal] stock service did not answer",)}, seen_info=("BACKEND_RETURNED_5XX",)),
    Scenario("LAMBDA_ERROR_UNMAPPED", 10, "completed", status=(200,), on=("lambda",), answer="function_error",
             values={"error": _FUNCTION_ERRORS}, seen_info=("",)),
    # -- the authorizer ------------------------------------------------------------------------------------------------
    Scenario("AUTHORIZER_APIGW_ID_SRC_MISSING", 50, "authorizer_started", S.AUTHORIZATION,
             ("Unauthorized request: %(id)s",), (401,), "none", needs=("authorizer",), seen_info=_UNAUTHORIZED),
    Scenario("AUTHORIZER_ERROR_UNAUTHORIZED", 40, "authorizer_answered", S.AUTHORIZATION,
             ("Unauthorized request: %(id)s",), (401,), "none", needs=("authorizer",), authorizer="refuse",
             seen_info=_UNAUTHORIZED),
    Scenario("AUTHORIZER_ERROR_OTHER", 12, "authorizer_answered", S.AUTHORIZATION, (_UNRECOGNIZED,), closing="none",
             needs=("authorizer",), authorizer="throw", values={"field": ("errorType",), "error": _FUNCTION_ERRORS},
             seen_info=_AUTHORIZER_CRASHES),
    Scenario("AUTHORIZER_ERROR_OTHER", 5, "authorizer_answered", S.AUTHORIZATION, (_UNRECOGNIZED,),
             closing=_AUTHORIZER_CLOSING, needs=("authorizer",), authorizer="throw_message",
             values={"field": ("errorMessage",), "error": _FUNCTION_ERRORS}, seen_info=_AUTHORIZER_CRASHES),
    Scenario("AUTHORIZER_LAMBDA_TIMEOUT", 9, "authorizer_answered", S.AUTHORIZATION, (_UNRECOGNIZED,), closing="none",
             needs=("authorizer",), authorizer="time_out", wait=(3001, 3030), values={"field": ("errorType",)},
             seen_info=_AUTHORIZER_CRASHES),
    Scenario("AUTHORIZER_LAMBDA_TIMEOUT", 4, "authorizer_answered", S.AUTHORIZATION, (_UNRECOGNIZED,), closing="none",
             needs=("authorizer",), authorizer="time_out_message", wait=(3001, 3030),
             values={"field": ("errorMessage",)}, seen_info=_AUTHORIZER_CRASHES),
    Scenario("AUTHORIZER_RESPONSE_INVALID", 6, "authorizer_answered", S.AUTHORIZATION, (CE + "Could not parse policy",),
             closing="none", needs=("authorizer",), authorizer="null"),
    Scenario("AUTHORIZER_RESPONSE_INVALID", 4, "authorizer_answered", S.AUTHORIZATION,
             (CE + "Unable to parse given policy",), closing=_AUTHORIZER_CLOSING, needs=("authorizer",),
             authorizer="garble"),
    Scenario("AUTHORIZER_RESPONSE_INVALID", 4, "authorizer_answered", S.AUTHORIZATION, (_UNRECOGNIZED,), closing="none",
             needs=("authorizer",), authorizer="misspell", values={"field": ("policyDocuments",)}),
    Scenario("AUTHORIZER_INVOKE_DENIED", 8, "authorizer_called", S.AUTHORIZATION,
             (CE + "Invalid permissions on Lambda function", CE + "Authorizer error"), closing="none",
             needs=("authorizer",), wait=(3, 30)),
    Scenario("AUTHORIZER_INVOKE_DENIED", 4, "authorizer_called", S.AUTHORIZATION, (_ASSUME, CE + "Authorizer error"),
             closing=_AUTHORIZER_CLOSING, needs=("authorizer",), wait=(3, 30)),
    Scenario("AUTHORIZER_APIGW_TIMEOUT", 6, "authorizer_called", S.AUTHORIZATION, (_TIMEOUT,), closing="none",
             needs=("authorizer",), wait=(30000, 30060), seen_error=("AUTHORIZER_APIGW_TIMEOUT", *_TIMEOUTS)),
    Scenario("AUTHORIZER_APIGW_TIMEOUT", 3, "authorizer_called", S.AUTHORIZATION, (_TIMEOUT,),
             closing=_AUTHORIZER_CLOSING, needs=("authorizer",), wait=(30000, 30060)),
    # -- policies: what is visible of them decides ---------------------------------------------------------------------
    Scenario("EXPLICIT_DENY", 24, "authorized", S.AUTHORIZATION, (_DENIED,), (403,), "none", needs=("authorizer",),
             authorizer="deny", seen_info=("ACCESS_DENIED",)),
    Scenario("EXPLICIT_DENY", 8, "authorized", S.AUTHORIZATION, (), (403,), "cut", needs=("authorizer",),
             authorizer="deny", seen_info=("ACCESS_DENIED", "INCOMPLETE")),
    Scenario("IMPLICIT_DENY", 16, "authorized", S.AUTHORIZATION, (_DENIED,), (403,), "none", needs=("authorizer",),
             authorizer="allow_other", seen_info=("ACCESS_DENIED",)),
    Scenario("IMPLICIT_DENY", 6, "authorized", S.AUTHORIZATION, (), (403,), "cut", needs=("authorizer",),
             authorizer="deny_other", seen_info=("ACCESS_DENIED", "INCOMPLETE")),
    Scenario("ACCESS_DENIED", 14, "authorized", S.AUTHORIZATION, (_DENIED,), (403,), "none", needs=("authorizer",),
             authorizer="cached"),
    Scenario("ACCESS_DENIED", 5, "authorized", S.AUTHORIZATION, (), (403,), "cut", needs=("authorizer",),
             authorizer="cached", seen=("ACCESS_DENIED", "INCOMPLETE")),
    Scenario("RESOURCE_POLICY_DENY", 12, "received", S.AUTHORIZATION, (_DENIED,), (403,), "none", needs=("open",),
             seen_error=("ACCESS_DENIED",)),
    # -- the usage plan ------------------------------------------------------------------------------------------------
    Scenario("API_KEY_MISSING", 20, "plan_checked", S.USAGE_PLAN, (_REFUSED + "API Key was required but not present",),
             (403,), "none", needs=("key",), values={"key": ("",)}),
    Scenario("API_KEY_INVALID", 10, "plan_checked", S.USAGE_PLAN,
             (_REFUSED + "No Usage Plan found for key and API Stage",), (403,), "none", needs=("key",)),
    Scenario("API_KEY_INVALID", 5, "plan_checked", S.USAGE_PLAN, (_REFUSED + "API Stage is not in a Usage Plan",),
             (403,), "gateway:INVALID_API_KEY", needs=("key",)),
    Scenario("THROTTLED", 16, "plan_checked", S.USAGE_PLAN,
             (_PLAN_LIMIT + ". Limit: 50.00 Burst: 100",), (429,), "none", needs=("key",)),
    Scenario("THROTTLED", 6, "plan_checked", S.USAGE_PLAN,
             (f"{_PLAN_LIMIT}, {_METHOD_LIMIT}. Limit: 5.00 Burst: 10",), (429,), "none", needs=("key",)),
    Scenario("THROTTLED", 14, "plan_checked", S.USAGE_PLAN,
             (f"Key throttle limit exceeded for {_METHOD_LIMIT}. Limit: 20.00 Burst: 40",), (429,)),
    Scenario("QUOTA_EXCEEDED", 12, "plan_checked", S.USAGE_PLAN,
             ("API Key %(key)s exceeded quota limit for API Stage %(api)s/%(stage)s: Key quota exhausted for "
              "Usage Plan ID %(plan_id)s. Limit: 10000 Period: %(period)s",), (429,), "none", needs=("key",),
             values={"period": ("DAY", "WEEK", "MONTH")}),
    # -- the request itself --------------------------------------------------------------------------------------------
    Scenario("REQUEST_VALIDATION_FAILED", 30, "read", S.REQUEST_VALIDATION,
             ("Request body does not match model schema for content type application/json: [%(detail)s]",), (400,),
             needs=("validated",), values={"detail": (
                 'object has missing required properties (["customerId","items"])',
                 "Unknown error parsing request body",
                 'instance type (string) does not match any allowed primitive type (allowed: ["integer","number"])')}),
    Scenario("REQUEST_VALIDATION_FAILED", 8, "read", S.REQUEST_VALIDATION,
             ("Missing required request parameters: [%(detail)s]",), (400,), needs=("validated",),
             values={"detail": ("idempotency-key", "warehouse, idempotency-key")}),
    Scenario("CONFIGURATION_ERROR_UNSPECIFIED", 5, "read", S.REQUEST_VALIDATION,
             (CE + "Request body validation failed due to an unexpected error",), needs=("validated",)),
    Scenario("UNSUPPORTED_MEDIA_TYPE", 8, "read", S.INTEGRATION_REQUEST, (), (415,), needs=("body",),
             on=("lambda", "aws", "http"),
             seen_error=("UNSUPPORTED_MEDIA_TYPE", "UNCLASSIFIED", "BACKEND_RETURNED_4XX")),
    # -- the integration cannot be called ------------------------------------------------------------------------------
    Scenario("INTEGRATION_INVALID_ENDPOINT", 6, "validated", S.INTEGRATION_REQUEST, (CE + "Invalid endpoint address",),
             on=HTTP),
    Scenario("INTEGRATION_REQUEST_URI_INVALID", 5, "validated", S.INTEGRATION_REQUEST,
             (CE + "Illegal character in query at index 61: %(target)s?q=oak lamp",
              CE + "URI/URL syntax error encountered in signing process"), on=("http", "aws")),
    Scenario("INTEGRATION_REQUEST_TRANSFORM_FAILED", 8, "validated", S.INTEGRATION_REQUEST,
             (CE + "Unable to transform request",), on=("lambda", "aws", "http")),
    Scenario("INTEGRATION_REQUEST_TRANSFORM_FAILED", 4, "validated", S.INTEGRATION_REQUEST,
             (CE + "Unable to base64 decode the body.",), on=CALLED, seen_info=_BASE64),
    Scenario("INTEGRATION_MOCK_STATUS_INVALID", 6, "validated", S.INTEGRATION_REQUEST,
             (CE + "statusCode should be an integer which defined in request template",), on=("mock",)),
    Scenario("INTEGRATION_MOCK_STATUS_INVALID", 3, "validated", S.INTEGRATION_REQUEST,
             (CE + "Unable to parse statusCode. It should be an integer that is defined in the request template.",),
             on=("mock",)),
    Scenario("PROXY_INTEG_INVOKE_DENIED", 14, "called", S.INTEGRATION_INVOCATION,
             (CE + "Invalid permissions on Lambda function",), on=LAMBDA, wait=(4, 40)),
    Scenario("INTEGRATION_ROLE_ASSUME_DENIED", 6, "called", S.INTEGRATION_INVOCATION, (_ASSUME,), on=(*LAMBDA, "aws"),
             wait=(4, 40)),
    Scenario("PROXY_INTEG_APIGW_TIMEOUT", 30, "called", S.INTEGRATION_INVOCATION, (_TIMEOUT,), (504,), on=LAMBDA,
             wait=(29000, 29060), seen_info=_TIMEOUTS),
    Scenario("INTEGRATION_TIMEOUT", 12, "called", S.INTEGRATION_INVOCATION, (_TIMEOUT,), (504,), on=(*HTTP, "aws"),
             wait=(29000, 29060), seen_info=_TIMEOUTS),
    Scenario("INTEGRATION_NETWORK_ERROR", 12, "called", S.INTEGRATION_INVOCATION,
             ("Execution failed due to a network error communicating with endpoint%(tail)s",), (504,), on=HTTP,
             wait=(2, 900), values={"tail": ("", ": Connection is closed", ": Connection reset by peer")}),
    Scenario("INTEGRATION_TLS_CERT_MISMATCH", 6, "called", S.INTEGRATION_INVOCATION,
             (CE + "Host name 'payments.internal.example.com' does not match the certificate subject provided by the "
              "peer%(tail)s",), on=("vpc",), wait=(5, 40), values={"tail": ("", " (CN=*.shop.example.com)")}),
    Scenario("INTEGRATION_TLS_CERT_UNTRUSTED", 6, "called", S.INTEGRATION_INVOCATION,
             (CE + _UNTRUSTED,), on=HTTP, wait=(5, 40)),
    Scenario("INTEGRATION_TLS_CERT_EXPIRED", 6, "called", S.INTEGRATION_INVOCATION,
             (CE + _EXPIRED,), on=HTTP, wait=(5, 40)),
    Scenario("INTEGRATION_VPC_LINK_ERROR", 6, "called", S.INTEGRATION_INVOCATION,
             (CE + "There was an internal error while executing your request",), on=("vpc",), wait=(5, 400)),
    Scenario("INTEGRATION_VPC_LINK_ERROR", 3, "called", S.INTEGRATION_INVOCATION,
             ("Execution failed due to an vpc link error",), on=("vpc",), wait=(5, 400)),
    Scenario("PROXY_INTEG_LAMBDA_THROTTLED", 12, "called", S.INTEGRATION_INVOCATION,
             ("Lambda invocation failed with status: 429. Lambda request id: %(endpoint_id)s", CE + "Rate Exceeded."),
             on=LAMBDA, wait=(4, 30)),
    Scenario("PROXY_INTEG_LAMBDA_THROTTLED", 4, "answered", S.INTEGRATION_INVOCATION,
             (CE + "Malformed Lambda proxy response",), (502,), on=("lambda_proxy",), answer="throttled", wait=(4, 30),
             seen_info=_THROTTLED_2018),
    Scenario("PROXY_INTEG_LAMBDA_SERVICE_ERROR", 8, "called", S.INTEGRATION_INVOCATION,
             ("Lambda invocation failed with status: %(code)s. Lambda request id: %(endpoint_id)s",), on=LAMBDA,
             wait=(4, 90), values={"code": ("403", "500", "503", "503")}),
    Scenario("INTERNAL_ERROR", 5, "called", None, ("Execution failed due to an internal error",), on=CALLED,
             wait=(5, 500)),
    # -- the backend fails, or its answer cannot be used ---------------------------------------------------------------
    Scenario("PROXY_INTEG_ERROR", 60, "answered", S.BACKEND,
             ("Lambda execution failed with status 200 due to customer function error: %(error)s. "
              "Lambda request id: %(endpoint_id)s",), (502,), on=("lambda_proxy",), answer="function_error",
             values={"error": _FUNCTION_ERRORS}),
    Scenario("PROXY_INTEG_LAMBDA_TIMEOUT", 24, "answered", S.BACKEND,
             ("Lambda execution failed with status 200 due to customer function error: %(error)s. "
              "Lambda request id: %(endpoint_id)s",), (502,), on=("lambda_proxy",), answer="function_timeout",
             wait=(10002, 10040), values={"error": (
                 "%(now)s %(endpoint_id)s Task timed out after 10.00 seconds",
                 "RequestId: %(endpoint_id)s Error: Task timed out after 10.00 seconds")}),
    Scenario("PROXY_INTEG_RESPONSE_INVALID", 40, "answered", S.INTEGRATION_RESPONSE,
             (CE + "Malformed Lambda proxy response",), (502,), on=("lambda_proxy",), answer="malformed",
             values={"malformed": (
                 '"ok"', "null", "[]", '{"message":"created"}', '{"statusCode":200,"body":{"items":[]}}',
                 '{"statusCode":"OK","body":""}', '{"statusCode":200,"headers":["Content-Type"],"body":"{}"}')}),
    Scenario("CONFIGURATION_ERROR_UNSPECIFIED", 5, "answered", None, (CE,), (502,), on=("lambda_proxy",)),
    Scenario("INTEGRATION_RESPONSE_TRANSFORM_FAILED", 6, "answered", S.INTEGRATION_RESPONSE,
             (CE + "Unable to transform response",), on=("lambda", "aws", "http")),
    Scenario("INTEGRATION_RESPONSE_TRANSFORM_FAILED", 4, "answered", S.INTEGRATION_RESPONSE,
             (CE + "Unable to base64 decode the body.",), on=("lambda_proxy", "lambda"), seen_info=_BASE64),
    Scenario("INTEGRATION_RESPONSE_MAPPING_MISSING", 10, "answered", S.INTEGRATION_RESPONSE,
             (CE + "No match for output mapping and no default output mapping configured. "
              "Endpoint Response Status Code: %(answered)s",), on=("lambda", "aws", "http")),
    Scenario("INTEGRATION_RESPONSE_MAPPING_INVALID", 6, "answered", S.METHOD_RESPONSE,
             (CE + "Output mapping refers to an invalid method response: %(answered)s",),
             on=("lambda", "aws", "http")),
    # -- what no rule can name -----------------------------------------------------------------------------------------
    Scenario("UNCLASSIFIED", 4, "read", None, (), (500,), on=CALLED,
             seen_error=("UNCLASSIFIED", "BACKEND_RETURNED_5XX")),
    Scenario("UNCLASSIFIED", 4, "answered", None, (), (502,), on=CALLED,
             seen_error=("UNCLASSIFIED", "BACKEND_RETURNED_5XX")),
    Scenario("INCOMPLETE", 3, "identified", None, closing="cut", needs=("authorizer",)),
    Scenario("INCOMPLETE", 4, "plan_passed", None, closing="cut"),
    Scenario("INCOMPLETE", 4, "read", None, closing="cut"),
    Scenario("INCOMPLETE", 6, "called", None, closing="cut", on=CALLED),
)  # fmt: skip
"""Every failure that the execution log can show, each in the sequence of lines that AWS documents or that was seen."""
