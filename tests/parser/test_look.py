"""The second look: it brings back the lines of the requests asked for, all of them and no others."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest

from loganalyzer import vocabulary as words
from loganalyzer.formats import find_inputs
from loganalyzer.model import Event
from loganalyzer.parser.columns import Rows
from loganalyzer.parser.ids import id_words
from loganalyzer.parser.look import MAX_MESSAGE, Look
from loganalyzer.parser.table import Table, scan
from tests.parser.logs import BAD, GOOD, A, B, C, lines, on_disk, scanned, sorted_text, text
from tests.strategies import events_of, mixed, raw, stock


def row_of(table: Table, request_id: str) -> Rows:
    """The row of one request, as a table of one."""
    found: Rows = table.rows[(table.rows["id"] == id_words(request_id.encode())).all(axis=1)]
    return found


def said(events: list[Event]) -> list[str]:
    """The messages of events."""
    return [event.message.decode() for event in events]


def test_it_brings_exactly_the_lines_of_one_request(tmp_path: Path) -> None:
    """Among interleaved requests, one is read back whole and in order."""
    one, two = lines(A, *GOOD), lines(B, *BAD)
    inputs, table = scanned(tmp_path, sorted_text(one, two))
    for request_id, events in ((A, one), (B, two)):
        (found,) = Look(inputs, table, row_of(table, request_id)).events()
        assert [(e.time, e.request_id, e.message) for e in found] == [(e.time, request_id, e.message) for e in events]


def test_it_brings_every_request_of_a_large_log(tmp_path: Path) -> None:
    """All requests of a log over several files come back with the lines that were written, in the order of the rows."""
    drawn = Random(5).sample(stock(), 60)
    events = mixed([events_of(request) for request in drawn], Random(6))
    third = len(events) // 3
    parts = (events[:third], events[third : 2 * third], events[2 * third :])
    inputs, table = scanned(tmp_path, *(b"".join(map(raw, part)) for part in parts))
    found = Look(inputs, table, table.rows).events()
    written: dict[str, list[str]] = {}
    for _, request_id, message in events:
        written.setdefault(request_id, []).append(message.decode())
    assert {table.request_id(row["id"].tobytes()): said(found[n]) for n, row in enumerate(table.rows)} == written


def test_sentences_can_be_chosen(tmp_path: Path) -> None:
    """Only sentences that are wanted of a request are brought."""
    inputs, table = scanned(tmp_path, text(lines(A, *BAD), lines(B, *BAD)))
    wanted = np.zeros((2, len(words.SENTENCES)), bool)
    names = [table.request_id(row["id"].tobytes()) for row in table.rows]
    wanted[names.index(A), list(words.BY_HEAD["HTTP Method:"])] = True
    found = dict(zip(names, Look(inputs, table, table.rows, wanted).events(), strict=True))
    assert said(found[A]) == ["HTTP Method: GET, Resource Path: /things"]
    assert found[B] == []


def test_nothing_wanted_brings_nothing(tmp_path: Path) -> None:
    """A look for no requests reads nothing."""
    inputs, table = scanned(tmp_path, text(lines(A, *BAD)))
    assert Look(inputs, table, table.rows[:0]).events() == []


def test_lines_come_in_the_order_of_time_then_of_the_text(tmp_path: Path) -> None:
    """Lines of a file whose order is not that of time are put in order; those of one millisecond stay as they stand."""
    late, early = (
        lines(A, "Method response headers: {}", start=2000),
        lines(A, "HTTP Method: GET, Resource Path: /", start=1000),
    )
    same = lines(A, "Method request path: {}", "Method request headers: {}", start=1500, step=0)
    inputs, table = scanned(tmp_path, text(late, early, same))
    (found,) = Look(inputs, table, table.rows).events()
    assert said(found) == [said(early)[0], *said(same), said(late)[0]]


def test_files_without_wanted_lines_are_not_opened(tmp_path: Path) -> None:
    """A file that holds no line of the wanted requests is left alone: it may be gone by now."""
    paths = on_disk(tmp_path, text(lines(A, *GOOD)), text(lines(B, *BAD)), text(lines(C, *GOOD)))
    inputs = find_inputs(paths)
    table = scan(inputs)
    paths[0].unlink()
    paths[2].unlink()
    (found,) = Look(inputs, table, row_of(table, B)).events()
    assert len(found) == len(BAD)


def test_long_messages_are_cut(tmp_path: Path) -> None:
    """A message longer than any real event is brought in part."""
    message = "Method request body before transformations: " + "x" * (MAX_MESSAGE + 5000)
    inputs, table = scanned(tmp_path, text(lines(A, message, "Successfully completed execution")))
    (found,) = Look(inputs, table, table.rows).events()
    assert len(found[0].message) == MAX_MESSAGE
    assert said(found)[1] == "Successfully completed execution"


@pytest.mark.parametrize(
    "request_id", ["a", "Qx7ZkHbVoAMEf2g=", "x" * 40, "x" * 41, A + "_REPLACED_INVALID_REQUEST_ID"]
)
def test_ids_of_any_shape_are_found_again(tmp_path: Path, request_id: str) -> None:
    """Requests with short and long ids are read back like others, and named in full."""
    inputs, table = scanned(tmp_path, text(lines(request_id, *BAD), lines(A, *GOOD), lines(request_id + "y", *GOOD)))
    (found,) = Look(inputs, table, row_of(table, request_id)).events()
    assert len(found) == len(BAD)
    assert {event.request_id for event in found} == {request_id}
