"""How explanations put things: short quotations, lists of names, kinds of JSON values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from loganalyzer.classifier.explainers.cut_json import NOT_JSON, Lost, Reading, kind_of
from loganalyzer.model import Explanation, Finding

QUOTED = 80
"""Longer texts are quoted in part."""

_KINDS = {
    "object": "an object", "list": "a list", "string": "a string", "number": "a number", "boolean": "a boolean",
    "null": "null", "unknown": "cut off",
}  # fmt: skip
_SHOWN = 3


def quoted(text: str, most: int = QUOTED) -> str:
    """The text on one line, the end of a long one left out."""
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


def a(value: Any) -> str:
    """The kind of a JSON value with its article: ``a list``."""
    return _KINDS[kind_of(value)]


def shown(value: Any, *, whole: bool = True) -> str:
    """A JSON value in short: itself where it is a scalar, else its kind."""
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, Lost | dict | list) or value is None:
        return a(value)
    if isinstance(value, str):
        return f"the string '{quoted(value, 40)}{'' if whole else '…'}'"
    return f"the number {value}"


def listed(names: Iterable[str], *, most: int = _SHOWN, last: str = "and") -> str:
    """Names in a sentence: ``a``, ``a and b``, ``a, b, c and 2 more``."""
    said = [quoted(name, 60) for name in names]
    if len(said) > most:
        return f"{', '.join(said[:most])} and {len(said) - most} more"
    return f" {last} ".join(filter(None, (", ".join(said[:-1]), *said[-1:])))


def meant(name: str, known: Collection[str]) -> str:
    """The known name that another spelling probably means, empty if none is near."""
    plain = {_plain(one): one for one in known}
    near = difflib.get_close_matches(_plain(name[:64]), plain, n=1, cutoff=0.8)
    return plain[near[0]] if near else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def sentence(finding: Finding) -> str:
    """A finding as one sentence."""
    required = f", must be {finding.required}" if finding.required else ""
    return f"{finding.part} is {finding.found}{required}"


def no_json(reading: Reading) -> str:
    """What is wrong with a text that is no JSON."""
    return "no JSON" + (f" ({reading.problem})" if reading.problem != NOT_JSON else "")


def explained(findings: Sequence[Finding], *, notes: Iterable[str] = (), unseen: Iterable[str] = ()) -> Explanation:
    """An explanation by findings, the first of them in its detail."""
    detail = sentence(findings[0]) if findings else ""
    if len(findings) > 1:
        detail += f" (and {len(findings) - 1} more)" if len(findings) > 2 else f"; {sentence(findings[1])}"
    return Explanation(detail, tuple(findings), tuple(notes), tuple(unseen))
