"""A page of text on a terminal, in a pipe or in a file: how lines are laid out and what may be coloured.

Log text goes in cleaned and as plain text, never as mark-up.
"""

from __future__ import annotations

import errno
import os
import re
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from loganalyzer.reports.clean import clean

NARROWEST = 60
WITHOUT_TERMINAL = 80
"""Columns where there is no terminal to ask and ``COLUMNS`` is not set."""
_READABLE = 100

_PLAIN = str.maketrans(
    dict(zip("▁▂▃▄▅▆▇", "_.:=+*%", strict=True))
    | {"✓": "+", "✗": "x", "·": "-", "▶": ">", "×": "x", "…": "~", "→": ">", "│": "|", "─": "-", "█": "#", "▏": "|"}
)


class _Console(Console):
    """A console that leaves it to the command what a closed pipe means; Rich would end the program with 1."""

    def on_broken_pipe(self) -> None:
        """Whoever read has stopped reading."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


class Page:
    """Writes lines to ``file``, wrapped to its width; coloured on a terminal only, unless ``NO_COLOR`` is set."""

    def __init__(self, file: TextIO, *, width: int | None = None) -> None:
        terminal = file.isatty()
        if width is None and not terminal and not os.environ.get("COLUMNS", "").isdigit():
            width = WITHOUT_TERMINAL
        self._console = _Console(
            file=file,
            width=width,
            force_terminal=terminal,
            force_jupyter=False,  # there Rich would draw every line in the notebook instead of writing it
            color_system="auto" if terminal else None,
            markup=False,
            highlight=False,
            emoji=False,
        )
        self._ascii = not (file.encoding or "utf-8").lower().startswith("utf")

    @property
    def width(self) -> int:
        """Columns of a line."""
        return max(self._console.width, NARROWEST)

    def line(
        self,
        *parts: str | tuple[str, str],
        indent: int = 0,
        label: str | tuple[str, str] | Text = "",
        log: bool = False,
    ) -> None:
        """One line of texts, each plain or with a style; what is too long goes on below, to the right of the label.

        Only text of a ``log`` is broken within words and takes the whole width: links stay whole, prose readable.
        """
        head = label if isinstance(label, Text) else Text(*_styled(label))
        body = Text()
        for part in parts:
            body.append(*_styled(part))
        width = (self.width if log else min(self.width, _READABLE)) - indent - head.cell_len
        rows = body.wrap(self._console, width, overflow="fold") if log else body.divide(_breaks(body.plain, width))
        for number, row in enumerate(rows or [Text()]):
            row.rstrip()
            before = " " * indent
            self._write(Text.assemble(before, head, row) if not number else Text(before + " " * head.cell_len) + row)

    def code(self, text: str, *, label: str = "", indent: int = 0) -> None:
        """One line as it is, however long: for what people copy."""
        self._write(Text.assemble(" " * indent, (label, "dim"), text))

    def blank(self) -> None:
        """An empty line."""
        self._write(Text())

    def heading(self, title: str) -> None:
        """A title that opens a part of the page."""
        self.blank()
        self.line((title, "bold"))

    def _write(self, row: Text) -> None:
        if self._ascii:
            plain = row.plain.translate(_PLAIN)
            row = Text(plain, spans=row.spans)
        self._console.print(row, soft_wrap=True)


def shortened(text: str, width: int) -> str:
    """The cleaned text in at most ``width`` columns, the end of a longer one left out."""
    shown = clean(text)
    if cell_len(shown) <= width:
        return shown
    return set_cell_size(shown[:width], width - 1).rstrip() + "…"


def _breaks(prose: str, width: int) -> list[int]:
    """Where lines of prose end: before the word that no longer fits; a word longer than a line stands out."""
    breaks: list[int] = []
    used = 0
    for word in _WORD.finditer(prose):
        if used and used + cell_len(word[0].rstrip()) > width:
            breaks.append(word.start())
            used = 0
        used += cell_len(word[0])
    return breaks


_WORD = re.compile(r"\S+\s*|\s+")


def _styled(part: str | tuple[str, str]) -> tuple[str, str]:
    return part if isinstance(part, tuple) else (part, "")
