"""What single lines carry: the facts of the vocabulary, sought in all lines of a sentence at once.

The usual shape of a line is told by its first words; any other goes through the vocabulary's own expressions, which say
the same.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

from loganalyzer import vocabulary as words
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.heads import Words, word_of
from loganalyzer.parser.lines import Lines, word_at
from loganalyzer.sentences import Fact, Sentence

Flags = npt.NDArray[np.bool_]

_HTTPS, _HTTP, _LAMBDA_HOST = word_of(b"https://"), word_of(b"http://"), word_of(b"lambda.")
_SEVEN = word_of(b"\xff" * 7)
_TYPE, _TOKEN = word_of(b'{"type":'), word_of(b'"TOKEN"')


def only(head: str) -> Sentence:
    """The one sentence with this head."""
    (code,) = words.BY_HEAD[head]
    return words.SENTENCES[code]


_URIS = (only("Endpoint request URI:").code, only("Sending request to").code)
_EVENT = only("Endpoint request body after transformations:").code
_SOUGHT = tuple(tuple(fact for fact in sentence.facts if not fact.late) for sentence in words.SENTENCES)


@cache
def _cut_bits() -> Words:
    """The fact bits that hold if an event of a sentence is truncated, by code."""
    bits = [0] * 256
    for sentence in words.SENTENCES:
        bits[sentence.code] = sum(words.FACT_BIT[name] for name in sentence.cut_facts)
    return np.array(bits, np.uint64)


def facts(text: bytes, lines: Lines, by_code: Mapping[int, Ints]) -> Words:
    """The fact bits of each event; ``by_code`` has the numbers of the events of each sentence."""
    found = np.zeros(len(lines.code), np.uint64)
    for code, which in by_code.items():
        if code in _URIS:
            which = _endpoints(text, lines, which, found)
        elif code == _EVENT:
            which = _authorizer_events(text, lines, which, found)
        if _SOUGHT[code] and len(which):
            messages = _Messages(text, lines, which)
            for fact in _SOUGHT[code]:
                hit = messages.holding(fact)
                if hit:
                    found[which[hit]] |= _bit(fact.name)
    found[lines.cut] |= _cut_bits()[lines.code[lines.cut]]
    return found


def _endpoints(text: bytes, lines: Lines, which: Ints, found: Words) -> Ints:
    """Settle the lines with a URL that begins as most do; the rest is returned."""
    start = lines.text[which] + len(words.SENTENCES[int(lines.code[which[0]])].head) + 1
    scheme = word_at(text, start)
    secure = scheme == _HTTPS
    function = secure & ((word_at(text, start + 8) & _SEVEN) == _LAMBDA_HOST)
    found[which[function]] |= _bit("lambda_endpoint")
    linked = ~function & (secure | ((scheme & _SEVEN) == _HTTP)) & (lines.end[which] > start + 8)
    other = which[linked]
    messages = _Messages(text, lines, other)
    also_function = np.zeros(len(other), bool)
    for fact in _SOUGHT[int(lines.code[which[0]])]:
        also_function[messages.holding(fact) if not fact.absent else []] = True
    found[other[also_function]] |= _bit("lambda_endpoint")
    found[other[~also_function]] |= _bit("other_endpoint")
    return np.asarray(which[~function & ~linked])


def _authorizer_events(text: bytes, lines: Lines, which: Ints, found: Words) -> Ints:
    """Settle what begins like no event of an authorizer or like that of the usual one; the rest is returned."""
    start = lines.text[which] + len(words.SENTENCES[_EVENT].head) + 1
    typed = word_at(text, start) == _TYPE
    which, start = which[typed], start[typed]
    token = (word_at(text, start + 8) & _SEVEN) == _TOKEN
    found[which[token]] |= _bit("authorizer_event")
    return np.asarray(which[~token])


def _bit(name: str) -> np.uint64:
    return np.uint64(words.FACT_BIT[name])


def holding(fact: Fact, text: bytes, lines: Lines, which: Ints) -> Ints:
    """Which of some events have a fact."""
    return which[_Messages(text, lines, which).holding(fact)] if len(which) else which


class _Messages:
    """Some messages of a block in one piece, in which a needle is sought once for all of them."""

    def __init__(self, text: bytes, lines: Lines, which: Ints) -> None:
        start, end = lines.text[which], lines.end[which]
        spans = zip(start.tolist(), end.tolist(), strict=True)
        # no needle has a newline, so none is found across two messages
        self._text = b"\n".join([text[first:behind] for first, behind in spans])
        self._starts = [0, *np.cumsum(end - start + 1).tolist()]

    def holding(self, fact: Fact) -> list[int]:
        """Which of the messages have the fact: :meth:`Fact.holds` for many at once."""
        hit = sorted({at for needle in fact.needles for at in self._with(needle)})
        if fact.absent:
            without = set(hit)
            return [at for at in self._with(b"://") if at not in without]
        return hit if fact.confirm is None else [at for at in hit if fact.confirm(self._message(at))]

    def _message(self, at: int) -> bytes:
        return self._text[self._starts[at] : self._starts[at + 1] - 1]

    def _with(self, needle: bytes) -> Iterator[int]:
        """The numbers of the messages that hold the needle."""
        found = self._text.find(needle)
        while found >= 0:
            at = bisect_right(self._starts, found) - 1
            yield at
            found = self._text.find(needle, self._starts[at + 1])
