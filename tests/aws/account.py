"""A whole make-believe account: an invented shop whose API, functions and access log agree with each other.

``python -m tests.aws`` runs it for trying the command by hand.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random

from loganalyzer.simulate import SimulatedRequest, make_requests
from loganalyzer.simulate.api import ROUTES
from loganalyzer.simulate.companions import ALONE, Companions
from tests.aws.events import ACCOUNT
from tests.aws.groups import Group
from tests.aws.server import CloudWatch

API, STAGE, REGION = "abcde12345", "prod", "eu-west-1"
LOG = f"API-Gateway-Execution-Logs_{API}/{STAGE}"
ERRORS = f"API-Gateway-Execution-Logs_{API}/test"
RARE = "API-Gateway-Execution-Logs_rarely1234/prod"
ACCESS = "/shop/access"
HOURS = 2


def shop(*, requests: int = 600, seed: int = 7, level: str = "trace", now: float | None = None) -> CloudWatch:
    """A server with the logs of the last two hours up to ``now`` (seconds); a context manager, already running."""
    aws = CloudWatch().start()
    aws.region = REGION
    until = int((time.time() if now is None else now) * 1000)
    story = spread(requests, seed=seed, level=level, until=until)
    _fill(_group(aws, LOG, until), story)
    _fill(_group(aws, ERRORS, until), spread(80, seed=seed + 1, level="error", until=until))
    _fill(
        _group(aws, RARE, until, log_class="INFREQUENT_ACCESS"), spread(200, seed=seed + 2, level="info", until=until)
    )
    _companions(aws, story, until, seed=seed)
    aws.gateway.update(_settings())
    return aws


def spread(count: int, *, seed: int, level: str, until: int) -> list[tuple[SimulatedRequest, int]]:
    """Requests over the last two hours, each with the ms by which its times are moved."""
    begin, gap = until - HOURS * 3_600_000, HOURS * 3_600_000 // count
    made = make_requests(count, seed=seed, level=level, failures=0.12, start=begin)
    return [(request, begin + number * gap - request.story.at) for number, request in enumerate(made)]


def _group(aws: CloudWatch, name: str, now: int, *, log_class: str = "STANDARD") -> Group:
    return aws.group(name, region=REGION, created=now - (HOURS + 1) * 3_600_000, log_class=log_class)


def _fill(group: Group, story: Sequence[tuple[SimulatedRequest, int]]) -> None:
    """The lines of all requests in the order of their times."""
    events = [
        (at + shift, f"({request.truth.request_id}) {message}")
        for request, shift in story
        for at, message in zip(request.times, request.messages, strict=True)
    ]
    for number, event in enumerate(sorted(events, key=lambda event: event[0])):
        group.put([event], stream=f"{number % 5:032x}")


def _companions(aws: CloudWatch, story: Sequence[tuple[SimulatedRequest, int]], now: int, *, seed: int) -> None:
    """What the functions and the access log say of the requests."""
    rng = Random(seed)
    companions = Companions(rng)
    access = _group(aws, ACCESS, now)
    functions: dict[str, Group] = {}
    for number, (request, shift) in enumerate(story):
        at = request.story.at + shift
        if line := companions.access_line(request):
            access.put([(at, _text(line))])
        if rng.random() < ALONE:
            _, line = companions.alone(at, ids=(f"{number:08d}-aaaa-4aaa-8aaa-aaaaaaaaaaaa", f"alone{number}="))
            access.put([(at, _text(line))])
        for function, text in companions.lambda_lines(request):
            if function not in functions:
                functions[function] = _group(aws, f"/aws/lambda/{function}", now)
            functions[function].put((at, _text(line)) for line in _events(text))


def _events(text: str) -> list[str]:
    """The events in the text of an export: a line without a time belongs to the one before."""
    events: list[str] = []
    for line in text.splitlines():
        if line[:2] == "20" or not events:
            events.append(line)
        elif line:
            events[-1] += f"\n{line}"
    return events


def _text(line: str) -> str:
    """A line of an export without the time in front."""
    return line.rstrip("\n").partition(" ")[2]


def _settings() -> dict[str, object]:
    """What API Gateway says of it."""
    level = {"loggingLevel": "INFO", "dataTraceEnabled": True}
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{ACCESS}"
    prod = {
        "stageName": STAGE,
        "deploymentId": "d1",
        "methodSettings": {"*/*": level},
        "accessLogSettings": {"destinationArn": arn, "format": '{"requestId":"$context.requestId"}'},
    }
    test = {"stageName": "test", "deploymentId": "d1", "methodSettings": {"*/*": {"loggingLevel": "ERROR"}}}
    quiet = {"stageName": "prod", "deploymentId": "d2", "methodSettings": {}}
    return {
        "/account": {"cloudwatchRoleArn": f"arn:aws:iam::{ACCOUNT}:role/apigateway-logs"},
        "/restapis": {
            "item": [
                {"id": API, "name": "shop"},
                {"id": "rarely1234", "name": "archive"},
                {"id": "quiet12345", "name": "quiet"},
            ]
        },
        f"/restapis/{API}/stages": {"item": [prod, test]},
        "/restapis/rarely1234/stages": {"item": [{**quiet, "methodSettings": {"*/*": {"loggingLevel": "INFO"}}}]},
        "/restapis/quiet12345/stages": {"item": [quiet]},
        f"/restapis/{API}/resources": {"item": _resources()},
        f"/restapis/{API}/authorizers": {"item": [{"id": "au1", "authorizerUri": _uri("shop-authorizer")}]},
        "/v2/apis": {"items": []},
        "/domainnames": {"item": []},
    }


def _resources() -> list[dict[str, object]]:
    """The API's methods with what they call."""
    methods: dict[str, dict[str, object]] = {}
    for route in ROUTES:
        uri = _uri(route.target) if route.kind.startswith("lambda") else route.target
        authorizer = {"authorizerId": "au1"} if route.authorizer else {}
        own = methods.setdefault(route.resource, {})
        own[route.declared or route.verb] = {"methodIntegration": {"uri": uri}, **authorizer}
    return [{"id": f"r{n}", "path": path, "resourceMethods": own} for n, (path, own) in enumerate(methods.items())]


def _uri(function: str) -> str:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"
    return f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
