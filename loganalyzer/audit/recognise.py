"""Which call a saved answer belongs to, told by its content.

People save ``aws apigateway get-stage … > stage.json`` under any name; the fields say what it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.shapes import listed, mapping, mappings, text
from loganalyzer.audit.snapshot import SCHEMA, Answer, answers_in

Body = Mapping[str, object]


def recognised(document: object) -> list[Answer]:
    """The answers in a JSON document: a snapshot, one answer of the AWS CLI, or a list of such; empty if it is none."""
    if isinstance(document, list):
        return [answer for one in document[:1000] for answer in recognised(one) if isinstance(one, dict)]
    body = mapping(document)
    if "calls" in body and (body.get("schema") == SCHEMA or isinstance(body["calls"], dict)):
        return list(answers_in(body))
    return list(_recognised(body))


def _recognised(body: Body) -> Iterator[Answer]:
    for operation, fits, whole in _SINGLE:
        if fits(body):
            yield Answer(operation, _request(operation, body), whole(body))
            return
    for name in ("items", "item", "Items"):
        first = next(iter(mappings(body.get(name))), None)
        if first is None:
            continue
        for operation, fits, _ in _LISTED:
            if fits(first):
                kept_as = "item" if operation == calls.GET_STAGES else "Items" if "v2" in operation else "items"
                yield Answer(operation, {}, {kept_as: body[name]})
                return


def _request(operation: str, body: Body) -> dict[str, str]:
    """What must have been asked for, where the answer tells."""
    if operation == calls.GET_FUNCTION:
        return {"FunctionName": text(_function(body).get("FunctionArn"))}
    if operation == calls.GET_POLICY:
        return {"FunctionName": _function_of_policy(text(body.get("Policy")))}
    if operation == calls.GET_ROLE:
        return {"RoleName": text(mapping(body.get("Role")).get("RoleName"))}
    if operation == calls.GET_VPC_LINK:
        return {"vpcLinkId": text(body.get("id"))}
    if operation == calls.GET_WAF_LOGGING:
        return {"ResourceArn": text(mapping(body.get("LoggingConfiguration")).get("ResourceArn"))}
    return {}


def _function_of_policy(policy: str) -> str:
    """The ARN of the function, with its alias, that a resource policy is about: its statements name it."""
    from loganalyzer.audit.policies import statements_of

    for statement in statements_of(policy):
        for resource in statement.resources:
            if ":function:" in resource:
                return resource
    return ""


def _as_it_is(body: Body) -> Body:
    return body


def _function(body: Body) -> Body:
    return mapping(body["Configuration"]) if "Configuration" in body else body


def _has(*names: str) -> Callable[[Body], bool]:
    return lambda body: all(name in body for name in names)


def _has_any(*names: str) -> Callable[[Body], bool]:
    return lambda body: any(name in body for name in names)


def _in_list(name: str, *, under: str) -> Callable[[Body], Body]:
    return lambda body: {under: [body]} if name in body else body


_is_stage = _has("stageName", "deploymentId")
_is_stage_v2 = _has("StageName")
_is_authorizer = _has_any("authorizerUri", "providerARNs", "authorizerResultTtlInSeconds")
_is_authorizer_v2 = _has("AuthorizerId", "AuthorizerType")
_is_resource = _has("id", "path")
_is_plan = _has_any("apiStages", "quota", "throttle")


def _is_export(body: Body) -> bool:
    return ("openapi" in body or "swagger" in body) and "paths" in body


def _is_function(body: Body) -> bool:
    return "FunctionArn" in _function(body) and "Timeout" in _function(body)


def _is_log_group_listing(body: Body) -> bool:
    return isinstance(body.get("logGroups"), list)


def _is_deployment(body: Body) -> bool:
    return {"id", "createdDate"} <= body.keys() <= {"id", "createdDate", "description", "apiSummary"}


_SINGLE: tuple[tuple[str, Callable[[Body], bool], Callable[[Body], Body]], ...] = (
    (calls.GET_STAGES, _is_stage, _in_list("stageName", under="item")),
    (calls.GET_EXPORT, _is_export, _as_it_is),
    (calls.GET_ACCOUNT, _has("throttleSettings"), _as_it_is),
    (calls.GET_ACCOUNT, _has("cloudwatchRoleArn"), _as_it_is),
    (calls.GET_FUNCTION, _is_function, _function),
    (calls.GET_POLICY, _has("Policy"), _as_it_is),
    (calls.GET_ROLE, _has("Role"), _as_it_is),
    (calls.GET_CALLER, _has("Account", "Arn"), _as_it_is),
    (calls.GET_WAF_LOGGING, _has("LoggingConfiguration"), _as_it_is),
    (calls.DESCRIBE_LOG_GROUPS, _is_log_group_listing, _as_it_is),
    (calls.DESCRIBE_DELIVERY_SOURCES, _has("deliverySources"), _as_it_is),
    (calls.DESCRIBE_DELIVERIES, _has("deliveries"), _as_it_is),
    (calls.GET_API_V2, _has("ApiId", "ProtocolType"), _as_it_is),
    (calls.GET_STAGES_V2, _is_stage_v2, _in_list("StageName", under="Items")),
    (calls.GET_AUTHORIZERS_V2, _is_authorizer_v2, _in_list("AuthorizerId", under="Items")),
    (calls.GET_AUTHORIZERS, _is_authorizer, _in_list("id", under="items")),
    (calls.GET_VPC_LINK, _has("targetArns"), _as_it_is),
    (calls.GET_RESOURCES, _is_resource, _in_list("path", under="items")),
    (calls.GET_USAGE_PLANS, _has("apiStages"), _in_list("apiStages", under="items")),
    (calls.GET_REST_API, _has("id", "name", "apiKeySource"), _as_it_is),
    (calls.GET_REST_API, _has("id", "name", "endpointConfiguration"), _as_it_is),
)
"""Answers about one thing: the call, what tells it, and how the call that lists such things would have said it."""

_LISTED: tuple[tuple[str, Callable[[Body], bool], None], ...] = (
    (calls.GET_STAGES, _is_stage, None),
    (calls.GET_STAGES_V2, _is_stage_v2, None),
    (calls.GET_AUTHORIZERS, _is_authorizer, None),
    (calls.GET_AUTHORIZERS_V2, _is_authorizer_v2, None),
    (calls.GET_RESOURCES, _is_resource, None),
    (calls.GET_GATEWAY_RESPONSES, _has("responseType"), None),
    (calls.GET_USAGE_PLANS, _is_plan, None),
    (calls.GET_API_KEYS, _has_any("stageKeys", "enabled"), None),
    (calls.GET_DEPLOYMENTS, _is_deployment, None),
    (calls.GET_DOMAIN_NAMES, _has("domainName"), None),
    (calls.GET_ROUTES, _has("RouteKey"), None),
    (calls.GET_INTEGRATIONS, _has("IntegrationId"), None),
)
"""Listings: the call, and what its first item has."""


def is_empty_listing(document: object) -> bool:
    """Whether the document is a listing of nothing: it does not say of what."""
    body = mapping(document)
    return any(name in body and not listed(body[name]) for name in ("items", "item", "Items"))
