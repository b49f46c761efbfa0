"""Logs Insights: queries for lines of a stretch of time, read to their last row.

It is the only way into groups of the Infrequent Access class, and AWS bills it by what it scans. A query takes whole
seconds and gives 100,000 rows at most, whose order within a millisecond means nothing.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AnalyzingLogData.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loganalyzer.fetcher.caller import Caller
from loganalyzer.fetcher.events import TIME_BITS, Received
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.refusals import FAILED, AwsRefused
from loganalyzer.formats.grammar import encoded
from loganalyzer.formats.order import order_of
from loganalyzer.formats.shapes import split_id
from loganalyzer.formats.stored import Span, between
from loganalyzer.vocabulary import match

MOST_ROWS = 100_000
"""So many rows a query gives (botocore 1.43.20 and later; 10,000 before)."""

OLD_ROWS = 10_000
PAGE_ROWS = 10_000

QUERY = "fields @timestamp, @message | sort @timestamp asc | limit {limit}"

_WAITING = ("Scheduled", "Running", "Unknown")
_FIRST_WAIT = 0.5
_LONGEST_WAIT = 5.0
_AGAIN = 3


@dataclass(frozen=True, slots=True)
class Rows:
    """A page of rows as events, in order of time; ``full`` says that the query gave as many rows as it may."""

    events: list[Received]
    full: bool


class Asking:
    """One query, by its ``text``, about a window of a group.

    ``scanned`` is told the bytes that AWS has billed; one that does not complete is asked ``tries`` times in all.
    """

    def __init__(
        self,
        caller: Caller,
        group: LogGroup,
        span: Span,
        *,
        text: str,
        limit: int,
        scanned: Callable[[float], None],
        tries: int = _AGAIN,
    ) -> None:
        self._caller = caller
        self._tries = tries
        self._group = group
        self._span = span
        self._text = text
        self._limit = limit
        self._scanned = scanned

    def rows(self) -> Iterator[list[dict[str, str]]]:
        """The rows, page by page, each by column. Raises :class:`AwsRefused`."""
        query, answer = self._complete()
        while True:
            rows = answer.get("results") or []
            yield [{cell["field"]: cell.get("value", "") for cell in row} for row in rows]
            token = answer.get("nextToken")
            if not token:
                return
            answer = self._results(query, token)

    def _complete(self) -> tuple[str, dict[str, Any]]:
        """Run the query until it is complete; its id and its first page."""
        status = ""
        for _ in range(self._tries):
            query = self._start()
            answer = self._wait(query)
            self._scanned(float((answer.get("statistics") or {}).get("bytesScanned", 0.0)))
            status = answer["status"]
            if status == "Complete":
                return query, answer
        raise AwsRefused(f"Logs Insights did not finish its query of {self._group.name} in {between(self._span)}: "
                         f"{status}", kind=FAILED, tip="run the same command again later")  # fmt: skip

    def _start(self) -> str:
        named: dict[str, object] = {"logGroupName": self._group.name}
        asked = {
            # Whole seconds: AWS looks at <first>000 to <last>999.
            "startTime": self._span[0] // 1000,
            "endTime": self._span[1] // 1000,
            "queryString": self._text,
        }
        return str(self._caller("start_query", {**named, **asked})["queryId"])

    def _wait(self, query: str) -> dict[str, Any]:
        """The first page, when the query is over; the rows of one that still runs are only a part."""
        pause = _FIRST_WAIT
        clock = self._caller.clock
        while True:
            answer = self._results(query, None)
            if answer["status"] not in _WAITING:
                return answer
            clock.sleep_until(clock.ticks() + pause)
            pause = min(_LONGEST_WAIT, pause * 1.5)

    def _results(self, query: str, token: str | None) -> dict[str, Any]:
        asked: dict[str, object] = {"queryId": query}
        if self._limit > OLD_ROWS:
            asked["maxItems"] = PAGE_ROWS
        if token:
            asked["nextToken"] = token
        return self._caller("get_query_results", asked)


class Query(Asking):
    """One query for the lines of a window. ``scanned`` is told the bytes that AWS has billed."""

    def __init__(
        self, caller: Caller, group: LogGroup, span: Span, *, limit: int, scanned: Callable[[float], None]
    ) -> None:
        super().__init__(caller, group, span, text=QUERY.format(limit=limit), limit=limit, scanned=scanned)
        self._count = 0

    def pages(self) -> Iterator[Rows]:
        """The rows of the window, page by page. Raises :class:`AwsRefused`."""
        for rows in self.rows():
            events = [event for cells in rows if (event := self._event(cells)) is not None]
            yield Rows([event for event in events if self._span[0] <= event.timestamp <= self._span[1]],
                       full=self._count >= self._limit)  # fmt: skip

    def _event(self, cells: Mapping[str, str]) -> Received | None:
        """A row as an event; its id puts it where its sentence usually stands among others of its millisecond."""
        self._count += 1
        time = time_of(cells.get("@timestamp", ""))
        if time is None:
            return None
        message = cells.get("@message", "")
        place = int(1_000 * (1_000 + order_of(match(encoded(split_id(message)[1])), -1)))
        key = (time << TIME_BITS) | (place << 64) | self._count
        return Received(time, message, f"{key:056d}")


def time_of(text: str) -> int | None:
    """``2026-11-02 09:15:42.118`` (UTC) in milliseconds."""
    try:
        moment = datetime.fromisoformat(text + "+00:00")
    except ValueError:
        return None
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def most_rows(members: Mapping[str, object]) -> int:
    """How many rows this botocore can get: the parameters of GetQueryResults tell whether it knows pages."""
    return MOST_ROWS if "nextToken" in members else OLD_ROWS
