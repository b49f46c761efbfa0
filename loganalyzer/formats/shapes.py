"""What a JSON value is: events wrapped by another service, an answer of TestInvoke, a row of Insights, one event."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from loganalyzer.formats import clock
from loganalyzer.formats.fields import NAMES, NO_FIELDS, Fields, candidates, plain
from loganalyzer.formats.grammar import encoded, head_end, holds_message, is_ones_own, read
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.vocabulary import UNKNOWN, match

INSIGHTS = "Logs Insights"
"""The form of rows with the ``@`` names or the ``ptr`` of Insights: their order within a millisecond is lost."""

RECORDS = "JSON records"

GROUP = "API-Gateway-Execution-Logs_"

_DEEPEST = 8
_MOST_WRAPPED = 4
_SECONDS = 10
_ID = re.compile(r"\(([^\s()]{1,128})\)(?= |\Z)")
_UNSAFE = re.compile(r"[\s()\0]+")
_NAME = re.compile(r"[\w~.$-]{1,128}")
_SOURCE = re.compile(
    r"arn:[\w-]{1,30}:apigateway:[\w-]{0,40}:\d*:{0,2}/restapis/(?P<api>\w+)/stages/(?P<stage>[\w~.$-]+)"
    r"|(?:API-Gateway-Execution-Logs_|/aws/apigateway/)(?P<group>\w+/[\w~.$-]+)"
)
_EVENT_KEYS = ("eventId", "id", "logStreamName", "ingestionTime")


@dataclass(frozen=True, slots=True)
class Row:
    """One event of a table or a list: no event id, and its place among others of its time may be lost.

    ``group`` is the name of the log group that API and stage have, empty where nothing tells them.
    """

    message: str
    time: int | None
    request_id: str = ""
    form: str = RECORDS
    group: str = ""


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


def in_value(value: Any, *, fields: Fields = NO_FIELDS, depth: int = 0) -> Iterator[Found]:
    """What a value of no known envelope holds; nothing for one that is no part of an execution log."""
    if depth > _DEEPEST:
        return
    if isinstance(value, LogEvent):
        yield value
    elif isinstance(value, list):
        yield from _in_list(value, fields, depth)
    elif isinstance(value, dict):
        yield from _in_object(value, fields, depth)
    elif isinstance(value, str):
        yield Row(value, None)


def _in_list(values: list[Any], fields: Fields, depth: int) -> Iterator[Found]:
    if values and all(isinstance(cell, dict) and {"field", "value"} <= cell.keys() for cell in values):
        yield from _in_object({str(cell["field"]): cell["value"] for cell in values}, fields, depth)
        return
    told = any(holds_message(value) or is_message(value) for value in values if isinstance(value, str))
    for value in values:
        if told or not isinstance(value, str):
            yield from in_value(value, fields=fields, depth=depth + 1)


def _in_object(value: dict[str, Any], fields: Fields, depth: int) -> Iterator[Found]:
    data = packed_in(value)
    if data is not None:
        yield Packed(data)
        return
    log = value.get("log")
    if isinstance(log, str) and ("\n" in log or head_end(log)):
        yield TestLog(log, "TestInvokeAuthorizer" if "clientStatus" in value else "TestInvokeMethod")
        return
    event = None if fields.of("message") in value else _event(value)
    row = event or row_of(value, fields)
    if row is not None:
        yield row
        return
    outer = time_of(value[key] for key in value if plain(str(key)) in NAMES["timestamp"])
    for inner in value.values():
        if isinstance(inner, dict | list):
            for found in in_value(inner, fields=fields, depth=depth + 1):
                yield replace(found, time=outer) if isinstance(found, Row) and found.time is None else found


def _event(value: dict[str, Any]) -> LogEvent | None:
    """The CloudWatch event that an object is which stands outside of any page."""
    if not {"message", "timestamp"} <= value.keys() or value.keys().isdisjoint(_EVENT_KEYS):
        return None
    try:
        return msgspec.convert(value, LogEvent)
    except msgspec.MsgspecError:
        return None


def packed_in(value: dict[str, Any]) -> bytes | None:
    """The data of ``awslogs``, of a Kinesis record or of a Firehose record."""
    for holder in (value.get("awslogs"), value.get("kinesis"), value):
        data = holder.get("data") if isinstance(holder, dict) else None
        if isinstance(data, str) and len(data) > 16:
            try:
                return base64.b64decode(data, validate=True)
            except (binascii.Error, ValueError):
                return None
    return None


def row_of(value: Mapping[str, Any], fields: Fields = NO_FIELDS, *, depth: int = 0) -> Row | None:
    """The event that an object is, by the names of its keys and by what its values say; None if it is none.

    What stands one level deeper is looked at where the object itself has no message, and a message that is a record of
    its own, as in a log group that gets its logs delivered, is read like one.
    """
    if depth > _MOST_WRAPPED:
        return None
    roles = candidates(tuple(value), fields)
    said = bool(fields.of("message"))
    text = _message(value, roles["message"], said=said) or (_record_text(value) if said else None)
    if text is None:
        flat = _flat(value)
        return None if flat is None else row_of(flat, fields, depth=depth + 1)
    row = Row(
        text,
        time_of(value[name] for name in roles["timestamp"]),
        _UNSAFE.sub("-", next((value[name] for name in roles["request_id"] if isinstance(value[name], str)), "")),
        INSIGHTS if any(name.startswith("@") or name == "ptr" for name in value) else RECORDS,
        group_of(value, roles),
    )
    if text.lstrip()[:1] != "{":
        return row
    return _unwrapped(row, fields.without("message") if roles["message"] else fields, depth=depth)


def _message(value: Mapping[str, Any], names: Sequence[str], *, said: bool) -> str | None:
    """The message among the values: under a name that fits, else anywhere, unless the user ``said`` which it is."""
    likely = [value[name] for name in names if isinstance(value[name], str)]
    found = next((text for text in likely if _is_event(text)), None)
    if found is not None or said:
        return found
    found = next((text for text in value.values() if isinstance(text, str) and _is_event(text)), None)
    return None if found is not None and _is_document(value, found) else found


def _is_event(text: str) -> bool:
    return is_message(text) or record_in(text)


def _is_document(value: Mapping[str, Any], found: str) -> bool:
    """Whether the message found in an object may be the title of another text in it, which holds a log."""
    return any(
        isinstance(text, str) and text is not found and "\n" in text.strip() and holds_message(text)
        for text in value.values()
    )


def _record_text(value: Mapping[str, Any]) -> str | None:
    """A record of its own among the values: the message that the user named may be in there."""
    return next((text for text in value.values() if isinstance(text, str) and record_in(text)), None)


def record_in(text: str) -> bool:
    """Whether a text looks like a record of its own."""
    return text.lstrip()[:1] == "{" and text.rstrip()[-1:] == "}"


def _unwrapped(outer: Row, fields: Fields, *, depth: int) -> Row | None:
    """The event in a message that is a record; what the record does not say, the row around it may."""
    inner = row_of(decoded(outer.message), fields, depth=depth + 1)
    if inner is None:
        return None
    return replace(
        inner,
        time=inner.time if inner.time is not None else outer.time,
        request_id=inner.request_id or outer.request_id,
        form=outer.form,
        group=inner.group or outer.group,
    )


def names_in(value: Mapping[str, Any]) -> list[str]:
    """The names of an object's fields, dotted those of the objects in it, and those of a record in its message."""
    names = [*value, *(name for name in _flat(value) or () if name not in value)]
    text = _record_text(value)
    return names if text is None else [*names, *decoded(text)]


