"""Slices of the request table: how thousands of requests lie in Spark between being scanned and being judged.

A slice is one value of bytes, so Spark moves no single request: it is held in the cache beside the keys of its
requests, which alone are compared. The requests of a slice come from one part, a stretch of some inputs in which each
request has one row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from loganalyzer.arrow import arrays
from loganalyzer.parser.ids import ID_BYTES
from loganalyzer.parser.kept import Kept, KeptLines
from loganalyzer.parser.summary import ROW
from loganalyzer.parser.table import Table
from loganalyzer.parser.texts import Texts
from loganalyzer.spark.records import Note, packed_note
from loganalyzer.spark.unsettled import wanted_of

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import SparkSession

COLUMNS = "part bigint, keys array<bigint>, slice binary, note binary"
"""The columns of slices, as Spark writes them; one with a note has nothing else."""

AT_ONCE = 10_000
"""So many requests stand in one slice, some 3 MB."""

FEW_AT_ONCE = 64
"""So many where Spark hands over 10 000 slices at a time, however large they are."""

_BATCH_BYTES = "spark.sql.execution.arrow.maxBytesPerBatch"
_LARGEST_BATCH = 1 << 28
_UNITS = {"": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20}

Keys = npt.NDArray[np.uint64]


class _Slice(msgspec.Struct, array_like=True):
    """Rows as their bytes, the texts that they number, their kept lines and long ids, and the part's inputs."""

    rows: bytes
    texts: list[bytes]
    kept: list[Kept]
    long_ids: dict[bytes, bytes]
    among: list[int]


def size_for(spark: SparkSession) -> int:
    """How many requests a slice may hold so that what a worker is given at a time stays small.

    Newer versions of Spark count the bytes that they hand over, older ones only the rows.
    """
    try:
        said = spark.conf.get(_BATCH_BYTES) or ""
    except Exception as error:  # which one it is depends on the version
        if not type(error).__name__.startswith(("Py4J", "PySpark", "Spark", "IllegalArgument", "Analysis")):
            raise
        return FEW_AT_ONCE
    number = said.rstrip("abcdefghijklmnopqrstuvwxyz")
    factor = _UNITS.get(said[len(number) :])
    return AT_ONCE if factor and number.isdigit() and int(number) * factor <= _LARGEST_BATCH else FEW_AT_ONCE


def batches_of(table: Table, *, part: int, among: Sequence[int], size: int) -> Iterator[pa.RecordBatch]:
    """The table of a part in slices of so many requests, each a batch of one row."""
    kept = _kept_by_slice(table, size)
    for number, start in enumerate(range(0, len(table.rows), size)):
        own = table.part(np.arange(start, min(start + size, len(table.rows))))
        held = _Slice(own.rows.tobytes(), list(own.texts), kept.get(number, []), own.long_ids, list(among))
        yield _batch(part, own.rows["key"], msgspec.msgpack.encode(held), None)


def note_batch(note: Note) -> pa.RecordBatch:
    """One row with a note."""
    return _batch(None, np.zeros(0, np.uint64), None, packed_note(note))


def _batch(part: int | None, keys: Keys, packed: bytes | None, note: bytes | None) -> pa.RecordBatch:
    import pyarrow as pa

    columns = {
        "part": arrays.integers([part]),
        "keys": arrays.one_list(keys.view(np.int64)),
        "slice": arrays.binaries([packed]),
        "note": arrays.binaries([note]),
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def _kept_by_slice(table: Table, size: int) -> dict[int, list[Kept]]:
    """The kept lines by the number of the slice in which their request stands."""
    found: dict[int, list[Kept]] = {}
    if table.kept:
        ids = table.rows["id"].tobytes()
        slice_of = {ids[at : at + ID_BYTES]: at // ID_BYTES // size for at in range(0, len(ids), ID_BYTES)}
        for line in table.kept:
            if line.id in slice_of:
                found.setdefault(slice_of[line.id], []).append(line)
    return found


class Opened:
    """One slice: its ``table``, the numbers of the inputs it comes ``among``, and which rows do not stand for
    themselves (``apart``): their key occurs in other parts too, or their lines must be read again."""

    def __init__(self, packed: bytes, twice: Keys) -> None:
        held = msgspec.msgpack.decode(packed, type=_Slice)
        rows = np.frombuffer(held.rows, ROW).copy()
        self.table = Table(rows=rows, texts=Texts(held.texts), long_ids=held.long_ids, kept=KeptLines(held.kept))
        self.among = held.among
        self.apart = wanted_of(rows) > 0
        if len(twice):
            self.apart |= np.isin(rows["key"], twice)


def opened(batches: Iterable[pa.RecordBatch]) -> Iterator[Opened]:
    """The slices in some batches."""
    none = np.zeros(0, np.uint64)
    for batch in batches:
        told = batch.column("twice") if "twice" in batch.schema.names else None
        for place, packed in enumerate(batch.column("slice")):
            if packed.is_valid:
                twice = told[place].values if told is not None and told[place].is_valid else None
                yield Opened(packed.as_py(), none if twice is None else arrays.numpy_of(twice).view(np.uint64))


def joined(tables: Iterable[Table], *, size: int) -> Iterator[Table]:
    """Tables, no request in two of them, together until there are so many requests in one."""
    whole: Table | None = None
    for table in tables:
        if whole is None:
            whole = table
        else:
            whole.texts.adopt(table.texts, table.rows)
            whole.rows = np.concatenate((whole.rows, table.rows))
            whole.kept.adopt(table.kept)
            whole.long_ids.update(table.long_ids)
        if len(whole.rows) >= size:
            yield whole
            whole = None
    if whole is not None:
        yield whole
