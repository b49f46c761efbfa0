"""Where in a TOML text each key and value stands: :mod:`tomllib` reads the values but does not tell.

Only for text that tomllib takes: what is no TOML is not noticed here.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import NamedTuple

Place = tuple[str | int, ...]
"""The way to a value: keys, and numbers in lists."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r"""[\w-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*'""")
STRING = (
    r'''"""(?:\\[\s\S]|(?!""")[^\\])*"""(?:"{1,2})?|"(?:\\.|[^"\\\n])*"'''
    r"""|'{3}(?:(?!''')[\s\S])*'''(?:'{1,2})?|'[^'\n]*'"""
)
"""An expression for the four ways to write a text (https://toml.io/en/v1.0.0#string)."""
_STRING = re.compile(STRING)
_SCALAR = re.compile(r"[^,\]}\n#]+")


class Span(NamedTuple):
    """A stretch of the text: the offsets of its first character and of the one after its last."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Positions:
    """The spans of keys (and of the headers of tables) and of values, by their place."""

    keys: dict[Place, Span] = field(default_factory=dict)
    values: dict[Place, Span] = field(default_factory=dict)

    def key(self, place: Place) -> Span | None:
        """The span of a key, else that of the nearest thing around it."""
        return self._nearest(place, self.keys)

    def value(self, place: Place) -> Span | None:
        """The span of a value, else that of the nearest thing around it."""
        return self.values.get(place) or self._nearest(place, self.keys)

    def _nearest(self, place: Place, spans: dict[Place, Span]) -> Span | None:
        around = (place[:length] for length in range(len(place), 0, -1))
        return next((found for outer in around if (found := spans.get(outer) or self.values.get(outer))), None)


def positions_of(text: str) -> Positions:
    """Where everything in a valid TOML text stands; line ends are ``\\n``."""
    return _Walk(text).document()


class _Walk:
    """One way through the text, from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._found = Positions()
        self._last: dict[Place, int] = {}  # of each array of tables, the number of the last one

    def document(self) -> Positions:
        table: Place = ()
        while self._skip(_BLANK) < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
        return self._found

    def _skip(self, what: re.Pattern[str]) -> int:
        found = what.match(self._text, self._at)
        if found is None:
            raise ValueError(f"not a TOML text at {self._at}")
        self._at = found.end()
        return self._at

    def _here(self, sign: str) -> bool:
        """Whether ``sign`` stands here; if so, it is passed."""
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def _header(self) -> Place:
        start = self._at
        several = self._here("[[")
        self._at += not several
        names = self._dotted()
        self._at += 2 if several else 1
        span = Span(start, self._at)
        place: Place = ()
        for number, (name, _) in enumerate(names, start=1):
            place = (*place, name)
            self._found.keys.setdefault(place, span)
            if several and number == len(names):
                self._last[place] = self._last.get(place, -1) + 1
            if place in self._last:
                place = (*place, self._last[place])
                self._found.keys.setdefault(place, span)
        self._found.values.setdefault(place, span)
        return place

    def _pair(self, table: Place) -> None:
        place = table
        for name, span in self._dotted():
            place = (*place, name)
            self._found.keys.setdefault(place, span)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(place)

    def _dotted(self) -> list[tuple[str, Span]]:
        """The parts of a key and where each stands."""
        names = []
        while True:
            start = self._skip(_SPACE)
            end = self._skip(_KEY)
            written = self._text[start:end]
            name = tomllib.loads(f"key = {written}")["key"] if written[0] in "\"'" else written
            names.append((name, Span(start, end)))
            self._skip(_SPACE)
            if not self._here("."):
                return names

    def _value(self, place: Place) -> None:
        start = self._at
        sign = self._text[start : start + 1]
        if sign == "[":
            self._members("]", place)
        elif sign == "{":
            self._members("}", place)
        elif sign in ('"', "'"):
            self._skip(_STRING)
        else:
            written = self._text[start : self._skip(_SCALAR)]
            self._at = start + len(written.rstrip())
        self._found.values[place] = Span(start, self._at)

    def _members(self, end: str, place: Place) -> None:
        """The values of a list, or the pairs of an inline table."""
        self._at += 1
        number = 0
        while self._skip(_BLANK) < len(self._text) and not self._here(end):
            if end == "]":
                self._value((*place, number))
            else:
                self._pair(place)
            number += 1
            self._skip(_BLANK)
            self._here(",")
