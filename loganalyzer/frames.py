"""DataFrames of events: the rows of a pandas table as records that are read like those of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from loganalyzer.coverage import Problem
from loganalyzer.errors import NothingReadable, UsageError
from loganalyzer.formats import Made
from loganalyzer.formats.columns import Chosen, choose, events_of, texts_in
from loganalyzer.formats.fields import Fields
from loganalyzer.formats.jsonvalues import LogEvent

if TYPE_CHECKING:
    import pandas as pd

FORM = "DataFrame"

_ROWS = 5_000
_SAMPLED = 2_000
_PAGE = 500_000
"""Characters of messages in one page of events."""

_SECOND = 1_000_000


def records_of(frame: pd.DataFrame, *, name: str, fields: Fields) -> Made:
    """The events in a DataFrame, in any form that Insights, awswrangler and CloudWatch give them.

    Which column is what is guessed from names and values where ``fields`` does not say; the index means nothing; times
    without a zone are UTC. Raises :class:`UsageError` that lists the columns if none holds messages, and
    :class:`NothingReadable` if there is no row.
    """
    if not len(frame):
        raise NothingReadable(f"{name}: it has no rows", tip="check the query or the filter that it comes from")
    names = [str(column) for column in frame.columns]
    sample = frame.iloc[:_SAMPLED]
    texts = {column: texts_in(_values(sample.iloc[:, place])) for place, column in enumerate(names)}
    chosen = choose(names, texts, fields)
    if isinstance(chosen, Problem):
        raise UsageError(f"{name}: {chosen.what}", tip=chosen.tip)
    return Made(name, FORM, _pieces(frame, names, chosen))


def _pieces(frame: pd.DataFrame, names: Sequence[str], chosen: Chosen) -> Iterator[bytes]:
    """The rows as JSON that :mod:`loganalyzer.formats.documents` reads: pages of events, or rows as of Insights."""
    for start in range(0, len(frame), _ROWS):
        part = frame.iloc[start : start + _ROWS]
        columns = {name: _values(part.iloc[:, names.index(name)]) for name in chosen.names}
        for group, events in events_of(chosen, columns):
            if chosen.unordered:
                yield from (_row(group, event) for event in events)
            else:
                yield from (_page(group, page) for page in _pages(events))


def _row(group: str, event: LogEvent) -> bytes:
    return _encoded({"@timestamp": event.timestamp, "@message": event.message, "@log": group})


def _page(group: str, events: Sequence[LogEvent]) -> bytes:
    """Events in the form of a subscription record, which is read fastest."""
    rows = [{"id": event.eventId, "timestamp": event.timestamp, "message": event.message} for event in events]
    return _encoded({"messageType": "DATA_MESSAGE", "logGroup": group, "logEvents": rows})


def _pages(events: Sequence[LogEvent]) -> Iterator[list[LogEvent]]:
    page: list[LogEvent] = []
    size = 0
    for event in events:
        page.append(event)
        size += len(event.message)
        if size > _PAGE:
            yield page
            page, size = [], 0
    if page:
        yield page


def _encoded(value: dict[str, object]) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _values(column: pd.Series[Any]) -> list[object]:
    """The values of a column as texts, numbers and milliseconds since 1970; None for what is missing."""
    import pandas as pd

    missing = column.isna()
    if getattr(column.dtype, "kind", "") == "M":
        stamps = pd.to_datetime(column, utc=True).to_numpy(dtype="datetime64[ms]").astype("int64").tolist()
        return [None if gone else stamp for stamp, gone in zip(stamps, missing, strict=True)]
    values = column.astype(object).tolist()
    return [None if gone else _value(value) for value, gone in zip(values, missing, strict=True)]


def _value(value: object) -> object:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(moment.timestamp() * _SECOND) // 1000
    if hasattr(value, "item"):
        return value.item()
    return value
