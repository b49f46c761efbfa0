"""One region of an account, as far as the credentials may see it; what they may not see is remembered, once each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from itertools import islice
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from loganalyzer.fetcher import deliveries, domains, gateway
from loganalyzer.fetcher.deliveries import Delivery
from loganalyzer.fetcher.domains import Domain, Mapped
from loganalyzer.fetcher.gateway import Api, ApiStage, Calls
from loganalyzer.fetcher.group import REST, REST_PREFIX, WEBSOCKET, WEBSOCKET_PREFIX, LogGroup, group_name, read_name
from loganalyzer.fetcher.pages import items_of
from loganalyzer.fetcher.refusals import DENIED, UNREACHABLE, AwsRefused
from loganalyzer.fetcher.session import ask, client

if TYPE_CHECKING:
    from botocore.client import BaseClient

Told = TypeVar("Told")
Connect = Callable[[str], "BaseClient"]

_AT_ONCE = 4
"""API Gateway's control plane takes 10 calls a second of an account; so many under way stay below that."""


_NOT_OFFERED = ("UnknownOperationException", "UnknownOperation", "NotImplemented", "501")


class Account:
    """Asks AWS what there is; ``connect`` gives a client of a service.

    Every question has three answers: what there is, nothing, or None where it may not be asked (``missing`` says why,
    by action). Raises :class:`AwsRefused` for every other refusal.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._clients: dict[str, BaseClient] = {}
        self.missing: dict[str, AwsRefused] = {}
        self._apis: dict[str, Api] | None = None
        self._listed = False
        self._lock = Lock()

    @classmethod
    def reached(cls, *, profile: str | None = None, region: str | None = None) -> Account:
        """The account that the standard boto3 chain leads to."""
        return cls(partial(client, profile=profile, region=region, attempts=4))

    @property
    def region(self) -> str:
        """The region."""
        name: str = self.client("logs").meta.region_name
        return name

    def client(self, service: str) -> BaseClient:
        """The client of a service, made when it is first asked for."""
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self._connect(service)
            return self._clients[service]

    # -- log groups ----------------------------------------------------------------------------------------------------

    def groups(self, prefix: str) -> list[LogGroup] | None:
        """The log groups whose name begins so."""
        return self._permitted("logs", lambda logs: list(_groups(logs, prefix)))

    def group(self, name: str) -> list[LogGroup] | None:
        """The log group of that name; it comes before all whose name is longer."""
        found = self._permitted("logs", lambda logs: list(islice(_groups(logs, name), 1)))
        return found and [group for group in found if group.name == name]

    def execution_groups(self) -> list[LogGroup]:
        """The log groups whose names are those of execution logs, as far as they may be seen."""
        return [group for prefix in (REST_PREFIX, WEBSOCKET_PREFIX) for group in self.groups(prefix) or ()]

    def log_group_of(self, function: str) -> str | None:
        """The log group that a function (name or ARN) is told to write to, None if it is not there or not told."""

        def configured(functions: BaseClient) -> str | None:
            told = gateway.there(lambda: ask(functions, "get_function_configuration", {"FunctionName": function}))
            return ((told or {}).get("LoggingConfig") or {}).get("LogGroup")

        return self._permitted("lambda", configured)

    def deliveries(self) -> list[Delivery] | None:
        """The deliveries of execution logs; where they end is not known if that alone may not be asked."""
        origins = self._permitted("logs", deliveries.sources)
        if not origins:
            return None if origins is None else []
        ends = self._permitted("logs", deliveries.destinations) or {}
        return self._permitted("logs", lambda logs: deliveries.deliveries(logs, origins, ends))

    # -- APIs ----------------------------------------------------------------------------------------------------------

    def apis(self) -> dict[str, Api] | None:
        """All APIs by id, asked for once; None if neither REST nor other APIs may be listed."""
        if not self._listed:
            rest = self._permitted("apigateway", lambda gate: list(gateway.rest_apis(gate)))
            newer = self._permitted("apigatewayv2", lambda gate: list(gateway.newer_apis(gate)))
            denied = rest is None and newer is None
            self._apis = None if denied else {api.id: api for api in (rest or []) + (newer or [])}
            self._listed = True
        return self._apis

    def stages(self, api_id: str, *, kind: str = "") -> list[ApiStage] | None:
        """The stages of an API, empty if there is no such API; ``kind`` saves a question where it is known."""
        if kind in ("", REST):
            found = self._permitted("apigateway", lambda gate: gateway.rest_stages(gate, api_id))
            if found or found is None or kind == REST:
                return found
        return self._permitted("apigatewayv2", lambda gate: _websocket_stages(gate, api_id, known=kind == WEBSOCKET))

    def stages_of(self, apis: Iterable[Api]) -> list[ApiStage]:
        """The stages of several APIs, as far as they may be seen."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            lists = pool.map(lambda api: self.stages(api.id, kind=api.kind), apis)
            return [stage for one in lists for stage in one or ()]

    def calls(self, api_id: str) -> list[Calls] | None:
        """What each method of a REST API calls."""
        return self._permitted("apigateway", lambda gate: gateway.rest_calls(gate, api_id))

    def writes_logs(self) -> bool | None:
        """Whether API Gateway has a role to write logs with."""
        return self._permitted("apigateway", gateway.writes_logs)

    # -- custom domains ------------------------------------------------------------------------------------------------

    def domains(self) -> list[Domain] | None:
        """The custom domain names."""
        return self._permitted("apigateway", lambda gate: list(domains.domains(gate)))

    def mappings(self, domain: Domain) -> list[Mapped] | None:
        """Where the paths of a custom domain lead."""
        newer = self.client("apigatewayv2")
        return self._permitted("apigateway", lambda gate: domains.mappings(gate, newer, domain))

    def _permitted(self, service: str, read: Callable[[BaseClient], Told]) -> Told | None:
        """The answer; None for what is not permitted, not offered, and for an API Gateway that cannot be reached.

        A private network often has an endpoint for logs and none for API Gateway; newer operations come to some regions
        late, and to programs that stand in for AWS later still.
        """
        try:
            return read(self.client(service))
        except AwsRefused as refused:
            absent = refused.code in _NOT_OFFERED or (refused.kind == UNREACHABLE and service != "logs")
            if refused.kind != DENIED and not absent:
                raise
            self.missing.setdefault(refused.action or refused.message, refused)
            return None


