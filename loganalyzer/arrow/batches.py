"""Requests → batches of Arrow, from columns or from requests that are handed out one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

import numpy as np

from loganalyzer.arrow import arrays
from loganalyzer.arrow.columns import arrays_of
from loganalyzer.judged.records import Records
from loganalyzer.model import Request
from loganalyzer.parser.columns import Ints

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 10_000
"""So many requests stand in one batch."""


class Mask(NamedTuple):
    """How requests may be written: ``text`` is asked for each distinct text of those that stand in columns, ``request``
    for each that is handed out by itself; None for as they are."""

    request: Callable[[Request], Request]
    text: Callable[[str], str] | None


def batches_of(records: Records, which: Ints, *, mask: Mask | None = None) -> Iterator[pa.RecordBatch]:
    """The requests in these rows, in this order, as batches with the columns of :class:`Request`."""
    import pyarrow as pa

    names = [field.name for field in fields(Request)]
    for start in range(0, len(which), AT_ONCE):
        columns = records.in_columns(which[start : start + AT_ONCE])
        found = arrays_of(columns.masked(mask.text) if mask and mask.text else columns)
        yield pa.RecordBatch.from_arrays([found[name] for name in names], names=names)


def _masked(requests: Iterable[Request], mask: Mask | None) -> list[Request]:
    return [mask.request(request) for request in requests] if mask else list(requests)


def grouped(
    requests: Iterator[Request], *, kind: type[Request] = Request, mask: Mask | None = None
) -> Iterator[pa.RecordBatch]:
    """Requests of one ``kind``, handed out one by one, as batches with its columns."""
    while some := _masked(islice(requests, AT_ONCE), mask):
        yield batch_of(some, kind=kind)


def batch_of(requests: Sequence[Request], *, kind: type[Request] = Request) -> pa.RecordBatch:
    """Requests of one ``kind`` as one batch with its columns, one by one."""
    import pyarrow as pa

    columns = {
        name: _ARRAYS[hint]([getattr(request, name) for request in requests]) for name, hint in hints_of(kind).items()
    }
    return pa.RecordBatch.from_arrays(list(columns.values()), names=list(columns))


def hints_of(kind: type[Request]) -> dict[str, Any]:
    """The columns of a ``kind`` of row in order, with the types of their values."""
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _texts(values: Sequence[str]) -> pa.Array:
    return arrays.binaries([value.encode("utf-8", "replace") for value in values], text=True)


def _times(values: Sequence[datetime | None]) -> pa.Array:
    return arrays.moments(
        np.array([arrays.NO_TIME if value is None else round(value.timestamp() * 1000) for value in values], np.int64)
    )


_ARRAYS: dict[Any, Callable[[Any], Any]] = {
    str: _texts,
    int | None: arrays.integers,
    float | None: arrays.floats,
    bool: arrays.flags,
    bool | None: arrays.flags,
    datetime | None: _times,
    tuple[str, ...]: arrays.lists,
}
"""For each type of a column what makes an array of Arrow from its values."""
