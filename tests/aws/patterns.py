"""CloudWatch's filter patterns for unstructured events: terms, ``"phrases"``, ``?`` any of, ``-`` none of, ``%regex%``.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax-Metric-Filters.html. A term is taken
as whole words, which is the narrower reading of that page: what works here works either way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

LONGEST = 1024

_TERM = re.compile(r'\s*(?P<sign>[?-]?)(?:"(?P<phrase>(?:[^"\\]|\\.)*)"|(?P<word>\w+))(?=\s|$)')


class BadPattern(Exception):
    """A pattern that AWS refuses, or one of a kind that this server does not know."""


@lru_cache(maxsize=256)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a message matches the pattern."""
    if len(pattern) > LONGEST:
        raise BadPattern(f"1 validation error: filterPattern is longer than {LONGEST}")
    text = pattern.strip()
    if not text:
        return lambda message: True
    if text[0] == "%" and text[-1] == "%" and len(text) > 2:
        if re.search(r"[()!<>]", text):
            raise BadPattern("Invalid character(s) in term")
        expression = re.compile(text[1:-1])
        return lambda message: expression.search(message) is not None
    return _terms(text)


def _terms(text: str) -> Callable[[str], bool]:
    found: dict[str, list[re.Pattern[str]]] = {"": [], "?": [], "-": []}
    position = 0
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None:
            raise BadPattern(f"Invalid character(s) in term '{text[position : position + 40]}'")
        said = term["word"] or re.sub(r"\\(.)", r"\1", term["phrase"])
        found[term["sign"]].append(_words(said))
        position = term.end()
    wanted, unwanted = found[""], found["-"]
    # The question mark counts for nothing where it stands beside terms of another kind.
    any_of = [] if wanted or unwanted else found["?"]

    def matches(message: str) -> bool:
        if any(term.search(message) for term in unwanted) or not all(term.search(message) for term in wanted):
            return False
        return not any_of or any(term.search(message) for term in any_of)

    return matches


def _words(said: str) -> re.Pattern[str]:
    before = r"(?<!\w)" if said[:1].isalnum() else ""
    after = r"(?!\w)" if said[-1:].isalnum() else ""
    return re.compile(before + re.escape(said) + after)
