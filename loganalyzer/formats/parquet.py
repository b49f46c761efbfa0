"""The family "Parquet": events in columns, read batch by batch, so that memory stays flat however long the file is.

Log delivery writes it to S3 (https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-create-log-delivery.html),
Athena and awswrangler do, and so does anybody with a DataFrame. pyarrow reads it, and pandas is not needed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, cast

from loganalyzer.coverage import Coverage, Problem
from loganalyzer.formats.base import PARQUET, Chunk, Origin
from loganalyzer.formats.columns import SAMPLE, Chosen, choose, events_of, texts_in
from loganalyzer.formats.fields import NO_FIELDS, Fields, Turnout
from loganalyzer.formats.lines import chunks_of
from loganalyzer.formats.naming import Naming
from loganalyzer.formats.pages import PageWriter
from loganalyzer.formats.rows import RowWriter
from loganalyzer.formats.shapes import INSIGHTS, Row

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

MOST_ROWS = 4096
"""Rows that are held at once, fewer where they are long: a delivered message may have 1 MB."""

_BATCH = 8 << 20
_LEAST_ROWS = 16
_BUFFER = 1 << 20
_NEEDS = "install 'loganalyzer[parquet]'"


class Parquet:
    """Reads Parquet of any length; see :class:`loganalyzer.formats.base.Family`."""

    name = "Parquet"

    def __init__(self, *, suffix: str = "", fields: Fields = NO_FIELDS) -> None:
        self._suffix = suffix
        self._fields = fields

    def recognises(self, head: bytes) -> bool:
        """Whether the file begins as Parquet does."""
        return head.startswith(PARQUET)

    def chunks(self, stream: BinaryIO, coverage: Coverage) -> Iterator[Chunk]:
        """The events of all rows, by event id where there is one, else by time."""
        try:
            import pyarrow as pa
            import pyarrow.parquet as pq
        except ImportError:
            coverage.problems.append(Problem("", "reading a Parquet file needs pyarrow, which is not there", _NEEDS))
            return
        with _whole(stream) as whole:
            try:
                file = pq.ParquetFile(whole, pre_buffer=False, buffer_size=_BUFFER)
                yield from self._chunks(file, coverage)
            except (pa.ArrowException, OSError) as error:
                what = (
                    f"the Parquet file is damaged ({_first_line(error)}): what stands in front of the damage was read"
                )
                coverage.problems.append(Problem("", what, "copy or download the file again"))

    def _chunks(self, file: pq.ParquetFile, coverage: Coverage) -> Iterator[Chunk]:
        names = [name for field in file.schema_arrow for name in _names_in(field)]
        chosen = choose(names, _sample(file, names), self._fields)
        if isinstance(chosen, Problem):
            coverage.problems.append(chosen)
            return
        naming = Naming(coverage, suffix=self._suffix)
        write = _Unordered(coverage, naming) if chosen.unordered else _Ordered(coverage, naming)
        for batch in file.iter_batches(_rows_at_once(file), columns=list(chosen.names), use_threads=False):
            yield from write.batch(chosen, _columns(batch, chosen.names))
        yield from write.rest()
        yield from chunks_of(naming.rest())


@contextmanager
def _whole(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The file as one that can be read from any place: Parquet says at its end where what stands."""
    if stream.seekable():
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(stream, copy, _BUFFER)
        yield cast(BinaryIO, copy)


class _Ordered:
    """Writes rows that stand in order, or have event ids."""

    def __init__(self, coverage: Coverage, naming: Naming) -> None:
        self._pages = PageWriter(coverage, naming, Turnout(NO_FIELDS))

    def batch(self, chosen: Chosen, columns: dict[str, list[object]]) -> Iterator[Chunk]:
        """The chunks that are ready after some rows."""
        order = "event id" if chosen.by_role["event_id"] else "position"
        for group, events in events_of(chosen, columns):
            yield from self._pages.write(events, Origin("Parquet", order, group))

    def rest(self) -> Iterator[Chunk]:
        """All that is left."""
        yield from self._pages.rest()


class _Unordered:
    """Writes rows of Insights."""

    def __init__(self, coverage: Coverage, naming: Naming) -> None:
        self._rows = RowWriter(coverage, naming)

    def batch(self, chosen: Chosen, columns: dict[str, list[object]]) -> Iterator[Chunk]:
        """The chunks that are ready after some rows."""
        for group, events in events_of(chosen, columns):
            for event in events:
                for chunk in self._rows.add(Row(event.message, event.timestamp, form=INSIGHTS, group=group)):
                    yield _parquet(chunk)

    def rest(self) -> Iterator[Chunk]:
        """All that is left."""
        yield from map(_parquet, self._rows.rest())


def _parquet(chunk: Chunk) -> Chunk:
    return replace(chunk, origin=replace(chunk.origin, form="Parquet"))


def _rows_at_once(file: pq.ParquetFile) -> int:
    """How many rows take about as much memory as a batch may."""
    size = sum(file.metadata.row_group(number).total_byte_size for number in range(file.metadata.num_row_groups))
    row = max(1, size // max(1, file.metadata.num_rows))
    return int(min(MOST_ROWS, max(_LEAST_ROWS, _BATCH // row)))


def _names_in(field: pa.Field[pa.DataType]) -> Iterator[str]:
    """The columns that a field is: itself, or those of the record that it holds, by dotted names."""
    import pyarrow as pa

    if isinstance(field.type, pa.StructType):
        yield from (f"{field.name}.{inner.name}" for inner in field.type.fields)
    else:
        yield field.name


def _sample(file: pq.ParquetFile, names: Sequence[str]) -> dict[str, list[str]]:
    """Some values of each column of text."""
    batch = next(file.iter_batches(min(SAMPLE, _rows_at_once(file)), columns=list(names), use_threads=False), None)
    return {} if batch is None else {name: texts_in(values) for name, values in _columns(batch, names).items()}


def _columns(batch: pa.RecordBatch, names: Sequence[str]) -> dict[str, list[object]]:
    """The values of columns by name: texts, numbers, times as milliseconds; None for what is neither."""
    import pyarrow as pa

    table = pa.Table.from_batches([batch]).flatten()
    return {name: _values(table.column(name).combine_chunks()) for name in names if name in table.column_names}


def _values(column: pa.Array[pa.Scalar[pa.DataType]]) -> list[object]:
    import pyarrow as pa
    import pyarrow.types as kind

    if kind.is_dictionary(column.type):
        column = column.dictionary_decode()
    if kind.is_timestamp(column.type):
        return list(column.cast(pa.timestamp("ms", column.type.tz), safe=False).cast(pa.int64()).to_pylist())
    if _is_text(column.type):
        # As bytes: what is no UTF-8 is to be kept, not to end the reading.
        return [None if raw is None else raw.decode("utf-8", "surrogateescape")
                for raw in column.cast(pa.large_binary()).to_pylist()]  # fmt: skip
    if kind.is_integer(column.type) or kind.is_floating(column.type):
        return list(column.to_pylist())
    return [None] * len(column)


def _is_text(type_: pa.DataType) -> bool:
    import pyarrow.types as kind

    return any(
        fits(type_)
        for fits in (kind.is_string, kind.is_large_string, kind.is_string_view, kind.is_binary, kind.is_large_binary,
                     kind.is_binary_view)
    )  # fmt: skip


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0][:200]
