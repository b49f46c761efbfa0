"""The plain reader: canonical text line by line into events.

Slow and simple; what it says is right, and the scanner must say the same.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator

from loganalyzer import vocabulary
from loganalyzer.model import Event

LINE = re.compile(
    rb"(?:(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)|-) "
    rb"(?:\((?P<id>[^\s()\0]{1,256})\)(?: (?P<message>.*)|$)|(?P<bare>.*))",
    re.DOTALL,
)
"""How a line starts that is an event, as an S3 export writes it
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html)."""

NO_ID = b"-"
TRUNCATED = b"[TRUNCATED]"


def milliseconds(text: bytes) -> int | None:
    """Milliseconds since 1970 of ``2026-11-02T09:15:42.118Z``; None for a date or time that does not exist."""
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
    if not (1 <= month <= 12 and hour < 24 and minute < 60 and second < 60 and year >= 1970):
        return None
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    fraction = text[20:-1][:3].ljust(3, b"0") if len(text) > 20 else b"000"
    return calendar.timegm((year, month, day, hour, minute, second)) * 1000 + int(fraction)


def split_line(line: bytes) -> tuple[int | None, bytes, bytes] | None:
    """Time, request id and message of a line that starts an event, None for one that continues the event above.

    A line with a time but no id is an event only if its message is in the vocabulary (logs of 2016); its id is ``-``.
    """
    found = LINE.match(line)
    if found is None:
        return None
    stamp = found["time"]
    time = milliseconds(stamp) if stamp else None
    if stamp and time is None:
        return None
    if found["id"] is not None:
        return time, found["id"], found["message"] or b""
    if stamp and vocabulary.match(found["bare"]).code:
        return time, NO_ID, found["bare"]
    return None


def events(chunks: Iterable[bytes], *, base: int = 0) -> Iterator[Event]:
    """Every event of canonical text, in the order of the text; ``chunks`` are whole events each.

    ``base`` is the position of the first byte. Lines before the first event of a chunk are skipped (the caller counts
    them: :func:`stray_lines`). Continuation lines are part of the message, less the TAB that marks them.
    """
    for text in chunks:
        yield from _events_of(text, base)
        base += len(text)


def _events_of(text: bytes, base: int) -> Iterator[Event]:
    head: tuple[int | None, bytes, bytes] | None = None
    more: list[bytes] = []
    position = offset = base
    for line in text.split(b"\n")[: -1 if text.endswith(b"\n") else None]:
        parts = split_line(line)
        if parts is not None:
            if head is not None:
                yield _event(head, more, position)
            head, more, position = parts, [], offset
        elif head is not None:
            more.append(line.removeprefix(b"\t"))
        offset += len(line) + 1
    if head is not None:
        yield _event(head, more, position)


def _event(head: tuple[int | None, bytes, bytes], more: list[bytes], position: int) -> Event:
    time, request_id, message = head
    return Event(
        time,
        request_id.decode("utf-8", "backslashreplace"),
        b"\n".join([message, *more]) if more else message,
        position,
    )


def stray_lines(text: bytes) -> list[bytes]:
    """The non-blank lines of a chunk that stand before its first event and so belong to none."""
    stray = []
    for line in text.split(b"\n"):
        if split_line(line) is not None:
            break
        if line.strip():
            stray.append(line)
    return stray
