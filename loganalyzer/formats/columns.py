"""Events that lie in columns - of a Parquet file, of a DataFrame: which column is what, and rows → events."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from loganalyzer.coverage import Problem
from loganalyzer.formats.fields import ROLES, Fields, candidates, no_message, wrong_field
from loganalyzer.formats.jsonvalues import LogEvent
from loganalyzer.formats.shapes import group_of, is_message, record_in, time_of

SAMPLE = 200
"""Values of a text column by which it is told whether it holds the messages."""

_UNSAFE = re.compile(r"[\s()\0]+")
_MS = range(10**12, 10**13)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The columns that are read, by the role they play; ``unordered`` says that rows have lost their order."""

    by_role: Mapping[str, tuple[str, ...]]
    unordered: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read, each once."""
        return tuple(dict.fromkeys(name for names in self.by_role.values() for name in names))


def choose(names: Sequence[str], texts: Mapping[str, Sequence[str]], fields: Fields) -> Chosen | Problem:
    """Which column plays which role, or why that cannot be told.

    ``texts`` holds a sample of the values of each column of text. The message is the column that the user named, else
    the one most of whose values are messages.
    """
    found = candidates(tuple(names), fields)
    for role, name in fields.said:
        if not found[role]:
            return wrong_field(role, name, names)
    known = found["message"]
    message = known[0] if fields.of("message") else _fullest(texts, known)
    if not message:
        return no_message(names)
    rest = {role: tuple(name for name in found[role] if name != message)[:2] for role in ROLES if role != "message"}
    unordered = any(name.startswith("@") or name == "ptr" for name in names) and not rest["event_id"]
    return Chosen({"message": (message,), **rest}, unordered)


def _fullest(texts: Mapping[str, Sequence[str]], known: Sequence[str]) -> str:
    """The column most of whose values are messages; where no value is one, the column with the likeliest name."""
    share = {
        name: sum(is_message(text) or record_in(text) for text in values) / len(values)
        for name, values in texts.items()
        if values
    }
    best = max(share, key=lambda name: (share[name], -known.index(name) if name in known else -len(known)), default="")
    return best if best and share[best] > 0 else next((name for name in known if name in texts), "")


def events_of(chosen: Chosen, columns: Mapping[str, Sequence[object]]) -> Iterator[tuple[str, list[LogEvent]]]:
    """The rows of some columns as events, those of each log group together and in the order of the rows.

    ``columns`` holds the values by name: texts, numbers and None; rows without a message are left out. Rows that stand
    newest first are turned round.
    """
    (name,) = chosen.by_role["message"]
    messages = columns[name]
    times = _times([columns[name] for name in chosen.by_role["timestamp"]])
    ids, event_ids = (_first([columns[name] for name in chosen.by_role[role]]) for role in ("request_id", "event_id"))
    events = [
        LogEvent(_with_id(message, request_id), time, event_id if isinstance(event_id, str) else "")
        for message, time, request_id, event_id in _zipped(messages, times, ids, event_ids)
        if isinstance(message, str)
    ]
    groups = list(_groups(chosen, columns, messages))
    known = [event.timestamp for event in events if event.timestamp is not None]
    if known and known[0] > known[-1]:
        events.reverse()
        groups.reverse()
    yield from _by_group(events, groups)


def _zipped(
    messages: Sequence[object], *others: Sequence[object]
) -> Iterator[tuple[object, int | None, object, object]]:
    return zip_longest(messages, *others)  # type: ignore[return-value]


def _by_group(events: list[LogEvent], groups: list[str]) -> Iterator[tuple[str, list[LogEvent]]]:
    if len(set(groups)) < 2:
        if events:
            yield groups[0] if groups else "", events
        return
    together: dict[str, list[LogEvent]] = {}
    for group, event in zip(groups, events, strict=True):
        together.setdefault(group, []).append(event)
    yield from together.items()


def _groups(chosen: Chosen, columns: Mapping[str, Sequence[object]], messages: Sequence[object]) -> Iterator[str]:
    """The log group of each row that has a message, nothing where no column tells any."""
    roles = {role: chosen.by_role[role] for role in ("log_group", "api_id", "api_stage")}
    names = [name for role in roles.values() for name in role]
    if not names:
        return
    known: dict[tuple[object, ...], str] = {}
    for message, *values in zip(messages, *(columns[name] for name in names), strict=True):
        if isinstance(message, str):
            key = tuple(values)
            if key not in known:
                known[key] = group_of(dict(zip(names, values, strict=True)), roles)
            yield known[key]


def _with_id(message: str, request_id: object) -> str:
    """A message with its request id in front, where that stood in a column of its own."""
    if not isinstance(request_id, str) or not request_id or message[:1] in ("(", "{"):
        return message
    return f"({_UNSAFE.sub('-', request_id)}) {message}"


def _times(columns: Sequence[Sequence[object]]) -> list[int | None]:
    """Milliseconds since 1970 from the first column that gives a time."""
    return [
        value if isinstance(value, int) and value in _MS else time_of([value, *others])
        for value, *others in zip(*columns, strict=True)
    ]


def _first(columns: Sequence[Sequence[object]]) -> Sequence[object]:
    return columns[0] if columns else ()


def texts_in(values: Iterable[object]) -> list[str]:
    """The first texts among values, as many as a sample takes."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str) and value:
            found.append(value)
            if len(found) >= SAMPLE:
                break
    return found
