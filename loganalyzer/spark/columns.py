"""The request table as Spark has it: the columns of :class:`loganalyzer.model.Request`, and records from them again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from loganalyzer.arrow.batches import hints_of
from loganalyzer.model import Request

if TYPE_CHECKING:
    import pyarrow as pa


@cache
def schema() -> str:
    """The columns with their types, as Spark writes them."""
    return ", ".join(f"{name} {_KINDS[hint]}" for name, hint in hints_of(Request).items())


def requests_of(table: pa.Table) -> Iterator[Request]:
    """The records of a table of Arrow with these columns, whatever else it has."""
    names = list(hints_of(Request))
    for batch in table.select(names).to_batches():
        for row in batch.to_pylist():
            yield Request(**{name: _plain(row[name]) for name in names})


def _plain(value: object) -> Any:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return value


_KINDS: dict[Any, str] = {
    str: "string",
    int | None: "bigint",
    datetime | None: "timestamp",
    tuple[str, ...]: "array<string>",
}
"""For each type of a column its name in Spark."""
