"""THE table: every sentence the execution log is known to hold, the stage it belongs to and what it tells.

A message is recognised by its *head* alone; bodies and headers are never searched for error words.  Where a certain
sentence carries decisive content, the table names that content as a *fact* of that sentence.

The sentences are those of API Gateway's own logs, see
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-execution-logging.html and
https://repost.aws/knowledge-center/api-gateway-logs.
"""

from __future__ import annotations

from functools import cache

from loganalyzer.scales import Stage
from loganalyzer.sentence_facts import TIMED_OUT, fact, found_in, is_lambda_error, spread, tells_error, tells_reason
from loganalyzer.sentences import VALUE, Fact, Sentence, pattern_of

CE = "Execution failed due to configuration error: "
"""The words that open every failure which API Gateway blames on the API's configuration."""

UNTOLD = CE.rstrip(": ")
"""The same without a cause, whose colon is lost where people end a sentence with these words."""

_LAMBDA = (b"://lambda.", b"/2015-03-31/functions/", b"/2021-11-15/functions/")
_QUOTING = rb"(?:\W|\\[nrt]|(?:quot|u0022|x?22|34)\b){1,16}?"
"""What a quotation mark becomes in the hands of those who pass a log on."""
_ENDPOINT = (Fact("lambda_endpoint", _LAMBDA), Fact("other_endpoint", _LAMBDA, absent=True))
_SENTENCES: list[Sentence] = []


def _row(
    head: str,
    step: str,
    stage: Stage,
    printed: str,
    *,
    reached: Stage | None = None,
    shared: bool = False,
    rank: int = 0,
    opaque: bool = False,
    exact: bool = False,
    pattern: bytes = b"",
    fields: bytes = b"",
    facts: tuple[Fact, ...] = (),
    emulated: bool = False,
    echoed: bool = False,
) -> None:
    _SENTENCES.append(
        Sentence(
            code=len(_SENTENCES),
            head=head,
            step=step,
            stage=stage,
            printed=printed,
            reached=stage if reached is None else reached,
            shared=shared,
            rank=rank,
            opaque=opaque,
            exact=exact,
            pattern=pattern or (pattern_of(head) if "…" in head else b""),
            fields=fields,
            facts=facts,
            emulated=emulated,
            echoed=echoed,
        )
    )


def _failure(
    head: str,
    stage: Stage,
    *,
    rank: int = 1,
    step: str = "failure",
    shared: bool = False,
    opaque: bool = False,
    exact: bool = False,
    reached: Stage | None = None,
    pattern: bytes = b"",
    fields: bytes = b"",
    facts: tuple[Fact, ...] = (),
    emulated: bool = False,
) -> None:
    _row(
        head, step, stage, "always", rank=rank, shared=shared, opaque=opaque, exact=exact, reached=reached,
        pattern=pattern, fields=fields, facts=facts, emulated=emulated,
    )  # fmt: skip


def _echo(head: str, stage: Stage, *, pattern: bytes = b"", fields: bytes = b"") -> None:
    _row(head, "failure", stage, "always", rank=1, pattern=pattern, fields=fields, echoed=True)


S = Stage
# fmt: off
_row("", "unknown", S.ROUTE, "unknown")

# -- what every request that goes well says, in order ------------------------------------------------------------------
_row("Execution log for request", "test header", S.ROUTE, "test", fields=rb"request\s+(?P<request_id>\S+)")
_row("Extended Request Id:", "request header", S.ROUTE, "info", fields=rb":\s*(?P<extended_request_id>\S+)")
_row("Starting authorizer:", "authorizer start", S.AUTHORIZATION, "info",
     fields=rb":\s*(?P<authorizer_id>\S+) for request:\s*(?P<for_request>\S+)")
_row("Incoming identity:", "authorizer identity", S.AUTHORIZATION, "trace", opaque=True)
_row("Endpoint request URI:", "endpoint request", S.INTEGRATION_REQUEST, "trace", shared=True, opaque=True,
     fields=rb":\s*(?P<uri>\S+)", facts=_ENDPOINT)
