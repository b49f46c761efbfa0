"""Logs that somebody put into a document as text: the body of an issue, of a question, of a message in a chat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from loganalyzer.formats import prefixes
from loganalyzer.formats.grammar import head_end, holds_message, read
from loganalyzer.formats.hints import hint_in
from loganalyzer.formats.marks import next_cut
from loganalyzer.formats.prefixes import Prefix
from loganalyzer.formats.shapes import Row, split_id

_DEEPEST = 8
_MOST_LOOKED = 200
_LONGEST_SPOKEN = 20_000

_Holder = dict[str, object] | list[object]


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


def pastes_in(value: object) -> Iterator[str]:
    """The texts in a value that messages stand in, wherever they are; those of one object as one: title and body."""
    for holder in _holders_in(value):
        texts = list(filter(holds_message, _texts_of(holder)))
        yield from ["\n\n".join(texts)] if texts and isinstance(holder, dict) else texts


def spoken_in(value: object) -> Iterator[str]:
    """The texts in a value that speak of a failure without any message of a log: they count where there is no log.

    One that is a line is a field of a record, as access logs have them.
    """
    for holder in _holders_in(value):
        yield from filter(_speaks, _texts_of(holder))


def _speaks(text: str) -> bool:
    lines = text.strip().split("\n")
    return len(lines) > 1 and len(text) <= _LONGEST_SPOKEN and any(hint_in(line) is not None for line in lines)


def _holders_in(value: object, *, depth: int = 0) -> Iterator[_Holder]:
    """The objects and lists in a value, each before those in it."""
    if not isinstance(value, dict | list):
        return
    yield value
    for inner in _inside(value) if depth < _DEEPEST else ():
        yield from _holders_in(inner, depth=depth + 1)


def _texts_of(holder: _Holder) -> Iterator[str]:
    """The texts that stand in an object or list itself, not deeper."""
    return (text for text in _inside(holder) if isinstance(text, str))


def _inside(holder: _Holder) -> Iterable[object]:
    return holder.values() if isinstance(holder, dict) else holder
