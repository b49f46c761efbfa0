"""Parts of the request table as Arrow records: what travels between the workers in place of lines.

A record holds the summary of one request as far as one worker saw it (the bytes of its row), the texts that the row
numbers, the lines kept as evidence, and the numbers of the inputs it came from. A record without an id carries a note
instead: what was covered, and what the log as a whole tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from loganalyzer.arrow import arrays
from loganalyzer.coverage import Coverage
from loganalyzer.parser.columns import Rows
from loganalyzer.parser.ids import ID_BYTES, id_words, xid_words
from loganalyzer.parser.kept import Kept, KeptLines
from loganalyzer.parser.summary import ROW, SOURCE_SHIFT
from loganalyzer.parser.table import Table
from loganalyzer.parser.texts import TEXTS

if TYPE_CHECKING:
    import pyarrow as pa

COLUMNS = (
    "id binary, row binary, " + ", ".join(f"{name} binary" for name in TEXTS) + ", more binary, "
    "sources array<bigint>, wanted bigint, note binary"
)
"""The columns of records, as Spark writes them."""

NEEDED, FOR_POLICY = 2, 1
"""Why a request must be looked at again: it cannot be judged without, or to see whose policy it was judged by."""

AT_ONCE = 10_000
"""So many requests stand in one batch."""


@dataclass(slots=True)
class Note:
    """What a worker tells besides rows: its part of the coverage, how many requests it has, of them how many must be
    looked at again (``wanted``), may have to be for their policies (``policies``) and share their id (``shared``); the
    last time, and whether all that was executed was written with data trace (see
    :class:`loganalyzer.classifier.evidence.Window`)."""

    coverage: Coverage = field(default_factory=Coverage)
    requests: int = 0
    wanted: int = 0
    policies: int = 0
    shared: int = 0
    first: int | None = None
    last: int | None = None
    executed: bool = False
    untraced: bool = False

    def merge(self, other: Note) -> None:
        """Add what another worker tells."""
        self.coverage.merge(other.coverage)
        self.requests += other.requests
        self.wanted += other.wanted
        self.policies += other.policies
        self.shared += other.shared
        self.first = min((time for time in (self.first, other.first) if time is not None), default=None)
        self.last = max((time for time in (self.last, other.last) if time is not None), default=None)
        self.executed = self.executed or other.executed
        self.untraced = self.untraced or other.untraced


class _More(msgspec.Struct, array_like=True):
    """What few records have: kept lines, an id and an extended id too long for the row."""

    kept: list[Kept]
    long_id: bytes = b""
    long_xid: bytes = b""


def packed_note(note: Note) -> bytes:
    """The note as a record holds it."""
    return msgspec.msgpack.encode(note)


def note_batch(note: Note) -> pa.RecordBatch:
    """One record with a note."""
    import pyarrow as pa

    empty: dict[str, pa.Array] = {name: arrays.binaries([None]) for name in ("id", "row", *TEXTS, "more")}
    told = arrays.binaries([packed_note(note)])
    rest = {"sources": arrays.numbers([[]]), "wanted": arrays.integers([0]), "note": told}
    return pa.RecordBatch.from_arrays([*empty.values(), *rest.values()], names=[*empty, *rest])


def note_of(raw: bytes) -> Note:
    """The note in a record."""
    return msgspec.msgpack.decode(raw, type=Note)


def batches_of(
    table: Table,
    *,
    sources: Mapping[bytes, Sequence[int]] | None = None,
    wanted: npt.NDArray[np.int64] | None = None,
    among: Sequence[int] = (),
) -> Iterator[pa.RecordBatch]:
    """The rows of a table as records.

    With ``sources`` (by id) the rows are whole, and ``wanted`` says why each must be looked at again; else they stand
    in inputs ``among`` whose numbers (ascending) their positions lie.
    """
    wanted = np.zeros(len(table.rows), np.int64) if wanted is None else wanted
    more = _more_of(table)
    texts = arrays.binaries(list(table.texts))
    for start in range(0, len(table.rows), AT_ONCE):
        rows = table.rows[start : start + AT_ONCE]
        words = rows["id"].tobytes()
        ids = [words[at : at + ID_BYTES] for at in range(0, len(words), ID_BYTES)]
        places = _places(rows, np.array(among, np.int64)) if sources is None else [sources.get(raw, ()) for raw in ids]
        yield _batch(rows, texts, [more.get(raw) for raw in ids], places, wanted[start : start + AT_ONCE])


def _batch(
    rows: Rows,
    texts: pa.Array,
    more: list[bytes | None],
    places: list[Sequence[int]],
    wanted: npt.NDArray[np.int64],
) -> pa.RecordBatch:
    import pyarrow as pa

    columns = {
        "id": arrays.records(rows["id"]),
        "row": arrays.records(rows),
        **{name: arrays.chosen(texts, np.ascontiguousarray(rows[name])) for name in TEXTS},
        "more": arrays.binaries(more),
        "sources": arrays.numbers(places),
        "wanted": arrays.integers(wanted),
        "note": arrays.binaries([None] * len(rows)),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _places(rows: Rows, among: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[Sequence[int]]:
    """The inputs in which the lines of each row may stand."""
    first = np.searchsorted(among, rows["first_pos"] >> SOURCE_SHIFT).tolist()
    last = np.searchsorted(among, rows["last_pos"] >> SOURCE_SHIFT, "right").tolist()
    listed: list[int] = among.tolist()
    return [listed[low:high] for low, high in zip(first, last, strict=True)]


def _more_of(table: Table) -> dict[bytes, bytes]:
    """By id what few rows have."""
    found: dict[bytes, _More] = {raw: _More([], full) for raw, full in table.long_ids.items() if len(raw) == ID_BYTES}
    for row in table.rows[table.rows["xid"][:, 0] & np.uint64(0xFF) == 0] if len(table.long_ids) > len(found) else ():
        long_xid = table.long_ids.get(row["xid"].tobytes(), b"")
        if long_xid:
            found.setdefault(row["id"].tobytes(), _More([])).long_xid = long_xid
    for line in table.kept:
        found.setdefault(line.id, _More([])).kept.append(line)
    return {raw: msgspec.msgpack.encode(more) for raw, more in found.items()}


def table_of(batches: Sequence[pa.RecordBatch]) -> Table:
    """The records of some batches as a table, in the order of time and place; rows of one request are not merged."""
    table = Table()
    kept: list[Kept] = []
    parts = [_adopted(batch, table, kept) for batch in batches if batch.num_rows]
    if parts:
        table.rows = np.concatenate(parts)
    table.kept = KeptLines(dict.fromkeys(kept))
    return table


def _adopted(batch: pa.RecordBatch, table: Table, kept: list[Kept]) -> Rows:
    """The rows of a batch, numbered as the table is; the lines kept of them are put to the others."""
    rows = np.frombuffer(arrays.joined(batch.column("row")), ROW).copy()
    for name in TEXTS:
        coded = batch.column(name).dictionary_encode()
        codes = table.texts.codes(coded.dictionary.to_pylist())
        rows[name] = codes[coded.indices.to_numpy(zero_copy_only=False)]
    for raw in batch.column("more").drop_null().to_pylist():
        more = msgspec.msgpack.decode(raw, type=_More)
        kept.extend(more.kept)
        if more.long_id:
            table.long_ids[id_words(more.long_id).tobytes()] = more.long_id
        if more.long_xid:
            table.long_ids[xid_words(more.long_xid).tobytes()] = more.long_xid
    return rows


def long_id_of(raw: bytes | None) -> bytes:
    """The long id in what few rows have, empty if there is none."""
    return msgspec.msgpack.decode(raw, type=_More).long_id if raw else b""
