"""The catalogue: every category by id, the built-in ones and the user's own.

An entry is data in TOML; the user's rules have the very same form. Whoever judges or shows requests is given the
catalogue that counts, so two analyses with different rules do not know of each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from loganalyzer.classifier.entries import Entry
from loganalyzer.classifier.rulefile.files import RuleFile, Source, read_rules, source_at
from loganalyzer.errors import UsageError

__all__ = ["Entry", "Rules", "catalogue", "catalogue_with", "entry_of", "read_entries", "rule_files", "source_of"]

Rules = str | Path | Iterable[str | Path] | Mapping[str, Entry]
"""The user's rules: one file or several, or a catalogue that was put together before."""


def read_entries(*sources: Source) -> dict[str, Entry]:
    """The entries of a catalogue that ships with the package; raises :class:`UsageError` if it is damaged."""
    found: dict[str, Entry] = {}
    for file in read_rules(sources):
        for fault in file.faults:
            where = f"{file.source.name}:{fault.line}: {fault.entry}"
            raise UsageError(f"{where}: {fault.what}", tip="the installed catalogue is damaged: reinstall")
        found.update(file.entries)
    return found


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every built-in category by id, in the order of the lifecycle."""
    return read_entries(*_sources())


def _sources() -> list[Source]:
    folder = resources.files("loganalyzer.classifier") / "catalogue"
    files = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda item: item.name)
    return [Source(file.name, file.read_text(encoding="utf-8")) for file in files]


def catalogue_with(rules: Rules = ()) -> Mapping[str, Entry]:
    """The built-in catalogue with the user's rules in it; of several with one id that of the last file counts.

    Raises :class:`UsageError` for a file that cannot be read or has a fault.
    """
    if isinstance(rules, Mapping):
        return rules
    found = dict(catalogue())
    for file in rule_files([rules] if isinstance(rules, str | Path) else list(rules)):
        if file.faults:
            raise _faulty(file)
        found.update(file.entries)
    return found


def rule_files(paths: Sequence[str | Path]) -> list[RuleFile]:
    """The user's rules files with their entries and faults; raises :class:`UsageError` if one cannot be read."""
    return read_rules([source_at(Path(path)) for path in paths], beside=catalogue())


def _faulty(file: RuleFile) -> UsageError:
    first, name = file.faults[0], file.source.name
    entry = f"{first.entry}: " if first.entry else ""
    more = f" (and {len(file.faults) - 1} more)" if len(file.faults) > 1 else ""
    tip = f"loganalyzer rules check {name} shows every problem in its place"
    return UsageError(f"{name}:{first.line}: {entry}{first.what}{more}", tip=tip)


def entry_of(category: str, *, entries: Mapping[str, Entry] | None = None) -> Entry:
    """The entry of a category; raises :class:`UsageError` with the nearest name for one that does not exist."""
    known = catalogue() if entries is None else entries
    entry = known.get(category.strip().upper())
    if entry is None:
        import difflib

        near = difflib.get_close_matches(category.upper(), known, n=1, cutoff=0.4)
        tip = f"did you mean {near[0]}? " if near else ""
        raise UsageError(f"there is no category '{category}'", tip=f"{tip}loganalyzer explain lists them all")
    return entry


def source_of(category: str) -> str:
    """The entry of a built-in category as it is written in TOML; the category is in the catalogue."""
    for source in _sources():
        lines = source.text.split("\n")
        if f"[{category}]" in lines:
            first = lines.index(f"[{category}]")
            after = next((n for n in range(first + 1, len(lines)) if lines[n].startswith(("[", "#"))), len(lines))
            return "\n".join(lines[first:after]).rstrip() + "\n"
    raise KeyError(category)
