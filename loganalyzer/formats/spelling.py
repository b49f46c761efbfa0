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

_FROM_MEMORY = {
    "API Gateway does not have permission to assume the provided role": r"API ?Gateway (?:does not|doesn['’]?t) have "
    r"(?:the )?permissions? to assume (?:the )?(?:provided )?role",
    "Invalid permissions on Lambda function": r"Invalid permissions? (?:on|for|of) (?:the )?Lambda(?: functions?)?\b",
    "Malformed Lambda proxy response": r"Malformed (?:Lambda (?:proxy )?|proxy )(?:integration )?responses?\b",
    "No match for output mapping": r"No match(?:es)? for (?:the )?output mappings?\b",
    "Output mapping refers to an invalid method response": r"Output mappings? refers? to (?:an )?invalid method "
    r"response",
    "statusCode should be an integer": r"status ?code should be (?:an )?integer",
    "Unable to base64 decode the body": r"Unable to base ?64[- ]decode (?:the )?body",
    "Unable to transform request": r"Unable to transform (?:the )?request\b",
    "Unable to transform response": r"Unable to transform (?:the )?response\b",
}
"""Causes as people write them down who cannot copy them: an article or a plural too many, a word too few."""


def _words(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in text.split())


_TYPED = {cause: re.compile(rf"(?i:{words})".replace(" ", r"\s+")) for cause, words in _FROM_MEMORY.items()}


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
        return f"{self.first}: {_cause(second)}{left}"


def _cause(written: str) -> str:
    """The cause in the log's words, what was written if it is none."""
    known = _CAUSES.get(written.lower())
    return known or next((cause for cause, typed in _TYPED.items() if typed.fullmatch(written)), written)


def _seam(first: str, second: str, *, trace: str, written: str = "", between: str = "") -> _Seam:
    whole = rf"{written or _words(first)}{between}(?P<gap>{_GAP})(?P<second>{second})(?P<closing>{_CLOSING})"
    return _Seam(first, trace, re.compile(whole))


def _any_of(causes: Iterable[str]) -> str:
    known = sorted(causes, key=len, reverse=True)
    typed = (_TYPED[cause].pattern for cause in map(_CAUSES.__getitem__, known) if cause in _TYPED)
    return rf"(?i:{'|'.join((*map(_words, known), *typed))})"


_FAILED = r"Execution\s+failed"
_OF_SOME_ERROR = _FAILED + r"\s+(?:due\s+to|because\s+of)\s+(?:\w+\s+){0,3}?(?:errors?|configuration)"
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
_TIMEOUT = r"(?:an?\s+)?(?:time[ -]?out\s+error|(?i:integration|endpoint)\s+(?i:time[ -]?out)(?:\s+error)?)\b"
_RETYPED = {
    "Execution failed due to a timeout error": re.compile(rf"(?:{_DUE}|{_FAILED}\s*:\s*){_TIMEOUT}"),
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
