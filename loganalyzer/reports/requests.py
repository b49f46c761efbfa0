"""One request as a JSON object, in printable characters alone."""

from __future__ import annotations

from dataclasses import fields
from operator import attrgetter
from typing import Any

import msgspec

from loganalyzer.model import CorrelatedRequest, Request
from loganalyzer.reports.clean import json_text
from loganalyzer.reports.report import iso

COLUMNS = tuple(field.name for field in fields(Request))
"""The columns of a request, in every form the same and in the same order."""


_WIDE = tuple(field.name for field in fields(CorrelatedRequest))

_encode = msgspec.json.Encoder().encode
_values_of = attrgetter(*COLUMNS)
_wide_values_of = attrgetter(*_WIDE)
_Row, _WideRow = msgspec.defstruct("Row", COLUMNS), msgspec.defstruct("WideRow", _WIDE)
_FIRST_SEEN, _LAST_SEEN = COLUMNS.index("first_seen"), COLUMNS.index("last_seen")


def columns_of(kind: type[Request]) -> tuple[str, ...]:
    """The columns of a kind of row: those of a request, and more where other logs were read beside."""
    return _WIDE if issubclass(kind, CorrelatedRequest) else COLUMNS


def request_document(request: Request) -> dict[str, Any]:
    """One request as a JSON object with the columns of the request table."""
    wide = isinstance(request, CorrelatedRequest)
    values = _wide_values_of(request) if wide else _values_of(request)
    row: dict[str, Any] = dict(zip(_WIDE if wide else COLUMNS, values, strict=True))
    for name in ("first_seen", "last_seen"):
        row[name] = iso(row[name])
    return row


def json_object(request: Request) -> str:
    """A request as JSON on one line; most hold nothing that would have to be escaped for that."""
    wide = isinstance(request, CorrelatedRequest)
    values = list(_wide_values_of(request) if wide else _values_of(request))
    values[_FIRST_SEEN], values[_LAST_SEEN] = iso(values[_FIRST_SEEN]), iso(values[_LAST_SEEN])
    return _encoded((_WideRow if wide else _Row)(*values)) or json_text(request_document(request))


def _encoded(value: object) -> str:
    """The value as JSON, empty if it would not be in printable ASCII."""
    try:
        text = _encode(value)
    except UnicodeEncodeError:  # half of a surrogate pair
        return ""
    # The encoder writes control characters as escapes, all but DEL.
    return text.decode() if text.isascii() and b"\x7f" not in text else ""


def json_value(value: object) -> str:
    """A text, a number, None or a tuple of such as JSON."""
    return _encoded(value) or json_text(value)
