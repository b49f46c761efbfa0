"""FilterLogEvents page by page, through empty pages and tokens that repeat, expire or go bad.

botocore's paginator gives up where a token comes twice, as happens on just these groups
(https://github.com/aws/aws-cli/issues/3022).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loganalyzer.fetcher.events import Received, received
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.refusals import FAILED, MISSING, AwsRefused
from loganalyzer.formats.stored import Span, between

Call = Callable[[str, Mapping[str, object]], dict[str, Any]]
"""Makes one call: the operation as ``filter_log_events``, and its parameters."""

MOST_EVENTS = 10_000
_MOST_REPEATS = 8
_MOST_RESTARTS = 6


@dataclass(frozen=True, slots=True)
class Page:
    """The events of a page; ``more`` says that another one follows."""

    events: list[Received]
    more: bool


def latest(events: Sequence[Received]) -> int:
    """The latest time in a page, in ms."""
    return max(event.timestamp for event in events)


class Reading:
    """One scan over a window of a group; ``pattern`` is a filter pattern.

    Events come in the order of their times, unless they are not ``ordered``. The scan may give an event twice where it
    had to begin again: whoever reads removes duplicates by event id.
    """

    def __init__(self, call: Call, group: LogGroup, span: Span, *, pattern: str = "", ordered: bool = True) -> None:
        self._call = call
        self._group = group
        self._span = span
        self._pattern = pattern
        self._ordered = ordered
        self._by_arn = False
        self._start = self._reached = span[0]
        self._restarts = 0
        self._restarted_at = -1

    def pages(self) -> Iterator[Page]:
        """The pages to the end of the window, empty ones too. Raises :class:`AwsRefused`."""
        token: str | None = None
        repeats = 0
        while True:
            try:
                answer = self._ask(token)
            except AwsRefused as refused:
                if token is None or refused.code != "InvalidParameterException":
                    raise
                # A token lives for 24 hours, and some die earlier: go on from the last millisecond that was seen.
                self._begin_again()
                token, repeats = None, 0
                continue
            events = received(answer.get("events") or [])
            if events and self._ordered:
                self._reached = max(self._reached, latest(events))
            given = answer.get("nextToken") or None
            yield Page(events, given is not None)
            if given is None:
                return
            repeats = repeats + 1 if given == token else 0
            token = given
            if repeats > _MOST_REPEATS:
                self._begin_again()
                token, repeats = None, 0

    def _begin_again(self) -> None:
        """Count one more new beginning at the same place; raise where there have been too many."""
        self._restarts = self._restarts + 1 if self._reached == self._restarted_at else 1
        self._restarted_at = self._start = self._reached
        if self._restarts > _MOST_RESTARTS:
            where = between((self._reached, self._span[1]))
            raise AwsRefused(f"CloudWatch does not get on with {self._group.name} in {where}: its tokens lead nowhere",
                             kind=FAILED, tip="run the same command again later: it goes on there")  # fmt: skip

    def _ask(self, token: str | None) -> dict[str, Any]:
        parameters: dict[str, object] = {
            "startTime": self._start,
            "endTime": self._span[1],
            "limit": MOST_EVENTS,
            # Ignored by AWS since 2019, when it became the rule; emulators want to be told.
            "interleaved": True,
        }
        if self._pattern:
            parameters["filterPattern"] = self._pattern
        if token is not None:
            parameters["nextToken"] = token
        try:
            return self._call("filter_log_events", {**self._named(), **parameters})
        except AwsRefused as refused:
            if refused.kind != MISSING or self._by_arn or not self._group.arn:
                raise
            self._by_arn = True
            return self._call("filter_log_events", {**self._named(), **parameters})

    def _named(self) -> dict[str, object]:
        """The group by its name, by its ARN where it is one of another account."""
        return {"logGroupIdentifier": self._group.arn} if self._by_arn else {"logGroupName": self._group.name}
