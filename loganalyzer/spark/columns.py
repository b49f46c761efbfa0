"""The request table as Spark has it: the columns of :class:`loganalyzer.model.Request`, and records from them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from loganalyzer.model import Request
from loganalyzer.spark import arrays

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def schema() -> str:
    """The columns with their types, as Spark writes them."""
    return ", ".join(f"{name} {_KINDS[kind][0]}" for name, kind in _hints().items())


@cache
def _hints() -> dict[str, Any]:
    hints = get_type_hints(Request)
    return {field.name: hints[field.name] for field in fields(Request)}


def batch_of(requests: Sequence[Request]) -> pa.RecordBatch:
    """The requests as one batch of Arrow."""
    import pyarrow as pa

    columns = {
        name: _KINDS[kind][1]([getattr(request, name) for request in requests]) for name, kind in _hints().items()
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def requests_of(table: pa.Table) -> Iterator[Request]:
    """The records of a table of Arrow with these columns, whatever else it has."""
    names = list(_hints())
    for batch in table.select(names).to_batches():
        for row in batch.to_pylist():
            yield Request(**{name: _plain(row[name]) for name in names})


def _plain(value: object) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value


def _strings(values: Sequence[str]) -> pa.Array:
    return arrays.binaries([value.encode("utf-8", "replace") for value in values], text=True)


def _times(values: Sequence[datetime | None]) -> pa.Array:
    import pyarrow as pa

    microseconds = [None if value is None else round(value.timestamp() * 1000) * 1000 for value in values]
    return arrays.integers(microseconds, kind=pa.timestamp("us", tz="UTC"))


_KINDS: dict[Any, tuple[str, Callable[[Any], Any]]] = {
    str: ("string", _strings),
    int | None: ("bigint", arrays.integers),
    datetime | None: ("timestamp", _times),
    tuple[str, ...]: ("array<string>", arrays.lists),
}
"""For each type of a column its name in Spark, and what makes an array of Arrow from its values."""
