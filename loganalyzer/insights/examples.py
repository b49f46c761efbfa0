"""Whole requests as examples of what was counted: read by FilterLogEvents, which costs nothing but calls."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from loganalyzer.classifier.rules import Rules
from loganalyzer.errors import NothingReadable
from loganalyzer.fetcher.byfailures import any_of
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.events import Received
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.reading import Reading
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.formats.shapes import split_id
from loganalyzer.insights.records import Counted
from loganalyzer.vocabulary import match

if TYPE_CHECKING:
    from loganalyzer.analysis import Analysis

MOST_PAGES = 60
"""So many calls are made for one example: in a busy group a whole day would take hours."""


class _Named(io.BytesIO):
    """A file in memory, with a name for people."""

    name = "examples"


def examples_of(
    chosen: Sequence[Counted], groups: Sequence[LogGroup], callers: Mapping[str, Caller], *, entries: Rules
) -> tuple[Analysis | None, tuple[str, ...]]:
    """The analysis of one whole request for each of what was ``chosen``, and what could not be fetched."""
    from loganalyzer.reading import analyze

    by_name = {group.name: group for group in groups}
    file, untold = _Named(), dict[str, None]()
    for one in chosen:
        group = by_name[one.group]
        if group.log_class not in ("", "STANDARD"):
            untold[f"no examples of {group.name} were fetched: its class gives out whole requests for money only"] = (
                None
            )
            continue
        try:
            events = _whole(callers[group.region], group, one)
        except AwsRefused as why:
            untold[f"no example of {one.category} was fetched: {why.message}"] = None
            continue
        if events:
            file.write(_record(group, events))
        else:
            untold[f"no example of {one.category} was found within {MOST_PAGES} calls"] = None
    file.seek(0)
    try:
        return (analyze(file, rules=entries) if file.getbuffer().nbytes else None), tuple(untold)
    except NothingReadable:
        return None, tuple(untold)


def _whole(caller: Caller, group: LogGroup, one: Counted) -> list[Received]:
    """All lines of one request, in order; none if they were not found in so many calls."""
    assert one.span is not None
    (pattern,) = any_of([one.example])
    found: dict[str, Received] = {}
    for number, page in enumerate(Reading(caller, group, one.span, pattern=pattern).pages(), start=1):
        own = [event for event in page.events if split_id(event.message)[0] == one.example]
        found.update((event.eventId, event) for event in own)
        if number >= MOST_PAGES or any(map(_is_end, own)):
            break
    return sorted(found.values(), key=lambda event: (event.timestamp, event.eventId))


def _is_end(event: Received) -> bool:
    """Whether nothing follows this line but what stands in the same page."""
    return match(split_id(event.message)[1].encode("utf-8", "replace")).step == "outcome"


def _record(group: LogGroup, events: Sequence[Received]) -> bytes:
    """Events in the form of a subscription record."""
    rows = [{"id": event.eventId, "timestamp": event.timestamp, "message": event.message} for event in events]
    return msgspec.json.encode({"messageType": "DATA_MESSAGE", "logGroup": group.name, "logEvents": rows}) + b"\n"
