"""The values of a rules file: what they must be, and what is told of them if they are not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from loganalyzer.classifier.rulefile.nearest import did_you_mean
from loganalyzer.classifier.rulefile.positions import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong at a place of the file: at its value, or at its key where that is what is wrong."""

    place: Place
    what: str
    tip: str = ""
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """A value of the file and its place."""

    place: Place
    raw: object

    @property
    def name(self) -> str:
        """The keys that lead here, without the entry's id."""
        return ".".join(key for key in self.place[1:] if isinstance(key, str))

    def listed(self) -> list[Value]:
        """The values of a list; a value that is no list stands for a list of one."""
        if not isinstance(self.raw, list):
            return [self]
        return [Value((*self.place, number), raw) for number, raw in enumerate(self.raw)]


def members(value: Value | None) -> list[Value]:
    """The values of a list, none of a value that is not there."""
    return [] if value is None else value.listed()


class Check:
    """Takes values for what they should be, and collects what is wrong instead of stopping at the first.

    Of a value that is not there nothing is told; whoever needs it says so in :meth:`table`. ``unread`` are keys that
    are in the file but could not be read: they are not missed.
    """

    def __init__(self, *, unread: Collection[Place] = ()) -> None:
        self.findings: list[Finding] = []
        self._unread = unread

    def tell(self, value: Value, what: str, *, tip: str = "", at_key: bool = False) -> None:
        """Note what is wrong with a value."""
        self.findings.append(Finding(value.place, what, tip, at_key))

    def table(self, value: Value | None, known: Collection[str], needed: Iterable[str] = ()) -> dict[str, Value]:
        """The values of a table by their keys, those left out that it should not have."""
        if value is None:
            return {}
        if not isinstance(value.raw, dict):
            self.tell(value, f"{value.name or value.place[0]} must be a table, not {shown(value.raw)}")
            return {}
        owner = f" in {value.name}" if value.name else ""
        table = {key: Value((*value.place, key), raw) for key, raw in value.raw.items()}
        for key in (key for key in table if key not in known):
            tip = did_you_mean(key, known) or f"the keys are {', '.join(known)}"
            self.tell(table[key], f"unknown key '{key}'{owner}", tip=tip, at_key=True)
        missing = [key for key in needed if key not in table and (value.place[0], key) not in self._unread]
        if missing:
            listed = " and ".join(part for part in (", ".join(missing[:-1]), missing[-1]) if part)
            verb = "are" if len(missing) > 1 else "is"
            self.tell(value, f"{listed} {verb} missing{owner}", at_key=len(value.place) == 1)
        return {key: member for key, member in table.items() if key in known}

    def text(self, value: Value | None) -> str:
        """A text of one line."""
        if value is None:
            return ""
        if not isinstance(value.raw, str):
            self.tell(value, f"{value.name} must be a text in quotes, not {shown(value.raw)}")
            return ""
        if not value.raw.strip():
            self.tell(value, f"{value.name} is empty")
        elif not value.raw.isprintable():
            self.tell(value, f"{value.name} must be one line without control characters")
        return value.raw

    def link(self, value: Value | None) -> str:
        """An https address."""
        text = self.text(value)
        if value is not None and text.strip() and not text.startswith("https://"):
            self.tell(value, f"{value.name} must start with https://")
        return text

    def one_of(self, value: Value | None, allowed: Collection[str]) -> str:
        """One of a few words."""
        if value is None:
            return ""
        if not isinstance(value.raw, str) or value.raw not in allowed:
            tip = did_you_mean(value.raw, allowed) or f"it is one of {', '.join(allowed)}"
            self.tell(value, f"{value.name} cannot be {shown(value.raw)}", tip=tip)
            return ""
        return value.raw

    def known(self, value: Value, names: Collection[str], *, noun: str) -> str:
        """One of many names, of which the nearest is suggested."""
        if isinstance(value.raw, str) and value.raw in names:
            return value.raw
        if not isinstance(value.raw, str):
            self.tell(value, f"{value.name} must be the name of a {noun} in quotes, not {shown(value.raw)}")
        else:
            self.tell(value, f"there is no {noun} {shown(value.raw)}", tip=did_you_mean(value.raw, names))
        return ""

    def status_code(self, value: Value | None) -> int | None:
        """A status code of HTTP."""
        if value is None:
            return None
        raw = value.raw
        if isinstance(raw, int) and not isinstance(raw, bool) and 100 <= raw <= 599:
            return raw
        self.tell(value, f"{shown(raw)} is no status code")
        return None

    def flag(self, value: Value | None, *, default: bool) -> bool:
        """True or false."""
        if value is None:
            return default
        if not isinstance(value.raw, bool):
            self.tell(value, f"{value.name} must be true or false, not {shown(value.raw)}")
        return value.raw is True


def shown(raw: object) -> str:
    """A value as people write it, short."""
    if isinstance(raw, dict | list):
        return "a table" if isinstance(raw, dict) else "a list"
    if isinstance(raw, str):
        return f"'{raw}'" if len(raw) <= _LONGEST else f"'{raw[:_LONGEST]}…'"
    return str(raw).lower() if isinstance(raw, bool) else str(raw)[:_LONGEST]


_LONGEST = 80
