"""Following a log group: polls that overlap, so that no event is missed, and an event is given out once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loganalyzer.fetcher.events import TIME_BITS, has_own_order, key_of
from loganalyzer.fetcher.group import LogGroup
from loganalyzer.fetcher.reading import Call, Reading

OVERLAP_MS = 30_000
"""Every poll looks so far back behind the last one: most events come in within seconds."""

LATE_MS = 600_000
"""Events that come so late are found all the same: now and then a poll looks back for them."""

_BUCKET_MS = 60_000


@dataclass(frozen=True, slots=True)
class Followed:
    """One event: time in ms, the number that orders it, its message."""

    time: int
    key: int
    message: str


class Follower:
    """Gives out the events of a group from ``since`` (ms) on, each once, whatever its stream.

    Not on Live Tail, which samples from 500 events a second on
    (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_LiveTail.html).
    """

    def __init__(
        self, call: Call, group: LogGroup, *, since: int, overlap: int = OVERLAP_MS, late: int = LATE_MS
    ) -> None:
        self.group = group
        self._call = call
        self._begin = since
        self._overlap = overlap
        self._sweep = late // 2
        self._back = late + self._sweep
        self._reached = since
        self._swept = since
        self._arrived = 0
        self._seen: dict[int, set[int | str]] = {}

    def poll(self, now: int) -> Iterator[Followed]:
        """The events that came in since the last poll; one that fails in the midst is made good by the next.

        Raises :class:`~loganalyzer.fetcher.refusals.AwsRefused`.
        """
        sweep = now - self._swept >= self._sweep
        first = min(self._reached - self._overlap, now - self._back if sweep else now)
        for page in Reading(self._call, self.group, (max(first, self._begin), now)).pages():
            for event in page.events:
                time = event.timestamp
                self._arrived += 1
                key = key_of(event, self._arrived)
                name: int | str = key if has_own_order(event) else f"{event.eventId} {event.message}"
                bucket = self._seen.setdefault(time // _BUCKET_MS, set())
                if name not in bucket:
                    bucket.add(name)
                    yield Followed(time, key, event.message)
        self._reached = max(self._reached, now)
        if sweep:
            self._swept = now
        self._forget(min(now - self._back, self._reached - self._overlap) - _BUCKET_MS)

    def whole(self, request_id: str, time: int, *, before: int, after: int) -> list[Followed]:
        """All events that name a request, around ``time`` (ms), also those given out before."""
        span = (max(0, time - before), time + after)
        found: dict[int, Followed] = {}
        for page in Reading(self._call, self.group, span, pattern=f'"{request_id}"').pages():
            for number, event in enumerate(page.events):
                key = key_of(event, number)
                found[key] = Followed(key >> TIME_BITS, key, event.message)
        return [found[key] for key in sorted(found)]

    def _forget(self, time: int) -> None:
        """Drop what cannot come again."""
        for bucket in [bucket for bucket in self._seen if (bucket + 1) * _BUCKET_MS < time]:
            del self._seen[bucket]
