"""What an input is that holds no execution log, in a sentence for the person who gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from loganalyzer.coverage import Problem

_LAMBDA = re.compile(rb"\b(?:START|END|REPORT) RequestId: [0-9a-f-]{36}|INIT_START Runtime Version", re.IGNORECASE)
_CLF = re.compile(rb'(?m)^\S+ \S+ \S+ \[\d{2}/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\] "')
_HTTP_API = re.compile(rb'"(?:routeKey|route_key)"\s*:')
_ACCESS = re.compile(
    rb'"(?:requestId|requestid|request_id)"\s*:.*"(?:status|httpMethod|resourcePath|responseLength|sourceIp|ip)"\s*:',
    re.DOTALL,
)
_CLF_OTHER = re.compile(
    rb'(?m)^[\d.:a-f]{7,} .{0,80}"(?:GET|POST|PUT|DELETE|PATCH|HEAD|OPTIONS) \S+(?: HTTP/[\d.]+)?" \d{3}'
)
_CLOUDTRAIL = re.compile(rb'"eventSource"\s*:\s*"[a-z.]+amazonaws\.com"')
_EMPTY_PAGE = re.compile(rb'\s*(?:\{\s*"(?:events|logEvents|results)"\s*:\s*\[\s*\]|\[\s*\]\s*$)')
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive", "unpack it first and give the files inside"),
    (b"BZh", "a bzip2 archive", "unpack it first (bunzip2)"),
    (b"\xfd7zXZ", "an xz archive", "unpack it first (unxz)"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "unpack it first (unzstd)"),
    (b"%PDF", "a PDF document", "copy the log lines out of it as text"),
    (b"\x89PNG", "a picture", "copy the log lines as text"),
    (b"\xff\xd8\xff", "a picture", "copy the log lines as text"),
    (b"SQLite format", "a database", "export the log as text or JSON instead"),
)
_LOGS_TIP = "give the execution log: the group is named API-Gateway-Execution-Logs_<api id>/<stage>"
_MOST_CONTROL = 0.1
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\f\r\x1b")


_IDS = frozenset({"requestid", "request_id", "requestId"})
_ACCESSES = frozenset({"status", "httpMethod", "resourcePath", "routeKey", "responseLength", "sourceIp", "ip"})


def is_other_record(value: Mapping[str, object]) -> bool:
    """Whether an object is a record of an access log or of CloudTrail, which tell of failures in words of their own."""
    names = value.keys()
    return "eventSource" in names or not (_IDS.isdisjoint(names) or _ACCESSES.isdisjoint(names))


def is_binary(head: bytes) -> bool:
    """Whether ``head`` is the start of no text."""
    if any(head.startswith(magic) for magic, _, _ in _MAGIC) or head[257:262] == b"ustar":
        return True
    control = len(head) - len(head.translate(None, _CONTROL))
    return control > len(head) * _MOST_CONTROL or head.count(0) > max(8, len(head) * 0.01)


def describe(where: str, head: bytes) -> Problem:
    """What an input that gave no event is, by its first bytes, and what to do."""
    if not head.strip():
        return Problem(where, "the file is empty", "check the export or the command that wrote it")
    for magic, kind, tip in _MAGIC:
        if head.startswith(magic):
            return Problem(where, f"this is {kind}, not a log", tip)
    if head[257:262] == b"ustar":
        return Problem(where, "this is a tar archive, not a log", "unpack it first and give the directory")
    if is_binary(head):
        return Problem(where, "this is binary data, not a log", _LOGS_TIP)
    return Problem(where, *_text(head))


def _text(head: bytes) -> tuple[str, str]:
    if _EMPTY_PAGE.match(head):
        return "this page of events is empty", "fetch a wider window of time, and all pages (nextToken)"
    if _LAMBDA.search(head):
        return "this is the log of a Lambda function, not an API Gateway execution log", _LOGS_TIP
    if _HTTP_API.search(head):
        return (
            "this is the access log of an HTTP API; HTTP APIs write no execution log",
            "only REST and WebSocket APIs can be analysed: https://docs.aws.amazon.com/apigateway/latest/developerguide/"
            "http-api-vs-rest.html",
        )
    if _CLOUDTRAIL.search(head):
        return "this is a CloudTrail log, not an API Gateway execution log", _LOGS_TIP
    if _CLF.search(head) or _CLF_OTHER.search(head) or _ACCESS.search(head):
        return "this is an access log, not an execution log: it has one record a request and names no step", _LOGS_TIP
    return "no line of this is a message of an API Gateway execution log", _LOGS_TIP
