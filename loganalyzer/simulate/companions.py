"""What the rest of the account logs of a make-believe request: its functions' logs and the access log.

They agree with the truth about the request, at whatever level the execution log is written.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from loganalyzer.simulate.api import API, STAGE
from loganalyzer.simulate.interleave import Clock
from loganalyzer.simulate.requests import SimulatedRequest, Story, Truth
from loganalyzer.simulate.scenario import LAMBDA, MILESTONES

AUTHORIZER = "shop-authorizer"
JSON_FUNCTIONS = frozenset({"shop-customers-read", "shop-stock-import", "shop-pages"})
"""Functions whose log format is JSON."""

ALONE = 0.04
"""So many requests on each one in the execution log are refused before API Gateway logs anything."""

_NEVER_RAN = frozenset(
    {"PROXY_INTEG_INVOKE_DENIED", "INTEGRATION_ROLE_ASSUME_DENIED", "PROXY_INTEG_LAMBDA_THROTTLED",
     "PROXY_INTEG_LAMBDA_SERVICE_ERROR", "INTERNAL_ERROR"}
)  # fmt: skip
_COLD = 0.05
_MEMORY = 256

_TYPES: dict[str, tuple[str, str]] = {
    "ACCESS_DENIED": ("ACCESS_DENIED", "-"),
    "EXPLICIT_DENY": ("ACCESS_DENIED", "User is not authorized to access this resource with an explicit deny"),
    "IMPLICIT_DENY": ("ACCESS_DENIED", "User is not authorized to access this resource"),
    "RESOURCE_POLICY_DENY": (
        "ACCESS_DENIED",
        f"User: anonymous is not authorized to perform: execute-api:Invoke on resource: {API}/{STAGE}",
    ),
    "API_KEY_INVALID": ("INVALID_API_KEY", "Forbidden"),
    "API_KEY_MISSING": ("INVALID_API_KEY", "Forbidden"),
    "AUTHORIZER_APIGW_ID_SRC_MISSING": ("UNAUTHORIZED", "Unauthorized"),
    "AUTHORIZER_ERROR_UNAUTHORIZED": ("UNAUTHORIZED", "Unauthorized"),
    "INTEGRATION_INVALID_ENDPOINT": ("API_CONFIGURATION_ERROR", "Internal server error"),
    "INTEGRATION_NETWORK_ERROR": ("INTEGRATION_FAILURE", "Network error communicating with endpoint"),
    "INTEGRATION_REQUEST_TRANSFORM_FAILED": ("API_CONFIGURATION_ERROR", "Internal server error"),
    "INTEGRATION_RESPONSE_MAPPING_MISSING": ("API_CONFIGURATION_ERROR", "Internal server error"),
    "INTEGRATION_RESPONSE_TRANSFORM_FAILED": ("API_CONFIGURATION_ERROR", "Internal server error"),
    "INTEGRATION_TIMEOUT": ("INTEGRATION_TIMEOUT", "Endpoint request timed out"),
    "PROXY_INTEG_APIGW_TIMEOUT": ("INTEGRATION_TIMEOUT", "Endpoint request timed out"),
    "QUOTA_EXCEEDED": ("QUOTA_EXCEEDED", "Limit Exceeded"),
    "REQUEST_VALIDATION_FAILED": ("BAD_REQUEST_BODY", "Invalid request body"),
    "THROTTLED": ("THROTTLED", "Too Many Requests"),
    "UNSUPPORTED_MEDIA_TYPE": ("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type"),
}
_REFUSED = (
    ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "-"),
    ("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token", "-"),
    ("WAF_FILTERED", 403, "Forbidden", "WAF_BLOCK"),
    ("REQUEST_TOO_LARGE", 413, "HTTP content length exceeded 10485760 bytes", "-"),
    ("THROTTLED", 429, "Too Many Requests", "-"),
)
_STAGES = {"THROTTLED": "USAGE_PLAN"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a function: when it started, how long it took, how it ended (``success | error | timeout``)."""

    function: str
    id: str
    at: int
    took: int
    status: str
    error: str
    trace: str


def _reached(story: Story, milestone: str) -> bool:
    return MILESTONES.index(story.play.scenario.after) >= MILESTONES.index(milestone)


