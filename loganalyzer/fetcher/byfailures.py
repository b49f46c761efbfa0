"""Reading only the requests that failed: their ids are looked for by filter patterns, then all their lines are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from loganalyzer.fetcher.events import Received
from loganalyzer.fetcher.reading import Reading
from loganalyzer.fetcher.scan import PIECE_BYTES, Scan
from loganalyzer.fetcher.windows import Window
from loganalyzer.fetcher.writer import WindowWriter
from loganalyzer.formats.shapes import split_id
from loganalyzer.formats.stored import Span
from loganalyzer.vocabulary import SENTENCES, match

LONGEST_PATTERN = 1024
"""https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html"""

FAILURES_NOTE = (
    "only requests that failed were fetched: those that end with a status of 4xx or 5xx or say a known sentence of "
    "failure. Not here are requests that stop without an ending, as after a policy that denies, failures of unknown "
    "wording without a failing status, and errors of the backend that the client got as a success"
)

SUCCESSES = (*range(200, 209), 226, *range(300, 309))
"""Statuses of requests that did not fail."""

BEFORE_MS = 330_000
AFTER_MS = 60_000
"""How long before and after its failing line a request may have other lines: integrations may take 5 minutes."""

_APART_MS = 120_000
_OUTCOME = "Method completed with status"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def any_of(texts: Iterable[str]) -> Iterator[str]:
    """Patterns that together find every event with one of ``texts`` in it, none of them too long."""
    pattern = ""
    for text in texts:
        term = f"?{_quoted(text)}"
        if pattern and len(pattern) + 1 + len(term) > LONGEST_PATTERN:
            yield pattern
            pattern = ""
        pattern = f"{pattern} {term}".lstrip()
    if pattern:
        yield pattern


@cache
def failing_phrases() -> tuple[str, ...]:
    """Words one of which every known sentence of a failure has: whole ones, and as few as will do."""
    phrases: list[str] = []
    heads = [s.head for s in SENTENCES if s.rank and not s.exact]
    heads += [s.head for s in SENTENCES if s.step == "failure" and not s.rank]
    for head in heads:
        # What stands around a value; and never half a word, as a term may be taken for whole ones.
        phrases.append(max(head.split("…"), key=len).strip(" :"))
    phrases.append("Gateway response type")
    return tuple(p for p in dict.fromkeys(phrases) if not any(o != p and _within(o, p) for o in phrases))


def _within(short: str, long: str) -> bool:
    """Whether whoever looks for ``short`` finds ``long`` as well."""
    return f" {short} " in f" {long.replace(':', ' ')} ".replace("  ", " ")


@cache
def failing_patterns() -> tuple[str, ...]:
    """Filter patterns that together find the lines by which a request is known to have failed."""
    # A pattern takes either terms with "?" or others, so that there are two kinds.
    unwanted = " ".join(f'-"status: {status}"' for status in SUCCESSES)
    return (f"{_quoted(_OUTCOME)} {unwanted}", *any_of(failing_phrases()))


def is_failing(text: str) -> bool:
    """Whether a message (without its id) says that its request failed."""
    sentence = match(text.encode("utf-8", "replace"))
    if sentence.rank or sentence.step == "failure":
        return True
    status = sentence.captured(text.encode("utf-8", "replace")).get("status", "")
    if not status:
        return sentence.head == "Gateway response type:"
    return sentence.step == "outcome" and int(status) not in SUCCESSES


@dataclass(frozen=True, slots=True)
class Failed:
    """A request that failed, and when it first said so (ms)."""

    request_id: str
    time: int


def batches(found: Mapping[str, int]) -> Iterator[list[Failed]]:
    """Requests that failed at about the same time, as many as one pattern can name."""
    batch: list[Failed] = []
    length = 0
    for request_id, time in sorted(found.items(), key=lambda item: item[1]):
        needed = len(_quoted(request_id)) + 2
        if batch and (length + needed > LONGEST_PATTERN or time - batch[-1].time > _APART_MS):
            yield batch
            batch, length = [], 0
        batch.append(Failed(request_id, time))
        length += needed
    if batch:
        yield batch


class FailureScan(Scan):
    """Reads the whole requests that fail in a window; one belongs to the window in which it first says so."""

    notes: ClassVar = (FAILURES_NOTE,)
    lag: ClassVar = AFTER_MS

    def _read(self, window: Window, writer: WindowWriter) -> None:
        found: dict[str, int] = {}
        for pattern in failing_patterns():
            for events in self._events(window, window.span, pattern):
                for event in events:
                    request_id, text = split_id(event.message)
                    if request_id and is_failing(text):
                        time = event.timestamp
                        found[request_id] = min(time, found.get(request_id, time))
        if self._waiting.stopped:
            return
        done = window.first
        for batch in batches(found):
            if writer.piece.held_bytes > PIECE_BYTES and batch[0].time > done:
                self._tally.covered(writer.cut_before(batch[0].time))
            writer.add_apart(self._whole_requests(window, batch))
            done = batch[-1].time
            if self._waiting.stopped or self._over_budget():
                return
        self._tally.covered(writer.end())

    def _whole_requests(self, window: Window, batch: Sequence[Failed]) -> list[Received]:
        """All lines of the requests that said in this window, and not before it, that they failed."""
        ids = {failed.request_id for failed in batch}
        lines: dict[str, list[Received]] = {}
        first: dict[str, int] = {}
        around = (max(0, batch[0].time - BEFORE_MS), batch[-1].time + AFTER_MS)
        (pattern,) = any_of(failed.request_id for failed in batch)
        for events in self._events(window, around, pattern):
            for event in events:
                request_id, text = split_id(event.message)
                if request_id in ids:
                    lines.setdefault(request_id, []).append(event)
                    if is_failing(text):
                        time = event.timestamp
                        first[request_id] = min(time, first.get(request_id, time))
        own = [name for name, time in first.items() if time >= window.first]
        return [event for name in own for event in lines[name]]

    def _events(self, window: Window, span: Span, pattern: str) -> Iterator[list[Received]]:
        """The events that a pattern finds in a stretch of time, page by page."""
        for page in Reading(self._caller, window.store.group, span, pattern=pattern).pages():
            self._tally.page(page.events, sum(len(event.message) for event in page.events))
            yield page.events
            if self._waiting.stopped:
                return
