"""Where in the midst of a line an event begins: behind a complete message, and never inside a logged value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from loganalyzer.formats import clock, prefixes
from loganalyzer.formats.drafts import Draft
from loganalyzer.formats.grammar import TRUNCATED, UUID, extent, head_end, is_ones_own, nests, read, telling
from loganalyzer.formats.prefixes import CLOSING, MARK, QUOTES, ROW, TAG, TEST, Prefix
from loganalyzer.formats.values import Value, is_address, is_literal, value_end
from loganalyzer.sentences import Sentence
from loganalyzer.vocabulary import UNKNOWN

Cut = tuple[int, Prefix]
"""Where an event begins on a line, and its prefix, whose ``end`` counts from there."""

_UUID = re.compile(UUID)
_TAGS = re.compile(rf"{TAG}\s*$")
_LETTER = re.compile(r"[^\W\d_]")
_NO_WORD = re.compile(
    r"<[\w -]{1,30}>|\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|[AP]M|UTC|GMT"
    r"|Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sep|Oct|Nov|Dec)\b"
)
"""A placeholder or a part of a date: those in front of a message are not the words of somebody who speaks of it."""

_NEAR = 400
_ID_FIELD = re.compile(r"\brequest_?id\W{1,9}(?P<id>[\w=-]{8,80})\W(?!.*\brequest_?id)", re.IGNORECASE | re.DOTALL)
_QUERY = re.compile(
    r"(?:@message\b[^\"'`/]{0,40}|\bmessage\s+(?:not\s+)?like\s{0,4}|\bparse\s+@?\w{1,40}\s{0,4}"
    r"|\bfilter-?pattern\b[^\w]{0,9}|\b(?:pattern|regexp?)\w{0,20}\s{0,20}[:=]\s{0,4}r?)[\"'`/*\[(\\]+\s*$"
    r"|\.\*$|\(\?<?[:=!]$|=\s?[\"']\*$",
    re.IGNORECASE,
)
"""What stands in front of the words that a query or an expression looks for in a log."""
_THROWN = re.compile(r"\b[A-Z]\w*(?:Exception|Error):\s*$")
_OF_ANY_PROGRAM = ("Illegal character in", "URI/URL syntax error")
"""What programs in Java throw in the same words; what stands in front of them tells whose they are."""
_STAMP_BEHIND = re.compile(rf"\s{clock.ISO}\s*$")
"""The time of the next event, which has no id."""

_COLUMNS = re.compile(rf"{UUID}[)\]\"'|,:;=\s-]*$")


def next_cut(sentence: Sentence, text: str, prefix: Prefix, *, whole: bool = True) -> Cut | None:
    """Where the next event begins in ``text``, a message and what stands behind it.

    ``whole`` says that the line ends with ``text``; if it does not, nothing is said of a value that is open at its end.
    """
    start = head_end(text)
    if not prefixes.may_hold_mark(text, start or 1):
        return None
    room = _Room(sentence, text, start)
    if not whole and room.is_open:
        return None
    for found in _marks(text, start or 1):
        following = prefixes.read(text[found.start() : found.start() + _NEAR])
        if room.at(found, following):
            if not following.explicit:
                following = _columns_between(text[room.end : found.start()], following)
            return found.start(), _inherited(following, prefix)
    return None


def _columns_between(text: str, following: Prefix) -> Prefix:
    """The prefix of an event behind the columns of a table whose line breaks are lost."""
    columns = _columns(text) if text.strip() else None
    return replace(columns, end=following.end, quote=following.quote) if columns is not None else following


def _marks(text: str, start: int) -> Iterator[re.Match[str]]:
    """Every place where an event may begin, overlapping ones too: words of a sentence may reach into the next."""
    while found := MARK.search(text, start):
        yield found
        start = found.start() + 1


def _inherited(following: Prefix, prefix: Prefix) -> Prefix:
    """The prefix of an event behind another; without one of its own, it has that of the other."""
    if following.explicit:
        return replace(following, group=prefix.group)
    return replace(prefix, end=following.end, quote=following.quote, notes=(), inherited=True)


class _Room:
    """Tells where in a message another one can begin."""

    def __init__(self, sentence: Sentence, text: str, start: int) -> None:
        self._sentence = sentence
        self._text = text
        self._start = start
        self._end = value_end(sentence, text) if sentence.opaque else -1
        self._bracketed = text[start : start + 80].lstrip()[:1] in ("{", "[", '"')

    @property
    def end(self) -> int:
        """Where the message ends for certain, at the earliest behind its head."""
        return max(self._end, self._start, extent(self._sentence, self._text))

    @property
    def is_open(self) -> bool:
        """Whether a bracket opens the value and none closes it."""
        return self._sentence.opaque and self._bracketed and self._end < 0

    def at(self, found: re.Match[str], following: Prefix) -> bool:
        """Whether an event can begin at the mark."""
        at = found.start()
        near = self._text[max(self._start, at - _NEAR) : at]
        if self._end >= 0:
            return at >= self._end or is_cut(near)
        if found["stamp"] or found["row"]:
            return True
        if self._sentence is UNKNOWN:
            return following.explicit
        if not self._sentence.opaque:
            return following.explicit or self._complete(at) or not nests(read(found["head"])[0])
        return self._in_value(at, near, following)

    def _complete(self, at: int) -> bool:
        return extent(self._sentence, self._text[: min(at, _NEAR * 4)]) >= 0

    def _in_value(self, at: int, near: str, following: Prefix) -> bool:
        """Whether the value, which no bracket closes, is over here."""
        before = near.strip(" \t\"'`")
        if is_address(self._sentence) or is_cut(near) or _TAGS.search(near):
            return True
        if at - self._start < _NEAR and (not before or is_literal(before)):
            return True
        if self._sentence.step in Value.WORDY and not self._bracketed:
            return True
        return following.explicit and _UUID.fullmatch(following.id) is not None


def is_cut(text: str) -> bool:
    """Whether API Gateway cut a value at the end of ``text``."""
    return _STAMP_BEHIND.sub("", text).rstrip(" \t\"'`").endswith(TRUNCATED)


def in_prose(line: str) -> Prefix | None:
    """The first event on a line that begins with something else; its ``end`` counts from the start of the line."""
    if not prefixes.may_hold_mark(line):
        return None
    for found in _marks(line, 0):
        following = prefixes.read(line[found.start() : found.start() + _NEAR])
        end = found.start() + following.end
        if found["stamp"] or found["row"]:
            return replace(following, end=end, prose=True)
        lead = line[max(0, found.start() - _NEAR) : found.start()]
        if _QUERY.search(lead) or (not following.explicit and _is_mentioned(lead, line[end : end + _NEAR])):
            continue
        if _THROWN.search(lead) and line.startswith(_OF_ANY_PROGRAM, end):
            continue
        if not following.explicit and prefixes.loose_stamp(lead):
            return Prefix(timed=True, kind=TEST, form="console Test", end=end)
        columns = None if following.explicit else _columns(lead)
        if columns is not None:
            return replace(columns, end=end)
        bare = not _LETTER.search(_NO_WORD.sub("", lead))
        if _UUID.fullmatch(following.id) or _stands_out(line[end : end + _NEAR * 4], bare=bare):
            quote = lead.rstrip()[-1:]
            if following.id and not following.timed and (time := clock.find_time(lead)) is not None:
                following = replace(following, time=time, timed=True)
            return replace(following, end=end, prose=not bare, quote=quote if quote and quote in QUOTES else "")
    return None


def _is_mentioned(lead: str, text: str) -> bool:
    """Whether no more of a message than its first words is there, in quotation marks: what a program looks for."""
    first = head_end(text)
    quote = lead.rstrip()[-1:]
    if not (first > 0 and text[first - 1] == ":" and quote and quote in QUOTES):
        return False
    closing = text[first:].lstrip()[:1]
    return closing != "" and closing in CLOSING.get(quote, quote)


def _columns(lead: str) -> Prefix | None:
    """What the columns in front of a message tell, if one of them is a request id."""
    ids = set(_UUID.findall(lead))
    named = _ID_FIELD.search(lead)
    if named is None and (len(ids) != 1 or not _COLUMNS.search(lead)):
        return None
    time = clock.find_time(lead)
    quote = lead.rstrip()[-1:]
    return Prefix(
        time,
        timed=time is not None,
        id=named["id"] if named else ids.pop(),
        kind=ROW,
        form="CloudWatch lines",
        quote=quote if quote and quote in QUOTES else "",
    )


def _stands_out(text: str, *, bare: bool) -> bool:
    """Whether the words are a message, not just the same words in prose."""
    sentence, spelled = read(text)
    if is_ones_own(sentence, spelled):
        return False
    if sentence.exact or bare or telling(sentence):
        return not sentence.exact
    return extent(sentence, spelled) >= 0 and not nests(sentence)


def cut_in_continuation(draft: Draft, line: str) -> Cut | None:
    """Where in a further line of a message the next event begins."""
    if not prefixes.may_hold_mark(line):
        return None
    if not draft.sentence.opaque:
        before = draft.text[-_NEAR * 4 :] + " "
        cut = next_cut(read(before)[0], before + line, draft.prefix)
        return (cut[0] - len(before), cut[1]) if cut is not None and cut[0] >= len(before) else None
    closes = draft.value.nested and not draft.value.with_more("\n" + line).nested
    value, done = draft.value.with_more("\n"), 0
    for found in _marks(line, 0):
        at = found.start()
        value.add(line[done:at])
        done = at
        if value.complete or is_cut(line[max(0, at - _NEAR) : at]):
            return at, _inherited(prefixes.read(line[at : at + _NEAR]), draft.prefix)
        if not (closes and value.nested) and (found["stamp"] or found["row"]):
            return at, prefixes.read(line[at : at + _NEAR])
    return None