_row("Endpoint request headers:", "endpoint request", S.INTEGRATION_REQUEST, "trace", shared=True, opaque=True,
     fields=rb"X-Amz-Source-Arn=(?P<source_arn>[^\s,}]+)",
     facts=(
         fact("authorizer_arn", b"/authorizers/", finds=rb"X-Amz-Source-Arn=[^,}]{0,200}/authorizers/", late=True),
         fact("method_arn", b"X-Amz-Source-Arn=", late=True,
               finds=rb"X-Amz-Source-Arn=[^,}]{0,120}:[^/,}]{0,64}/[^/,}]{0,128}/(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b"),
     ))
_row("Endpoint request body after transformations:", "endpoint request", S.INTEGRATION_REQUEST, "trace", shared=True,
     opaque=True, fields=rb'"methodArn"\s*:\s*"(?P<method_arn>[^"]+)"',
     facts=(fact("authorizer_event", b'"TOKEN"', b'"REQUEST"',
                  finds=rb'\AEndpoint request body after transformations: \{"type":"(?:TOKEN|REQUEST)"'),))
_row("Sending request to", "call", S.INTEGRATION_INVOCATION, "trace", shared=True, opaque=True,
     fields=rb"to\s+(?P<uri>\S+)", facts=_ENDPOINT)
_row("Authorizer result body before parsing:", "authorizer result", S.AUTHORIZATION, "trace", opaque=True, facts=(
    spread("authorizer_timed_out", TIMED_OUT),
    fact("authorizer_error_told", b"errorMessage", finds=rb'errorMessage\\*"\s*:\s*\\*"[^"]*"'),
    fact("authorizer_threw", b'"errorMessage"', b'"errorType"'),
    fact("policy_says_deny", b'eny"', finds=rb'"Effect"\s*:\s*"[Dd]eny"'),
    fact("policy_says_allow", b'llow"', finds=rb'"Effect"\s*:\s*"[Aa]llow"'),
))
_row("Using valid authorizer policy for principal:", "authorizer policy", S.AUTHORIZATION, "trace", opaque=True)
_row("Successfully completed authorizer execution", "authorizer end", S.AUTHORIZATION, "info")
_row("Verifying Usage Plan for request:", "plan check", S.USAGE_PLAN, "info",
     fields=rb"API Stage:\s*(?P<api_id>[^\s/]+)/(?P<api_stage>\S+)")
_row("API Key … authorized because", "key check", S.USAGE_PLAN, "info",
     pattern=rb"API Key" + VALUE + rb"(?<!\bnot )authorized because",
     fields=rb"authorized because\s+(?:method\s+'(?P<verb>[A-Z]+)\s+|route\s+')\[?(?P<resource>[^'\]]+)")
_row("Usage Plan check succeeded", "plan passed", S.USAGE_PLAN, "info",
     fields=rb"API Stage\s+(?P<api_id>[^\s/]+)/(?P<api_stage>\S+)")
_row("Usage Plan check failed due to an internal error", "plan not enforced", S.USAGE_PLAN, "info")
_row("Starting execution for request:", "execution start", S.REQUEST_VALIDATION, "info",
     fields=rb"request:\s*(?P<for_request>\S+)")
_row("HTTP Method:", "method", S.REQUEST_VALIDATION, "info",
     fields=rb"Method:\s*(?P<method>[A-Za-z]+),\s*Resource Path:\s*(?P<path>\S+)")
_row("API Key:", "key used", S.REQUEST_VALIDATION, "info", fields=rb"Key:\s*(?P<api_key>\S+)")
_row("API Key ID:", "key used", S.REQUEST_VALIDATION, "info", fields=rb"ID:\s*(?P<api_key_id>\S+)")
_row("Method request path:", "method request", S.REQUEST_VALIDATION, "trace",
     reached=S.INTEGRATION_REQUEST, opaque=True)
_row("Method request query string:", "method request", S.REQUEST_VALIDATION, "trace",
     reached=S.INTEGRATION_REQUEST, opaque=True)
_row("Method request headers:", "method request", S.REQUEST_VALIDATION, "trace",
     reached=S.INTEGRATION_REQUEST, opaque=True)
_row("Method request body before transformations:", "method request", S.REQUEST_VALIDATION, "trace",
     reached=S.INTEGRATION_REQUEST, opaque=True)
_row("Request validation succeeded for content type", "validated", S.REQUEST_VALIDATION, "info",
     fields=rb"content type\s+(?P<content_type>\S+)")
