"""Requests as a pandas DataFrame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import TYPE_CHECKING, get_type_hints

from loganalyzer.model import Request

if TYPE_CHECKING:
    import pandas as pd

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
