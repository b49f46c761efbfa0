"""Objects, maps and arrays of which every value is masked, however deep; the names of values stay."""

from __future__ import annotations

import re

from loganalyzer.redact.ends import MAP_END, OPENING, match_start, string_end
from loganalyzer.redact.values import mask

_KEPT_IN_OBJECTS = frozenset(
    {"exp", "iat", "nbf", "iss", "auth_time", "token_use", "scope", "scopes", "integrationlatency", "integrationstatus"}
)
_IN_OBJECT = re.compile(
    r"(?P<string>(?<!\\)\\{0,31}[\"'])|(?P<open>[{\[])|(?P<close>[}\]])"
    r"|(?P<name>[\w.$:-]++[ \t]?=)|(?P<plain>[^\s{}\[\]\"',:=\\]++)"
)
_NAMES_A_VALUE = re.compile(r"\s{0,80}[:=]")


def walk(text: str, start: int) -> tuple[str, int]:
    """Mask every value of the object, map or array that starts here, however deep; names of values stay."""
    done: list[str] = []
    depth, kept = 0, False
    position = copied = start
    while found := _IN_OBJECT.search(text, position):
        position = found.end()
        if found["open"] or found["close"]:
            depth += 1 if found["open"] else -1
            if depth <= 0:
                break
            continue
        if found["name"]:
            kept = found["name"].rstrip("= ").lower() in _KEPT_IN_OBJECTS
            end = position if kept else match_start(MAP_END, text, position)
            masked = "" if kept else mask(text[position:end])
            done.append(text[copied:position] + masked)
            position = copied = end
            continue
        if found["plain"] == "TRUNCATED":
            continue
        name, masked, end = _scalar(text, found, kept=kept)
        kept = name is not None and name.lower() in _KEPT_IN_OBJECTS if name is not None else kept
        done.append(text[copied : found.start()] + masked)
        position = copied = end
    end = position if depth <= 0 else len(text)
    return "".join(done) + text[copied:end], end


def _scalar(text: str, found: re.Match[str], *, kept: bool) -> tuple[str | None, str, int]:
    """A string or plain word inside an object: its text if it names a value, what to write for it, where it ends."""
    if found["plain"]:
        value = found["plain"]
        return None, value if kept else mask(value), found.end()
    opening = OPENING.match(text, found.start())
    assert opening is not None
    end, after = string_end(text, opening)
    value = text[opening.end() : end]
    if _NAMES_A_VALUE.match(text, after):
        return value, text[found.start() : after], after
    return None, opening[0] + (value if kept else mask(value)) + text[end:after], after
