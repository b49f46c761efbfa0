"""What was read and what was not: part of every report."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Example:
    """How often something happened and what it looked like the first time."""

    count: int = 0
    example: str = ""

    def __add__(self, other: Example) -> Example:
        return Example(self.count + other.count, self.example or other.example)


@dataclass(frozen=True, slots=True)
class Problem:
    """Input that could not be read, in part or at all: ``where`` it is, ``what`` is wrong, what to do (``tip``)."""

    where: str
    what: str
    tip: str = ""


@dataclass(slots=True)
class Coverage:
    """What was looked at and what was not: part of every report, so that silence is never taken for health.

    Counts add up over blocks, files and processes (``merge``). ``forms`` counts sources by form; ``notes`` are losses
    that a form brings with it, said once each. ``failures_only`` says that successes were left out on purpose.
    """

    files: int = 0
    bytes: int = 0
    events: int = 0
    requests: int = 0
    truncated_events: int = 0
    forms: dict[str, int] = field(default_factory=dict)
    unknown_lines: Example = field(default_factory=Example)
    unknown_sentences: Example = field(default_factory=Example)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    first_seen: int | None = None
    last_seen: int | None = None
    failures_only: bool = False

    def note(self, text: str) -> None:
        """Say ``text`` once, however often it happens."""
        if text not in self.notes:
            self.notes.append(text)

    def add_file(self, form: str) -> None:
        """Count a file of a form."""
        self.files += 1
        self.forms[form] = self.forms.get(form, 0) + 1

    def merge(self, other: Coverage) -> None:
        """Add what another part of the input came to."""
        for name in ("files", "bytes", "events", "requests", "truncated_events", "unknown_lines", "unknown_sentences"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for mine, theirs in ((self.forms, other.forms), (self.levels, other.levels)):
            for key, count in theirs.items():
                mine[key] = mine.get(key, 0) + count
        self.failures_only = self.failures_only or other.failures_only
        self.problems.extend(other.problems)
        for text in other.notes:
            self.note(text)
        seen = [t for t in (self.first_seen, other.first_seen) if t is not None]
        self.first_seen = min(seen, default=None)
        seen = [t for t in (self.last_seen, other.last_seen) if t is not None]
        self.last_seen = max(seen, default=None)