_row("Received response.", "answer", S.BACKEND, "trace",
     fields=rb"(?:Status:\s*(?P<backend_status>\d+),\s*)?Integration latency:\s*(?P<integration_latency_ms>\d+) ms")
_row("Endpoint response headers:", "answer", S.INTEGRATION_RESPONSE, "trace", reached=S.BACKEND, opaque=True,
     fields=rb"x-amzn-RequestId=(?P<endpoint_request_id>[^\s,}]+)", facts=(
         fact("function_error", b"X-Amz-Function-Error="),
         fact("too_many_requests", b"TooManyRequestsException"),
     ))
_row("Endpoint response body before transformations:", "answer", S.INTEGRATION_RESPONSE, "trace", reached=S.BACKEND,
     opaque=True, facts=(
         fact("too_many_requests", b"ConcurrentInvocationLimitExceeded"),
         Fact("lambda_error_body", (b'"errorMessage"',), is_lambda_error),
     ))
_row("Method response body after transformations:", "mapping result", S.INTEGRATION_RESPONSE, "trace", opaque=True)
_row("Method response headers:", "method response", S.METHOD_RESPONSE, "trace", opaque=True)
_row("Successfully completed execution", "execution end", S.COMPLETED, "info")
_row("Method completed with status:", "outcome", S.COMPLETED, "always", reached=S.REQUEST_VALIDATION,
     fields=rb"status:\s*(?P<status>\d{3})")
_row("Gateway response type:", "outcome", S.ROUTE, "always",
     fields=rb"type:\s*(?P<response_type>[A-Z0-9_]+)(?: with status code:\s*(?P<status>\d{3}))?")
_row("Gateway response body:", "gateway response", S.ROUTE, "trace", opaque=True)
_row("AWS Integration Endpoint RequestId", "correlation", S.INTEGRATION_INVOCATION, "always",
     fields=rb"RequestId\s*:\s*(?P<endpoint_request_id>\S+)")
_row("X-ray Tracing ID", "correlation", S.ROUTE, "always", fields=rb"ID\s*:\s*(?P<trace_id>\S+)")

# -- the authorizer fails or refuses -----------------------------------------------------------------------------------
_failure("Unauthorized request:", S.AUTHORIZATION)
_failure("Unauthorized", S.AUTHORIZATION, rank=7, step="test outcome", exact=True)
_failure("AuthorizerConfigurationException", S.AUTHORIZATION, rank=7, step="test outcome", exact=True)
_failure(CE + "Invalid JSON in response: Unrecognized field", S.AUTHORIZATION, fields=rb'field\s+"(?P<field>[^"]*)"',
         facts=(
             found_in("threw", b"field", rb"field" + _QUOTING + rb"error(?:Type|Message)(?:\W|quot|u0022)"),
             found_in("field_told", b"field", rb"field" + _QUOTING + rb"\w+?(?:\W|quot|u0022)"),
         ))
_failure(CE + "Invalid JSON in response", S.AUTHORIZATION, facts=(Fact("reason_told", (b"response",), tells_reason),))
_failure(CE + "Could not parse policy", S.AUTHORIZATION)
_failure(CE + "Unable to parse given polic", S.AUTHORIZATION)
_failure(CE + "Authorizer error", S.AUTHORIZATION, rank=5)
_failure("The client is not authorized to perform this operation", S.AUTHORIZATION)

# -- the usage plan refuses --------------------------------------------------------------------------------------------
_LIMIT_OF = (fact("limit_named", b"Stage", b"Plan ID", b"RestApi"),)
_failure("API Key … not authorized because", S.USAGE_PLAN,
         fields=rb"method\s+'(?P<verb>[A-Z]+)\s+\[?(?P<resource>[^'\]]+)'?.*?"
                rb"(?:API Stage\s+(?P<api_id>[^\s/]+)/(?P<api_stage>[^\s:]+))", facts=(
             fact("key_absent", b"API Key was required but not present"),
             fact("key_without_plan", b"No Usage Plan found for key"),
             fact("stage_without_plan", b"API Stage is not in a Usage Plan"),
         ))
_failure("API Key … exceeded throttle limit", S.USAGE_PLAN,
         fields=rb"API\s+Stage\s+(?P<api_id>[^\s/]+)/(?P<api_stage>[^\s:]+).*?Usage Plan ID\s+(?P<usage_plan_id>\w+)",
         facts=_LIMIT_OF)
