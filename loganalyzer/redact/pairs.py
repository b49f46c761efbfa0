"""Pairs ``name: value`` and ``name=value``: a value is masked if its name says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from loganalyzer.redact.ends import LINE_END, MAP_END, OPENING, QUERY_END, WORD_END, match_start, string_end
from loganalyzer.redact.names import name_of
from loganalyzer.redact.objects import walk
from loganalyzer.redact.values import SCHEME, mask, mask_addresses

_PAIR = re.compile(
    r"(?<![\w.$-])(?P<key>[\w.$-]++)(?:(?P<quote>\\{0,31}[\"'])\s{0,80}(?:=>|[:=])\s{0,80}"
    r"|[ \t]{0,8}(?P<mark>=>?|:|%3[dD])[ \t]{0,8})"
)
_LONG_VALUE = re.compile(r"[^&;\s\"<>\\`]{16}")
_NOTHING_FOLLOWS = re.compile(r"[.)}\]]{0,8}[ \t]{0,8}(?:[,;)}\]\n]|\Z)")
_COOKIE_GOES_ON = re.compile(r"(?i);\s?(?:path|httponly|secure|samesite|domain|max-age|expires)\b")
_VERDICT = frozenset({"expired", "invalid", "missing", "required", "malformed", "revoked", "unknown", "empty"})

Treatment = Callable[[str, int], tuple[str, int]]
"""Makes of a text and the place where a value starts its mask and the place where it ends."""


def mask_pairs(text: str) -> str:
    """Mask the values of all ``name: value`` and ``name=value`` pairs whose name says that they are to be masked."""
    done: list[str] = []
    position = copied = 0
    while found := _PAIR.search(text, position):
        position = found.end()
        treat = _treatment(found, text)
        if treat is None:
            continue
        done.append(text[copied:position])
        masked, position = treat(text, position)
        done.append(masked)
        copied = position
    return "".join(done) + text[copied:]


def _treatment(pair: re.Match[str], text: str) -> Treatment | None:
    """How to mask the value after this name, None if it is shown."""
    name = name_of(pair["key"])
    if text.startswith(("{", "["), pair.end()):
        return walk if name.whole else None
    if name.address:
        return lambda text, at: _replace(text, at, _end_of(pair, text, at), mask_addresses)
    if not (name.masked or (name.code and _is_grant_code(pair, text))):
        return None
    hide = partial(mask, tail=name.tail)
    if OPENING.match(text, pair.end()):
        return partial(_mask_string, hide=hide)
    if pair["mark"] == ":":
        return partial(_mask_said, hide=hide) if name.secret and _stands_free(pair, text) else None
    end_of = _end_of_cookie if name.cookie else _end_of
    return lambda text, at: _replace(text, at, end_of(pair, text, at), hide)


def _is_grant_code(pair: re.Match[str], text: str) -> bool:
    """An OAuth code is a secret in a query; elsewhere a ``code`` names an error."""
    return pair["mark"] == "=" and _LONG_VALUE.match(text, pair.end()) is not None


def _stands_free(pair: re.Match[str], text: str) -> bool:
    """Whether the name is not a part of an ARN or URL."""
    return text[pair.start() - 1 : pair.start()] not in (":", "/") or pair.start() == 0


def _replace(text: str, start: int, end: int, masked: Callable[[str], str]) -> tuple[str, int]:
    value = text[start:end]
    return masked(value), end


def _end_of(pair: re.Match[str], text: str, start: int) -> int:
    """Where an unquoted value ends, by what the pair is a part of: a Java map, or a query, form or sentence."""
    if quoted := OPENING.match(text, start):
        return string_end(text, quoted)[0]
    before = text[max(0, pair.start() - 2) : pair.start()]
    if before.endswith("{") or (before[:1] == "," and before[1:].isspace()):
        return match_start(MAP_END, text, start)
    if pair["mark"] == ":":
        return match_start(LINE_END, text, start)
    end = match_start(QUERY_END, text, start)
    return start + len(text[start:end].rstrip(",.)}]'"))


def _end_of_cookie(pair: re.Match[str], text: str, start: int) -> int:
    """Several cookies set at once are joined with a comma: each goes on for as long as attributes follow."""
    end = _end_of(pair, text, start)
    while text.startswith(",", end):
        after = match_start(MAP_END, text, end + 1)
        if not _COOKIE_GOES_ON.search(text, end, after):
            break
        end = after
    return end


def _mask_string(text: str, start: int, *, hide: Callable[[str], str]) -> tuple[str, int]:
    opening = OPENING.match(text, start)
    assert opening is not None
    end, after = string_end(text, opening)
    return opening[0] + hide(text[opening.end() : end]) + text[end:after], after


def _mask_said(text: str, start: int, *, hide: Callable[[str], str]) -> tuple[str, int]:
    """Mask what follows ``name: `` outside quotes, if it is a value and not how a sentence goes on."""
    scheme = SCHEME.match(text, start)
    end = match_start(WORD_END, text, scheme.end() if scheme else start)
    value = text[start:end].rstrip(".)}]")
    end = start + len(value)
    if value.lower() in _VERDICT or (value.isalpha() and not _NOTHING_FOLLOWS.match(text, end)):
        return value, end
    return hide(value), end
