"""Where JSON values begin and end in a block of bytes, told without parsing what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"(?:[^"\\]++|\\.)*+"[^"{}\[\]]*+)*+([{}\[\]])', re.DOTALL)
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}]++(?=[\s,\]}])")
_OBJECT = re.compile(rb'\{\s*"[A-Za-z@_]')
_OPENING = re.compile(rb'\{\s*"(?:[^"\\]|\\.){1,100}?"\s*:')


def seams(held: bytes, start: int) -> Iterator[int]:
    """Where in a run of objects the next ones begin: they mostly begin with the same key."""
    opening = _OPENING.match(held, start)
    if opening is None:
        return
    needle, at = opening.group(), start
    while (at := held.find(needle, at + 1)) >= 0:
        if _is_seam(held, start, at):
            yield at


def last_object(held: bytes, start: int) -> int:
    """Where the last of a run of objects begins."""
    opening = _OPENING.match(held, start)
    at = len(held) if opening else start
    while opening and (at := held.rfind(opening.group(), start, at)) > start and not _is_seam(held, start, at):
        pass
    return max(at, start)


def _is_seam(held: bytes, start: int, at: int) -> bool:
    """Whether an object ends in front of the one that begins here."""
    return held[at - 1 : at] == b"}" or held[max(start, at - 64) : at].rstrip().endswith(b"}")


def end_of_value(held: bytes, pos: int) -> int:
    """Where the value at ``pos`` ends, -1 if it does not end in ``held``."""
    first = held[pos : pos + 1]
    if first not in (b"{", b"["):
        found = (_STRING if first == b'"' else _SCALAR).match(held, pos)
        return found.end() if found else -1
    depth = 0
    while found := _BRACKET.match(held, pos):
        depth += 1 if found.group(1) in b"{[" else -1
        pos = found.end()
        if depth == 0:
            return pos
    return -1


def last_item(held: bytes, start: int) -> int:
    """Where the last object begins that stands behind a comma; a raw quotation mark behind a brace is in no string."""
    end = len(held)
    while (brace := held.rfind(b"{", start, end)) >= 0:
        if _OBJECT.match(held, brace):
            before = held[max(start, brace - 256) : brace].rstrip()
            if before.endswith(b",") and before[:-1].rstrip().endswith(b"}"):
                return brace
        end = brace
    return -1
