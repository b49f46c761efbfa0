"""One report before it has a form: what was looked at, what it came to, and the requests to show."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from loganalyzer.coverage import Coverage
from loganalyzer.model import Latency, Request, Summary, Timeline, Trend
from loganalyzer.redact import redact, redact_request

if TYPE_CHECKING:
    import pyarrow as pa

    from loganalyzer.arrow.batches import Mask
    from loganalyzer.audit.explaining import Explanations
    from loganalyzer.judged.records import Part

SCHEMA = "loganalyzer/1"
"""Names the form of every JSON document; the number goes up when a field changes its meaning or goes away."""


@dataclass(frozen=True, slots=True)
class Report:
    """``requests`` gives the requests afresh each time it is called, so no form needs them all at once.

    ``kind`` is the kind of row that they are. ``filters`` says in words what they were filtered by; the summary then
    counts what passed. Everything that a form writes goes through ``shown`` or ``secret``, which mask unless the report
    is not ``redacted``.  ``explanations`` are complete once the requests have been handed out. ``trend``, ``latency``
    and ``timelines`` (of some of the requests, none if there are none to be had) are worked out when asked for.
    ``batches`` gives the requests as batches of Arrow, None where that is no faster than one by one; ``parts`` gives
    them in parts that so many ``processes`` can write (see :func:`loganalyzer.reports.lines.lines`), or none.
    """

    coverage: Coverage
    summary: Summary
    requests: Callable[[], Iterable[Request]]
    filters: tuple[str, ...] = ()
    redacted: bool = True
    explanations: Explanations | None = None
    kind: type[Request] = Request
    trend: Callable[[], Trend | None] = lambda: None
    latency: Callable[[], Sequence[Latency]] = tuple
    timelines: Callable[[Sequence[Request]], Sequence[Timeline]] = lambda requests: ()
    batches: Callable[[Mask | None], Iterator[pa.RecordBatch]] | None = None
    parts: Callable[[], Sequence[Part]] = tuple
    processes: int = 1

    def secret(self, text: str) -> str:
        """The log text as it may be written."""
        return redact(text) if self.redacted else text

    def shown(self, request: Request) -> Request:
        """The request as it may be written."""
        return redact_request(request) if self.redacted else request

    def rows(self) -> Iterator[Request]:
        """The requests as they may be written."""
        return map(self.shown, self.requests())


def iso(moment: datetime | None) -> str | None:
    """The time as ISO-8601 in UTC with milliseconds and ``Z``."""
    if moment is None:
        return None
    since = moment - _EPOCH
    return f"{_second(since.days * 86_400 + since.seconds)}.{since.microseconds // 1000:03d}Z"


_EPOCH = datetime.fromtimestamp(0, UTC)


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    """A whole second since 1970 as ISO-8601; requests of one second come together."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:-6]


def moment(milliseconds: int | None) -> datetime | None:
    """Milliseconds since 1970 as a time; None for one that no calendar has."""
    try:
        return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
