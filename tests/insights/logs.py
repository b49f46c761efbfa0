"""Logs as a query of Logs Insights sees them, and what counting them comes to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from loganalyzer.classifier.rules import Rules, catalogue_with
from loganalyzer.insights.judge import Judge
from loganalyzer.insights.query import count_query
from loganalyzer.insights.records import Counted
from loganalyzer.model import Event
from loganalyzer.parser import reader
from tests.aws.pipeline import Record, run

HOUR = 3_600_000
NOW = 1_793_620_000_000
NAME = "API-Gateway-Execution-Logs_abcde12345/prod"


def events_of(log: str) -> list[Event]:
    """The events of a canonical log."""
    return list(reader.events([log.encode()]))


def records(events: Iterable[Event]) -> Iterator[Record]:
    """Events as a query sees them."""
    for event in events:
        time = event.time or 0
        when = f"{datetime.fromtimestamp(time // 1000, UTC):%Y-%m-%d %H:%M:%S}.{time % 1000:03d}"
        yield {"@timestamp": when, "@message": f"({event.request_id}) {event.message.decode('utf-8', 'replace')}"}


def counted(log: str, *, rules: Rules = ()) -> list[Counted]:
    """What counting a canonical log comes to."""
    entries = catalogue_with(rules)
    query = count_query(entries)
    rows = run(query.text, records(events_of(log)))
    return list(Judge(query, entries, rows).counted(group=NAME))
