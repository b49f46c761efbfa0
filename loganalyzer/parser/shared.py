"""Requests that share an id: a client may send its own, so the extended id tells them apart.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.formats import Input
from loganalyzer.formats.base import canonical
from loganalyzer.model import Event
from loganalyzer.parser.columns import Rows, column, exchanged, stretches_of
from loganalyzer.parser.look import Look
from loganalyzer.parser.pile import Pile
from loganalyzer.parser.scanner import Scanner
from loganalyzer.parser.summary import ROW
from loganalyzer.parser.table import Table

_ORIGIN_FACTS = np.uint64(sum(words.FACT_BIT[name] for name in ("paste", "test_log", "order_lost", "line_guessed")))


def split_events(events: Sequence[Event]) -> list[list[Event]]:
    """The events of requests that share an id, apart: a line with another extended id opens or resumes another one."""
    groups: dict[str, list[Event]] = {}
    current = ""
    for event in events:
        xid = words.match(event.message).captured(event.message).get("extended_request_id", "")
        if xid and xid != current:
            if not current and "" in groups:
                groups[xid] = groups.pop("")
            current = xid
        groups.setdefault(current, []).append(event)
    return list(groups.values())


def split_shared(inputs: Sequence[Input], table: Table) -> list[int]:
    """Replace each row that stands for several requests by one for each of them, and read torn requests again.

    Returns for every row of the table which of the requests with its id it is, counted from 0.
    """
    rows = table.rows
    shared = column(rows, "shared") != 0
    again = np.concatenate((rows[shared], table.torn))
    if not len(again):
        return [0] * len(rows)
    torn = {raw.tobytes() for raw in table.torn["id"]}
    table.kept.leave_out(table.kept.of(torn))
    alone = exchanged(rows, shared, rows[:0])
    parts = Pile(ROW)
    for some in stretches_of(alone):
        parts.add(alone[some])
    occurrence = [0] * len(alone)
    for row, events in zip(again, Look(inputs, table, again).events(), strict=True):
        for number, group in enumerate(split_events(events)):
            scanner = _read(group, table)
            parts.add(_row_of(row, scanner))
            occurrence.append(number)
            if row["id"].tobytes() in torn:
                table.kept.adopt(scanner.kept)
    table.rows = parts.rows
    return occurrence


def _read(events: Sequence[Event], table: Table) -> Scanner:
    scanner = Scanner(texts=table.texts)
    scanner.feed(b"".join(canonical(event.time, event.request_id, event.message) for event in events))
    return scanner


def _row_of(whole: np.void, scanner: Scanner) -> Rows:
    rows = scanner.rows()[:1]
    rows["key"], rows["id"], rows["origin"] = whole["key"], whole["id"], whole["origin"]
    rows["facts"] |= whole["facts"] & _ORIGIN_FACTS
    rows["first_pos"], rows["last_pos"] = whole["first_pos"], whole["last_pos"]
    return rows
