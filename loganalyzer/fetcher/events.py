"""Events as AWS gives them → lines of canonical text, with the number that orders them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from loganalyzer.formats.base import Stamps, one_event
from loganalyzer.formats.grammar import encoded
from loganalyzer.formats.shapes import row_of, split_id

if TYPE_CHECKING:
    from botocore.client import BaseClient

TIME_BITS = 144
"""An event id is a number whose high bits, from here on, are the event's time in milliseconds; the low ones are the
batch it was written in and its place there. AWS does not document that: it is checked for every event."""

_DIGITS = 56


class Received(msgspec.Struct, gc=False):
    """One event as FilterLogEvents gives it: time in ms, message, and the id that is unique in its group."""

    timestamp: int
    message: str
    eventId: str = ""  # noqa: N815 - the name of the field in AWS's API


class _Page(msgspec.Struct, gc=False):
    events: list[Received]
    nextToken: str | None = None  # noqa: N815


_page = msgspec.json.Decoder(_Page)
_QUICK = "before-parse.cloudwatch-logs.FilterLogEvents"


def read_quickly(source: BaseClient) -> None:
    """Let a client's pages of events be read in a tenth of botocore's time, and memory.

    A page of 1 MB becomes thousands of objects twice over there, in as many threads as there are calls under way.
    """
    source.meta.events.register(_QUICK, _read_page, unique_id="loganalyzer-pages")


def _read_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Read the body of a page before botocore does, and leave nothing of it; what is no page is left as it is."""
    if response_dict["status_code"] == 200:
        with suppress(msgspec.MsgspecError, UnicodeError):
            page = _page.decode(response_dict["body"])
            customized_response_dict["events"] = page.events
            if page.nextToken:
                customized_response_dict["nextToken"] = page.nextToken
            response_dict["body"] = b"{}"


def received(events: Sequence[Any]) -> list[Received]:
    """The events of an answer, whoever has read it."""
    return [event if isinstance(event, Received) else msgspec.convert(event, Received) for event in events]


def key_of(event: Received, arrived: int) -> int:
    """The number that orders events: the event id, or time and order of arrival where the id is of another form."""
    text, time = event.eventId, event.timestamp
    if len(text) == _DIGITS and text.isascii() and text.isdecimal():
        key = int(text)
        if key >> TIME_BITS == time:
            return key
    return (time << TIME_BITS) | arrived


def has_own_order(event: Received) -> bool:
    """Whether the event's id tells its place, so that it also tells events apart."""
    return key_of(event, 0) != event.timestamp << TIME_BITS


class Lines:
    """Writes events as lines of canonical text; those of logs of another kind ``as_is``, whatever they look like."""

    def __init__(self, *, as_is: bool = False) -> None:
        self._stamp = Stamps()
        self._as_is = as_is

    def line(self, time: int, message: str) -> bytes:
        """One event, its line ended; ``-`` stands for a request id that the message does not have."""
        request_id, _ = ("", "") if self._as_is else split_id(message)
        if self._as_is:
            message = f"(-) {message}"
        elif not request_id:
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
