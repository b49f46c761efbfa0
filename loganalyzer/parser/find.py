"""Which requests an id means: a request id or its beginning, an extended id, a Lambda request id."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from loganalyzer import vocabulary as words
from loganalyzer.formats import Input
from loganalyzer.parser import reader
from loganalyzer.parser.ids import ID_BYTES, id_words, xid_words
from loganalyzer.parser.lines import message_of
from loganalyzer.parser.table import Table, opened

NAMED = ("endpoint_request_id", "trace_id", "extended_request_id")


def rows_with(wanted: str, inputs: Sequence[Input], table: Table) -> list[int]:
    """The rows of the requests that ``wanted`` may mean; an id in full goes before the beginning of one."""
    raw = wanted.strip().encode()
    if not raw or b"\0" in raw:
        return []
    for found in (_whole(raw, table), _extended(raw, table), _beginning(raw, table)):
        if found:
            return found
    return _mentioned(raw, inputs, table)


def _whole(raw: bytes, table: Table) -> list[int]:
    return np.flatnonzero((table.rows["id"] == id_words(raw)).all(axis=1)).tolist()


def _extended(raw: bytes, table: Table) -> list[int]:
    return np.flatnonzero((table.rows["xid"] == xid_words(raw)).all(axis=1)).tolist()


def _beginning(raw: bytes, table: Table) -> list[int]:
    ids = np.ascontiguousarray(table.rows["id"]).view(np.uint8).reshape(len(table.rows), -1)
    starts = np.zeros(len(ids), bool)
    if len(raw) <= ids.shape[1]:
        starts |= (ids[:, : len(raw)] == np.frombuffer(raw, np.uint8)).all(axis=1)
    for digest, full in table.long_ids.items():
        if full.startswith(raw) and len(digest) == ID_BYTES:
            starts |= (table.rows["id"] == np.frombuffer(digest, np.uint64)).all(axis=1)
    return np.flatnonzero(starts).tolist()


def _mentioned(raw: bytes, inputs: Sequence[Input], table: Table) -> list[int]:
    """Rows whose lines name the id as that of the Lambda call, of the trace, or their own extended id."""
    owners: set[bytes] = set()
    for chunks in opened(list(enumerate(inputs))):
        for _, chunk in chunks:
            at = chunk.text.find(raw)
            while at >= 0:
                owner = _owner(chunk.text, at, raw)
                if owner is not None:
                    owners.add(owner)
                at = chunk.text.find(raw, at + len(raw))
    return sorted(row for owner in owners for row in _whole(owner, table))


def _owner(text: bytes, at: int, raw: bytes) -> bytes | None:
    """The request whose line names the id at this offset, if it is named as one."""
    start, end = text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at)
    parts = reader.split_line(text[start : end if end >= 0 else len(text)])
    if parts is None:
        return None
    _, request_id, message = parts
    fields = words.match(message).captured(message_of(message, 0, len(message)))
    named = any(
        fields.get(name, "").removeprefix("Root=").encode().startswith(raw.removeprefix(b"Root=")) for name in NAMED
    )
    return request_id if named else None
