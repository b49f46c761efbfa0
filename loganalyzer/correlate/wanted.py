"""The ids by which lines of other logs are known to belong to a request of the execution log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.formats import Input
from loganalyzer.model import Event
from loganalyzer.parser.columns import Ints
from loganalyzer.parser.look import Look
from loganalyzer.parser.shared import split_events
from loganalyzer.parser.table import Table
from loganalyzer.sentences import Sentence

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
ROOT = re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}")
_NAMED = ("endpoint_request_id", "trace_id", "extended_request_id")


def root_of(text: str) -> str:
    """The root of an X-Ray trace header (``Root=1-…;Parent=…``), which is the trace's id; empty if there is none."""
    found = ROOT.search(text)
    return found[0] if found else ""


@dataclass(slots=True)
class Wanted:
    """Requests (by their row in the table) that an id may mean: a client may send the id of another request."""

    by_request: dict[str, list[int]] = field(default_factory=dict)
    by_extended: dict[str, list[int]] = field(default_factory=dict)
    by_integration: dict[str, list[int]] = field(default_factory=dict)
    by_authorizer: dict[str, list[int]] = field(default_factory=dict)
    by_trace: dict[str, list[int]] = field(default_factory=dict)
    integration: dict[int, str] = field(default_factory=dict)
    authorizer: dict[int, str] = field(default_factory=dict)
    trace: dict[int, str] = field(default_factory=dict)

    def add_integration(self, row: int, request_id: str) -> None:
        """The function that answered a request had this id for it."""
        if request_id and row not in self.integration:
            self.integration[row] = request_id
            self.by_integration.setdefault(request_id, []).append(row)

    def add_authorizer(self, row: int, request_id: str) -> None:
        """The authorizer's function had this id for a request."""
        if request_id and row not in self.authorizer:
            self.authorizer[row] = request_id
            self.by_authorizer.setdefault(request_id, []).append(row)

    def add_trace(self, row: int, trace_id: str) -> None:
        """A request belongs to this trace."""
        if trace_id and row not in self.trace:
            self.trace[row] = trace_id
            self.by_trace.setdefault(trace_id, []).append(row)

    def row_of(self, request_id: str, extended_id: str) -> int | None:
        """The one request that a pair of ids means; None where there is none, or several that nothing tells apart."""
        mine = self.by_request.get(request_id, [])
        exact = self.by_extended.get(extended_id, [])
        if len(mine) > 1 and exact:
            mine = [row for row in mine if row in exact]
        found = mine or (exact if not request_id or request_id == extended_id else [])
        return found[0] if len(found) == 1 else None


def wanted_of(inputs: Sequence[Input], table: Table, which: Ints, occurrence: Sequence[int]) -> Wanted:
    """The ids of some rows of the table, those included that only their lines name."""
    wanted = Wanted()
    codes = np.array([not _captured(s).isdisjoint(_NAMED) for s in words.SENTENCES])
    sought = np.tile(codes, (len(which), 1))
    looked = Look(inputs, table, table.rows[which], sought).events() if len(which) else []
    for row, events in zip(which.tolist(), looked, strict=True):
        wanted.by_request.setdefault(table.request_id(table.rows["id"][row].tobytes()), []).append(row)
        xid = table.extended_id(table.rows["xid"][row].tobytes())
        if xid:
            wanted.by_extended.setdefault(xid, []).append(row)
        groups = split_events(events)
        own = groups[occurrence[row]] if len(groups) > occurrence[row] else events
        integration, trace = _ids_in(own)
        wanted.add_integration(row, integration)
        wanted.add_trace(row, trace)
    return wanted


def _captured(sentence: Sentence) -> set[str]:
    return set(sentence.names)


def _ids_in(events: Iterable[Event]) -> tuple[str, str]:
    """The id of the function's run and of the trace that the lines of a request name."""
    integration = trace = ""
    for event in events:
        fields = words.match(event.message).captured(event.message)
        integration = fields.get("endpoint_request_id", "") or integration
        trace = root_of(fields.get("trace_id", "")) or trace
    return integration, trace
