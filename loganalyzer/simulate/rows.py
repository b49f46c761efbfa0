"""The lines that a request says at each milestone, as templates with ``%(name)s`` for what differs between requests.

The order and wording are those of the execution log since 2020, see
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-execution-logging.html.
"""

from __future__ import annotations

from loganalyzer.simulate.answers import ANSWERS, AUTHORIZER_RESULTS
from loganalyzer.simulate.api import ACCOUNT, API, ARN, REGION, STAGE, Route
from loganalyzer.simulate.scenario import Scenario

_LAMBDA = f"https://lambda.{REGION}.amazonaws.com/2015-03-31/functions/arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
_MOCK = "mock"


def _signed(source: str, session: str) -> str:
    """The headers of a signed call to an AWS service; the credentials come last, so that a cut takes them."""
    return (
        "{x-amzn-lambda-integration-tag=%(id)s, Authorization=%(signature)s, X-Amz-Date=%(amz_date)s, "
        f"x-amzn-apigateway-api-id={API}, X-Amz-Source-Arn={source}, Accept=application/json, "
        f"User-Agent=AmazonAPIGateway_{API}, X-Amz-Security-Token={session}, Content-Type=application/json}}"
    )


def endpoint(route: Route) -> str:
    """The URL that the route's integration calls, as a template."""
    if route.kind in {"lambda_proxy", "lambda"}:
        return f"{_LAMBDA}{route.target}/invocations"
    return route.target + ("/%(word)s" if route.words else "")


def _authorizer_request(route: Route) -> list[str]:
    event = {
        "TOKEN": '{"type":"TOKEN","authorizationToken":"Bearer %(token)s","methodArn":"%(method_arn)s"}',
        "REQUEST": f'{{"type":"REQUEST","methodArn":"%(method_arn)s","resource":"{route.resource}","path":"%(path)s",'
        f'"httpMethod":"{route.verb}","headers":{{%(event_headers)s}},"multiValueHeaders":{{%(event_lists)s}}}}',
    }[route.authorizer]
    return [
        f"Endpoint request URI: {_LAMBDA}shop-authorizer/invocations",
        "Endpoint request headers: " + _signed(f"{ARN}/authorizers/%(authorizer_id)s", "%(authorizer_session)s"),
        "Endpoint request body after transformations: " + event,
        f"Sending request to {_LAMBDA}shop-authorizer/invocations",
    ]


def _identity(route: Route) -> str:
    if route.authorizer == "REQUEST":
        return "{method.request.header.Authorization=%(identity)s, method.request.header.X-Partner=***%(partner)s}"
    return "%(identity)s"


def _authorizer(route: Route, scenario: Scenario, *, cached: bool) -> dict[str, list[str]]:
    if not route.authorizer:
        return {}
    rows = {
        "authorizer_started": ["Starting authorizer: %(authorizer_id)s for request: %(id)s"],
        "identified": [f"Incoming identity: {_identity(route)}"],
        "authorized": [
            "Using valid authorizer policy for principal: %(masked_principal)s",
            "Successfully completed authorizer execution",
        ],
    }
    if not cached:
        rows["authorizer_called"] = _authorizer_request(route)
        rows["authorizer_answered"] = [
            f"Authorizer result body before parsing: {AUTHORIZER_RESULTS[scenario.authorizer]}"
        ]
    return rows


def _plan(route: Route, scenario: Scenario) -> dict[str, list[str]]:
    method = f"{route.declared or route.verb} {route.resource}"
    allowed = (
        f"API Key is associated with Usage Plan %(plan_id)s for API Stage {API}/{STAGE}"
        if route.key
        else f"method '{method}' does not require API Key. Request will not contribute to throttle or quota limits"
    )
    passed = f"Usage Plan check succeeded for API Key %(key)s and API Stage {API}/{STAGE}"
    if scenario.plan == "unenforced":
        passed = "Usage Plan check failed due to an internal error"
    return {
        "plan_checked": [f"Verifying Usage Plan for request: %(id)s. API Key: %(key)s API Stage: {API}/{STAGE}"],
        "plan_passed": [f"API Key %(key)s authorized because {allowed}", passed],
    }