_failure("Key throttle limit exceeded for", S.USAGE_PLAN,
         fields=rb"RestApi\s+(?P<api_id>[^\s,]+),\s*Stage\s+(?P<api_stage>[^\s,]+).*?HttpMethod\s+(?P<method>[A-Z]+)",
         facts=_LIMIT_OF)
_failure("API Key … exceeded quota limit", S.USAGE_PLAN,
         fields=rb"API\s+Stage\s+(?P<api_id>[^\s/]+)/(?P<api_stage>[^\s:]+).*?Usage Plan ID\s+(?P<usage_plan_id>\w+)",
         facts=_LIMIT_OF)
_failure("Key quota limit exceeded for", S.USAGE_PLAN)
_failure("Key quota exhausted for", S.USAGE_PLAN, facts=_LIMIT_OF)

# -- the request is not valid ------------------------------------------------------------------------------------------
_failure("Request body does not match model schema", S.REQUEST_VALIDATION, opaque=True,
         fields=rb"content type\s+(?P<content_type>[^\s:]+)",
         facts=(spread("content_type_told", b"for content type"),))
_failure("Missing required request parameters:", S.REQUEST_VALIDATION, fields=rb"parameters:\s*(?P<parameters>.+)")
_failure(CE + "Request body validation failed due to an unexpected error", S.REQUEST_VALIDATION)

# -- the integration cannot be called ----------------------------------------------------------------------------------
_failure(CE + "Invalid endpoint address", S.INTEGRATION_REQUEST)
_failure(CE + "Unable to transform request", S.INTEGRATION_REQUEST)
_failure(CE + "Unable to base64 decode the body", S.INTEGRATION_REQUEST)
_failure(CE + "Illegal character in", S.INTEGRATION_REQUEST)
_failure("Illegal character in", S.INTEGRATION_REQUEST, pattern=rb"Illegal character in \w+ at index")
_failure(CE + "URI/URL syntax error encountered in signing process", S.INTEGRATION_REQUEST, rank=2)
_failure("URI/URL syntax error encountered in signing process", S.INTEGRATION_REQUEST, rank=2)
_failure(CE + "statusCode should be an integer", S.INTEGRATION_REQUEST)
_failure(CE + "Unable to parse statusCode", S.INTEGRATION_REQUEST)
_failure(CE + "Invalid permissions on Lambda function", S.INTEGRATION_INVOCATION, shared=True)
_failure(CE + "API Gateway does not have permission to invoke", S.INTEGRATION_INVOCATION, shared=True, emulated=True)
_failure(CE + "API Gateway does not have permission to assume the provided role", S.INTEGRATION_INVOCATION, shared=True,
         fields=rb"role\s+(?P<role_arn><[^\s<>]*>|[^\s<\"'`]+)")
_failure("Execution failed due to a timeout error", S.INTEGRATION_INVOCATION, shared=True)
_failure("Execution failed due to a network error", S.INTEGRATION_INVOCATION,
         fields=rb"endpoint:\s*(?P<detail>[^\r\n]+)",
         facts=(spread("endpoint_blamed", b"communicating with endpoint"),))
_failure("Execution failed due to a connection error", S.INTEGRATION_INVOCATION, emulated=True)
_failure(CE + "Host name … does not match the certificate subject", S.INTEGRATION_INVOCATION,
         fields=rb"Host name '(?P<host>[^']*)'.*?(?:\(CN=(?P<common_name>[^)\s]+)\))?\s*$")
_failure(CE + "PKIX path building failed", S.INTEGRATION_INVOCATION)
_failure(CE + "PKIX path validation failed", S.INTEGRATION_INVOCATION)
_failure(CE + "General SSLEngine problem", S.INTEGRATION_INVOCATION)
_failure(CE + "There was an internal error while executing your request", S.INTEGRATION_INVOCATION)
_failure("Execution failed due to an vpc link error", S.INTEGRATION_INVOCATION)
_failure("Execution failed due to a vpc link error", S.INTEGRATION_INVOCATION)
_failure("Lambda invocation failed with status:", S.INTEGRATION_INVOCATION,
         fields=rb"status:\s*(?P<lambda_status>\d+)(?:.*?request id:\s*(?P<endpoint_request_id>[\w-]+))?", facts=(
             spread("lambda_said_429", b"status: 429"),
             spread("lambda_said_403", b"status: 403"),
             spread("lambda_id_told", b"Lambda request id:"),
             found_in("lambda_status_told", b"status:", rb"status:\d"),
         ))
