"""How one value is masked, in API Gateway's own style."""

from __future__ import annotations

import re

MASK = "********"
TAIL = 4
_TAILED_FROM = 16
_MASKED = re.compile(r"(\*++)([^*]{0,6})")
_NOTHING = frozenset({"", "-", "...", "null", "none", "nil", "true", "false", "undefined", "[binary data]"})
_ARN = re.compile(r"arn:[\w-]{2,20}:[\w:/$.@*+=,-]*+")
SCHEME = re.compile(r"(?i)(bearer|basic|negotiate|digest|apikey|token|aws4-hmac-sha256)((?:\s|%20)+)(?=\S)")
_TAIL_CHARACTERS = re.compile(r"[A-Za-z0-9_=-]+")
_IPV4 = re.compile(r"(?<![\d.])(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])((?:[0-9a-fA-F]{0,4}:){2,7})[0-9a-fA-F]{1,4}(?![\w:])")


def mask(value: str, *, tail: bool = True) -> str:
    """One value masked in API Gateway's own style: stars, and (``tail``) the last four characters of a long one."""
    scheme = SCHEME.match(value)
    words, value = (scheme[0], value[scheme.end() :]) if scheme else ("", value)
    known = _MASKED.fullmatch(value)
    if value.strip().lower() in _NOTHING or (known and len(known[1]) >= len(known[2])) or _ARN.fullmatch(value):
        return words + value
    end = value[-TAIL:] if tail and len(value) >= _TAILED_FROM else ""
    return words + MASK + (end if _TAIL_CHARACTERS.fullmatch(end) else "")


def mask_addresses(value: str) -> str:
    """Internet addresses without their last part."""
    return _IPV6.sub(r"\1*", _IPV4.sub(r"\1.*", value))