def _method(route: Route) -> dict[str, list[str]]:
    used = ["API Key: %(key)s", "API Key ID: %(key_id)s"] if route.key else []
    key_header = ", x-api-key=%(key)s" if route.key else ""
    return {
        "started": [
            "Starting execution for request: %(id)s",
            f"HTTP Method: {route.verb}, Resource Path: %(path)s",
        ],
        "read": [
            *used,
            "Method request path: {%(path_parameters)s}",
            "Method request query string: {%(query)s}",
            f"Method request headers: {{%(headers)s{key_header}}}",
            "Method request body before transformations: %(sent)s",
        ],
        "validated": ["Request validation succeeded for content type application/json"] if route.validated else [],
    }


def _prepared(route: Route) -> list[str]:
    headers = _signed(f"{ARN}/{STAGE}/{route.verb}{route.resource}", "%(session)s")
    body = {
        "lambda_proxy": f'{{"resource":"{route.resource}","path":"%(path)s","httpMethod":"{route.verb}",'
        '"headers":{%(event_headers)s},"multiValueHeaders":{%(event_lists)s},"body":%(sent_escaped)s}',
        "lambda": '{"caller":"%(principal)s","input":%(sent)s}' if route.sends_body else '{"caller":"%(principal)s"}',
        "aws": "Action=SendMessage&MessageBody=%(event_id)s&MessageGroupId=%(partner)s",
    }.get(route.kind, "%(sent)s")
    if route.kind in {"http_proxy", "http", "vpc"}:
        headers = f"{{x-amzn-apigateway-api-id={API}, %(passed_headers)s}}"
    return [
        f"Endpoint request URI: {endpoint(route)}",
        f"Endpoint request headers: {headers}",
        f"Endpoint request body after transformations: {body}",
    ]


def _integration(route: Route, scenario: Scenario) -> dict[str, list[str]]:
    answer = ANSWERS[scenario.answer or route.kind]
    rows = {
        "mapped": [f"Method response body after transformations: {answer.mapped}"],
        "responded": ["Method response headers: {X-Amzn-Trace-Id=Root=%(trace)s, Content-Type=application/json}"],
        "completed": ["Successfully completed execution"],
    }
    if route.kind == _MOCK:
        return rows
    own = "x-amzn-RequestId=%(endpoint_id)s, x-amzn-Remapped-Content-Length=0, X-Amz-Executed-Version=$LATEST, "
    if route.kind in {"http_proxy", "http", "vpc"}:
        own = 'Server=nginx, Vary=Accept-Encoding, ETag="%(etag)s", Cache-Control=max-age=60, '
    return rows | {
        "endpoint_prepared": _prepared(route),
        "called": [f"Sending request to {endpoint(route)}"],
        "answered": [
            f"Received response. Status: {answer.status}, Integration latency: %(latency)s ms",
            "Endpoint response headers: {Date=%(date)s, Content-Type=application/json, Content-Length=%(length)s, "
            f"Connection=keep-alive, {own}X-Amzn-Trace-Id=Root=%(trace)s;Sampled=%(sampled)s{answer.headers}}}",
            f"Endpoint response body before transformations: {answer.body}",
        ],
    }


def rows_by_milestone(route: Route, scenario: Scenario, *, cached: bool) -> dict[str, list[str]]:
    """Templates of all lines of ``route`` by milestone; milestones that the route does not know are absent or empty."""
    return {
        "received": ["Extended Request Id: %(extended_id)s"],
        **_authorizer(route, scenario, cached=cached),
        **_plan(route, scenario),
        **_method(route),
        **_integration(route, scenario),
    }
