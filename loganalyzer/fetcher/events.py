"""Events as AWS gives them → lines of canonical text, with the number that orders them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from loganalyzer.formats.base import Stamps, one_event
from loganalyzer.formats.grammar import encoded
from loganalyzer.formats.shapes import row_of, split_id

TIME_BITS = 144
"""An event id is a number whose high bits, from here on, are the event's time in milliseconds; the low ones are the
batch it was written in and its place there. AWS does not document that: it is checked for every event."""

_DIGITS = 56


def key_of(event: Mapping[str, Any], arrived: int) -> int:
    """The number that orders events: the event id, or time and order of arrival where the id is of another form."""
    text, time = str(event.get("eventId", "")), int(event["timestamp"])
    if len(text) == _DIGITS and text.isascii() and text.isdecimal():
        key = int(text)
        if key >> TIME_BITS == time:
            return key
    return (time << TIME_BITS) | arrived


def has_own_order(event: Mapping[str, Any]) -> bool:
    """Whether the event's id tells its place, so that it also tells events apart."""
    return key_of(event, 0) != int(event["timestamp"]) << TIME_BITS


class Lines:
    """Writes events as lines of canonical text."""

    def __init__(self) -> None:
        self._stamp = Stamps()

    def line(self, time: int, message: str) -> bytes:
        """One event, its line ended; ``-`` stands for a request id that the message does not have."""
        request_id, _ = split_id(message)
        if not request_id:
            request_id, text = _in_record(message)
            message = f"({request_id or '-'}) {text}"
        return encoded(one_event(f"{self._stamp(time)} {message}") + "\n")


def _in_record(message: str) -> tuple[str, str]:
    """Request id and text of a delivered record, which is a JSON object; the text as it is where it is none."""
    if message.lstrip()[:1] == "{":
        try:
            value = msgspec.json.decode(message)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            return "", message
        row = row_of(value) if isinstance(value, dict) else None
        if row is not None:
            request_id, text = split_id(row.message)
            return request_id or row.request_id, text
    return "", message
