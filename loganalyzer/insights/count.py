"""Counting the requests of log groups where they are: one query a group, then a few whole requests as examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from loganalyzer.classifier.rules import Rules, catalogue_with
from loganalyzer.errors import UsageError
from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.clock import Clock, WallClock
from loganalyzer.fetcher.group import WEBSOCKET, LogGroup
from loganalyzer.fetcher.insights import Asking
from loganalyzer.fetcher.plan import INSIGHTS, Plan, part_of, price_of
from loganalyzer.fetcher.refusals import AwsRefused
from loganalyzer.fetcher.store import Store
from loganalyzer.formats.stored import Span
from loganalyzer.insights.examples import examples_of
from loganalyzer.insights.judge import Judge
from loganalyzer.insights.query import LONGEST, MOST_KINDS, CountQuery, count_query
from loganalyzer.insights.records import Counted, Counts

if TYPE_CHECKING:
    from botocore.client import BaseClient

    from loganalyzer.analysis import Analysis

Clients = Callable[[str], "BaseClient"]
"""Gives a CloudWatch Logs client of a region."""

_TRIES = 2
"""A query that does not complete is asked once more: the price that was told is that of two scans."""

UNSEEN = (
    "counted inside Logs Insights: the query sees which sentences a request has, not their order and little of their "
    "content, so what else it may be is given as candidates",
    "requests that began before the window or ended after it are counted by the lines inside it; two requests with one "
    "id are counted as one",
)
"""What counting inside Insights cannot see."""


def count(
    groups: Sequence[LogGroup],
    *,
    since: int,
    until: int,
    clients: Clients,
    agree: Callable[[Plan], None],
    rules: Rules = (),
    examples: int = 10,
    clock: Clock | None = None,
) -> Counts:
    """Count the requests of ``groups`` from ``since`` to ``until`` (ms) by what became of them.

    ``agree`` is told what that costs before AWS bills anything, and raises if it shall not be. Of the most frequent
    categories so many ``examples`` are fetched whole, by calls that cost nothing. A group that cannot be counted is in
    the result's ``problems``. Raises :class:`UsageError` where the arguments make no sense and for rules that make a
    query too long, :class:`~loganalyzer.fetcher.refusals.AwsRefused` if nothing can be counted at all.
    """
    clock = clock or WallClock()
    entries = catalogue_with(rules)
    query = count_query(entries)
    _demand_sense(groups, since, until, query)
    agree(price(groups, since=since, until=until, now=int(clock.now() * 1000)))
    callers = {region: Caller(clients(region), clock=clock) for region in {group.region for group in groups}}
    counted: list[Counted] = []
    notes, problems = list(UNSEEN), []
    refused: AwsRefused | None = None
    scanned = dollars = 0.0
    for group in groups:
        bill: list[float] = []
        try:
            rows = _rows(callers[group.region], group, (since, until), query, bill.append)
        except AwsRefused as why:
            refused = why
            problems.append(f"{group.name}: {why.message}")
        else:
            counted += Judge(query, entries, rows).counted(group=group.name)
            if len(rows) >= MOST_KINDS:
                notes.append(f"{group.name}: only the {MOST_KINDS:,} most frequent kinds of requests are counted")
        scanned += sum(bill)
        dollars += price_of(sum(bill), group.region)
    if refused is not None and len(problems) == len(groups):
        raise refused
    counted.sort(key=lambda one: (-one.requests, one.category, one.route))
    shown, untold = _examples(callers, groups, counted, entries=entries, most=examples)
    return Counts(
        tuple(groups), since, until, tuple(counted), scanned, dollars, (*notes, *untold), tuple(problems), shown
    )


def _examples(
    callers: Mapping[str, Caller], groups: Sequence[LogGroup], counted: Sequence[Counted], *, entries: Rules, most: int
) -> tuple[Analysis | None, tuple[str, ...]]:
    """One whole request of each of the most frequent categories, analysed, and what could not be fetched."""
    chosen: dict[str, Counted] = {}
    for one in counted:
        if one.category and one.example and one.span is not None:
            chosen.setdefault(one.category, one)
    return examples_of(list(chosen.values())[:most], groups, callers, entries=entries)


def price(groups: Sequence[LogGroup], *, since: int, until: int, now: int) -> Plan:
    """What counting comes to: about how much is scanned, how long that takes, what it costs at most."""
    stores = [Store(Path(), group) for group in dict.fromkeys(groups)]
    return Plan(tuple(part_of(store, [(since, min(until, now))], route=INSIGHTS, now=now) for store in stores))


def _demand_sense(groups: Sequence[LogGroup], since: int, until: int, query: CountQuery) -> None:
    if not groups:
        raise UsageError("no log group is named", tip="name an API with --api, or a group with --log-group")
    if since > until:
        raise UsageError("the window to count is empty", tip="--since must be earlier than --until and now")
    for group in groups:
        if group.kind == WEBSOCKET:
            raise UsageError(
                f"{group.name}: requests of WebSocket APIs cannot be counted inside Logs Insights",
                tip="leave out --engine insights",
            )
    if len(query.text) > LONGEST:
        raise UsageError("the rules make the query too long for Logs Insights", tip="use fewer rules")


def _rows(
    caller: Caller, group: LogGroup, span: Span, query: CountQuery, scanned: Callable[[float], None]
) -> list[dict[str, str]]:
    """Every row of the query, those of all pages."""
    asking = Asking(caller, group, span, text=query.text, limit=MOST_KINDS, scanned=scanned, tries=_TRIES)
    return [row for page in asking.rows() for row in page]
