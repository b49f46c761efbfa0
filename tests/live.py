"""AWS on loopback: moto's server for what it does right, and one that says what a test tells it to for the rest."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

REGION = "eu-central-1"
ACCOUNT = "123456789012"


def point_at(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    """Make ``endpoint`` the AWS of this test, with made-up credentials and without any file of the user."""
    from os import environ

    for name in [name for name in environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": REGION,
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)


# -- moto --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def moto_server() -> Iterator[str]:
    """The endpoint of a moto server that runs as long as the tests."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def moto(moto_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """An empty account."""
    from urllib.request import Request, urlopen

    with urlopen(Request(f"{moto_server}/moto-api/reset", method="POST")):
        pass
    point_at(monkeypatch, moto_server)
    return moto_server


def boto(service: str, *, region: str = REGION) -> Any:
    """A client that may do everything, for setting the stage."""
    import boto3

    return boto3.client(service, region_name=region)


# -- a server that says what it is told --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server says: a document or bytes, a status and headers."""

    body: Mapping[str, object] | bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """The bytes of the body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: ``name`` is the operation of a JSON service, else method and path."""

    name: str
    query: Mapping[str, str]
    body: Mapping[str, Any]
    headers: Mapping[str, str]


Says = Answer | Callable[[Asked], Answer]


def denied(action: str, *, resource: str = "*", status: int = 400) -> Answer:
    """A refusal for want of a permission, as AWS words it."""
    said = (
        f"User: arn:aws:iam::{ACCOUNT}:user/ann is not authorized to perform: {action} on resource: {resource} because "
        f"no identity-based policy allows the {action} action"
    )
    return failed("AccessDeniedException", said, status=status)


def failed(code: str, message: str = "", *, status: int = 400) -> Answer:
    """An error of a JSON service."""
    return Answer({"__type": code, "message": message}, status, {"x-amzn-errortype": code})


class Scripted(ThreadingHTTPServer):
    """Answers every request by its name; what it was not told about does not exist. ``asked`` is what it heard."""

    daemon_threads = True

    def __init__(self, script: Mapping[str, Says]) -> None:
        super().__init__(("127.0.0.1", 0), _Spoken)
        self.script = dict(script)
        self.asked: list[Asked] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def names(self) -> list[str]:
        """The requests in the order in which they came."""
        return [one.name for one in self.asked]


class _Spoken(BaseHTTPRequestHandler):
    server: Scripted
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        split = urlsplit(self.path)
        target = self.headers.get("x-amz-target", "")
        name = target.partition(".")[2] or f"{self.command} {unquote(split.path)}"
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        query = {key: values[0] for key, values in parse_qs(split.query, keep_blank_values=True).items()}
        asked = Asked(name, query, json.loads(raw) if target and raw else {}, dict(self.headers.items()))
        self.server.asked.append(asked)
        says = self.server.script.get(name, failed("NotFoundException", f"no {name}", status=404))
        answer = says(asked) if callable(says) else says
        body = answer.raw()
        self.send_response(answer.status)
        for key, value in {"content-length": str(len(body)), **answer.headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def serving(script: Mapping[str, Says]) -> Iterator[Scripted]:
    """A server with a script, while the block runs."""
    server = Scripted(script)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


Script = Callable[[Mapping[str, Says]], Scripted]


@pytest.fixture(scope="session")
def scripted_server() -> Iterator[Scripted]:
    """A server that runs as long as the tests: with one endpoint for all, the SDK reads its models once."""
    with serving({}) as server:
        yield server


@pytest.fixture
def scripted(scripted_server: Scripted, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a server with a script the AWS of this test."""
    scripted_server.script.clear()
    scripted_server.asked.clear()

    def follow(script: Mapping[str, Says]) -> Scripted:
        scripted_server.script.update(script)
        point_at(monkeypatch, scripted_server.url)
        return scripted_server

    return follow


# -- an account with something of everything ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Made:
    """The ids of the APIs that :func:`make_account` makes."""

    orders: str
    billing: str
    chat: str
    web: str


def make_account() -> Made:
    """Two REST APIs, a WebSocket and an HTTP API, with and without logs, and the log of an API that is gone."""
    logs = boto("logs")
    made = Made(_rest("orders"), _rest("billing"), _newer("chat", "WEBSOCKET"), _newer("web", "HTTP"))
    gate = boto("apigateway")
    for api, settings in {
        made.orders: {"/*/*/logging/loglevel": "INFO", "/*/*/logging/dataTrace": "true"},
        made.billing: {"/*/*/logging/loglevel": "INFO", "/~1pets/GET/logging/loglevel": "ERROR"},
    }.items():
        operations = [{"op": "replace", "path": path, "value": value} for path, value in settings.items()]
        gate.update_stage(restApiId=api, stageName="prod", patchOperations=operations)
    level = {"LoggingLevel": "INFO", "DataTraceEnabled": False}
    boto("apigatewayv2").create_stage(ApiId=made.chat, StageName="live", DefaultRouteSettings=level)
    for name in (
        *(f"API-Gateway-Execution-Logs_{api}/prod" for api in (made.orders, made.billing, "gone123456")),
        f"/aws/apigateway/{made.chat}/live",
        f"/aws/apigateway/{made.web}/access",
        "/aws/apigateway/welcome",
        "/aws/lambda/orders",
    ):
        logs.create_log_group(logGroupName=name)
    logs.put_retention_policy(logGroupName=f"API-Gateway-Execution-Logs_{made.orders}/prod", retentionInDays=30)
    return made


def _rest(name: str) -> str:
    """A REST API with the stages ``prod`` and ``test``, which log nothing yet."""
    gate = boto("apigateway")
    api: str = gate.create_rest_api(name=name)["id"]
    root = gate.get_resources(restApiId=api)["items"][0]["id"]
    gate.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gate.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    deployment = gate.create_deployment(restApiId=api)["id"]
    for stage in ("prod", "test"):
        gate.create_stage(restApiId=api, stageName=stage, deploymentId=deployment)
    return api


def _newer(name: str, protocol: str) -> str:
    route = {"RouteSelectionExpression": "$request.body.action"} if protocol == "WEBSOCKET" else {}
    api: str = boto("apigatewayv2").create_api(Name=name, ProtocolType=protocol, **route)["ApiId"]
    return api
