"""The family "S3 export": text that is canonical already and passes through in large blocks, untouched.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html: each event is ``<ISO-8601 ms>Z <message>``; the
line breaks inside a message are raw, and the order inside a file is not guaranteed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats import losses
from loganalyzer.formats.base import Chunk, Origin
from loganalyzer.formats.unpack import HEAD
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import UNKNOWN, match

BLOCK = 4 << 20
"""Bytes that are read at once."""

_ENOUGH = 2 * BLOCK
"""So many bytes are handed on: more would take as much more memory in every process, fewer more time, as much of
what scanning costs is the same for a block of any size."""

LONGEST_EVENT = 16 << 20
"""Bytes of one event that are kept: CloudWatch takes 1 MB at most."""

_SAMPLE = 16 << 10
"""Bytes of a long input that are looked at line by line: it is no paste, in which anything may follow."""

_SOUGHT = 64 << 10
_LONGEST_START = 300
"""More than the bytes that time and id of an event take."""

ORIGIN = Origin("S3 export")

_EVENT = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \([^\s()]+\) ")
_UNMARKED = re.compile(rb"\n(?!\t|\d{4}-\d\d-\d\dT)")
"""In front of a line that goes on with an event and does not say so."""

_INSIDE = b"Z ("
"""Stands in the prefix of every event."""


class S3Export:
    """Passes canonical text on; see :class:`loganalyzer.formats.base.Family`."""

    name = "S3 export"

    def __init__(self) -> None:
        self._unmarked = False

    def recognises(self, head: bytes) -> bool:
        """Whether every line of the sample begins an event or goes on with one that may hold line breaks."""
        if not _EVENT.match(head) or b"\r" in head or b"\x1b" in head:
            return False
        lines = _whole_lines(head if len(head) < HEAD else head[:_SAMPLE])
        begun = [_EVENT.match(line) for line in lines]
        if any(map(_glued, filter(None, begun))):
            return False
        above = begun[0]
        for line, event in zip(lines, begun, strict=True):
            if event is None and not line.startswith(b"\t") and (above is None or not _sentence(above).opaque):
                return False
            above = event or above
        self._unmarked = _UNMARKED.search(head, 0, max(head.rfind(b"\n"), 0)) is not None
        return any(_sentence(event) is not UNKNOWN for event in begun if event)

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """Blocks of 8 to 12 MB, each cut where an event begins."""
        if self._unmarked:
            coverage.note(losses.UNMARKED)
        waiting: list[bytes] = []
        size = lost = 0
        while block := stream.read(BLOCK):
            cut = _last_start(block) if size + len(block) >= _ENOUGH else -1
            if cut < 0:
                waiting, size, more = _bounded([*waiting, block], size + len(block))
                lost += more
                continue
            text = b"".join((*waiting, memoryview(block)[:cut]))
            waiting, size = [block[cut:]], len(block) - cut
            del block  # what was read takes no memory while it is scanned
            yield Chunk(text, ORIGIN)
            del text
        rest = b"".join(waiting)
        if rest:
            yield Chunk(rest if rest.endswith(b"\n") else rest + b"\n", ORIGIN)
        if lost:
            what = f"an event is longer than {LONGEST_EVENT >> 20} MB: {lost} bytes of it were not read"
            coverage.problems.append(
                Problem("", what, "CloudWatch events hold 1 MB at most; check how the file was made")
            )


def seams(file: BinaryIO, size: int, length: int) -> list[int]:
    """Where canonical text of ``size`` bytes may be cut into stretches of about ``length``: offsets of events.

    The first is 0 and the last is ``size``.
    """
    found = [0]
    while found[-1] + 2 * length <= size:
        seam = _first_start(file, found[-1] + length)
        if seam is None:
            break
        found.append(seam)
    return [*found, size]


def _first_start(file: BinaryIO, offset: int) -> int | None:
    """Where the first event begins at or behind an offset above 0, None where none does."""
    file.seek(offset - 1)
    held = b""
    while block := file.read(_SOUGHT):
        held += block
        at = held.find(b"\n")
        while 0 <= at < len(held) - _LONGEST_START:
            if _EVENT.match(held, at + 1):
                return offset + at
            at = held.find(b"\n", at + 1)
        rest = max(0, len(held) - _LONGEST_START) if at < 0 else at
        held, offset = held[rest:], offset + rest
    return None


def _sentence(event: re.Match[bytes]) -> Sentence:
    """What an event says whose beginning was found in its line."""
    return match(event.string[event.end() :])


def _glued(event: re.Match[bytes]) -> bool:
    """Whether another event stands further on in the line: somebody's copy has lost its line breaks."""
    line, start = event.string, event.end()
    if line.find(_INSIDE, start) < 0:
        return False
    return any(_sentence(other) is not UNKNOWN for other in _EVENT.finditer(line, start))


def _whole_lines(head: bytes) -> list[bytes]:
    """The lines of the sample, without a last one that may be cut."""
    lines = head.split(b"\n")
    return lines[:-1] if len(lines) > 1 else lines


def _last_start(block: bytes) -> int:
    """Where the last event of the block begins, -1 where none does."""
    end = len(block)
    while (newline := block.rfind(b"\n", 0, end)) >= 0:
        if _EVENT.match(block, newline + 1):
            return newline + 1
        end = newline
    return -1


def _bounded(pieces: list[bytes], size: int) -> tuple[list[bytes], int, int]:
    """As many bytes as an event may have, their number, and how many are not kept."""
    if size <= LONGEST_EVENT + BLOCK:
        return pieces, size, 0
    whole = b"".join(pieces)
    return [whole[:LONGEST_EVENT]], LONGEST_EVENT, size - LONGEST_EVENT
