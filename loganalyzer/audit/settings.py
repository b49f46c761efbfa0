"""The settings of an API as the checks see them: frozen records; None where nothing is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from loganalyzer.audit.arns import FunctionName
from loganalyzer.audit.policies import Statement

REST, WEBSOCKET, HTTP = "REST", "WEBSOCKET", "HTTP"
LONGEST_INTEGRATION_MS = 29_000
"""What API Gateway waits for an integration unless told otherwise.

https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
"""


@dataclass(frozen=True, slots=True)
class Logging:
    """What is logged: ``level`` is ``OFF | ERROR | INFO``, ``trace`` whether with whole requests and responses.

    ``rate`` and ``burst`` are the throttling that stands beside it, None where the account's applies.
    """

    level: str = "OFF"
    trace: bool = False
    rate: int | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; ``logging`` by (path, verb), ``*`` for all."""

    name: str
    logging: Mapping[tuple[str, str], Logging]
    deployment: str = ""
    log_to: str = ""
    log_format: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    web_acl: str = ""
    canary_percent: int | None = None
    canary_deployment: str = ""

    @property
    def default(self) -> Logging:
        """What holds for methods that have no settings of their own."""
        return self.logging.get(("*", "*"), Logging())

    def of(self, path: str, verb: str) -> Logging:
        """What holds for a method: its own settings override those of the stage as a whole."""
        for key in ((path, verb), (path, "*"), ("*", verb)):
            if key in self.logging:
                return self.logging[key]
        return self.default

    @property
    def logs(self) -> bool:
        """Whether anything at all is logged."""
        return any(one.level != "OFF" for one in self.logging.values())


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """How an answer of the backend becomes one of the method; the ``pattern`` of the default is empty."""

    status: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Integration:
    """What a method calls; ``kind`` is ``AWS_PROXY | AWS | HTTP_PROXY | HTTP | MOCK``, ``uri`` with stage variables."""

    kind: str
    uri: str = ""
    timeout_ms: int = LONGEST_INTEGRATION_MS
    credentials: str = ""
    vpc_link: str = ""
    passthrough: str = ""
    templates: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[IntegrationResponse, ...] = ()
    asynchronous: bool = False


@dataclass(frozen=True, slots=True)
class Method:
    """One method of a resource (``resource`` is its id), or one route of a WebSocket API (then ``verb`` is empty)."""

    path: str
    verb: str
    authorization: str = "NONE"
    authorizer: str = ""
    key_required: bool = False
    integration: Integration | None = None
    statuses: frozenset[str] = frozenset()
    resource: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.path}".strip()


@dataclass(frozen=True, slots=True)
class Authorizer:
    """One authorizer; ``kind`` is ``TOKEN | REQUEST | COGNITO_USER_POOLS | JWT``."""

    id: str
    name: str
    kind: str
    uri: str = ""
    sources: tuple[str, ...] = ()
    expression: str = ""
    ttl: int = 300
    credentials: str = ""

    @property
    def runs_function(self) -> bool:
        """Whether a Lambda function judges."""
        return self.kind in ("TOKEN", "REQUEST")

    def __str__(self) -> str:
        return f"authorizer {self.name or self.id}"


@dataclass(frozen=True, slots=True)
class Function:
    """What is known of a function; ``policy`` is empty where it has none, ``exists`` None where nobody told."""

    name: FunctionName
    exists: bool | None = None
    timeout_s: int | None = None
    state: str = ""
    state_reason: str = ""
    last_update: str = ""
    policy: tuple[Statement, ...] | None = None
    reserved: int | None = None
    log_group: str = ""
    log_level: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A role that API Gateway is to take on, and its trust policy."""

    exists: bool
    trust: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class LogGroup:
    """A log group; ``retention_days`` None where events are kept for ever."""

    name: str
    retention_days: int | None
    kind: str = "STANDARD"


@dataclass(frozen=True, slots=True)
class Plan:
    """A usage plan: the ``api:stage`` pairs it holds for, its rate, burst and quota."""

    id: str
    name: str
    stages: frozenset[str]
    rate: int | None = None
    burst: int | None = None
    quota: int | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """An API key, never its value."""

    id: str
    name: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Delivery:
    """Delivery of execution logs (since September 2026): of which stage, and to where, None while to nowhere."""

    source: str
    stage: str
    destinations: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class DeployedMethod:
    """A method as it was deployed: what of it a client can notice."""

    uri: str
    kind: str
    timeout_ms: int
    key_required: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the checks may read. Texts are empty and collections None where AWS was not asked or refused."""

    api: str = ""
    kind: str = ""
    region: str = ""
    account: str = ""
    partition: str = "aws"
    account_role: str | None = None
    default_endpoint: bool = True
    key_source: str = "HEADER"
    policy: tuple[Statement, ...] = ()
    endpoint: str = ""
    stages: tuple[Stage, ...] | None = None
    methods: tuple[Method, ...] | None = None
    authorizers: tuple[Authorizer, ...] | None = None
    functions: Mapping[str, Function] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    customised: tuple[str, ...] | None = None
    deployments: tuple[tuple[str, str], ...] | None = None
    deployed: Mapping[str, Mapping[tuple[str, str], DeployedMethod]] = field(default_factory=dict)
    groups: Mapping[str, LogGroup] | None = None
    groups_asked: frozenset[str] = frozenset()
    plans: tuple[Plan, ...] | None = None
    keys: tuple[Key, ...] | None = None
    vpc_links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    mutual_tls: Mapping[str, bool | None] | None = None
    waf_logs: Mapping[str, bool] = field(default_factory=dict)
    deliveries: tuple[Delivery, ...] | None = None

    def execution_group(self, stage: Stage) -> str:
        """The log group that API Gateway writes the execution log of a stage to."""
        if self.kind == WEBSOCKET:
            return f"/aws/apigateway/{self.api}/{stage.name}"
        return f"API-Gateway-Execution-Logs_{self.api}/{stage.name}"

    def arn_of_calls(self, *, account: str = "", region: str = "") -> str:
        """The beginning of the ARNs under which API Gateway calls for this API, as far as is known."""
        where = self.region or region or "*"
        return f"arn:{self.partition}:execute-api:{where}:{self.account or account or '*'}:{self.api or '*'}"
