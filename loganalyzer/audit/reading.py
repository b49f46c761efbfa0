"""From the answers of AWS to settings: of a REST API, and of WebSocket and HTTP APIs through their own calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loganalyzer.audit import calls
from loganalyzer.audit.arns import region_and_account
from loganalyzer.audit.around import (
    customised_of,
    deliveries_of,
    deployments_of,
    groups_of,
    keys_of,
    mutual_tls_of,
    plans_of,
    roles_of,
    vpc_links_of,
)
from loganalyzer.audit.exported import deployed_methods
from loganalyzer.audit.functions import functions_of
from loganalyzer.audit.policies import statements_of
from loganalyzer.audit.settings import (
    HTTP,
    LONGEST_INTEGRATION_MS,
    REST,
    WEBSOCKET,
    Authorizer,
    Integration,
    IntegrationResponse,
    Logging,
    Method,
    Settings,
    Stage,
)
from loganalyzer.audit.shapes import flag, mapping, number, text, texts
from loganalyzer.audit.snapshot import Snapshot

Body = Mapping[str, object]


def read(snapshot: Snapshot, *, stage: str = "") -> Settings:
    """The settings in a snapshot; of one ``stage`` only, if one is named. Never raises, whatever the answers hold."""
    rest = next(snapshot.bodies(calls.GET_REST_API), {})
    api_v2 = next(snapshot.bodies(calls.GET_API_V2), {})
    account = next(snapshot.bodies(calls.GET_ACCOUNT), None)
    stages = _stages(snapshot, only=stage)
    methods = _methods(snapshot)
    authorizers = _authorizers(snapshot)
    region, owner, partition = _place(snapshot)
    return Settings(
        api=snapshot.api or text(rest.get("id")) or text(api_v2.get("ApiId")),
        kind=_kind(snapshot, api_v2),
        region=region,
        account=owner,
        partition=partition,
        account_role=None if account is None else text(account.get("cloudwatchRoleArn")),
        default_endpoint=not any(flag(one.get(name)) for one in (rest, api_v2) for name in _DEFAULT_ENDPOINT_OFF),
        key_source=text(rest.get("apiKeySource")) or "HEADER",
        policy=statements_of(rest.get("policy")),
        endpoint=next(iter(texts(mapping(rest.get("endpointConfiguration")).get("types"))), ""),
        stages=stages,
        methods=methods,
        authorizers=authorizers,
        functions=functions_of(snapshot),
        roles=roles_of(snapshot),
        customised=customised_of(snapshot),
        deployments=deployments_of(snapshot),
        deployed=deployed_methods(snapshot),
        groups=groups_of(snapshot),
        groups_asked=frozenset(a.request.get("logGroupNamePrefix", "") for a in snapshot.of(calls.DESCRIBE_LOG_GROUPS)),
        plans=plans_of(snapshot),
        keys=keys_of(snapshot),
        vpc_links=dict(vpc_links_of(snapshot)),
        mutual_tls=mutual_tls_of(snapshot),
        waf_logs={a.request.get("ResourceArn", ""): a.body is not None
                  for a in snapshot.of(calls.GET_WAF_LOGGING) if not a.refused},
        deliveries=deliveries_of(snapshot),
    )  # fmt: skip


_DEFAULT_ENDPOINT_OFF = ("disableExecuteApiEndpoint", "DisableExecuteApiEndpoint")


def _kind(snapshot: Snapshot, api_v2: Body) -> str:
    protocol = text(api_v2.get("ProtocolType"))
    if protocol in (HTTP, WEBSOCKET):
        return protocol
    if any(answer.body is not None for answer in snapshot.of(calls.GET_STAGES_V2) + snapshot.of(calls.GET_ROUTES)):
        return WEBSOCKET
    return REST


def _place(snapshot: Snapshot) -> tuple[str, str, str]:
    """Region, account and partition of the API: as asked, else from ARNs of what belongs to it."""
    caller = next(snapshot.bodies(calls.GET_CALLER), {})
    region, account = snapshot.region, snapshot.account or text(caller.get("Account"))
    for arn in _own_arns(snapshot):
        found_region, found_account = region_and_account(arn)
        region, account = region or found_region, account or found_account
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return region, account, partition


def _own_arns(snapshot: Snapshot) -> Iterator[str]:
    for stage in [*(snapshot.items(calls.GET_STAGES) or ()), *(snapshot.items(calls.GET_STAGES_V2) or ())]:
        yield text(mapping(stage.get("accessLogSettings")).get("destinationArn"))
        yield text(mapping(stage.get("AccessLogSettings")).get("DestinationArn"))
        yield text(stage.get("webAclArn"))
    for group in snapshot.items(calls.DESCRIBE_LOG_GROUPS) or ():
        yield text(group.get("arn"))
    for account in snapshot.bodies(calls.GET_ACCOUNT):
        yield text(account.get("cloudwatchRoleArn"))


# -- stages ------------------------------------------------------------------------------------------------------------


def _stages(snapshot: Snapshot, *, only: str) -> tuple[Stage, ...] | None:
    rest, other = snapshot.items(calls.GET_STAGES), snapshot.items(calls.GET_STAGES_V2)
    if rest is None and other is None:
        return None
    found = {stage.name: stage for stage in (*map(_stage, rest or ()), *map(_stage_v2, other or ()))}
    return tuple(stage for name, stage in sorted(found.items()) if only in ("", name))


def _stage(body: Body) -> Stage:
    access, canary = mapping(body.get("accessLogSettings")), mapping(body.get("canarySettings"))
    settings = mapping(body.get("methodSettings"))
    return Stage(
        name=text(body.get("stageName")),
        logging={_setting_key(key): _logging(mapping(one)) for key, one in settings.items()},
        deployment=text(body.get("deploymentId")),
        log_to=text(access.get("destinationArn")),
        log_format=text(access.get("format")),
        variables={name: text(value) for name, value in mapping(body.get("variables")).items()},
        web_acl=text(body.get("webAclArn")),
        canary_percent=number(canary.get("percentTraffic")) if canary else None,
        canary_deployment=text(canary.get("deploymentId")),
    )


def _setting_key(key: str) -> tuple[str, str]:
    """Path and verb of a key of ``methodSettings``: ``~1pets~1{id}/GET``, as some tools show it ``pets/{id}/GET``."""
    path, _, verb = key.lstrip("/").rpartition("/")
    path = path.replace("~1", "/").replace("~0", "~")
    if path == "*":
        return "*", verb
    return "/" + path.lstrip("/"), verb


def _logging(body: Body) -> Logging:
    rate, burst = number(body.get("throttlingRateLimit")), number(body.get("throttlingBurstLimit"))
    # AWS writes -1 where no limit of its own is set
    return Logging(_level(body.get("loggingLevel")), flag(body.get("dataTraceEnabled")), _limit(rate), _limit(burst))


def _limit(value: int | None) -> int | None:
    return value if value is not None and value >= 0 else None


def _level(value: object) -> str:
    level = text(value).upper()
    return level if level in ("ERROR", "INFO") else "OFF"


def _stage_v2(body: Body) -> Stage:
    access = mapping(body.get("AccessLogSettings"))
    settings = {("*", "*"): mapping(body.get("DefaultRouteSettings"))}
    settings |= {(key, ""): mapping(one) for key, one in mapping(body.get("RouteSettings")).items()}
    return Stage(
        name=text(body.get("StageName")),
        logging={key: _logging_v2(one) for key, one in settings.items()},
        deployment=text(body.get("DeploymentId")),
        log_to=text(access.get("DestinationArn")),
        log_format=text(access.get("Format")),
        variables={name: text(value) for name, value in mapping(body.get("StageVariables")).items()},
    )


def _logging_v2(body: Body) -> Logging:
    rate, burst = number(body.get("ThrottlingRateLimit")), number(body.get("ThrottlingBurstLimit"))
    return Logging(_level(body.get("LoggingLevel")), flag(body.get("DataTraceEnabled")), _limit(rate), _limit(burst))


# -- methods and authorizers -------------------------------------------------------------------------------------------


def _methods(snapshot: Snapshot) -> tuple[Method, ...] | None:
    resources, routes = snapshot.items(calls.GET_RESOURCES), snapshot.items(calls.GET_ROUTES)
    if resources is None and routes is None:
        return None
    found = [
        _method(text(resource.get("path")) or "/", verb, mapping(body), resource=text(resource.get("id")))
        for resource in resources or ()
        for verb, body in mapping(resource.get("resourceMethods")).items()
    ]
    integrations = {text(one.get("IntegrationId")): one for one in snapshot.items(calls.GET_INTEGRATIONS) or ()}
    found += [_route(body, integrations) for body in routes or ()]
    return tuple(sorted(found, key=lambda method: (method.path, method.verb)))


def _method(path: str, verb: str, body: Body, *, resource: str) -> Method:
    integration = mapping(body.get("methodIntegration"))
    return Method(
        path=path,
        verb=verb,
        authorization=text(body.get("authorizationType")) or "NONE",
        authorizer=text(body.get("authorizerId")),
        key_required=flag(body.get("apiKeyRequired")),
        integration=_integration(integration) if integration else None,
        statuses=frozenset(mapping(body.get("methodResponses"))),
        resource=resource,
    )


def _integration(body: Body) -> Integration:
    return Integration(
        kind=text(body.get("type")).upper(),
        uri=text(body.get("uri")),
        timeout_ms=number(body.get("timeoutInMillis")) or LONGEST_INTEGRATION_MS,
        credentials=text(body.get("credentials")),
        vpc_link=text(body.get("connectionId")) if text(body.get("connectionType")) == "VPC_LINK" else "",
        passthrough=text(body.get("passthroughBehavior")).upper(),
        templates={name: text(one) for name, one in mapping(body.get("requestTemplates")).items()},
        responses=tuple(
            IntegrationResponse(status, text(mapping(one).get("selectionPattern")))
            for status, one in mapping(body.get("integrationResponses")).items()
        ),
        asynchronous=_is_asynchronous(body),
    )


def _is_asynchronous(body: Body) -> bool:
    """Whether API Gateway hands the event over and does not wait for the function."""
    wanted = {name.lower(): text(value) for name, value in mapping(body.get("requestParameters")).items()}
    how = wanted.get("integration.request.header.x-amz-invocation-type", "")
    return "event" in how.lower() or "invoke-async" in text(body.get("uri"))


def _route(body: Body, integrations: Mapping[str, Body]) -> Method:
    integration = integrations.get(text(body.get("Target")).removeprefix("integrations/"))
    called = None if integration is None else Integration(
        kind=text(integration.get("IntegrationType")).upper(),
        uri=text(integration.get("IntegrationUri")),
        timeout_ms=number(integration.get("TimeoutInMillis")) or LONGEST_INTEGRATION_MS,
        credentials=text(integration.get("CredentialsArn")),
    )  # fmt: skip
    return Method(
        path=text(body.get("RouteKey")),
        verb="",
        authorization=text(body.get("AuthorizationType")) or "NONE",
        authorizer=text(body.get("AuthorizerId")),
        key_required=flag(body.get("ApiKeyRequired")),
        integration=called,
    )


def _authorizers(snapshot: Snapshot) -> tuple[Authorizer, ...] | None:
    rest, other = snapshot.items(calls.GET_AUTHORIZERS), snapshot.items(calls.GET_AUTHORIZERS_V2)
    if rest is None and other is None:
        return None
    return (*map(_authorizer, rest or ()), *map(_authorizer_v2, other or ()))


def _authorizer(body: Body) -> Authorizer:
    ttl = number(body.get("authorizerResultTtlInSeconds"))
    return Authorizer(
        id=text(body.get("id")),
        name=text(body.get("name")),
        kind=text(body.get("type")).upper(),
        uri=text(body.get("authorizerUri")),
        sources=tuple(part.strip() for part in text(body.get("identitySource")).split(",") if part.strip()),
        expression=text(body.get("identityValidationExpression")),
        ttl=300 if ttl is None else ttl,
        credentials=text(body.get("authorizerCredentials")),
    )


def _authorizer_v2(body: Body) -> Authorizer:
    return Authorizer(
        id=text(body.get("AuthorizerId")),
        name=text(body.get("Name")),
        kind=text(body.get("AuthorizerType")).upper(),
        uri=text(body.get("AuthorizerUri")),
        sources=texts(body.get("IdentitySource")),
        ttl=number(body.get("AuthorizerResultTtlInSeconds")) or 0,
        credentials=text(body.get("AuthorizerCredentialsArn")),
    )
