"""Successes as columns of Arrow, from the rows themselves and from what few of them tell apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from loganalyzer.arrow import arrays
from loganalyzer.judged.records import Columns, Told, text_of
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
        "path": _coded(rows["path"], plain.texts, secret),
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
        columns[name] = arrays.chosen(_strings(shown), plain.route)
    columns |= _told(plain.told, plain.case, secret)
    columns["log_level"] = arrays.chosen(_strings(plain.levels), plain.fact)
    columns["authorizer"] = arrays.chosen(_strings(plain.authorizers), plain.fact)
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


def _coded(column: Ints, texts: Sequence[bytes], secret: Secret) -> pa.Array:
    """Texts by their numbers, each distinct one written once."""
    codes, inverse = np.unique(column, return_inverse=True)
    return arrays.chosen(_texts([texts[code] for code in codes.tolist()], secret=secret), inverse)


def _texts(raw: list[bytes], *, secret: Secret) -> pa.Array:
    if secret is not None:
        return _strings([secret(text_of(one)) for one in raw])
    return arrays.binaries([one if one.isascii() else text_of(one).encode() for one in raw], text=True)


def _strings(values: Sequence[str]) -> pa.Array:
    return arrays.binaries([value.encode("utf-8", "replace") for value in values], text=True)
