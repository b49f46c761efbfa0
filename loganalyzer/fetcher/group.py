"""A log group that holds execution logs, and what its name tells."""

from __future__ import annotations

from dataclasses import dataclass

REST_PREFIX = "API-Gateway-Execution-Logs_"
"""What the execution-log groups of REST APIs are called, followed by ``<api id>/<stage>``.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html"""

WEBSOCKET_PREFIX = "/aws/apigateway/"
"""What those of WebSocket APIs are called. People choose such names for access logs too: the content decides."""

FUNCTIONS = "/aws/lambda/"
"""What the log groups of functions are called unless a function is told otherwise.
https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html"""

REST, WEBSOCKET, DELIVERY, OTHER = "REST", "WEBSOCKET", "DELIVERY", "OTHER"


@dataclass(frozen=True, slots=True)
class LogGroup:
    """One log group of one region and account.

    ``kind`` is ``REST``, ``WEBSOCKET``, ``DELIVERY`` for a group of a name of one's own (one that execution logs are
    delivered to, or that was named by hand), or ``OTHER`` for a log that is read beside execution logs. ``level`` is
    the stage's present logging level: ``INFO``, ``ERROR``, ``OFF``, ``MIXED`` where methods differ, empty where it is
    not known; ``data_trace`` is None where it is not known.
    ``retention_days`` is None for "never expires"; ``created`` is in milliseconds since 1970. ``arn`` ends without
    ``:*``, as ``logGroupIdentifier`` wants it.
    """

    name: str
    region: str
    account: str = ""
    arn: str = ""
    api_id: str = ""
    api_stage: str = ""
    kind: str = REST
    log_class: str = "STANDARD"
    retention_days: int | None = None
    stored_bytes: int = 0
    created: int | None = None
    level: str = ""
    data_trace: bool | None = None
    api_name: str = ""


def group_name(api_id: str, api_stage: str, *, kind: str = REST) -> str:
    """The name of the group that API Gateway itself logs a stage's requests to."""
    return f"{WEBSOCKET_PREFIX if kind == WEBSOCKET else REST_PREFIX}{api_id}/{api_stage}"


def read_name(name: str) -> tuple[str, str, str]:
    """Kind, API id and stage that a group's name tells; the latter two are empty where it is a name of one's own."""
    for prefix, kind in ((REST_PREFIX, REST), (WEBSOCKET_PREFIX, WEBSOCKET)):
        api_id, slash, api_stage = name.removeprefix(prefix).partition("/")
        if name.startswith(prefix) and slash and api_id and api_stage and "/" not in api_stage:
            return kind, api_id, api_stage
    return DELIVERY, "", ""
