"""What every family of forms has in common: chunks of canonical text, and a word on where they come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

from loganalyzer.coverage import Coverage

PARQUET = b"PAR1"
"""What a Parquet file begins with (https://parquet.apache.org/docs/file-format/)."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a stretch of canonical text comes from, as far as the source tells.

    ``form`` names the form for people (``S3 export``, ``filter-log-events``, ``console Test`` …); ``order`` what the
    order of events within a millisecond rests on (``event id | position | time``); ``facts`` are names of
    :data:`loganalyzer.vocabulary.FACTS` that hold for every request in it (``paste``, ``test_log``).
    """

    form: str
    order: str = "position"
    group: str = ""
    stream: str = ""
    account: str = ""
    facts: tuple[str, ...] = ()

    @property
    def api(self) -> tuple[str, str]:
        """API id and deployment stage from the name of the log group, empty strings where it has none.

        ``API-Gateway-Execution-Logs_<api>/<stage>`` and, for WebSocket APIs, ``/aws/apigateway/<api>/<stage>``.
        """
        for prefix in ("API-Gateway-Execution-Logs_", "/aws/apigateway/"):
            if self.group.startswith(prefix):
                name = self.group.removeprefix(prefix).encode("utf-8", "replace").decode()
                api, _, stage = name.partition("/")
                return api, stage
        return "", ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole events of canonical text, the last line ended by a newline, and their origin."""

    text: bytes
    origin: Origin


class Family(Protocol):
    """One family of forms: knows its own by content and turns it into canonical text."""

    name: str

    def recognises(self, head: bytes) -> bool:
        """Whether an input that starts with ``head`` (up to 64 kB, decompressed) is of this family."""
        ...

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """Read ``stream`` to its end in bounded memory; losses and doubts go to ``coverage``."""
        ...


def timestamp(ms: int | None) -> bytes:
    """``2026-11-02T09:15:42.118Z`` for a time in milliseconds, ``-`` for None or one no calendar has."""
    if ms is None:
        return b"-"
    try:
        when = datetime.fromtimestamp(ms // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return b"-"
    return b"%s.%03dZ" % (when.strftime("%Y-%m-%dT%H:%M:%S").encode(), ms % 1000)


class Stamps:
    """:func:`timestamp` as text, worked out once for all events of a second."""

    def __init__(self) -> None:
        self._second = -1
        self._date = ""

    def __call__(self, ms: int | None) -> str:
        """The time as it stands in canonical text."""
        if ms is None or ms < 0:
            return "-"
        second, fraction = divmod(ms, 1000)
        if second != self._second:
            self._second = second
            self._date = timestamp(ms)[:20].decode()
        return f"{self._date}{fraction:03d}Z" if self._date != "-" else "-"


def one_event(text: str) -> str:
    """Text of one event with its line breaks as canonical text has them: newline + TAB."""
    if "\n" in text or "\r" in text:
        return text.replace("\r\n", "\n").rstrip("\r\n").replace("\r", "\n").replace("\n", "\n\t")
    return text


def canonical(time: int | None, request_id: str, message: bytes) -> bytes:
    """One event as canonical text; newlines inside the message become newline + TAB.

    ``request_id`` must not hold white space or parentheses; empty becomes ``-``.
    """
    body = message.replace(b"\r\n", b"\n").rstrip(b"\r\n").replace(b"\r", b"\n").replace(b"\n", b"\n\t")
    return b"%s (%s) %s\n" % (timestamp(time), request_id.encode() or b"-", body)
