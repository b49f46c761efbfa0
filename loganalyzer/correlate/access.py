"""Access logs in any format → one record a line, its fields told by what they hold and what they are called.

An access log is what its owner made of it: JSON with names of their own choice, CLF, CSV or XML of ``$context``
variables. Values have shapes (ids, status, types of gateway responses), names settle the rest.
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any

import msgspec

from loganalyzer.correlate.fields import UNSET, Roles, roles_of
from loganalyzer.correlate.records import AccessRecord
from loganalyzer.correlate.wanted import Wanted, root_of
from loganalyzer.formats import clock
from loganalyzer.formats.messages import Message

SAMPLE = 400
"""Lines by which it is told what the fields of an access log hold."""

MOST_TEXT = 500
"""Characters that are kept of a text."""

Flat = dict[str, str]

_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z\s+")
_CLF = re.compile(
    r'(?P<ip>\S+) (?P<caller>\S+) (?P<user>\S+) ?\[(?P<requestTime>[^\]]*)\] ?"(?P<httpMethod>\S+) '
    r'(?P<resourcePath>.*?)(?: (?P<protocol>\S+))?" (?P<status>\d{3}|-) (?P<responseLength>\d+|-)(?P<rest>.*)'
)
_TAG = re.compile(r"<(\w{1,40})>([^<]{0,2000})</\1>")
_TAG_ID = re.compile(r'<request\s+id="([^"]{0,80})"')
_CLF_TIME = re.compile(r"(\d{1,2})/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_DEEPEST = 4


def records_of(messages: Iterable[Message], wanted: Wanted) -> Iterator[tuple[AccessRecord, bool]]:
    """The lines of one access log as records, each with whether it holds an id at all.

    ``wanted`` helps to tell which id is which: the first lines are looked at before any is read.
    """
    lines = ((message.time, flat) for message in messages if (flat := _fields(message)))
    first = list(islice(lines, SAMPLE))
    roles = roles_of([flat for _, flat in first], wanted)
    for time, flat in chain(first, lines):
        record = record_of(flat, roles, time=time)
        if (record.status or 400) >= 400 and (learned := roles.learned(flat)) is not roles:
            roles = learned
            record = record_of(flat, roles, time=time)
        yield record, bool(record.request_id or record.extended_id or record.trace_id or record.integration_id)


def _fields(message: Message) -> Flat:
    """The fields of one line by name; by position where it has no names. Empty for what is no access log line."""
    if message.value is not None:
        return dict(_flattened(message.value, "", 0))
    text = message.text
    stamp = _STAMP.match(text)
    text = text[stamp.end() :] if stamp else text
    if text.startswith("{"):
        try:
            value = msgspec.json.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return {}
        return dict(_flattened(value, "", 0)) if isinstance(value, dict) else {}
    if found := _CLF.match(text):
        known = {name: value for name, value in found.groupdict().items() if value and name != "rest"}
        return known | {f"field {n}": word for n, word in enumerate(found["rest"].split(), start=1)}
    if text.lstrip().startswith("<"):
        tags = dict(_TAG.findall(text))
        owner = _TAG_ID.search(text)
        return tags | ({"requestId": owner[1]} if owner else {})
    cells = [cell.strip().strip('"') for cell in text.split(",")]
    return {f"field {n}": cell for n, cell in enumerate(cells, start=1)} if len(cells) > 4 else {}


def _flattened(value: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, str]]:
    for key, inner in value.items():
        name = f"{before}.{key}" if before else str(key)
        if isinstance(inner, dict) and depth < _DEEPEST:
            yield from _flattened(inner, name, depth + 1)
        elif isinstance(inner, str):
            yield name, inner
        elif isinstance(inner, int | float) and not isinstance(inner, bool):
            yield name, f"{inner:g}" if isinstance(inner, float) else str(inner)
        elif inner is None:
            yield name, "-"


def record_of(flat: Flat, roles: Roles, *, time: int | None = None) -> AccessRecord:
    """The record that a line is, given what its fields hold; ``time`` is that of the event around it."""
    value = {role: _told(flat.get(name, "")) for role, name in roles.by_role.items()}
    known = value.get
    return AccessRecord(
        request_id=known("request_id", ""),
        extended_id=known("extended_id", ""),
        trace_id=root_of(known("trace_id", "")),
        time=time if time is not None else _time(known("time", "")),
        status=_status(known("status", "")),
        error_type=known("error_type", "").upper(),
        error_message=_text(known("error_message", "")),
        integration_id=known("integration_id", ""),
        integration_status=_status(known("integration_status", "")),
        integration_error=_text(known("integration_error", "")),
        authorizer_id=known("authorizer_id", ""),
        authorizer_status=_status(known("authorizer_status", "")),
        authorizer_error=_text(known("authorizer_error", "")),
        waf=known("waf", ""),
        method=known("method", ""),
        path=known("path", ""),
        resource=known("resource", ""),
        unset=frozenset(role for role in roles.proven if roles.by_role[role] in flat and not value[role]),
    )


def _told(text: str) -> str:
    """A value, empty where the variable was not set."""
    return "" if text.strip() in UNSET else text.strip()


def _text(text: str) -> str:
    return text.strip('"')[:MOST_TEXT]


def _status(text: str) -> int | None:
    return int(text) if len(text) == 3 and text.isascii() and text.isdecimal() and "1" <= text[0] <= "5" else None


def _time(text: str) -> int | None:
    if found := _CLF_TIME.search(text):
        month = _MONTHS.find(found[2]) // 3 + 1
        return clock.from_iso(f"{found[3]}-{month:02d}-{int(found[1]):02d}T{found[4]}{found[5]}")
    return clock.from_epoch(text) if text.isdecimal() else clock.from_iso(text) if text[:2] == "20" else None