def decoded(text: str) -> dict[str, Any]:
    """The record that a text is, empty if it is none."""
    try:
        value = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return {}
    return value if isinstance(value, dict) else {}


def _flat(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """The object with those in it laid open by dotted names; None if there are none."""
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat |= {f"{key}.{name}": deeper for name, deeper in inner.items() if not isinstance(deeper, dict)}
        else:
            flat[key] = inner
    return flat if flat.keys() != value.keys() else None


def group_of(value: Mapping[str, Any], roles: Mapping[str, Sequence[str]]) -> str:
    """The log group of the API and stage that an event comes from, as far as its fields tell."""
    for name in (*roles["log_group"], *roles["api_id"]):
        found = _SOURCE.search(value[name]) if isinstance(value[name], str) else None
        if found:
            return GROUP + (f"{found['api']}/{found['stage']}" if found["api"] else found["group"])
    api, stage = (
        next((value[name] for name in roles[role] if isinstance(value[name], str) and _NAME.fullmatch(value[name])), "")
        for role in ("api_id", "api_stage")
    )
    return f"{GROUP}{api}/{stage}" if api else ""


def time_of(values: Iterable[Any]) -> int | None:
    """The first of ``values`` that is a time: ISO text or an epoch in seconds, milli-, micro- or nanoseconds."""
    for value in values:
        ms = clock.from_iso(value) if isinstance(value, str) else None
        if ms is None and isinstance(value, str | int) and not isinstance(value, bool):
            ms = clock.from_epoch(str(value).strip())
        elif isinstance(value, float):
            ms = _from_float(value)
        if ms is not None:
            return ms
    return None


def _from_float(value: float) -> int | None:
    """The time of an epoch with a fraction; numbers lose their last digits where a table turns them into floats."""
    if not math.isfinite(value):
        return None
    whole = int(value)
    ms = clock.from_epoch(str(whole))
    return ms if ms is None or len(str(whole)) != _SECONDS else ms + int(round(value - whole, 3) * 1000)


def is_message(text: str) -> bool:
    """Whether ``text`` is a message of an execution log: a sentence of the vocabulary, or any with a request id."""
    if split_id(text)[0]:
        return True
    if head_end(text) == 0 and match(encoded(text)) is UNKNOWN:
        return False
    return not is_ones_own(*read(text))


def split_id(message: str) -> tuple[str, str]:
    """The request id in front of a message, empty if none, and the message."""
    found = _ID.match(message)
    return (found[1], message[found.end() + 1 :]) if found else ("", message)
