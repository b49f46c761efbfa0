"""A TOML text → its tables, and every place where it is no TOML.

:mod:`tomllib` has the last word, but stops at the first error. A text that it refuses is read statement by statement;
those that are no TOML are blanked, so that the rest is read all the same and keeps its place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass

from loganalyzer.classifier.rulefile.positions import STRING, Place

MOST = 50
"""So many errors are told of one text; what follows is not read."""


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """A place that is no TOML: line and column from 1, what is wrong, the entry it stands in, if in one."""

    line: int
    column: int
    what: str
    entry: str = ""
    length: int = 1


@dataclass(frozen=True, slots=True)
class Document:
    """What a text holds: its tables, the text they were read from (what is no TOML blanked, every line in its place),
    the faults, and the keys that are there but could not be read."""

    tables: dict[str, object]
    text: str
    faults: tuple[SyntaxFault, ...] = ()
    unread: frozenset[Place] = frozenset()


def document_of(text: str) -> Document:
    """The document that a text is, as far as it can be read; line ends are ``\\n``."""
    tables, error = _loads(text)
    return Document(tables, text) if error is None else _Recovery(text).document()


def _loads(text: str) -> tuple[dict[str, object], SyntaxFault | None]:
    try:
        return tomllib.loads(text), None
    except tomllib.TOMLDecodeError as error:
        return {}, _fault_of(str(error), text)
    except RecursionError:
        return {}, SyntaxFault(1, 1, "lists or tables stand too deep in each other")
    except ValueError as error:  # a number of thousands of digits
        return {}, SyntaxFault(1, 1, str(error))


_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _fault_of(message: str, text: str) -> SyntaxFault:
    place = _PLACE.search(message)
    what = _plain(message[: place.start()] if place else message)
    if place and place[1]:
        return SyntaxFault(int(place[1]), int(place[2]), what)
    lines = text.rstrip().split("\n")
    return SyntaxFault(len(lines), len(lines[-1]) + 1, what)


_PLAIN = {
    r"Illegal character '\\n'|Unterminated string": "this text is not closed: its quote is missing",
    r"Unclosed array": "a list is not closed: its ] is missing",
    r"Unclosed inline table": "a table is not closed: { … } ends in the line in which it begins",
    r"Invalid value": "not a value: texts stand in quotes, true, false and numbers do not",
    r"Expected '=' after a key.*|Invalid statement": "neither an [ID], nor a key = value, nor a # comment",
    r"Expected newline or end of document.*": "nothing may stand behind the value in its line",
    r"Expected '\]+' at the end of a table.*": "the ] behind the id is missing",
    r"Invalid initial character for a key part": "there should be a key here, in the same line as the { before it",
    r"Duplicate inline table key (.*)": r"\1 stands twice",
}
"""What tomllib says, and how people say it."""


def _plain(message: str) -> str:
    for pattern, words in _PLAIN.items():
        if found := re.fullmatch(pattern, message):
            return found.expand(words)
    return message[:1].lower() + message[1:]


_TEXTS = re.compile(rf"{STRING}|#[^\n]*")
_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*([A-Za-z_][\w-]*)[^\n=]*$")
_PAIR = re.compile(r"""([ \t]*)([\w-]+|"[^"\n]*"|'[^'\n]*')(?:[ \t]*\.[^\n=]*)?[ \t]*=""")


@dataclass(slots=True)
class _Statement:
    """The lines ``first`` up to ``end`` (from 0), one header or one pair; ``key`` is the first key of a pair."""

    first: int
    end: int
    entry: str
    key: str = ""


