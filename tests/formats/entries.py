"""A log before it is written in any form: its events, and the little that all forms need to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from typing import NamedTuple

GROUP = "API-Gateway-Execution-Logs_abcde12345/prod"
STREAM = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
ACCOUNT = "123456789012"
INGESTED_MS = 2_983
_TIME_BITS = 144


class Entry(NamedTuple):
    """One event: time in ms since 1970, request id, message, which may hold line breaks."""

    time: int
    id: str
    message: str

    @property
    def text(self) -> str:
        """The message as CloudWatch holds it."""
        return f"({self.id}) {self.message}"


Log = Sequence[Entry]


def requests_of(log: Log) -> Iterator[list[Entry]]:
    """The events of each request, in the order of their first events."""
    first = {entry.id: number for number, entry in reversed(list(enumerate(log)))}
    for _, entries in groupby(sorted(log, key=lambda entry: first[entry.id]), key=lambda entry: entry.id):
        yield list(entries)


def event_id(number: int, entry: Entry) -> str:
    """An event id as CloudWatch makes them: the time in the high bits."""
    return str((entry.time << _TIME_BITS) + number)


def at(ms: int, *, hours: int = 0) -> datetime:
    """A time in the zone so many hours ahead of UTC."""
    zone = timezone(timedelta(hours=hours)) if hours else UTC
    return datetime.fromtimestamp(ms // 1000, zone) + timedelta(milliseconds=ms % 1000)


def iso(ms: int) -> str:
    """``2026-11-02T09:15:42.118Z``."""
    return f"{at(ms):%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def local(ms: int, *, hours: int) -> str:
    """``2026-11-02T18:15:42.118+09:00``, as the console shows times in the viewer's zone."""
    return at(ms, hours=hours).isoformat(timespec="milliseconds")


def spaced(ms: int) -> str:
    """``2026-11-02 09:15:42.118``, as Logs Insights shows times."""
    return f"{at(ms):%Y-%m-%d %H:%M:%S}.{ms % 1000:03d}"


def lines(rows: Iterable[str]) -> bytes:
    """Rows as lines of UTF-8 text."""
    return "".join(f"{row}\n" for row in rows).encode()
