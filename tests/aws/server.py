"""The HTTP server: the json-1.1 protocol of CloudWatch Logs, its throttling and its troubles."""

from __future__ import annotations

import os
import socket
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import msgspec

from tests.aws.events import ACCOUNT
from tests.aws.groups import Group, Parameters, Refusal
from tests.aws.insights import Insights
from tests.aws.troubles import Troubles

if TYPE_CHECKING:
    import boto3
    from botocore.client import BaseClient

_GROUPS_A_PAGE = 50


class Time(Protocol):
    """A clock."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...


class WallTime:
    """The clock on the wall."""

    def now(self) -> float:
        """Seconds since 1970."""
        import time

        return time.time()


@dataclass(slots=True)
class Bucket:
    """A token bucket: ``rate`` calls a second, ``burst`` of them at once."""

    rate: float
    burst: float
    level: float = -1.0
    then: float = 0.0

    def take(self, now: float) -> bool:
        """Whether a call may pass now."""
        if self.level < 0:
            self.level, self.then = self.burst, now
        self.level = min(self.burst, self.level + max(0.0, now - self.then) * self.rate)
        self.then = max(self.then, now)
        if self.level < 1 - 1e-9:
            return False
        self.level -= 1
        return True


@dataclass(slots=True)
class Desk:
    """What the server knows of its callers: calls by operation, those throttled, and when the first and last came."""

    calls: Counter[str] = field(default_factory=Counter)
    throttled: Counter[str] = field(default_factory=Counter)
    times: dict[str, list[float]] = field(default_factory=dict)


class CloudWatch:
    """The server; a context manager. ``time`` is any object with ``now()``, by default the clock on the wall.

    ``gateway`` is what API Gateway answers, by path; while it is empty nobody may ask it. ``region`` is the one that
    :attr:`environment` names.
    """

    def __init__(self, *, time: Time | None = None, troubles: Troubles | None = None) -> None:
        self.time: Time = time or WallTime()
        self.troubles = troubles or Troubles()
        self.groups: dict[tuple[str, str], Group] = {}
        self.insights = Insights()
        self.desk = Desk()
        self.denied: set[str] = set()
        self.requests: list[tuple[str, Parameters]] = []
        self.gateway: dict[str, object] = {}
        self.region = "eu-central-1"
        self._buckets: dict[str, Bucket] = {}
        self._lock = Lock()
        self._server = _Server(self)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> CloudWatch:
        return self.start()

    def start(self) -> CloudWatch:
        """Serve from now on, if it does not yet."""
        if not self._thread.ident:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which any AWS client talks to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "an-example-of-a-secret-key",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, *, region: str = "eu-central-1") -> BaseClient:
        """A boto3 client of it that does not try again by itself."""
        from botocore.config import Config

        config = Config(retries={"mode": "standard", "total_max_attempts": 1}, max_pool_connections=32)
        return _session().client("logs", region_name=region, endpoint_url=self.url, config=config)

    def group(self, name: str, *, region: str = "eu-central-1", **settings: object) -> Group:
        """Make a log group; ``settings`` are fields of :class:`Group`."""
        group = self.groups[region, name] = Group(name, region, **settings)  # type: ignore[arg-type]
        return group

    def limit(self, operation: str, *, rate: float, burst: float = 1.0) -> None:
        """Throttle an operation from now on."""
        self._buckets[operation] = Bucket(rate, burst)

    def deny(self, action: str) -> None:
        """Refuse an IAM action such as ``logs:FilterLogEvents`` from now on."""
        self.denied.add(action)

    def answer(self, operation: str, parameters: Parameters, *, region: str) -> dict[str, object]:
        """The answer to one call; raises :class:`Refusal`."""
        self._admit(operation)
        run: Callable[[Parameters, str], dict[str, object]] | None = {
            "FilterLogEvents": self._filter,
            "DescribeLogGroups": self._describe,
            "StartQuery": self._start,
            "GetQueryResults": lambda given, _: self.insights.results(given),
            "StopQuery": lambda given, _: self.insights.stop(given),
        }.get(operation)
        if run is None and operation.startswith("DescribeDeliver"):
            return {}
        if run is None:
            raise Refusal("UnknownOperationException", f"{operation} is not known here")
        return run(parameters, region)

    def _admit(self, operation: str) -> None:
        with self._lock:
            now = self.time.now()
            self.desk.calls[operation] += 1
            self.desk.times.setdefault(operation, []).append(now)
            bucket = self._buckets.get(operation)
            if bucket is not None and not bucket.take(now):
                self.desk.throttled[operation] += 1
                raise Refusal("ThrottlingException", "Rate exceeded")
        if f"logs:{operation}" in self.denied:
            who = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session"
            why = f"because no identity-based policy allows the logs:{operation} action"
            raise Refusal(
                "AccessDeniedException", f"User: {who} is not authorized to perform: logs:{operation} on resource: "
                f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:x:log-stream: {why}")  # fmt: skip
        if self.troubles.strikes("errors"):
            raise Refusal("ServiceUnavailableException", "The service cannot complete the request.", status=500)

    def _group_of(self, parameters: Parameters, region: str) -> Group:
        name = str(parameters.get("logGroupName") or parameters.get("logGroupIdentifier") or "")
        if name.startswith("arn:"):
            name = name.split(":", 6)[6]
        group = self.groups.get((region, name))
        if group is None:
            raise Refusal("ResourceNotFoundException", "The specified log group does not exist.")
        return group

    def _filter(self, parameters: Parameters, region: str) -> dict[str, object]:
        group = self._group_of(parameters, region)
        if group.log_class != "STANDARD":
            raise Refusal(
                "InvalidOperationException", f"The log group {group.name} is of log-group-class {group.log_class}. "
                "FilterLogEvents is not supported for this log class.")  # fmt: skip
        if int(str(parameters.get("limit", 1))) > 10_000:
            raise Refusal("InvalidParameterException", "1 validation error detected: limit must be at most 10000")
        events, token = group.page(parameters, now=self.time.now(), trouble=self.troubles.strikes)
        answer: dict[str, object] = {
            "events": [
                {
                    "logStreamName": event.stream,
                    "timestamp": event.time,
                    "message": event.message,
                    "ingestionTime": max(event.visible, event.time + 900),
                    "eventId": event.id,
                }
                for event in events
            ],
            "searchedLogStreams": [],
        }
        if token is not None:
            answer["nextToken"] = token
        return answer

    def _describe(self, parameters: Parameters, region: str) -> dict[str, object]:
        prefix, pattern = str(parameters.get("logGroupNamePrefix", "")), str(parameters.get("logGroupNamePattern", ""))
        wanted = parameters.get("logGroupClass")
        start = int(str(parameters.get("nextToken", 0)))
        found = [
            group
            for (there, name), group in sorted(self.groups.items())
            if there == region
            and name.startswith(prefix)
            and pattern in name
            and (not wanted or group.log_class == wanted)
        ]
        limit = min(int(str(parameters.get("limit", _GROUPS_A_PAGE))), _GROUPS_A_PAGE)
        answer: dict[str, object] = {"logGroups": [_described(group) for group in found[start : start + limit]]}
        if start + limit < len(found):
            answer["nextToken"] = str(start + limit)
        return answer

    def _start(self, parameters: Parameters, region: str) -> dict[str, object]:
        names = parameters.get("logGroupNames") or parameters.get("logGroupIdentifiers")
        given = [{"logGroupName": name} for name in names] if isinstance(names, list) else [parameters]
        groups = [self._group_of(one, region) for one in given]
        return {"queryId": self.insights.start(groups, parameters, now=self.time.now())}


@cache
def _session() -> boto3.Session:
    """One session for all tests: it reads the description of the service once."""
    import boto3

    return boto3.Session("AKIAIOSFODNN7EXAMPLE", "an-example-of-a-secret-key")


def _described(group: Group) -> dict[str, object]:
    told: dict[str, object] = {
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": f"{group.arn}:*",
        "logGroupArn": group.arn,
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.log_class,
    }
    if group.retention_days:
        told["retentionInDays"] = group.retention_days
    return told


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, cloud: CloudWatch) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.cloud = cloud

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is none of the server's business."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        operation = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        cloud = self.server.cloud
        try:
            parameters = msgspec.json.decode(body or b"{}")
            cloud.requests.append((operation, parameters))
            answer, status = cloud.answer(operation, parameters, region=self._region()), 200
        except Refusal as refusal:
            answer, status = {"__type": refusal.code, "message": refusal.message}, refusal.status
        if cloud.troubles.strikes("resets"):
            self._drop()
            return
        self._send(msgspec.json.encode(answer), status)

    def do_GET(self) -> None:
        """Another service, such as API Gateway: whoever reads logs alone may not ask it."""
        path, cloud = unquote(self.path.partition("?")[0]), self.server.cloud
        if cloud.gateway and "apigateway:GET" not in cloud.denied:
            here = self._region() == cloud.region
            if path in cloud.gateway and (here or path.count("/") < 3):
                self._send(msgspec.json.encode(cloud.gateway[path] if here else {}), 200)
            else:
                self._send(msgspec.json.encode({"message": "Invalid identifier"}), 404, error="NotFoundException")
            return
        who = f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/session"
        said = (
            f"User: {who} is not authorized to perform: apigateway:GET on resource: arn:aws:apigateway:eu-central-1::/"
        )
        self._send(msgspec.json.encode({"message": said}), 403, error="AccessDeniedException")

    def _region(self) -> str:
        """The region that the call was signed for."""
        parts = self.headers.get("Authorization", "").split("/")
        return parts[2] if len(parts) > 2 else ""

    def _send(self, body: bytes, status: int, *, error: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("x-amzn-RequestId", os.urandom(8).hex())
        if error:
            self.send_header("x-amzn-ErrorType", error)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        cut = self.server.cloud.troubles.strikes("cut_bodies")
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.wfile.flush()
        if cut:
            self._drop()

    def _drop(self) -> None:
        """Close the connection at once."""
        self.close_connection = True
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
