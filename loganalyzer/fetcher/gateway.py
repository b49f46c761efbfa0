"""What API Gateway says of its APIs: their stages, and what these log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
    ``access_log`` is the ARN of what its access log goes to, empty where there is none.
    """

    api_id: str
    api_stage: str
    kind: str
    level: str
    data_trace: bool
    levels: Mapping[str, str]
    access_log: str = ""


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
    item = there(lambda: ask(gateway, "get_api", {"ApiId": api_id}))
    return Api(item["ApiId"], item.get("Name", ""), item.get("ProtocolType", HTTP)) if item else None


def rest_stages(gateway: BaseClient, api_id: str) -> list[ApiStage]:
    """The stages of a REST API; none if there is no such API."""
    found = there(lambda: ask(gateway, "get_stages", {"restApiId": api_id}).get("item"))
    return [_rest_stage(api_id, stage) for stage in found or ()]


def _rest_stage(api_id: str, stage: Mapping[str, Any]) -> ApiStage:
    """A method without settings of its own has those of ``*/*``; without these nothing is logged.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-stages.html#how-to-stage-settings
    """
    settings = stage.get("methodSettings") or {}
    told = {
        key.replace("~1", "/").lstrip("/"): (told.get("loggingLevel", OFF), told.get("dataTraceEnabled", False))
        for key, told in settings.items()
    }
    access = (stage.get("accessLogSettings") or {}).get("destinationArn") or ""
    return _stage(api_id, stage["stageName"], REST, told, access=access)


def websocket_stages(gateway: BaseClient, api_id: str) -> list[ApiStage]:
    """The stages of a WebSocket API; none if there is no such API. ``gateway`` is a client of ``apigatewayv2``."""
    found = there(lambda: list(items_of(gateway, "get_stages", key="Items", parameters={"ApiId": api_id})))
    return [_websocket_stage(api_id, stage) for stage in found or ()]


def _websocket_stage(api_id: str, stage: Mapping[str, Any]) -> ApiStage:
    routes = {ANY_METHOD: stage.get("DefaultRouteSettings") or {}, **(stage.get("RouteSettings") or {})}
    told = {key: (told.get("LoggingLevel", OFF), told.get("DataTraceEnabled", False)) for key, told in routes.items()}
    access = (stage.get("AccessLogSettings") or {}).get("DestinationArn") or ""
    return _stage(api_id, stage["StageName"], WEBSOCKET, told, access=access)


def _stage(api_id: str, name: str, kind: str, told: Mapping[str, tuple[str, bool]], *, access: str) -> ApiStage:
    levels = {ANY_METHOD: OFF, **{key: level or OFF for key, (level, _) in told.items()}}
    distinct = set(levels.values())
    level = distinct.pop() if len(distinct) == 1 else MIXED
    trace = any(trace and levels[key] != OFF for key, (_, trace) in told.items())
    return ApiStage(api_id, name, kind, level, trace, levels, access)


@dataclass(frozen=True, slots=True)
class Calls:
    """What a method of a REST API calls: the URIs of its integration and of its authorizer, empty where it has none.

    ``route`` is verb and resource (``GET /pets/{id}``); the verb is ``ANY`` where the method takes every one.
    """

    route: str
    uris: tuple[str, ...]


def rest_calls(gateway: BaseClient, api_id: str) -> list[Calls]:
    """What each method of a REST API calls at present; none if there is no such API."""
    asked = {"restApiId": api_id, "limit": 500}
    authorizers = there(lambda: list(items_of(gateway, "get_authorizers", key="items", parameters=asked)))
    uris = {one["id"]: one.get("authorizerUri") or "" for one in authorizers or ()}
    with_methods = {**asked, "embed": ["methods"]}
    resources = there(lambda: list(items_of(gateway, "get_resources", key="items", parameters=with_methods)))
    return [
        Calls(
            f"{verb} {resource['path']}",
            ((method.get("methodIntegration") or {}).get("uri") or "", uris.get(method.get("authorizerId", ""), "")),
        )
        for resource in resources or ()
        for verb, method in (resource.get("resourceMethods") or {}).items()
    ]


def writes_logs(gateway: BaseClient) -> bool:
    """Whether API Gateway has a role to write logs with in this account and region.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html#set-up-access-logging-permissions
    """
    return bool(ask(gateway, "get_account", {}).get("cloudwatchRoleArn"))


def there(read: Callable[[], Told]) -> Told | None:
    """The answer, None where AWS says that there is no such thing."""
    try:
        return read()
    except AwsRefused as refused:
        if refused.kind == MISSING:
            return None
        raise
