"""Rules files → entries and faults, each fault with its line and column."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.classifier.entries import LEFT_OVER, OWN, Entry
from loganalyzer.classifier.rulefile.nearest import did_you_mean
from loganalyzer.classifier.rulefile.reading import read_entry
from loganalyzer.classifier.rulefile.syntax import Document, document_of
from loganalyzer.classifier.rulefile.values import Check, Finding
from loganalyzer.errors import UsageError

if TYPE_CHECKING:
    from loganalyzer.classifier.rulefile.positions import Positions

_OWN_ID = re.compile(r"X(?:_[A-Z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a rules file: line, column (both from 1) and length of it, the entry, what it is, a tip."""

    line: int
    column: int
    length: int
    entry: str
    what: str
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a rules file and the name that it goes by."""

    name: str
    text: str
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFile:
    """What a rules file holds: the sound entries by id, and everything that is wrong, in the order of its lines."""

    source: Source
    entries: Mapping[str, Entry] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def source_at(path: Path) -> Source:
    """The rules file at a path; raises :class:`UsageError` if it cannot be read at all."""
    try:
        raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{path}: {reason}", tip="rules are read from TOML files") from None
    try:
        return Source(str(path), raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8")) + 1
        fault = Fault(before.count(b"\n") + 1, column, 1, "", "not UTF-8", tip="save the file as UTF-8")
        return Source(str(path), raw.decode("utf-8", "replace"), (fault,))


def read_rules(sources: Sequence[Source], *, beside: Mapping[str, Entry] | None = None) -> list[RuleFile]:
    """The files with their entries, which may speak of each other and of those that they come ``beside``.

    With ``beside``, ids that are not in it must begin with ``X_``.
    """
    documents = [document_of(source.text) for source in sources]
    known = {*(beside or ()), *(name for document in documents for name in document.tables)}
    named = {other.category for entry in (beside or {}).values() for other in entry.alternatives}
    for document in documents:
        named.update(_alternatives_in(document))
    files = []
    for source, document in zip(sources, documents, strict=True):
        check = Check(unread=document.unread)
        read = {name: read_entry(name, raw, check, categories=known) for name, raw in document.tables.items()}
        entries = {category: entry for category, entry in read.items() if entry is not None}
        findings = [*check.findings, *_unreachable(entries, named)]
        if beside is not None:
            findings += _foreign(document.tables, beside)
        wrong = {finding.place[0] for finding in findings} | {category for category, _ in document.unread}
        sound = {category: entry for category, entry in entries.items() if category not in wrong}
        files.append(RuleFile(source, sound, _faults(source, document, findings)))
    return files


def _alternatives_in(document: Document) -> Iterator[str]:
    """The categories that the alternatives of a file name, in entries that are not sound too."""
    for raw in document.tables.values():
        rows = raw.get("alternatives") if isinstance(raw, dict) else None
        for row in rows if isinstance(rows, list) else [rows]:
            if isinstance(row, dict) and isinstance(row.get("category"), str):
                yield row["category"]


def _unreachable(entries: Mapping[str, Entry], named: Collection[str]) -> Iterator[Finding]:
    for category, entry in entries.items():
        if not entry.when and category not in named and category not in LEFT_OVER:
            what = "this can never be found: it has no when, and no other entry names it as an alternative"
            yield Finding((category,), what, at_key=True)


def _foreign(ids: Iterable[str], catalogue: Mapping[str, Entry]) -> Iterator[Finding]:
    """Ids that are neither in the catalogue nor of the form that the user's own have."""
    for category in ids:
        if category not in catalogue and not _OWN_ID.fullmatch(category):
            own = re.sub(r"[^A-Z0-9]+", "_", category.upper()).strip("_").removeprefix(OWN)
            tip = did_you_mean(category, catalogue) or (f"call it {OWN}{own}" if own else "")
            what = f"ids outside the catalogue are capital words after {OWN}, as {OWN}ORDER_GONE"
            yield Finding((category,), what, tip, at_key=True)


def _faults(source: Source, document: Document, findings: Iterable[Finding]) -> tuple[Fault, ...]:
    """Everything that is wrong with a file, each with its place, in the order of the lines."""
    faults = [*source.faults]
    faults += [Fault(fault.line, fault.column, fault.length, fault.entry, fault.what) for fault in document.faults]
    listed = list(findings)
    if listed:
        positions = _positions(document)
        faults += [_placed(finding, positions, document.text) for finding in listed]
    return tuple(sorted(faults, key=lambda fault: (fault.line, fault.column)))


def _positions(document: Document) -> Positions:
    from loganalyzer.classifier.rulefile.positions import Positions, positions_of

    try:
        return positions_of(document.text)
    except (RecursionError, ValueError):  # faults are then told without their place
        return Positions()


def _placed(finding: Finding, positions: Positions, text: str) -> Fault:
    span = positions.key(finding.place) if finding.at_key else positions.value(finding.place)
    start, end = span or (0, 0)
    before, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", start)
    end = min(end, line_end if line_end >= 0 else len(text))
    return Fault(
        line=text.count("\n", 0, start) + 1,
        column=start - before + 1,
        length=max(1, end - start),
        entry=str(finding.place[0]),
        what=finding.what,
        tip=finding.tip,
    )