def runs_of(request: SimulatedRequest) -> Iterator[Run]:
    """The runs of functions that a request caused."""
    story, values = request.story, request.story.values
    scenario, route = story.play.scenario, story.play.route
    trace = values["trace"] if route.traced else ""
    start = story.at + 2
    if _authorizer_ran(story):
        status, error = _authorizer_end(scenario.authorizer, values)
        took = 30_400 if scenario.category == "AUTHORIZER_APIGW_TIMEOUT" else story.waits["authorizer"]
        yield Run(AUTHORIZER, values["function_id"], start, took, status, error, trace)
        start += took
    if route.kind in LAMBDA and _reached(story, "called") and scenario.category not in _NEVER_RAN:
        status, error = "success", ""
        if scenario.answer in ("function_error", "function_timeout"):
            status = "timeout" if scenario.answer == "function_timeout" else "error"
            error = values["error"]
        took = 31_000 if scenario.category == "PROXY_INTEG_APIGW_TIMEOUT" else story.waits["endpoint"]
        yield Run(route.target.partition(":")[0], values["endpoint_id"], start, took, status, error, trace)


def _authorizer_ran(story: Story) -> bool:
    scenario = story.play.scenario
    cached = story.play.authorizer == "cached" or scenario.authorizer == "cached"
    denied = scenario.category == "AUTHORIZER_INVOKE_DENIED"
    return bool(story.play.route.authorizer) and _reached(story, "authorizer_called") and not cached and not denied


def _authorizer_end(answer: str, values: dict[str, str]) -> tuple[str, str]:
    if answer == "refuse":
        return "error", "Unauthorized"
    if answer.startswith("throw"):
        return "error", values["error"]
    return ("timeout", "Task timed out after 3.00 seconds") if answer.startswith("time_out") else ("success", "")


