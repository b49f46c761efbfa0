"""Requests as a pandas DataFrame, from objects one by one or from columns: those take a fraction of the time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np

from loganalyzer.judged.columns import Columns
from loganalyzer.model import Request
from loganalyzer.parser.columns import EARLY, LATE, Ints

if TYPE_CHECKING:
    import pandas as pd
    from pandas.api.extensions import ExtensionArray

_TIMES = ("first_seen", "last_seen")
_KINDS = {int | None: "Int64", float | None: "Float64", bool | None: "boolean"}
"""How pandas holds columns in which values may be missing."""
_LISTS = ("alternatives", "evidence", "reasons")


def frame_of(requests: Iterable[Request], kind: type[Request] = Request) -> pd.DataFrame:
    """One row a request; the columns of ``kind``, times as ``datetime64[ms, UTC]``."""
    import pandas as pd

    rows = list(requests)
    names = [field.name for field in fields(kind)]
    hints = get_type_hints(kind)
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in names}, columns=names)
    for name in _TIMES:
        frame[name] = pd.to_datetime(frame[name], utc=True).astype("datetime64[ms, UTC]")
    kinds = {name: _KINDS[hints[name]] for name in names if hints[name] in _KINDS}
    frame = frame.astype(kinds)
    for name in _LISTS:
        frame[name] = pd.Series([list(getattr(row, name)) for row in rows], dtype="object")
    for name in [name for name in names if hints[name] is str]:
        frame[name] = frame[name].astype("str")  # whatever pandas has for text, also where there is no row
    return frame


def frame_of_columns(columns: Columns) -> pd.DataFrame:
    """The same of requests in columns: what few of them tell apart is made into text once."""
    import pandas as pd

    rows, told, details = columns.rows, columns.told, columns.details
    case, detail = columns.case, np.array(columns.detail, np.int64)
    first, last = rows["first"], rows["last"]
    found: dict[str, Any] = {
        "request_id": _texts(columns.table.request_ids(rows["id"])),
        "extended_request_id": _texts(columns.table.extended_ids(rows["xid"])),
        "path": _chosen(columns.paths, np.array(columns.path, np.int64)),
        "first_seen": _moments(first, first != LATE),
        "last_seen": _moments(last, last != EARLY),
        "duration_ms": _numbers(columns.lasted()),
        "integration_latency_ms": _numbers(rows["latency"]),
        "status": _numbers(rows["status"]),
        "client_status": _numbers(columns.client_status()),
        "alternatives": _lists([told[number].alternatives for number in case.tolist()]),
        "evidence": _lists([details[number].evidence for number in columns.detail]),
        "reasons": _lists([told[number].reasons for number in case.tolist()]),
        "detail": _chosen([one.broke for one in details], detail),
    }
    for name in ("api_id", "api_stage", "method", "resource"):
        found[name] = _chosen([getattr(one, name) for one in columns.routes], np.array(columns.route, np.int64))
    for name in ("log_level", "authorizer"):
        found[name] = _chosen([getattr(one, name) for one in columns.standings], columns.standing)
    for name in ("outcome", "category", "stopped_at", "confidence"):
        found[name] = _chosen([getattr(one, name) for one in told], case)
    return pd.DataFrame({field.name: found[field.name] for field in fields(Request)})


def _texts(values: Sequence[str]) -> pd.Series[str]:
    import pandas as pd

    return pd.Series(values, dtype="object").astype("str")


def _chosen(values: Sequence[str], numbers: Ints) -> ExtensionArray:
    """Of some texts those whose numbers are given."""
    return _texts(values).array.take(numbers)


def _numbers(values: Ints) -> ExtensionArray:
    """Numbers, none where they are below 0."""
    import pandas as pd

    return pd.arrays.IntegerArray(values.astype(np.int64), values < 0)


def _moments(times: Ints, known: np.ndarray[Any, np.dtype[np.bool_]]) -> pd.Series[pd.Timestamp]:
    """Times from ms since 1970."""
    import pandas as pd

    held = np.where(known, times, 0).astype("datetime64[ms]")
    held[~known] = np.datetime64("NaT")
    return pd.Series(held).dt.tz_localize("UTC")


def _lists(values: Sequence[Sequence[str]]) -> pd.Series[Any]:
    import pandas as pd

    return pd.Series(list(map(list, values)), dtype="object")
