"""What a fetch left on disk: canonical logs, one file a window, and the journal that says what they cover.

A directory holds the windows of one log group. A file counts only if the journal names it, so a directory is whole at
every moment, also when the fetch is killed in the midst of a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from loganalyzer.coverage import Coverage, Problem

JOURNAL = ".journal.ndjson"
"""The name of the journal; walks through directories leave out what begins with a dot."""

VERSION = 1

Span = tuple[int, int]
"""A stretch of time in milliseconds since 1970, both ends inclusive, as FilterLogEvents takes it."""


class Header(msgspec.Struct, tag="group", frozen=True):
    """The first line: which group the directory holds; ``mode`` is ``all``, ``failures`` or ``as-is``."""

    group: str
    region: str
    account: str = ""
    mode: str = "all"
    version: int = VERSION


class Asked(msgspec.Struct, tag="asked", frozen=True):
    """A fetch was begun at ``at`` (ms) for this stretch of time."""

    first: int
    last: int
    at: int


class Had(msgspec.Struct, tag="window", frozen=True):
    """A window was read to its end.

    ``file`` is empty where it held no event; ``final`` says that nothing can come late any more; ``replaces`` are the
    windows it takes the place of; ``notes`` is what the way it was read loses.
    """

    first: int
    last: int
    file: str = ""
    events: int = 0
    bytes: int = 0
    final: bool = True
    replaces: tuple[Span, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def span(self) -> Span:
        """The stretch of time."""
        return self.first, self.last


class Lost(msgspec.Struct, tag="lost", frozen=True):
    """A window could not be had, and why; it counts until the window is read after all."""

    first: int
    last: int
    what: str
    tip: str = ""


Line = Header | Asked | Had | Lost

_line = msgspec.json.Decoder(Line)


@dataclass(slots=True)
class Journal:
    """What the lines of a journal come to; ``windows`` are those that count, by their span."""

    header: Header | None = None
    asked: list[Span] = field(default_factory=list)
    windows: dict[Span, Had] = field(default_factory=dict)
    lost: list[Lost] = field(default_factory=list)
    damaged: int = 0

    def take(self, line: Line) -> None:
        """Take one more line into account."""
        if isinstance(line, Header):
            self.header = line
        elif isinstance(line, Asked):
            self.asked.append((line.first, line.last))
        elif isinstance(line, Lost):
            self.lost.append(line)
        else:
            for span in line.replaces:
                self.windows.pop(span, None)
            self.windows[line.span] = line

    def missing(self, span: Span) -> list[Span]:
        """The parts of ``span`` that no window covers."""
        return without(span, self.windows)


def read_journal(directory: Path) -> Journal:
    """The journal of a directory, empty where there is none. A last line that was cut short does not count."""
    journal = Journal()
    try:
        text = (directory / JOURNAL).read_bytes()
    except FileNotFoundError:
        return journal
    for raw in text[: text.rfind(b"\n") + 1].splitlines():
        try:
            journal.take(_line.decode(raw))
        except msgspec.MsgspecError:
            journal.damaged += 1
    return journal


def without(span: Span, parts: Iterable[Span]) -> list[Span]:
    """``span`` without ``parts``, in order."""
    left: list[Span] = []
    first, last = span
    for begin, end in sorted(parts):
        if end < first or begin > last:
            continue
        if begin > first:
            left.append((first, begin - 1))
        first = max(first, end + 1)
    if first <= last:
        left.append((first, last))
    return left


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap made one."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def overlaps(one: Span, other: Span) -> bool:
    """Whether two spans share a millisecond."""
    return one[0] <= other[1] and other[0] <= one[1]


@dataclass(frozen=True, slots=True)
class Stored:
    """A stretch of time of one stored group, or all there is of it (``span`` None)."""

    directory: Path
    span: Span | None = None

    def windows(self) -> Iterator[Had]:
        """The windows with events in them that belong to the stretch, in order."""
        for span, window in sorted(read_journal(self.directory).windows.items()):
            if window.file and (self.span is None or overlaps(span, self.span)):
                yield window

    @property
    def covers(self) -> bool:
        """Whether any window of the stretch was read."""
        return any(self.span is None or overlaps(span, self.span) for span in read_journal(self.directory).windows)

    def cover(self, coverage: Coverage) -> None:
        """Add to ``coverage`` what is missing of the stretch, and what the way it was read loses."""
        journal = read_journal(self.directory)
        where = journal.header.group if journal.header else str(self.directory)
        coverage.failures_only = coverage.failures_only or (
            journal.header is not None and journal.header.mode == "failures"
        )
        coverage.problems.extend(_missing(journal, self.span, where))
        if journal.damaged:
            what = f"{journal.damaged} lines of the journal cannot be read: their windows do not count"
            coverage.problems.append(Problem(where, what, "fetch again: what is missing is read anew"))
        for span, window in sorted(journal.windows.items()):
            if self.span is None or overlaps(span, self.span):
                for note in window.notes:
                    coverage.note(note)
        wanted = merged(journal.asked if self.span is None else [self.span])
        young = [w.span for w in journal.windows.values() if not w.final and any(overlaps(w.span, s) for s in wanted)]
        if young:
            first = min(span[0] for span in young)
            coverage.note(f"events after {moment(first)} may still have been on their way when they were fetched")


def _missing(journal: Journal, span: Span | None, where: str) -> Iterator[Problem]:
    """Every stretch that was asked for and is not there, with the reason if one is known."""
    wanted = merged(journal.asked if span is None else [span])
    for gap in (gap for part in wanted for gap in journal.missing(part)):
        reasons = [lost for lost in journal.lost if overlaps((lost.first, lost.last), gap)]
        left = [gap]
        # The newest reason is the one that holds.
        for lost in reversed(reasons):
            told = [part for piece in left if (part := _common(piece, (lost.first, lost.last)))]
            left = [rest for piece in left for rest in without(piece, [(lost.first, lost.last)])]
            for part in told:
                yield Problem(f"{where}, {between(part)}", lost.what, lost.tip)
        for part in left:
            tip = f"run the same fetch again, or with --since {_since(part[0])} if its window has moved on"
            yield Problem(f"{where}, {between(part)}", "was not fetched", tip)


def _common(one: Span, other: Span) -> Span | None:
    first, last = max(one[0], other[0]), min(one[1], other[1])
    return (first, last) if first <= last else None


def moment(time: int) -> str:
    """A time in milliseconds for people, to the second unless it has a fraction."""
    when = datetime.fromtimestamp(time // 1000, UTC)
    fraction = f".{time % 1000:03d}" if time % 1000 else ""
    return f"{when:%Y-%m-%d %H:%M:%S}{fraction}Z"


def _since(time: int) -> str:
    """A time as options take it, at its second or before."""
    return f"{datetime.fromtimestamp(time // 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"


def between(span: Span) -> str:
    """A stretch of time for people; its end is the first moment that is not in it."""
    return f"{moment(span[0])} to {moment(span[1] + 1)}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a fetch came to; :func:`loganalyzer.analyze` takes it.

    ``stored`` names the stretch of every group; ``coverage`` says what could not be had; ``events`` and ``bytes`` count
    what this fetch read, ``calls`` what it took. ``since`` and ``until`` (ms) are what was asked for: a little more
    around them is stored, so that requests on the border are whole.
    """

    stored: tuple[Stored, ...]
    since: int
    until: int
    coverage: Coverage = field(compare=False)
    events: int = 0
    bytes: int = 0
    calls: int = 0

    @property
    def directories(self) -> Sequence[Path]:
        """Where the logs are."""
        return [one.directory for one in self.stored]

    def __repr__(self) -> str:
        problems = f", {len(self.coverage.problems)} problems" if self.coverage.problems else ""
        groups = f"{len(self.stored)} group{'s' if len(self.stored) != 1 else ''}"
        return f"<Fetched: {groups}, {between((self.since, self.until))}, {self.events:,} new events{problems}>"
