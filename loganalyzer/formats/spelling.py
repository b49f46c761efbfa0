"""Sentences as people write them → as logged: the second half may be bold, quoted, in small letters, translated."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from loganalyzer.vocabulary import CE, SENTENCES, UNTOLD

_GAP = (
    r"(?:</?\w{1,10}(?:\s[^<>]{0,80})?>|&gt;|\\[\"'*_`nrt]"
    r"|[\s\"'“”‘’„«»「」『』*_`~\[\](){}|:=.,;<>→\uff1a\u2013\u2014-]){1,24}+"
)
"""What people put between the halves of a sentence: signs, marks of emphasis, quotation marks, tags, line breaks."""

_CLOSING = r"(?:[\"'”’»」』*_`~)\]}]|</\w{1,10}>){0,4}+"
_SIGN = r"(?=[^\d:=]{0,24}[:=\u2013\u2014-])"
"""A sign between the halves, for words that others say too."""

_NOT_SO = r"(?!: \d)"
"""Anything but what the log has."""

_CAUSES = {
    cause.lower(): cause
    for sentence in SENTENCES
    if sentence.head.startswith(CE) and (cause := sentence.head.removeprefix(CE).partition("…")[0].rstrip())
} | {"unable to find valid certification path": "PKIX path building failed: unable to find valid certification path"}


def _words(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())


@dataclass(frozen=True, slots=True)
class _Seam:
    """Where a sentence is written in two halves; ``trace`` are letters that a text with it has."""

    first: str
    trace: str
    pattern: re.Pattern[str]

    def mended(self, text: str) -> str:
        """``text`` with the halves put together as the log has them."""
        return self.pattern.sub(self._joined, text) if self.trace in text else text

    def _joined(self, found: re.Match[str]) -> str:
        second = " ".join(found["second"].split())
        left = found["closing"] if found["gap"].strip() == ":" else ""
        return f"{self.first}: {_CAUSES.get(second.lower(), second)}{left}"


def _seam(first: str, second: str, *, trace: str, written: str = "", between: str = "") -> _Seam:
    whole = rf"{written or _words(first)}{between}(?P<gap>{_GAP})(?P<second>{second})(?P<closing>{_CLOSING})"
    return _Seam(first, trace, re.compile(whole))


def _any_of(causes: Iterable[str]) -> str:
    return rf"(?i:{'|'.join(map(_words, sorted(causes, key=len, reverse=True)))})"


_FAILED = r"Execution\s+failed"
_OF_SOME_ERROR = _FAILED + r"\s+(?:due\s+to|because\s+of)\s+(?:\w+\s+){0,3}?errors?"
_THROWN = rf"{_OF_SOME_ERROR}(?=:\s[\w.]{{3,90}}Exception:\s):\s[\w.]+"
_SEAMS = (
    _seam(UNTOLD, _any_of(_CAUSES), trace="xecution failed", written=_OF_SOME_ERROR),
    _seam(UNTOLD, _any_of(_CAUSES), trace="Exception", written=_THROWN),
    _seam(UNTOLD, _any_of(c for c in _CAUSES if "lambda" in c or "mapping" in c), trace="failed", written=_FAILED),
    _seam(CE + "Invalid JSON in response", "Unrecognized field", trace="Unrecognized"),
    _seam("Method completed with status", r"\d{3}(?!\d)", trace="completed", between=_NOT_SO + r"(?:\s+code)?"),
    _seam("Lambda invocation failed with status", r"\d{3}(?!\d)", trace="invocation", between=_SIGN + _NOT_SO),
    _seam("Unauthorized request", r"[0-9a-f]{8}-[0-9a-f-]{27}", trace="Unauthorized", between=_SIGN),
)
_GLOSS = re.compile(rf"\b({UNTOLD}|Method completed with status) ?\([^():]{{3,160}}\)(?=:)")
"""A translation behind the words that it is of, as AWS's articles have it in other languages."""

_DUE = _FAILED + r"\s+due\s+to\s+"
_RETYPED = {
    "Execution failed due to a timeout error": re.compile(_DUE + r"(?:an?\s+)?time[ -]?out\s+error\b"),
    "Execution failed due to a network error": re.compile(_DUE + r"(?:an?\s+)?network\s+error\b"),
    UNTOLD: re.compile(_DUE + r"(?:an?\s+configuration\s+error|(?:an?\s+)?configuration\s+(?:issue|problem))\b"),
    "Execution failed due to an vpc link error": re.compile(_DUE + r"(?!a vpc link)(?:an? )?(?i:vpc[ -]link) error\b"),
}
"""Failures without a cause behind them, as they are written down from memory."""

_TITLE = re.compile(rf"{_words(UNTOLD.removesuffix(' error'))}(?=\s?[\"'”’»」』`*]|\s*$)")


def respelled(text: str) -> str:
    """``text`` with the sentences in it that people wrote in halves put together as the log has them."""
    if "xecution failed" in text:
        text = _TITLE.sub(UNTOLD, text)
        for logged, written in _RETYPED.items():
            text = written.sub(logged, text)
    elif "completed with" not in text and "invocation failed" not in text and "nauthorized request" not in text:
        return text
    if "):" in text:
        text = _GLOSS.sub(r"\1", text)
    for seam in _SEAMS:
        text = seam.mended(text)
    return text
