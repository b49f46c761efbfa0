"""Makes log text safe to show: it cannot move the cursor, colour the terminal, turn the line round or start a formula.

What a client sends ends up in the log, so every text of a request is a stranger's.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_FORMULA = tuple("=+-@\t\r＝＋－＠")
_UNSAFE = re.compile(r"[^\x20-\x7e]")


def clean(text: str) -> str:
    r"""The text with everything that is not printable written out: ``\x1b``, ``\n``, ``\u202e``."""
    return text if text.isprintable() else "".join(map(_visible, text))


def csv_cell(text: str) -> str:
    """The cleaned text, with an apostrophe before what a spreadsheet would take for a formula.

    https://owasp.org/www-community/attacks/CSV_Injection
    """
    shown = clean(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) or text.startswith(_FORMULA) else shown


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""The value as JSON that loses nothing and holds no character but printable ones (others are ``\u`` escapes)."""
    between = (",", ": " if indent else ":")
    return _UNSAFE.sub(_escaped, json.dumps(value, ensure_ascii=False, indent=indent, separators=between))


def _visible(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def _escaped(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\n" or character.isprintable():
        return character
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"
