"""Where a long document of filter-log-events may be parted, so that its parts can be read like documents of their own.

A brace and a quotation mark without a backslash between them stand in no string, so the beginning that all events of a
program's document have is found without parsing what comes before.
"""

from __future__ import annotations

import os
import re
from itertools import chain, pairwise
from typing import BinaryIO, cast

import msgspec

from loganalyzer.formats import unpack
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.formats.pages import has_id
from loganalyzer.formats.shapes import split_id

STRETCH = 16 << 20
"""Bytes of a part, about: the same for whoever reads it, so that events have the same positions."""

_SOUGHT = 1 << 20
_FIRST = re.compile(rb'\s*\{\s*"events"\s*:\s*\[\s*(\{\s*"\w+"\s*:)')

_events = msgspec.json.Decoder(list[LogEvent])


def partings(file: BinaryIO, size: int) -> list[int]:
    """Where a document of ``size`` bytes is parted into stretches of about :data:`STRETCH`.

    The first is 0 and the last is ``size``; the others are where an event begins that is later than the one before. One
    that is no such document, or does not look like one where it would be parted, is left whole.
    """
    first = _FIRST.match(file.read(unpack.HEAD))
    found = [0]
    while first and found[-1] + 2 * STRETCH <= size:
        begin = found[-1] + STRETCH
        file.seek(begin)
        at = _later_event(file.read(_SOUGHT), first.group(1))
        if at is None:
            return [0, size]
        found.append(begin + at)
    return [*found, size]


def as_document(file: BinaryIO, start: int, end: int) -> BinaryIO:
    """A stretch of such a document between two partings as a document of its own."""
    size = file.seek(0, os.SEEK_END)
    file.seek(start)
    body = unpack.blocks(cast(BinaryIO, unpack.Limited(file, end - start)))
    return unpack.as_stream(chain([b'{"events":['] * (start > 0), body, [b"]}"] * (end < size)))


def _later_event(text: bytes, opening: bytes) -> int | None:
    """Where the first event begins that is later than the one before it in its page; None if there is none.

    Both have an id of CloudWatch's and a message with the id of a request.
    """
    seams = (found.start() for found in re.finditer(rb"(?<=[\s,])" + re.escape(opening), text))
    for (start, middle), (_, end) in pairwise(pairwise(seams)):
        try:
            before, event = _events.decode(b"[" + text[start:end].rstrip().removesuffix(b",") + b"]")
        except (msgspec.MsgspecError, ValueError):  # a page ends between them
            continue
        if not all(has_id(one) and split_id(one.message)[0] for one in (before, event)):
            return None
        if (before.timestamp or 0) < (event.timestamp or 0):
            return middle
    return None