class _Recovery:
    """One text that tomllib refuses."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._statements = list(_statements(self._lines, inside=_inside_texts(text)))
        self._faults: list[SyntaxFault] = []
        self._unread: set[Place] = set()

    def document(self) -> Document:
        for statement in self._statements:
            if len(self._faults) < MOST:
                self._check(statement)
        while True:
            text = "\n".join(self._lines)
            tables, error = _loads(text)
            if error is None:
                return Document(tables, text, tuple(self._faults), frozenset(self._unread))
            self._settle(error)

    def _check(self, statement: _Statement) -> None:
        """Look at a statement alone."""
        lines = self._lines[statement.first : statement.end]
        _, error = _loads("\n".join(lines))
        if error is None:
            return
        opening = re.search(r"=[ \t]*[\[{]", lines[0])
        if opening and _open(lines):
            error = SyntaxFault(1, opening.end(), f"this {lines[0][opening.end() - 1]} is not closed")
        self._tell(error, statement, below=statement.first)
        self._blank(statement)
        if not statement.key and statement.entry:  # a broken header, but its id can be read
            self._lines[statement.first] = f"[{statement.entry}]"

    def _settle(self, error: SyntaxFault) -> None:
        """Take out what is no TOML for what stands before: a key or a header that stands twice."""
        at = next((s for s in self._statements if s.first < error.line <= s.end and self._written(s)), None)
        if at is None or len(self._faults) >= MOST:
            self._faults = self._faults or [error]
            self._lines = [""] * len(self._lines)
            return
        line = self._lines[at.first]
        name = at.key or line.partition("#")[0].strip()
        column = len(line) - len(line.lstrip()) + 1
        what = f"{name} stands twice{self._where_first(at)}"
        self._faults.append(SyntaxFault(at.first + 1, column, what, at.entry, len(name)))
        for statement in [at] if at.key else self._with_pairs(at):
            self._blank(statement)

    def _where_first(self, second: _Statement) -> str:
        same = (s for s in self._statements if (s.entry, s.key) == (second.entry, second.key) and self._written(s))
        first = next(same, second).first
        return f", first in line {first + 1}" if first < second.first else ""

    def _tell(self, error: SyntaxFault, statement: _Statement, *, below: int) -> None:
        self._faults.append(SyntaxFault(error.line + below, error.column, error.what, statement.entry))

    def _with_pairs(self, header: _Statement) -> Iterator[_Statement]:
        yield header
        for statement in self._statements[self._statements.index(header) + 1 :]:
            if not statement.key:
                return
            yield statement

    def _written(self, statement: _Statement) -> bool:
        return any(line.strip() for line in self._lines[statement.first : statement.end])

    def _blank(self, statement: _Statement) -> None:
        self._unread.add((statement.entry, statement.key))
        self._lines[statement.first : statement.end] = [""] * (statement.end - statement.first)


def _inside_texts(text: str) -> set[int]:
    """The numbers (from 0) of lines that begin within a text of several lines."""
    inside: set[int] = set()
    for found in _TEXTS.finditer(text):
        if "\n" in found[0]:
            first = text.count("\n", 0, found.start())
            inside.update(range(first + 1, first + 1 + found[0].count("\n")))
    return inside


def _statements(lines: list[str], *, inside: set[int]) -> Iterator[_Statement]:
    """The statements of a text: each begins with a line that looks like one and goes on until the next.

    An indented pair goes on with the statement before, if that has a bracket open: a table over several lines.
    """
    current = _Statement(0, 0, "")
    for number, line in enumerate(lines):
        header, pair = _HEADER.match(line), _PAIR.match(line)
        goes_on = pair is not None and pair[1] and _open(lines[current.first : number])
        if number in inside or goes_on or not (header or pair):
            current.end = number + 1
            continue
        if current.end > current.first:
            yield current
        entry = header[1] if header else current.entry
        current = _Statement(number, number + 1, entry, pair[2].strip("\"'") if pair else "")
    yield current


def _open(lines: list[str]) -> bool:
    """Whether there are more opening brackets than closing ones, those in texts and comments not counted."""
    bare = _TEXTS.sub("", "\n".join(lines))
    return sum(map(bare.count, "[{")) > sum(map(bare.count, "]}"))
