"""What the workers do first: scan whole inputs into slices of the request table."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from loganalyzer.formats import Input
from loganalyzer.parser import partial
from loganalyzer.parser.allocation import keep_freed_memory
from loganalyzer.spark import records, slices
from loganalyzer.spark.unsettled import note_of, wanted_of

if TYPE_CHECKING:
    import pyarrow as pa

    Batches = Iterable[pa.RecordBatch]

_PIECES = 1 << 20
"""An input is scanned in fewer pieces."""


@dataclass(frozen=True, slots=True)
class Held:
    """The bytes of an input that Spark itself has read."""

    name: str
    data: memoryview = field(repr=False)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """A stream over them."""
        return io.BytesIO(self.data)


def inputs_in(batch: pa.RecordBatch) -> Iterator[list[tuple[int, Input]]]:
    """The numbered inputs of each row: packed together, or one with its content."""
    if "work" in batch.schema.names:
        for work in batch.column("work").to_pylist():
            yield pickle.loads(work)  # noqa: S301 - packed by the driver
        return
    numbers, packed = (batch.column(name).to_pylist() for name in ("number", "input"))
    for number, one, content in zip(numbers, packed, batch.column("content"), strict=True):
        source: Input = pickle.loads(one)  # noqa: S301 - packed by the driver
        yield [(number, replace(source, remote=Held(source.name, memoryview(content.as_buffer() or b""))))]


@dataclass(frozen=True, slots=True)
class Scan:
    """Inputs → slices of the table of their requests, as far as these inputs tell, and a note on all of them.

    ``piece`` bytes of text make a part, ``size`` requests a slice.
    """

    piece: int = partial.PIECE
    size: int = slices.AT_ONCE

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Scan all inputs of a batch, one after another, into one table."""
        keep_freed_memory()
        note = records.Note()
        for batch in batches:
            numbered = [one for some in inputs_in(batch) for one in some]
            among = sorted(number for number, _ in numbered)
            for piece, table in enumerate(partial.pieces(numbered, size=self.piece)):
                note.coverage.merge(table.coverage)
                note.merge(note_of(table.rows, wanted_of(table.rows)))
                part = among[0] * _PIECES + piece
                yield from slices.batches_of(table, part=part, among=among, size=self.size)
                del table  # before the next one is made
        yield slices.note_batch(note)


@dataclass(frozen=True, slots=True)
class Apart:
    """Slices → records of the requests that do not stand for themselves, and a note on the others.

    These are requests of which other parts have lines too, or whose lines must be read again; or ``everything``.
    """

    everything: bool = False

    def __call__(self, batches: Batches) -> Iterator[pa.RecordBatch]:
        """Open each slice for itself."""
        note = records.Note()
        for one in slices.opened(batches):
            apart = one.apart | self.everything
            rest = one.table.rows[~apart]
            note.merge(note_of(rest, wanted_of(rest)))
            one.table.rows = one.table.rows[apart]
            yield from records.batches_of(one.table, among=one.among)
        yield records.note_batch(note)
