"""Requests in columns as columns of Arrow, from the rows themselves and from what few of them tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from loganalyzer.arrow import arrays
from loganalyzer.judged.columns import Columns
from loganalyzer.judged.told import Told
from loganalyzer.parser.columns import EARLY, LATE, Ints

if TYPE_CHECKING:
    import pyarrow as pa

_ROUTE = ("api_id", "api_stage", "method", "resource")
_TOLD = ("outcome", "category", "stopped_at", "confidence")


def arrays_of(columns: Columns) -> dict[str, pa.Array]:
    """All columns of :class:`loganalyzer.model.Request`, by name."""
    rows, table = columns.rows, columns.table
    first, last = (np.where(rows[name] == no, arrays.NO_TIME, rows[name]) for name, no in _TIMES.items())
    evidence = [detail.evidence for detail in columns.details]
    found = {
        "request_id": _ids(rows["id"], table.request_ids),
        "extended_request_id": _ids(rows["xid"], table.extended_ids),
        "path": _chosen(columns.paths, columns.path),
        "first_seen": arrays.moments(first),
        "last_seen": arrays.moments(last),
        "duration_ms": _numbers(columns.lasted()),
        "integration_latency_ms": _numbers(rows["latency"]),
        "status": _numbers(rows["status"]),
        "client_status": _numbers(columns.client_status()),
        "evidence": arrays.chosen(arrays.lists(evidence), _codes(columns.detail)),
        "detail": _chosen([detail.broke for detail in columns.details], columns.detail),
    }
    for number, name in enumerate(_ROUTE):
        found[name] = _chosen([route[number] for route in columns.routes], columns.route)
    for number, name in enumerate(("log_level", "authorizer")):
        found[name] = _chosen([standing[number] for standing in columns.standings], columns.standing)
    return found | _told(columns.told, columns.case)


_TIMES = {"first": LATE, "last": EARLY}
"""Columns of time, and what stands in each where no time is known."""


def _ids(words: npt.NDArray[np.uint64], texts: Callable[[Any], list[str]]) -> pa.Array:
    """The ids of rows, by their bytes where all are short and of ASCII."""
    raw = np.ascontiguousarray(words).view(np.uint8).reshape(len(words), -1)
    plain = ((raw[:, 0] != 0) | (raw == 0).all(axis=1)) & (raw < 128).all(axis=1)
    return arrays.padded(words) if plain.all() else _strings(texts(words))


def _numbers(values: Ints) -> pa.Array:
    """Numbers, null where they are below 0."""
    return arrays.known_integers(values, values >= 0)


def _told(told: Sequence[Told], case: Ints) -> dict[str, pa.Array]:
    """What the diagnoses tell."""
    columns = {name: _chosen([getattr(one, name) for one in told], case) for name in _TOLD}
    columns["reasons"] = arrays.chosen(arrays.lists([one.reasons for one in told]), case)
    columns["alternatives"] = arrays.chosen(arrays.lists([one.alternatives for one in told]), case)
    return columns


def _chosen(values: Sequence[str], numbers: Sequence[int] | Ints) -> pa.Array:
    """Of some texts those whose numbers are given."""
    return arrays.chosen(_strings(values), _codes(numbers))


def _codes(numbers: Sequence[int] | Ints) -> npt.NDArray[np.int32]:
    return np.array(numbers, np.int32)


def _strings(values: Sequence[str]) -> pa.Array:
    return arrays.binaries([value.encode("utf-8", "replace") for value in values], text=True)
