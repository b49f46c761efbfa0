"""Where the value of an opaque sentence ends: a JSON body, a map of headers, a URL, or text of any kind.

API Gateway prints maps as Java does (``{a=b, c=d}``, nothing quoted), bodies as they are, and cuts both at about 1 000
characters with a final ``[TRUNCATED]``.
"""

from __future__ import annotations

import copy
import re
from typing import ClassVar

from loganalyzer.formats.grammar import TRUNCATED, extent, has_tail, head_end
from loganalyzer.sentences import Sentence

_JSON = re.compile(r'\s*(?:\[|\{\s*(?:["}\\]|$)|")')
_LITERAL = re.compile(r"\s*(?:null|\(null\)|true|false|-?\d+(?:\.\d+)?|\[Binary Data\]|\[\.{3}[^\]]{0,80}\])\s*")
_MARK = re.compile(r'"|\\.|[{}\[\]]', re.DOTALL)
_BRACE = re.compile(r"[{}]")
_MOST_TAIL = 20_000


class Balance:
    """Follows the brackets of a JSON value or a map through pieces of text."""

    __slots__ = ("depth", "json", "quoted", "shut")

    def __init__(self, opening: str) -> None:
        self.json = _JSON.match(opening) is not None
        self.depth = 0
        self.quoted = False
        self.shut = False

    def feed(self, text: str) -> int:
        """Where in ``text`` the value ends, just behind its last character; -1 where it goes on."""
        if self.shut:
            return 0
        for found in (_MARK if self.json else _BRACE).finditer(text):
            if self._step(found.group()):
                self.shut = True
                return found.end()
        return -1

    def _step(self, mark: str) -> bool:
        if mark == '"':
            self.quoted = not self.quoted
            return not self.quoted and self.depth == 0
        if self.quoted or mark[0] == "\\":
            return False
        self.depth += 1 if mark in "{[" else -1
        return self.depth <= 0


class Value:
    """The value of one opaque sentence while its lines come in."""

    __slots__ = ("_balance", "_last", "_sentence", "_text", "_whole", "empty", "word")

    WORDY: ClassVar = ("authorizer identity", "authorizer policy")
    """Steps whose value is masked or a word: it holds no sentence."""

    def __init__(self, sentence: Sentence, text: str) -> None:
        start = head_end(text)
        self._sentence = sentence
        self.word = is_address(sentence) or sentence.step in self.WORDY
        self.empty = True
        self._balance: Balance | None = None
        self._text = text[:start] if has_tail(sentence) else None
        self._whole = False
        self._last = ""
        self.add(text[start:])

    def add(self, text: str) -> None:
        """Take in more of the value."""
        if self.empty and text.strip():
            self.empty = False
            self._whole = is_literal(text) and not self._sentence.rank
            if text.lstrip()[:1] in ("{", "[", '"') and not self._whole:
                self._balance = Balance(text)
        self._last = text[-200:].rstrip()
        if self._text is not None and len(self._text) < _MOST_TAIL:
            self._text += text
            self._whole = self._whole or extent(self._sentence, self._text) >= 0
        if self._balance:
            self._balance.feed(text)

    def with_more(self, text: str) -> Value:
        """What the value would be with ``text`` added."""
        other = copy.copy(self)
        other._balance = copy.copy(self._balance)
        other.add(text)
        return other

    @property
    def nested(self) -> bool:
        """Whether brackets are open, so that what comes is part of the value."""
        return self._balance is not None and not self._balance.shut and not self._cut

    @property
    def complete(self) -> bool:
        """Whether the value is over for certain; text of no known form never is."""
        if self.empty:
            return False
        return self._cut or self._whole or (self._balance is not None and self._balance.shut)

    @property
    def _cut(self) -> bool:
        return self._last.rstrip(" \t\"'`“”’.,;").endswith(TRUNCATED)


def is_address(sentence: Sentence) -> bool:
    """Whether the sentence ends in a URL, which holds no white space."""
    return sentence.opaque and "uri" in sentence.names


def is_literal(text: str) -> bool:
    """Whether ``text`` is a whole value without brackets: ``null``, a number, a mark that stands for a body."""
    return _LITERAL.fullmatch(text) is not None


def value_end(sentence: Sentence, text: str) -> int:
    """Where the value of the opaque ``sentence`` ends in ``text``; -1 where it does not, or has no form that tells."""
    start = head_end(text)
    tail = extent(sentence, text)
    if tail >= 0:
        return tail
    if text[start : start + 80].lstrip()[:1] not in ("{", "[", '"') or is_literal(text[start : start + 100]):
        return -1
    end = Balance(text[start : start + 80]).feed(text[start:])
    return -1 if end < 0 else start + end
