"""A text of the log with all masked in it that is to be."""

from __future__ import annotations

import re
from functools import lru_cache

from loganalyzer.redact.forms import FORMS, SENTENCES, Rule, mask_schemes
from loganalyzer.redact.pairs import mask_pairs

_SHORT = 512
"""Characters of a text that is worth remembering."""

_ROUNDS = 6
"""A mask may bring a value to the end of its line or sentence and so make another one recognisable: once or twice."""

_VARYING = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3}Z"
)
"""What sets lines apart that are masked alike: ids of requests and times."""


def redact(text: str) -> str:
    """The text with tokens, keys, cookies and identities masked; masking twice changes nothing more."""
    if len(text) > _SHORT:
        return masked_afresh(text)
    if "-" not in text:
        return _short(text)
    like = _VARYING.sub(_same_for_all, text)
    return text if _short(like) == like else _short(text)


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    """Most lines of evidence come again and again."""
    return masked_afresh(text)


def _same_for_all(found: re.Match[str]) -> str:
    return "00000000-0000-4000-8000-000000000000" if found[0][8] == "-" else "2000-01-01T00:00:00.000Z"


def masked_afresh(text: str) -> str:
    """The same, worked out anew."""
    for _ in range(_ROUNDS):
        masked = _masked(mask_schemes(mask_pairs(_masked(text, SENTENCES))), FORMS)
        if masked == text:
            break
        text = masked
    return text


def _masked(text: str, rules: tuple[Rule, ...]) -> str:
    for pattern, mask, needles in rules:
        if any(needle in text for needle in needles):
            text = pattern.sub(mask, text)
    return text
