"""What API Gateway says of its APIs: stages, what they log, and the domains that lead to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from loganalyzer.fetcher.group import REST, WEBSOCKET
from loganalyzer.fetcher.pages import items_of
from loganalyzer.fetcher.refusals import MISSING, AwsRefused
from loganalyzer.fetcher.session import ask

if TYPE_CHECKING:
    from botocore.client import BaseClient

Told = TypeVar("Told")

HTTP = "HTTP"
"""APIs of this kind have access logs alone, no execution logs."""

OFF, MIXED = "OFF", "MIXED"
ANY_METHOD = "*/*"


@dataclass(frozen=True, slots=True)
class Api:
    """One API; ``kind`` is ``REST``, ``WEBSOCKET`` or ``HTTP``."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ApiStage:
    """One stage and what it is told to log at present.

    ``level`` is ``INFO``, ``ERROR``, ``OFF``, or ``MIXED`` where methods differ; ``levels`` has the level of every
    method (``*/*`` is all others, ``pets/GET`` one) or, for a WebSocket API, of every route that has its own.
    """

    api_id: str
    api_stage: str
    kind: str
    level: str
    data_trace: bool
    levels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mapped:
    """A base path of a custom domain and where it leads; an empty stage is the first segment behind the path.

    ``certain`` is False for a routing rule that also looks at headers.
    """

    base_path: tuple[str, ...]
    api_id: str
    api_stage: str
    certain: bool = True


def rest_apis(gateway: BaseClient) -> Iterator[Api]:
    """All REST APIs of the region."""
    for item in items_of(gateway, "get_rest_apis", key="items", parameters={"limit": 500}):
        yield Api(item["id"], item.get("name", ""), REST)


def newer_apis(gateway: BaseClient) -> Iterator[Api]:
    """All WebSocket and HTTP APIs of the region; ``gateway`` is a client of ``apigatewayv2``."""
    for item in items_of(gateway, "get_apis", key="Items"):
        yield Api(item["ApiId"], item.get("Name", ""), item.get("ProtocolType", HTTP))


def newer_api(gateway: BaseClient, api_id: str) -> Api | None:
    """The WebSocket or HTTP API of that id; ``gateway`` is a client of ``apigatewayv2``."""
    item = _there(lambda: ask(gateway, "get_api", {"ApiId": api_id}))
    return Api(item["ApiId"], item.get("Name", ""), item.get("ProtocolType", HTTP)) if item else None


def rest_stages(gateway: BaseClient, api_id: str) -> list[ApiStage]:
    """The stages of a REST API; none if there is no such API."""
    found = _there(lambda: ask(gateway, "get_stages", {"restApiId": api_id}).get("item"))
    return [_rest_stage(api_id, stage) for stage in found or ()]


def _rest_stage(api_id: str, stage: Mapping[str, Any]) -> ApiStage:
    """A method without settings of its own has those of ``*/*``; without these nothing is logged.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html#how-to-stage-settings
    """
    settings = stage.get("methodSettings") or {}
    return _stage(api_id, stage["stageName"], REST, {
        key.replace("~1", "/").lstrip("/"): (told.get("loggingLevel", OFF), told.get("dataTraceEnabled", False))
        for key, told in settings.items()
    })  # fmt: skip


def websocket_stages(gateway: BaseClient, api_id: str) -> list[ApiStage]:
    """The stages of a WebSocket API; none if there is no such API. ``gateway`` is a client of ``apigatewayv2``."""
    found = _there(lambda: list(items_of(gateway, "get_stages", key="Items", parameters={"ApiId": api_id})))
    return [_websocket_stage(api_id, stage) for stage in found or ()]


def _websocket_stage(api_id: str, stage: Mapping[str, Any]) -> ApiStage:
    routes = {ANY_METHOD: stage.get("DefaultRouteSettings") or {}, **(stage.get("RouteSettings") or {})}
    return _stage(api_id, stage["StageName"], WEBSOCKET, {
        key: (told.get("LoggingLevel", OFF), told.get("DataTraceEnabled", False)) for key, told in routes.items()
    })  # fmt: skip