def _websocket_stages(gate: BaseClient, api_id: str, *, known: bool) -> list[ApiStage]:
    """The stages of a WebSocket API; HTTP APIs are asked for in the same way, and have nothing for us."""
    api = None if known else gateway.newer_api(gate, api_id)
    return gateway.websocket_stages(gate, api_id) if known or (api and api.kind == WEBSOCKET) else []


def _groups(logs: BaseClient, prefix: str) -> Iterator[LogGroup]:
    asked = {"logGroupNamePrefix": prefix}
    for raw in items_of(logs, "describe_log_groups", key="logGroups", parameters=asked):
        yield _group(raw, logs.meta.region_name)


def _group(raw: dict[str, Any], region: str) -> LogGroup:
    kind, api_id, api_stage = read_name(raw["logGroupName"])
    arn = raw.get("logGroupArn") or raw.get("arn", "").removesuffix(":*")
    return LogGroup(
        name=raw["logGroupName"],
        region=region,
        account=arn.split(":")[4] if arn.count(":") > 4 else "",
        arn=arn,
        api_id=api_id,
        api_stage=api_stage,
        kind=kind,
        log_class=raw.get("logGroupClass") or "STANDARD",
        retention_days=raw.get("retentionInDays"),
        stored_bytes=raw.get("storedBytes") or 0,
        created=raw.get("creationTime"),
    )


def with_stage(group: LogGroup, stage: ApiStage | None, *, name: str = "") -> LogGroup:
    """The group with what is known of its stage's logging, and the name of its API."""
    if stage is None:
        return replace(group, api_name=name)
    return replace(group, level=stage.level, data_trace=stage.data_trace, api_name=name)


def expected_group(stage: ApiStage, *, region: str, name: str = "") -> LogGroup:
    """The group that a stage logs to, where the account's groups may not be listed."""
    bare = LogGroup(
        group_name(stage.api_id, stage.api_stage, kind=stage.kind), region,
        api_id=stage.api_id, api_stage=stage.api_stage, kind=stage.kind,
    )  # fmt: skip
    return with_stage(bare, stage, name=name)
