"""Which calls are worth making, given what is known: gathering makes them, judging names those that were not "
"answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from loganalyzer.audit import calls
from loganalyzer.audit.arns import function_in, resolved, role_name
from loganalyzer.audit.settings import HTTP, REST, WEBSOCKET, Settings
from loganalyzer.audit.targets import functions_named, integrated, judges, roles_of, stages_of

Request: TypeAlias = Mapping[str, str]

_FIRST = {
    REST: (
        calls.GET_REST_API, calls.GET_STAGES, calls.GET_RESOURCES, calls.GET_AUTHORIZERS, calls.GET_GATEWAY_RESPONSES,
        calls.GET_DEPLOYMENTS, calls.GET_DOMAIN_NAMES, calls.DESCRIBE_DELIVERY_SOURCES, calls.GET_ACCOUNT,
    ),
    WEBSOCKET: (
        calls.GET_API_V2, calls.GET_STAGES_V2, calls.GET_ROUTES, calls.GET_INTEGRATIONS, calls.GET_AUTHORIZERS_V2,
        calls.GET_ACCOUNT,
    ),
    HTTP: (calls.GET_API_V2, calls.GET_STAGES_V2),
}  # fmt: skip

_OF_NO_API = (calls.GET_DOMAIN_NAMES, calls.DESCRIBE_DELIVERY_SOURCES, calls.GET_ACCOUNT)


def first_questions(kind: str, *, api: str) -> Iterator[tuple[str, Request]]:
    """The calls to make for any API of a kind."""
    name = "restApiId" if kind == REST else "ApiId"
    for operation in _FIRST.get(kind, ()):
        yield operation, {} if operation in _OF_NO_API else {name: api}


def further_questions(settings: Settings) -> Iterator[tuple[str, Request]]:
    """The calls that the settings known so far give rise to."""
    if settings.kind == HTTP:
        yield from _of_access_logs(settings)
        return
    for prefix in sorted({settings.execution_group(stage) for stage in stages_of(settings)}):
        yield calls.DESCRIBE_LOG_GROUPS, {"logGroupNamePrefix": prefix}
    yield from _of_access_logs(settings)
    yield from _of_functions(settings)
    for name in sorted({*roles_of(settings), role_name(settings.account_role or "")} - {""}):
        yield calls.GET_ROLE, {"RoleName": name}
    if settings.kind == REST:
        yield from _of_rest(settings)


def _of_access_logs(settings: Settings) -> Iterator[tuple[str, Request]]:
    for group in sorted({group_in(stage.log_to) for stage in stages_of(settings)} - {""}):
        yield calls.DESCRIBE_LOG_GROUPS, {"logGroupNamePrefix": group}


def group_in(arn: str) -> str:
    """The log group in its ARN; empty for an ARN of something else, such as a Firehose stream."""
    before, found, name = arn.partition(":log-group:")
    return name.removesuffix(":*") if found and before.startswith("arn:") else ""


def _of_functions(settings: Settings) -> Iterator[tuple[str, Request]]:
    functions = functions_named(settings)
    by_role = _called_by_role(settings)
    for arn in sorted(functions):
        yield calls.GET_FUNCTION, {"FunctionName": arn}
        if arn not in by_role:
            yield calls.GET_POLICY, {"FunctionName": arn}
    for arn in sorted({function.unqualified for function in functions.values()}):
        yield calls.GET_CONCURRENCY, {"FunctionName": arn}


def _called_by_role(settings: Settings) -> frozenset[str]:
    """The functions that all call with a role or the caller's credentials: their own policy does not matter then."""
    by_role: set[str] = set()
    by_policy: set[str] = set()
    for stage in stages_of(settings):
        for _, integration in integrated(settings):
            function = function_in(resolved(integration.uri, stage.variables))
            if function is not None:
                (by_role if integration.credentials else by_policy).add(function.arn)
        for authorizer, function in judges(settings, stage):
            (by_role if authorizer.credentials else by_policy).add(function.arn)
    return frozenset(by_role - by_policy)


def _of_rest(settings: Settings) -> Iterator[tuple[str, Request]]:
    for stage in stages_of(settings):
        yield calls.GET_EXPORT, {"restApiId": settings.api, "stageName": stage.name}
    for link in sorted({integration.vpc_link for _, integration in integrated(settings)} - {""}):
        if "$" not in link:
            yield calls.GET_VPC_LINK, {"vpcLinkId": link}
    for acl in sorted({stage.web_acl for stage in stages_of(settings)} - {""}):
        if ":wafv2:" in acl:
            yield calls.GET_WAF_LOGGING, {"ResourceArn": acl}
    if any(method.key_required for method in settings.methods or ()):
        yield calls.GET_USAGE_PLANS, {}
        yield calls.GET_API_KEYS, {}
    for domain in sorted(settings.mutual_tls or ()):
        yield calls.GET_BASE_PATH_MAPPINGS, {"domainName": domain}
    if settings.deliveries:
        yield calls.DESCRIBE_DELIVERIES, {}
