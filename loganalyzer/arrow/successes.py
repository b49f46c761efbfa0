"""Successes as columns of Arrow, from the rows themselves and from what few of them tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from loganalyzer.arrow import arrays
from loganalyzer.judged.columns import Columns
from loganalyzer.judged.told import Told
from loganalyzer.parser.columns import EARLY, LATE, Ints

if TYPE_CHECKING:
    import pyarrow as pa

Secret = Callable[[str], str] | None
"""How a text that quotes the log may be written, None for as it is."""

_ROUTE = ("api_id", "api_stage", "method", "resource")
_TOLD = ("outcome", "category", "stopped_at", "confidence")


def columns_of(plain: Columns, *, secret: Secret) -> dict[str, pa.Array]:
    """All columns of :class:`loganalyzer.model.Request`, by name."""
    rows = plain.rows
    first, last = (np.where(rows[name] == no, arrays.NO_TIME, rows[name]) for name, no in _TIMES.items())
    known = (first != arrays.NO_TIME) & (last != arrays.NO_TIME)
    status = rows["status"].astype(np.int64)
    default = np.array([-1 if told.client_status is None else told.client_status for told in plain.told], np.int64)
    columns = {
        "request_id": arrays.padded(rows["id"]),
        "extended_request_id": arrays.padded(rows["xid"]),
        "path": arrays.chosen(_strings(list(map(secret, plain.paths)) if secret else plain.paths), _codes(plain.path)),
        "first_seen": arrays.moments(first),
        "last_seen": arrays.moments(last),
        "duration_ms": arrays.known_integers(last - first, known),
        "integration_latency_ms": arrays.known_integers(rows["latency"], rows["latency"] >= 0),
        "status": arrays.known_integers(status, status >= 0),
    }
    client_status = np.where(status >= 0, status, default[plain.case])
    columns["client_status"] = arrays.known_integers(client_status, client_status >= 0)
    for number, name in enumerate(_ROUTE):
        values = [route[number] for route in plain.routes]
        shown = [secret(value) for value in values] if secret and name == "resource" else values
        columns[name] = arrays.chosen(_strings(shown), _codes(plain.route))
    columns |= _told(plain.told, plain.case, secret)
    for number, name in enumerate(("log_level", "authorizer")):
        columns[name] = arrays.chosen(_strings([standing[number] for standing in plain.standings]), plain.standing)
    columns["evidence"] = arrays.lists([()] * len(rows))
    columns["detail"] = _strings([""] * len(rows))
    return columns


_TIMES = {"first": LATE, "last": EARLY}
"""Columns of time, and what stands in each where no time is known."""


def _told(told: Sequence[Told], case: Ints, secret: Secret) -> dict[str, pa.Array]:
    """What the diagnoses tell."""
    columns = {name: arrays.chosen(_strings([getattr(one, name) for one in told]), case) for name in _TOLD}
    reasons = [tuple(map(secret, one.reasons)) if secret else one.reasons for one in told]
    columns["reasons"] = arrays.chosen(arrays.lists(reasons), case)
    columns["alternatives"] = arrays.chosen(arrays.lists([one.alternatives for one in told]), case)
    return columns


def _codes(numbers: Sequence[int]) -> npt.NDArray[np.int32]:
    return np.array(numbers, np.int32)


def _strings(values: Sequence[str]) -> pa.Array:
    return arrays.binaries([value.encode("utf-8", "replace") for value in values], text=True)