_failure(CE + "Rate Exceeded", S.INTEGRATION_INVOCATION, rank=4)

# -- the backend fails, or its answer cannot be used -------------------------------------------------------------------
_THREW = (spread("task_timed_out", TIMED_OUT), Fact("error_told", (b"error:",), tells_error))
_ERROR = rb"customer\s+function\s+error:\s*(?P<error>.*?)" \
         rb"(?:\.?\s*Lambda\s+request\s+id:\s*(?P<endpoint_request_id>[\w-]+))?\s*$"
_failure("Lambda execution failed with status", S.BACKEND, opaque=True, fields=_ERROR, facts=_THREW)
_failure("Lambda execution failed due to customer function error", S.BACKEND, opaque=True, fields=_ERROR, facts=_THREW,
         emulated=True)
_failure(CE + "Malformed Lambda proxy response", S.INTEGRATION_RESPONSE)
_failure(CE + "Unable to transform response", S.INTEGRATION_RESPONSE)
_failure(CE + "No match for output mapping", S.INTEGRATION_RESPONSE,
         fields=rb"Endpoint Response Status Code:\s*(?P<backend_status>\d{3})\b")
_failure(CE + "Output mapping refers to an invalid method response", S.METHOD_RESPONSE,
         fields=rb"method response:\s*(?P<backend_status>\d{3})\b")

# -- a failure of no kind named above ----------------------------------------------------------------------------------
_failure(UNTOLD, S.ROUTE, rank=3, shared=True, reached=S.INTEGRATION_REQUEST, pattern=UNTOLD.encode() + rb"\b")
_failure("Execution failed", S.ROUTE, rank=3, shared=True, reached=S.INTEGRATION_REQUEST,
         pattern=rb"Execution failed\b")

# -- words of the client's answer, which AWS's runbook for HTTP errors looks for in the execution log ------------------
# https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-troubleshootapigatewayhttperrors.html
_echo("User is not authorized to access this resource with an explicit deny", S.AUTHORIZATION)
_echo("User is not authorized to access this resource", S.AUTHORIZATION)
_REFUSED = rb"User:\s+(?P<caller>\S+).*?resource:\s*(?P<resource_arn>\S+)(?P<explicit>\s+with an explicit deny)?"
_INVOKE = rb"\s+is\s+not\s+authorized\s+to\s+perform(?!:?\s+(?!execute-api\b)[a-z][a-z\d-]{0,40}:)"
"""A function that may not read its table is told so in the same words: what was to be done makes the difference."""
_echo("User: anonymous is not authorized to perform", S.AUTHORIZATION, fields=_REFUSED,
      pattern=rb"User:\s+anonymous" + _INVOKE)
_echo("User: arn:… is not authorized to perform", S.AUTHORIZATION, fields=_REFUSED,
      pattern=rb"User:\s+arn:\S{1,300}" + _INVOKE)
_echo("The security token included in the request is expired", S.AUTHORIZATION)
_echo("The security token included in the request is invalid", S.AUTHORIZATION)
_echo("The request signature we calculated does not match", S.AUTHORIZATION)
_echo("Signature expired:", S.AUTHORIZATION)
_echo("Missing Authentication Token", S.ROUTE)
_echo("Authorization header requires", S.ROUTE)
_echo("Invalid API Key identifier specified", S.USAGE_PLAN)
_echo("Network error communicating with endpoint", S.INTEGRATION_INVOCATION)

# -- WebSocket APIs: the wording is known from emulators only ----------------------------------------------------------
_row("WebSocket Request Route:", "route", S.REQUEST_VALIDATION, "info", emulated=True,
     fields=rb"Route:\s*\[(?P<path>[^\]]*)\]")
_row("WebSocket API [", "message", S.REQUEST_VALIDATION, "info", opaque=True, emulated=True)
_row("Client […connected to API [", "connected", S.COMPLETED, "info", opaque=True, emulated=True,
     pattern=rb"Client \[Connection Id: [^\]]{1,64}\] (?:dis)?connected (?:to|from) API \[")
_row("Client [", "connection", S.ROUTE, "info", opaque=True, emulated=True)
_row("Integration returned status:", "answer", S.BACKEND, "info", emulated=True,
     fields=rb"status:\s*(?P<backend_status>\d+)")
