"""Two requests as log delivery might write them: what is known of it are the names of its four fields."""

from __future__ import annotations

import json
from typing import Any

ARN = "arn:aws:apigateway:eu-west-1:123456789012:/restapis/abcde12345/stages/prod"
ONE, TWO = "3f2b8c1e-7a45-4d09-9c6e-5b1d2e8f7a10", "9c6e8c1e-7a45-4d09-9c6e-5b1d2e8f7a10"
T0 = 1_793_610_942_118
BODY = 'Method request body before transformations: {"note": "a, b; c | d 100 %", "of": ["\\n"]}'
FAILED = "Execution failed due to configuration error: Malformed Lambda proxy response"
END = "Method completed with status: 502"
EVENTS = [
    (T0, ONE, "Extended Request Id: Qx7ZkHbVoAMEf2g="),
    (T0 + 1, TWO, "Extended Request Id: Rz8AlIcWpBNFg3h="),
    (T0 + 2, ONE, BODY),
    (T0 + 3, ONE, FAILED),
    (T0 + 3, TWO, FAILED),
    (T0 + 4, ONE, END),
    (T0 + 4, TWO, END),
]
STAMPS = [f"2026-11-02T09:15:42.{118 + time - T0}Z" for time, _, _ in EVENTS]
CANONICAL = [
    f"{stamp} ({request_id}) {message}" for stamp, (_, request_id, message) in zip(STAMPS, EVENTS, strict=True)
]
GROUP = "API-Gateway-Execution-Logs_abcde12345/prod"

RECORDS: list[dict[str, Any]] = [
    {"resource_arn": ARN, "event_timestamp": time, "stage": "prod", "payload": f"({request_id}) {message}"}
    for time, request_id, message in EVENTS
]
APART: list[dict[str, Any]] = [
    {"time": stamp, "requestId": request_id, "apiId": "abcde12345", "stage": "prod", "message": message}
    for stamp, (_, request_id, message) in zip(STAMPS, EVENTS, strict=True)
]
NESTED: list[dict[str, Any]] = [
    {"resource_arn": ARN, "event_timestamp": time, "payload": {"requestId": request_id, "message": message}}
    for time, request_id, message in EVENTS
]
PACKED: list[dict[str, Any]] = [{**record, "payload": json.dumps(record["payload"])} for record in NESTED]
STRANGE: list[dict[str, Any]] = [
    {"log_time": time * 1_000_000, "thing": ARN, "said": f"({request_id}) {message}", "level": "INFO"}
    for time, request_id, message in EVENTS
]


def by_line(values: list[dict[str, Any]]) -> str:
    """One JSON object a line."""
    return "".join(json.dumps(value) + "\n" for value in values)
