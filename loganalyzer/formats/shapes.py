"""What a JSON value is: events wrapped by another service, an answer of TestInvoke, a row of Insights, one event."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from loganalyzer.formats import clock
from loganalyzer.formats.grammar import encoded, head_end
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.vocabulary import UNKNOWN, match

INSIGHTS = "Logs Insights"
"""The form of rows whose names begin with an ``@``."""

_MESSAGE_KEYS = ("message", "msg", "text", "logmessage", "line")
_TIME_KEYS = ("timestamp", "time", "eventtimestamp", "eventtime", "datetime", "date")
_ID_KEYS = ("requestid", "rid", "apigatewayrequestid")
_DEEPEST = 8
_EVENT_KEYS = ("eventId", "id", "logStreamName", "ingestionTime")


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a table or a list: no event id, and its place among others of its time may be lost."""

    message: str
    time: int | None
    request_id: str = ""
    form: str = "JSON records"


@dataclass(frozen=True, slots=True)
class TestLog:
    """The text of a console Test in an answer of TestInvokeMethod or TestInvokeAuthorizer."""

    text: str
    form: str


@dataclass(frozen=True, slots=True)
class Packed:
    """Bytes that hold further JSON, mostly compressed."""

    data: bytes


Found = Row | TestLog | Packed | LogEvent


def plain(key: str) -> str:
    """A key as it is compared: without case, punctuation and the ``@`` of Insights."""
    return "".join(char for char in key.lower() if char.isalnum())


def in_value(value: Any, *, depth: int = 0) -> Iterator[Found]:
    """What a value of no known envelope holds; nothing for one that is no part of an execution log."""
    if depth > _DEEPEST:
        return
    if isinstance(value, LogEvent):
        yield value
    elif isinstance(value, list):
        yield from _in_list(value, depth)
    elif isinstance(value, dict):
        yield from _in_object(value, depth)
    elif isinstance(value, str):
        yield Row(value, None)


def _in_list(values: list[Any], depth: int) -> Iterator[Found]:
    if values and all(isinstance(cell, dict) and {"field", "value"} <= cell.keys() for cell in values):
        yield from _in_object({str(cell["field"]): cell["value"] for cell in values}, depth)
        return
    for value in values:
        yield from in_value(value, depth=depth + 1)


def _in_object(value: dict[str, Any], depth: int) -> Iterator[Found]:
    packed = _packed(value)
    if packed is not None:
        yield packed
        return
    log = value.get("log")
    if isinstance(log, str) and ("\n" in log or head_end(log)):
        yield TestLog(log, "TestInvokeAuthorizer" if "clientStatus" in value else "TestInvokeMethod")
        return
    event = _event(value)
    row = event or row_of(value)
    if row is not None:
        yield row
        return
    outer = time_of(value[key] for key in value if plain(str(key)) in _TIME_KEYS)
    for inner in value.values():
        if isinstance(inner, dict | list):
            for found in in_value(inner, depth=depth + 1):
                yield replace(found, time=outer) if isinstance(found, Row) and found.time is None else found


def _event(value: dict[str, Any]) -> LogEvent | None:
    """The CloudWatch event that an object is which stands outside of any page."""
    if not {"message", "timestamp"} <= value.keys() or value.keys().isdisjoint(_EVENT_KEYS):
        return None
    try:
        return msgspec.convert(value, LogEvent)
    except msgspec.MsgspecError:
        return None


def _packed(value: dict[str, Any]) -> Packed | None:
    """The data of ``awslogs``, of a Kinesis record or of a Firehose record."""
    for holder in (value.get("awslogs"), value.get("kinesis"), value):
        data = holder.get("data") if isinstance(holder, dict) else None
        if isinstance(data, str) and len(data) > 16:
            try:
                return Packed(base64.b64decode(data, validate=True))
            except (binascii.Error, ValueError):
                return None
    return None


def row_of(value: dict[str, Any]) -> Row | None:
    """The event that a flat object is, by the names of its keys and by what its values say."""
    keys = {plain(str(key)): inner for key, inner in value.items()}
    message = next((keys[key] for key in _MESSAGE_KEYS if isinstance(keys.get(key), str)), None)
    if message is None or not is_message(message):
        message = next((inner for inner in keys.values() if isinstance(inner, str) and is_message(inner)), None)
    if message is None:
        return None
    request_id = next((keys[key] for key in _ID_KEYS if isinstance(keys.get(key), str)), "")
    time = time_of(keys[key] for key in _TIME_KEYS if key in keys)
    return Row(
        message, time, request_id, INSIGHTS if any(str(key).startswith("@") for key in value) else "JSON records"
    )


def time_of(values: Iterable[Any]) -> int | None:
    """The first of ``values`` that is a time: ISO text or an epoch."""
    for value in values:
        ms = clock.from_iso(value) if isinstance(value, str) else None
        if ms is None and isinstance(value, str | int | float) and not isinstance(value, bool):
            ms = clock.from_epoch(str(int(value)) if not isinstance(value, str) else value)
        if ms is not None:
            return ms
    return None


def is_message(text: str) -> bool:
    """Whether ``text`` is a message of an execution log: a sentence of the vocabulary, or any with a request id."""
    if split_id(text)[0]:
        return True
    return head_end(text) > 0 or match(encoded(text)) is not UNKNOWN


def split_id(message: str) -> tuple[str, str]:
    """The request id in front of a message, empty if none, and the message."""
    if message[:1] != "(":
        return "", message
    end = message.find(")", 1, 130)
    request_id = message[1:end]
    if (
        end < 2
        or message[end + 1 : end + 2] not in ("", " ")
        or any(char.isspace() or char == "(" for char in request_id)
    ):
        return "", message
    return request_id, message[end + 2 :]
