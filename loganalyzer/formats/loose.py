"""Lines that belong to no event: the last few are held, since one that is broken over lines may begin there.

The others are counted and, as long as there is no event at all, looked through for words of a failure.
"""

from __future__ import annotations

from itertools import pairwise

from loganalyzer.coverage import Coverage, Example
from loganalyzer.formats.hints import MOST, hint_across, hint_in
from loganalyzer.formats.opened import Said

MOST_HELD = 3
LONGEST = 300
"""Characters of a line that may be the beginning of an event."""

_LONGEST_PARAGRAPH = 8_000
_MOST_PARAGRAPHS = 1_000
"""In so many paragraphs words of a failure are looked for: text that goes on without any is no paste."""


class Loose:
    """The lines of no event as they come in.

    ``held`` are the last of them, ``hints`` the failures that the others speak of, until there is an event.
    """

    def __init__(self, coverage: Coverage) -> None:
        self.held: list[str] = []
        self.hints: list[Said] = []
        self._coverage = coverage
        self._listens = True
        self._paragraphs = 0
        self._before = ""

    def add(self, line: str) -> None:
        """Hold a line; a long one is foreign for certain, and so are those before it."""
        if len(line) > LONGEST:
            self.give_up()
            self._count(line)
            return
        self.held.append(line.strip())
        if len(self.held) > MOST_HELD:
            self._count(self.held.pop(0))

    def give_up(self) -> None:
        """The lines held are foreign for certain."""
        for line in self.held:
            self._count(line)
        self.held.clear()
        self._before = ""

    def spoken_of(self) -> Said | None:
        """The failure that the lines speak of: what is held stands nearest to what follows, so it is asked first."""
        last = next((hint for line in reversed(self.held) if (hint := hint_in(line)) is not None), None)
        broken = (hint_across(before, line) for before, line in pairwise(self.held))
        return last or next(filter(None, broken), None) or (self.hints[-1] if self.hints else None)

    def listen_no_more(self) -> None:
        """There is an event: what lines of none speak of does not count."""
        self._listens = False
        self.hints.clear()

    def _count(self, line: str) -> None:
        if self._listens and len(self.hints) < MOST and self._paragraphs < _MOST_PARAGRAPHS:
            self._paragraphs += len(line) > LONGEST
            hint = hint_in(line[:_LONGEST_PARAGRAPH]) or hint_across(self._before, line)
            if hint is not None:
                self.hints.append(hint)
            self._before = "" if hint is not None else line
        self._coverage.unknown_lines += Example(1, line[:200])