class Companions:
    """Writes the lines of other logs; the same ones for the same ``rng``."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._clock = Clock()

    def lambda_lines(self, request: SimulatedRequest) -> Iterator[tuple[str, str]]:
        """The function and the text (several lines) of each run that a request caused, as an export has it."""
        for run in runs_of(request):
            events = self._json_events(run) if run.function in JSON_FUNCTIONS else self._text_events(run)
            yield run.function, "".join(f"{self._stamp(at)} {text}\n" for at, text in events)

    def _stamp(self, ms: int) -> str:
        return self._clock.prefix(ms).removesuffix(" (")

    def _measures(self, run: Run) -> tuple[float, int, float | None]:
        duration = run.took - self._rng.random()
        cold = 90 + self._rng.random() * 400 if self._rng.random() < _COLD else None
        return round(max(duration, 1.0), 2), self._rng.randrange(60, 140), None if cold is None else round(cold, 2)

    def _text_events(self, run: Run) -> Iterator[tuple[int, str]]:
        duration, used, cold = self._measures(run)
        end = run.at + run.took
        yield run.at, f"START RequestId: {run.id} Version: $LATEST"
        if run.status == "error":
            error = json.dumps({"errorType": "Error", "errorMessage": run.error})
            yield end, f"{self._stamp(end)}\t{run.id}\tERROR\tInvoke Error \t{error}"
        if run.status == "timeout":
            yield end, f"{self._stamp(end)} {run.id} Task timed out after {run.took / 1000:.2f} seconds\n"
        yield end, f"END RequestId: {run.id}"
        report = (
            f"REPORT RequestId: {run.id}\tDuration: {duration:.2f} ms\tBilled Duration: {int(duration) + 1} ms\t"
            f"Memory Size: {_MEMORY} MB\tMax Memory Used: {used} MB\t"
        )
        report += f"Init Duration: {cold:.2f} ms\t" if cold else ""
        report += f"Status: {run.status}\t" if run.status != "success" else ""
        report += f"\nXRAY TraceId: {run.trace}\tSegmentId: {run.id[-12:]}\tSampled: true\t" if run.trace else ""
        yield end, report

    def _json_events(self, run: Run) -> Iterator[tuple[int, str]]:
        duration, used, cold = self._measures(run)
        end = run.at + run.took
        tracing = {"tracing": {"type": "X-Amzn-Trace-Id", "value": f"Root={run.trace}"}} if run.trace else {}

        def platform(kind: str, at: int, record: dict[str, object]) -> tuple[int, str]:
            known = {"requestId": run.id, **record, **tracing}
            return at, json.dumps({"time": self._stamp(at), "type": f"platform.{kind}", "record": known})

        yield platform("start", run.at, {"version": "$LATEST"})
        if run.status == "error":
            told = {"timestamp": self._stamp(end), "level": "ERROR", "requestId": run.id, "errorMessage": run.error}
            yield end, json.dumps(told)
        metrics = {
            "durationMs": duration, "billedDurationMs": int(duration) + 1, "memorySizeMB": _MEMORY,
            "maxMemoryUsedMB": used, **({"initDurationMs": cold} if cold else {}),
        }  # fmt: skip
        yield platform("report", end, {"metrics": metrics, "status": run.status})

    def access_line(self, request: SimulatedRequest) -> str:
        """The line of a request in the access log; none for one whose lines stop, as nobody knows how it ended."""
        story, values, truth = request.story, request.story.values, request.truth
        if truth.category == "INCOMPLETE":
            return ""
        kind, message = response_of(truth)
        own = _known_to_gateway(story)
        answered = _reached(story, "answered")
        return self._access(
            story.at,
            {
                "requestId": truth.request_id,
                "extendedRequestId": truth.extended_request_id,
                "httpMethod": truth.method,
                "resourcePath": truth.resource,
                "path": f"/{STAGE}{truth.path}",
                "status": str(truth.client_status),
                "responseType": kind,
                "errorMessage": message,
                "integrationRequestId": own or "-",
                "integrationStatus": _integration_status(story) if answered else "-",
                "integrationLatency": values["latency"] if answered else "-",
                "authorizerRequestId": values["function_id"] if _authorizer_ran(story) else "-",
                "wafResponseCode": "WAF_ALLOW",
                "xrayTraceId": f"Root={values['trace']}" if story.play.route.traced else "-",
            },
        )

    def alone(self, at: int, *, ids: tuple[str, str]) -> tuple[Truth, str]:
        """A request that is refused before the execution log begins: the truth about it and its line."""
        category, status, message, waf = self._rng.choice(_REFUSED)
        path = f"/wp-{self._rng.randrange(10)}" if status == 403 else "/orders"
        truth = Truth(
            request_id=ids[0], extended_request_id=ids[1], category=category, shown=(category,), outcome="failed",
            stopped_at=_STAGES.get(category, "ROUTE"), status=None, client_status=status, authorizer="none",
            level="none", log_level="unknown", api_id=API, api_stage=STAGE, method="GET", resource="", path=path,
            lines=0,
        )  # fmt: skip
        fields = {
            "requestId": ids[0], "extendedRequestId": ids[1], "httpMethod": "GET", "resourcePath": "-",
            "path": f"/{STAGE}{path}", "status": str(status), "responseType": category, "errorMessage": message,
            "integrationRequestId": "-", "integrationStatus": "-", "integrationLatency": "-",
            "authorizerRequestId": "-", "wafResponseCode": waf, "xrayTraceId": "-",
        }  # fmt: skip
        return truth, self._access(at, fields)

    def _access(self, at: int, fields: dict[str, str]) -> str:
        record = {"ip": "192.0.2.17", "requestTimeEpoch": str(at), **fields}
        return f"{self._stamp(at)} {json.dumps(record)}\n"


def response_of(truth: Truth) -> tuple[str, str]:
    """The type of the gateway response and its message, ``-`` where the backend answered."""
    category = truth.category
    if not category or category.startswith(("BACKEND_", "LAMBDA_ERROR_")):
        return "-", "-"
    if category in _TYPES:
        return _TYPES[category]
    if category.startswith("AUTHORIZER_"):
        return "AUTHORIZER_CONFIGURATION_ERROR", "-"
    return "DEFAULT_5XX", "Internal server error"


def _integration_status(story: Story) -> str:
    scenario = story.play.scenario
    if scenario.answer == "throttled":
        return "429"
    return "200" if story.play.route.kind in LAMBDA else story.values["answered"]


def _known_to_gateway(story: Story) -> str:
    """The id of the call to an AWS service, which API Gateway learns from the answer."""
    answered = _reached(story, "answered") or any("request id: " in line for line in story.play.scenario.says)
    return story.values["endpoint_id"] if answered and story.play.route.kind in (*LAMBDA, "aws") else ""
