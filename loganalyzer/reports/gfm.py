"""GitHub-flavoured Markdown in which a stranger's text stays text.

Log text goes into code spans, where neither mark-up nor mentions nor links are looked for; words of our own that may
quote something are escaped as prose (https://github.github.com/gfm/).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from loganalyzer.reports.clean import clean

LONGEST = 160
"""So many characters of a text from the log are shown."""

_RUNS = re.compile(r"`+")
_MEANT = re.compile(
    r"(?P<mark>[\\`*\[\]<>|~$&]|(?<!\w)_|_(?!\w))"
    r"|@(?=[\w-])|(?<=www)\.|:(?=//)|#(?=\w)|GH-(?=\d)|:(?=[a-z_+-]+:)",
    re.IGNORECASE,
)
"""What Markdown takes for mark-up, and where GitHub begins a mention, a link, a reference or an emoji."""
_NO_ADDRESS = re.compile(r"[^!#$%&'*+,./:;=?@A-Za-z0-9_~-]")
_BREAK = "&#8203;"
"""A space of no width: GitHub looks for mentions and links in the text that is shown, so escaping does not stop it."""


def code(text: str, *, longest: int = LONGEST) -> str:
    r"""The text in a code span that it cannot end, also within a table.

    A pipe is written out as ``\x7c``: whether a backslash before it ends a cell is not the same in all versions.
    """
    shown = clean(text).replace("|", "\\x7c")
    shown = shown if len(shown) <= longest else shown[: longest - 1] + "…"
    if not shown.strip():
        return "–"
    fence = "`" * (max(map(len, _RUNS.findall(shown)), default=0) + 1)
    pad = " " if shown[0] in "` " or shown[-1] in "` " else ""
    return f"{fence}{pad}{shown}{pad}{fence}"


def prose(text: str) -> str:
    """The text as words alone: no mark-up, mention, reference or link comes of it."""
    return _MEANT.sub(_harmless, clean(text))


def link(text: str, address: str) -> str:
    """The words as a link; the address is one of the catalogue."""
    safe = _NO_ADDRESS.sub(lambda found: quote(found[0]), address)
    return f"[{prose(text)}]({safe})" if safe.startswith("https://") else prose(text)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """The lines of a table; a head that begins with ``#`` is one of numbers. Cells are Markdown already."""
    yield f"| {' | '.join(head.removeprefix('#') for head in heads)} |"
    yield f"| {' | '.join('---:' if head.startswith('#') else '---' for head in heads)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _harmless(found: re.Match[str]) -> str:
    character = found[0]
    if not found["mark"]:
        return f"{_BREAK}." if character == "." else f"{character}{_BREAK}"
    return f"&#{ord(character)};" if character in "\\|<>&$`" else f"\\{character}"