_row("Message from client [", "message", S.COMPLETED, "info", opaque=True, emulated=True,
     fields=rb"response status code\s*\[(?P<status>\d{3})\]")
_row("Connection API request completed with status:", "outcome", S.COMPLETED, "always", reached=S.ROUTE, emulated=True,
     fields=rb"status:\s*(?P<status>\d{3})")
_row("Connection API request failed:", "failure", S.ROUTE, "always", emulated=True)
# fmt: on

SENTENCES: tuple[Sentence, ...] = tuple(_SENTENCES)
"""Every sentence; the index is its code. Code 0 stands for a message that is none of them."""

UNKNOWN = SENTENCES[0]

EMULATED = frozenset(sentence.head for sentence in SENTENCES if sentence.emulated)
"""Heads of the sentences that are known from emulators only."""

ECHOED = frozenset(sentence.head for sentence in SENTENCES if sentence.echoed)
"""Heads of the sentences that are known as the client's answer."""

FACTS: tuple[str, ...] = (
    # told by one line (the table above)
    *dict.fromkeys(fact.name for sentence in SENTENCES for fact in sentence.facts),
    "truncated",
    "cut_decisive",
    "cut_answer",
    # told by where the lines come from
    "test_log",
    "paste",
    "order_lost",
    "line_guessed",
    # told by all lines of a request together (classifier.evidence)
    "undecided",
    "cause_untold",
    "authorizer_seen",
    "authorizer_ran",
    "authorizer_called",
    "authorizer_done",
    "in_authorizer",
    "in_integration",
    "phase_unknown",
    "integration_prepared",
    "integration_called",
    "answered",
    "executed",
    "completed",
    "closed",
    "traced",
    "info_level",
    "stopped_after_authorizer",
    # told by the log around the request
    "log_traced",
    "log_goes_on",
    "order_untold",
    # told by a second look at the authorizer's policy
    "policy_allows",
    "policy_denies",
    "policy_does_not_match",
)
"""Names of everything rules may ask for besides sentences; the index is the bit."""

FACT_BIT: dict[str, int] = {name: 1 << bit for bit, name in enumerate(FACTS)}

BY_HEAD: dict[str, tuple[int, ...]] = {
    head: tuple(s.code for s in SENTENCES if s.head == head) for head in dict.fromkeys(s.head for s in SENTENCES)
}

GATEWAY_RESPONSE_TYPES: tuple[str, ...] = (
    "ACCESS_DENIED", "API_CONFIGURATION_ERROR", "AUTHORIZER_CONFIGURATION_ERROR", "AUTHORIZER_FAILURE",
    "BAD_REQUEST_BODY", "BAD_REQUEST_PARAMETERS", "DEFAULT_4XX", "DEFAULT_5XX", "EXPIRED_TOKEN",
    "INTEGRATION_FAILURE", "INTEGRATION_TIMEOUT", "INVALID_API_KEY", "INVALID_SIGNATURE",
    "MISSING_AUTHENTICATION_TOKEN", "QUOTA_EXCEEDED", "REQUEST_TOO_LARGE", "RESOURCE_NOT_FOUND", "THROTTLED",
    "UNAUTHORIZED", "UNSUPPORTED_MEDIA_TYPE", "WAF_FILTERED",
)  # fmt: skip
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html"""


@cache
def by_prefix() -> dict[bytes, tuple[tuple[bytes, Sentence], ...]]:
    """Sentences by the first eight bytes of a message, longest prefix first."""
    table: dict[bytes, list[tuple[bytes, Sentence]]] = {}
    for sentence in SENTENCES[1:]:
        table.setdefault(sentence.prefix[:8], []).append((sentence.prefix, sentence))
    return {word: tuple(sorted(rows, key=lambda row: -len(row[0]))) for word, rows in table.items()}


def match(message: bytes) -> Sentence:
    """The sentence that ``message`` is, :data:`UNKNOWN` if none.

    The longest matching head wins, so ``Execution failed due to configuration error: Authorizer error`` is not taken
    for a configuration error of no known kind.
    """
    for prefix, sentence in by_prefix().get(message[:8], ()):
        if message.startswith(prefix) and sentence.confirmed(message):
            return sentence
    return UNKNOWN