def _stage(api_id: str, name: str, kind: str, told: Mapping[str, tuple[str, bool]]) -> ApiStage:
    levels = {ANY_METHOD: OFF, **{key: level or OFF for key, (level, _) in told.items()}}
    distinct = set(levels.values())
    level = distinct.pop() if len(distinct) == 1 else MIXED
    trace = any(trace and levels[key] != OFF for key, (_, trace) in told.items())
    return ApiStage(api_id, name, kind, level, trace, levels)


def writes_logs(gateway: BaseClient) -> bool:
    """Whether API Gateway has a role to write logs with in this account and region.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions
    """
    return bool(ask(gateway, "get_account", {}).get("cloudwatchRoleArn"))


# -- custom domains ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Domain:
    """A custom domain name; ``id`` is set for private ones, ``rules`` where routing rules are in use."""

    name: str
    id: str = ""
    mode: str = "BASE_PATH_MAPPING_ONLY"


def domains(gateway: BaseClient) -> Iterator[Domain]:
    """The custom domain names of the region."""
    for item in items_of(gateway, "get_domain_names", key="items", parameters={"limit": 500}):
        yield Domain(item["domainName"], item.get("domainNameId") or "", item.get("routingMode") or Domain("").mode)


def mappings(gateway: BaseClient, newer: BaseClient, domain: Domain) -> list[Mapped]:
    """Where the paths of a domain lead, in the order in which API Gateway looks; empty if there is no such domain.

    Routing rules go first, by priority; then the longest path that fits.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-routing-rules.html
    """
    rules = _rules(newer, domain) if "RULE" in domain.mode else []
    if domain.mode == "ROUTING_RULE_ONLY":
        return rules
    own = {"domainName": domain.name, **({"domainNameId": domain.id} if domain.id else {})}
    plain = [
        Mapped(_segments(item.get("basePath")), item["restApiId"], _given(item.get("stage")))
        for item in _listed(gateway, "get_base_path_mappings", key="items", parameters={**own, "limit": 500})
    ]
    if not domain.id:
        plain += [
            Mapped(_segments(item.get("ApiMappingKey")), item["ApiId"], item["Stage"])
            for item in _listed(newer, "get_api_mappings", key="Items", parameters={"DomainName": domain.name})
        ]
    return rules + sorted(dict.fromkeys(plain), key=lambda mapped: -len(mapped.base_path))


def _rules(newer: BaseClient, domain: Domain) -> list[Mapped]:
    own = {"DomainName": domain.name, **({"DomainNameId": domain.id} if domain.id else {})}
    found = sorted(
        _listed(newer, "list_routing_rules", key="RoutingRules", parameters=own), key=lambda rule: rule["Priority"]
    )
    return [
        Mapped(path, action["InvokeApi"]["ApiId"], action["InvokeApi"]["Stage"], certain=certain)
        for rule in found
        for path, certain in _conditions(rule.get("Conditions") or [])
        for action in rule.get("Actions") or []
        if "InvokeApi" in action
    ]


def _conditions(conditions: Sequence[Mapping[str, Any]]) -> list[tuple[tuple[str, ...], bool]]:
    """The base paths of a rule, and whether it looks at nothing else."""
    paths = [path for one in conditions for path in (one.get("MatchBasePaths") or {}).get("AnyOf") or ()]
    certain = not any(one.get("MatchHeaders") for one in conditions)
    return [(_segments(path), certain) for path in paths] or [((), certain)]


def _listed(gateway: BaseClient, operation: str, *, key: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
    return _there(lambda: list(items_of(gateway, operation, key=key, parameters=parameters))) or []


def _there(read: Callable[[], Told]) -> Told | None:
    """The answer, None where AWS says that there is no such thing."""
    try:
        return read()
    except AwsRefused as refused:
        if refused.kind == MISSING:
            return None
        raise


def _segments(base_path: str | None) -> tuple[str, ...]:
    return tuple(part for part in _given(base_path).split("/") if part)


def _given(word: str | None) -> str:
    """API Gateway writes ``(none)`` for an empty base path or stage."""
    return "" if word in (None, "(none)") else str(word)
