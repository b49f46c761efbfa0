"""What is wrong with rules files, each fault below its line, marked like a compiler does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from loganalyzer.reports.clean import clean
from loganalyzer.reports.headline import count

if TYPE_CHECKING:
    from loganalyzer.classifier.rulefile.files import Fault, RuleFile
    from loganalyzer.classifier.rules import Entry

WIDTH = 96
"""So many columns of a line are shown, around what is wrong in it."""

_BEFORE = 24


def checked(files: Sequence[RuleFile], *, catalogue: Mapping[str, Entry]) -> Iterator[str]:
    """The outcome of a check in lines of text: every fault of every file, or what the files add and override."""
    before, entries = dict.fromkeys(catalogue, "the catalogue"), dict(catalogue)
    for file in files:
        name = clean(file.source.name)
        if file.faults:
            lines = file.source.text.split("\n")
            for fault in file.faults:
                yield from _told(fault, name, lines)
                yield ""
            yield f"{name}: {count(len(file.faults), 'problem')}"
        else:
            yield f"{name}: {count(len(file.entries), 'rule')}, no problem"
            entries |= file.entries
            yield from _summed_up(file.entries, before, entries)
        before |= dict.fromkeys(file.entries, name)


def _summed_up(own: Iterable[str], before: Mapping[str, str], entries: Mapping[str, Entry]) -> Iterator[str]:
    """What a sound file does to the catalogue, and which of its rules are found less often than may be meant."""
    from loganalyzer.classifier.rulefile.rivals import stronger_than

    for category in own:
        does = f"overrides  {category} (of {before[category]})" if category in before else f"adds       {category}"
        yield f"  {does}: {entries[category].title}"
        if stronger := stronger_than(category, entries):
            yield f"             gives way to {' and '.join(stronger)} unless it names them in beats"


def _told(fault: Fault, name: str, lines: Sequence[str]) -> Iterator[str]:
    """A fault, the line that it stands in with a caret below, and the tip."""
    entry = f"{clean(fault.entry)}: " if fault.entry else ""
    yield f"{name}:{fault.line}:{fault.column}: {entry}{clean(fault.what)}"
    number = f"{fault.line:>6}"
    shown, indent, marks = _window(lines[fault.line - 1], fault)
    yield f"{number} | {shown}".rstrip()
    yield f"{'':>6} | {' ' * indent}{'^' * marks}"
    if fault.tip:
        yield f"{'':>6} = {clean(fault.tip)}"


def _window(line: str, fault: Fault) -> tuple[str, int, int]:
    """The part of the line around the fault, made safe to show; the columns before the fault, and those in it."""
    start, end = fault.column - 1, fault.column - 1 + fault.length
    first = max(0, start - _BEFORE) if cell_len(_safe(line)) > WIDTH else 0
    head, wrong, tail = _safe(line[first:start]), _safe(line[start:end]), _safe(line[end:])
    before = "…" if first else ""
    rest = max(1, WIDTH - cell_len(before + head))
    shown = wrong + tail
    if cell_len(shown) > rest:
        shown = f"{set_cell_size(shown, rest - 1)}…"
    return before + head + shown, cell_len(before + head), min(max(1, cell_len(wrong)), rest)


def _safe(text: str) -> str:
    return clean(text.replace("\t", "    "))
