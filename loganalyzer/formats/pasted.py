"""Logs that somebody put into a document as text: the body of an issue, of a question, of a message in a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from loganalyzer.formats import prefixes
from loganalyzer.formats.grammar import HEAD, head_end, read
from loganalyzer.formats.hints import hint_in
from loganalyzer.formats.marks import next_cut
from loganalyzer.formats.prefixes import Prefix
from loganalyzer.formats.shapes import Row, split_id

_DEEPEST = 8
_MOST_LOOKED = 200
_LONGEST_SPOKEN = 20_000
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


def pastes_in(value: Any, *, depth: int = 0) -> Iterator[str]:
    """The texts in a value that messages stand in, wherever they are; those of one object as one: title and body."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else [value]
    texts = [text for text in inner if isinstance(text, str) and _HEAD.search(text)]
    yield from ["\n\n".join(texts)] if texts and isinstance(value, dict) else texts
    for deeper in inner if depth < _DEEPEST else ():
        if isinstance(deeper, dict | list):
            yield from pastes_in(deeper, depth=depth + 1)


def spoken_in(value: Any) -> Iterator[str]:
    """The texts in a value that speak of a failure without any message of a log: they count where there is no log.

    One that is a line is a field of a record, as access logs have them.
    """
    for text in _texts_in(value, depth=0):
        lines = text.strip().split("\n")
        if len(lines) > 1 and len(text) <= _LONGEST_SPOKEN and any(hint_in(line) is not None for line in lines):
            yield text


def _texts_in(value: Any, *, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _DEEPEST and isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts_in(inner, depth=depth + 1)
