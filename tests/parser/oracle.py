"""The request table the plain way: one event after the other, Python integers, no numpy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.model import Event
from loganalyzer.parser import reader
from loganalyzer.parser.columns import EARLY, LATE
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.summary import NO_RANK
from loganalyzer.parser.values import COLUMNS

Key = tuple[int, int]
Row = dict[str, Any]

MARK = reader.TRUNCATED[-7:]
"""How an event ends that API Gateway has cut, as far as the scanner looks."""

CHOSEN = ("method", "path", "resource", "api", "xid")
"""Columns of which a row keeps one of the values that its lines hold: the greatest text, of extended ids any."""


@dataclass
class Summary:
    """What is kept of one request, in plain values."""

    first: int = LATE
    last: int = EARLY
    first_pos: int = LATE
    last_pos: int = EARLY
    said: set[int] = field(default_factory=set)
    facts: set[str] = field(default_factory=set)
    bound: Key = (LATE, LATE)
    out_first: Key = (LATE, LATE)
    out_last: Key = (EARLY, EARLY)
    call_last: Key = (EARLY, EARLY)
    decisive: tuple[int, int, int, int] = (NO_RANK, LATE, LATE, 0)
    values: dict[str, set[str]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Take in one event."""
        key = (-1 if event.time is None else event.time, event.position)
        if event.time is not None:
            self.first, self.last = min(self.first, event.time), max(self.last, event.time)
        self.first_pos, self.last_pos = min(self.first_pos, event.position), max(self.last_pos, event.position)
        sentence = words.match(event.message)
        if sentence.code:
            self.said.add(sentence.code)
        self.facts.update(sentence.facts_of(event.message, late=False))
        if event.message.endswith(MARK):
            self.facts.update(sentence.cut_facts)
        if sentence.bound:
            self.bound = min(self.bound, key)
        if sentence.shared and not sentence.rank:
            self.out_first, self.out_last = min(self.out_first, key), max(self.out_last, key)
        if sentence.step == "call":
            self.call_last = max(self.call_last, key)
        if sentence.rank:
            self.decisive = min(self.decisive, (sentence.rank, *key, sentence.code))
        self._carry(sentence.captured(event.message))

    def _carry(self, fields: dict[str, str]) -> None:
        """Take in the values of a line that become columns."""
        before = {"api": fields.get("api_id", "") + "/", "resource": fields.get("verb", "") + " "}
        for name, value in fields.items():
            column = _VALUES.get(name)
            if value and column:
                self.values.setdefault(column, set()).add(before.get(column, "") + value)

    def row(self) -> Row:
        """The request as a row of the table, with all values that a chosen column may have."""
        found = self.values
        kinds = [words.GATEWAY_RESPONSE_TYPES.index(kind) + 1 for kind in found.get("gateway", ()) if kind in _KINDS]
        return {
            "time": (self.first, self.last),
            "positions": (self.first_pos, self.last_pos),
            "said": self.said,
            "facts": self.facts,
            "bound": self.bound,
            "out_first": self.out_first,
            "out_last": self.out_last,
            "call_last": self.call_last,
            "decisive": self.decisive,
            "status": max((int(value) for value in found.get("status", ())), default=-1),
            "latency": max((int(value[:9]) for value in found.get("latency", ())), default=-1),
            "gateway": max(kinds, default=0),
            "shared": len(found.get("xid", ())) > 1,
            **{name: _choice(found.get(name, set()), name) for name in CHOSEN},
        }


def _choice(values: set[str], column: str) -> set[str]:
    """Which of the values a row may keep; of bytes that are no text the order is not told by what stands for them."""
    if column == "xid" or any("\ufffd" in value for value in values):
        return values
    return {max(values)} if values else set()


_VALUES = {**COLUMNS, "extended_request_id": "xid"}
_KINDS = frozenset(words.GATEWAY_RESPONSE_TYPES)


def summarise(events: Iterable[Event]) -> dict[str, Summary]:
    """Every request of the events by its id."""
    found: dict[str, Summary] = {}
    for event in events:
        found.setdefault(event.request_id, Summary()).take(event)
    return found


def plain(text: bytes) -> dict[str, Row]:
    """The table of a text by the plain reader."""
    return {request: summary.row() for request, summary in summarise(reader.events([text])).items()}


def counted(text: bytes) -> dict[str, int]:
    """What coverage counts of a text, by the plain reader."""
    events = list(reader.events([text]))
    return {
        "events": len(events),
        "bytes": len(text),
        "truncated_events": sum(event.message.endswith(MARK) for event in events),
        "unknown_sentences": sum(not words.match(event.message).code for event in events),
        "unknown_lines": len(reader.stray_lines(text)),
    }


def scan(text: bytes) -> Scanner:
    """A scanner that has read one text."""
    scanner = Scanner()
    scanner.feed(text)
    scanner.rows()
    return scanner


def scanned(scanner: Scanner) -> dict[str, Row]:
    """The table of a scanner, in the same words as :func:`plain`."""
    found: dict[str, Row] = {}
    for row in scanner.rows():
        raw = row["id"].tobytes()
        request = scanner.long_ids.get(raw, raw.rstrip(b"\0")).decode("utf-8", "backslashreplace")
        assert request not in found, "two rows of one request"
        bits = int(row["said"][0]) | int(row["said"][1]) << 64
        found[request] = {
            "time": (int(row["first"]), int(row["last"])),
            "positions": (int(row["first_pos"]), int(row["last_pos"])),
            "said": {code for code in range(128) if bits >> code & 1},
            "facts": {name for name, bit in words.FACT_BIT.items() if int(row["facts"]) & bit},
            **{name: (int(row[f"{name}_t"]), int(row[f"{name}_p"])) for name in _PAIRS},
            "decisive": (int(row["rank"]), int(row["decisive_t"]), int(row["decisive_p"]), int(row["decisive"])),
            **{name: int(row[name]) for name in ("status", "latency", "gateway")},
            "shared": bool(row["shared"]),
            **{name: _texts(scanner, row[name]) for name in CHOSEN},
        }
    return found


_PAIRS = ("bound", "out_first", "out_last", "call_last")


def _texts(scanner: Scanner, value: Any) -> set[str]:
    """The text that a column holds: a number of it, or the words of an extended id."""
    raw = value.tobytes()
    text = scanner.long_ids.get(raw, raw.rstrip(b"\0")) if np.ndim(value) else scanner.texts[int(value)]
    return {text.decode("utf-8", "replace").strip()} if text else set()


def differences(scanner: Scanner, expected: dict[str, Row]) -> list[str]:
    """Where the table of a scanner is not the one expected, in words; empty where it is."""
    table = scanned(scanner)
    found = [f"request {name!r} is only in one table" for name in table.keys() ^ expected.keys()]
    for name in table.keys() & expected.keys():
        for column, want in expected[name].items():
            got = table[name][column]
            same = (bool(got) == bool(want) and got <= want) if column in CHOSEN else got == want
            if not same:
                found.append(f"{name!r} {column}: {got} instead of {want}")
    return found
