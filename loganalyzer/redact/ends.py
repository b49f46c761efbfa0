"""Where a value ends: a quoted string, a Java map, a query, a line, a text that was cut."""

from __future__ import annotations

import re

OPENING = re.compile(r"(\\{0,31})([\"'])")
CUT = re.compile(r"[ \t]?\[TRUNCATED\]")
_CLOSING = {quote: re.compile(rf"(?<!\\)(\\*+){quote}|[ \t]?\[TRUNCATED\]") for quote in "\"'"}
MAP_END = re.compile(r",\s?(?=[\w.$:-]{1,80}=)|\}(?=[\s,\]})\"']|\Z)|\n|[ \t]?\[TRUNCATED\]|\Z")
QUERY_END = re.compile(r"[&;\s\"<>\\`]|%26|\Z")
WORD_END = re.compile(r"[\s\"'<>`,;]|\Z")
LINE_END = re.compile(r"\n|[ \t]?\[TRUNCATED\]|\Z")


def match_start(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where the pattern is found first, the end of the text if nowhere."""
    found = pattern.search(text, start)
    return found.start() if found else len(text)


def string_end(text: str, opening: re.Match[str]) -> tuple[int, int]:
    """Where the contents of a quoted string end and where its closing quote does.

    A string inside a string carries backslashes before its quotes; one with ``n`` of them ends at the next quote
    that has ``n``, or ``n`` and an even number of escaped ones.  A cut string ends where the text does.
    """
    level = len(opening[1])
    for found in _CLOSING[opening[2]].finditer(text, opening.end()):
        if found[1] is None:
            return found.start(), found.start()
        if len(found[1]) <= level or (len(found[1]) - level) % (2 * (level + 1)) == 0:
            return found.end() - 1 - min(level, len(found[1])), found.end()
    return len(text), len(text)
