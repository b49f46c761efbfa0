"""Logs that somebody put into a document as text: the body of an issue, of a question, of a message in a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loganalyzer.formats import prefixes
from loganalyzer.formats.grammar import HEAD, head_end, read
from loganalyzer.formats.marks import next_cut
from loganalyzer.formats.prefixes import Prefix
from loganalyzer.formats.shapes import Row, split_id

_DEEPEST = 8
_MOST_LOOKED = 200
_HEAD = re.compile(HEAD)


def is_paste(row: Row) -> bool:
    """Whether the text of a record is a log of several events, not one with line breaks in its body."""
    request_id, text = split_id(row.message)
    if row.time is not None and (row.request_id or request_id):
        return False
    lines = text.split("\n", _MOST_LOOKED)[1 : _MOST_LOOKED + 1]
    if request_id:
        return any(line.startswith(f"({request_id}) ") for line in lines)
    if any(head_end(line) or prefixes.read(line).explicit for line in lines):
        return True
    sentence, spelled = read(text)
    return next_cut(sentence, spelled, Prefix()) is not None


def is_test_line(text: str) -> bool:
    """Whether the text of a record is one line of a console Test, whose others stand in records of their own."""
    return "\n" not in text.strip() and prefixes.read(text).kind == prefixes.TEST


def pastes_in(value: Any) -> Iterator[str]:
    """The texts in a value that messages stand in, wherever they are."""
    return (text for text in texts_in(value) if _HEAD.search(text))


def texts_in(value: Any, *, depth: int = 0) -> Iterator[str]:
    """The texts in a value, wherever they are."""
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_in(inner, depth=depth + 1)
