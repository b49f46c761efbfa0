"""Values that are known without a name: by the sentence that they stand in, or by their own form."""

from __future__ import annotations

import re
from collections.abc import Callable

from loganalyzer.redact.ends import CUT
from loganalyzer.redact.names import name_of
from loganalyzer.redact.objects import walk
from loganalyzer.redact.values import MASK, mask

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str], tuple[str, ...]]
"""What to mask and how, and words without one of which there is nothing of the kind in a text."""

_IN_SCHEME = re.compile(r"(?i)(\b(?:Bearer|Basic|Negotiate)(?:\s|%20|\+){1,4})([A-Za-z0-9._~+/=-]{8,}+)")
_BEARER_PROSE = frozenset({"authentication", "authorization", "credentials", "challenge"})


def _mask_rest(found: re.Match[str]) -> str:
    value = found[2]
    if value.startswith("{"):
        masked, end = walk(value, 0)
        return found[1] + masked + value[end:]
    cut = CUT.search(value)
    end = cut.start() if cut else len(value.rstrip())
    return found[1] + mask(value[:end]) + value[end:]


def _mask_second(found: re.Match[str]) -> str:
    return found[1] + mask(found[2])


def _mask_if_secret(found: re.Match[str]) -> str:
    return found[1] + (mask(found[3]) if name_of(found[2]).masked else found[3])


def _mask_bearer(found: re.Match[str]) -> str:
    return found[0] if found[2].lower() in _BEARER_PROSE else found[1] + mask(found[2])


def mask_schemes(text: str) -> str:
    """Mask the credentials that follow the name of an HTTP authentication scheme."""
    if text.isascii() and not any(scheme in text.lower() for scheme in ("bearer", "basic", "negotiate")):
        return text
    return _IN_SCHEME.sub(_mask_bearer, text)


def _mask_email(found: re.Match[str]) -> str:
    return MASK + found[2] + found[3] if found[3].rpartition(".")[2].isalpha() else found[0]


SENTENCES: tuple[Rule, ...] = (
    (
        re.compile(r"((?:Incoming identity|policy for principal):[ \t]*)(\S[^\n]*)"),
        _mask_rest,
        ("identity:", "principal:"),
    ),
    (
        re.compile(
            r"(API Key:?[ \t]{1,8})(?!(?:not )?authorized|exceeded|and API|API Stage|ID\b|was )([^\s\"={}]{1,256})"
            r"(?=[ \t]{1,8}(?:(?:not )?authorized because|exceeded|and API Stage|API Stage)|\s*\Z|[ \t]*\n)"
        ),
        _mask_second,
        ("API Key",),
    ),
    (re.compile(r"(')([^'\n]++)(?=' not a valid key=value pair)"), _mask_second, ("not a valid key",)),
    (re.compile(r"(<([\w:.-]++)(?:\s[^<>]{0,200})?>)([^<]++)(?=</)"), _mask_if_secret, ("</",)),
    (re.compile(r"(\bname=\\?\"([^\"\\\n]{1,80})\\?\"(?:\r?\n|\\r\\n){2})([^\r\n\\]++)"), _mask_if_secret, ("name=",)),
    (
        re.compile(
            r"(\"(?:name|key)\"\s{0,8}:\s{0,8}\"([^\"\\]{1,80})\"\s{0,8},\s{0,8}\"value\"\s{0,8}:\s{0,8}\")([^\"\\]++)"
        ),
        _mask_if_secret,
        ('"value"',),
    ),
)
"""Sentences and mark-up that say by their words what the value is."""
FORMS: tuple[Rule, ...] = (
    (re.compile(r"()(eyJ[\w-]{10,}+(?:\.[\w-]*+){0,4})"), _mask_second, ("eyJ",)),
    (re.compile(r"()((?:AKIA|ASIA)[A-Z0-9]{12,}+)"), _mask_second, ("AKIA", "ASIA")),
    (
        re.compile(r"()((?:FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu)[\w/+=%-]++)"),
        _mask_second,
        ("oGZXIvYXdz", "IQoJb3JpZ2lu"),
    ),
    (
        re.compile(r"()((?:gh[pousr]_|github_pat_|xox[abeoprs]-|sk_live_|sk_test_|AIza)[\w-]{16,}+)"),
        _mask_second,
        ("gh", "xox", "sk_", "AIza"),
    ),
    (re.compile(r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)([^-]++)"), _mask_second, ("PRIVATE KEY",)),
    (re.compile(r"(://)([^/\s:@\"'<>]{1,256}:[^/\s@\"'<>]{1,256})(?=@)"), _mask_second, ("://",)),
    (re.compile(r"()(\*{9,}+)"), lambda found: MASK, ("*" * 9,)),
    (re.compile(r"(?<![\w.+-])([\w.+-]++)(@|%40)([A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)++)"), _mask_email, ("@", "%40")),
)
"""Values that are known by their own form, whatever stands before them."""
