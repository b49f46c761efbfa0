"""Log groups, and the pages that FilterLogEvents makes of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from tests.aws.events import ACCOUNT, Events, ListedEvents, StoredEvent
from tests.aws.patterns import BadPattern, matcher

PAGE_BYTES = 1_048_576
PAGE_EVENTS = 10_000
TOKEN_LIFE = 24 * 3600
_DAY = 86_400_000

Parameters = dict[str, object]


class Refusal(Exception):
    """An error as AWS answers it: its code and its sentence."""

    def __init__(self, code: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(slots=True)
class Token:
    """Where a scan goes on: after which event, or from which time on where a page was empty."""

    parameters: Parameters
    issued: float
    after: int
    then: int


@dataclass(slots=True)
class Group:
    """One log group.

    ``scan_events`` and ``scan_span`` (ms) limit what one call looks at, so pages may be empty; a page holds
    ``page_events`` at most, as AWS may give less than would fit.
    """

    name: str
    region: str = "eu-central-1"
    log_class: str = "STANDARD"
    retention_days: int | None = None
    created: int = 1_700_000_000_000
    stored_bytes: int = 0
    events: Events = field(default_factory=ListedEvents)
    scan_events: int = 200_000
    page_events: int = PAGE_EVENTS
    scan_span: int = 1 << 60
    _tokens: dict[str, Token] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def arn(self) -> str:
        """The ARN as ``logGroupIdentifier`` takes it."""
        return f"arn:aws:logs:{self.region}:{ACCOUNT}:log-group:{self.name}"

    def put(self, events: Iterable[tuple[int, str]], *, stream: str = "0" * 31 + "1", visible: int = 0) -> None:
        """Add events (time in ms, message) to a stream; they are found from ``visible`` (ms) on."""
        assert isinstance(self.events, ListedEvents)
        before = len(self.events)
        self.events.put(events, stream=stream, visible=visible)
        self.stored_bytes += sum(len(self.events[n].message) + 26 for n in range(before, len(self.events)))

    def look(self, first: int, last: int, now: float) -> Iterable[StoredEvent]:
        """Every event of a window (ms, both ends inclusive) that can be found now."""
        index = self.events.first_at(first)
        while index < len(self.events) and (event := self.events[index]).time <= last:
            if self.is_visible(event, now):
                yield event
            index += 1

    def is_visible(self, event: StoredEvent, now: float) -> bool:
        """Whether the event has come in, and has not expired."""
        oldest = now * 1000 - self.retention_days * _DAY if self.retention_days else 0
        return event.visible <= now * 1000 and event.time >= oldest

    def page(
        self, parameters: Parameters, *, now: float, trouble: Callable[[str], bool]
    ) -> tuple[list[StoredEvent], str | None]:
        """One page of events and the token of the next, None at the end of the window."""
        token = self._token(parameters, now, trouble)
        if token is not None and trouble("repeated"):
            return [], str(parameters["nextToken"])
        first, last = int(str(parameters.get("startTime", 0))), int(str(parameters.get("endTime", 1 << 60)))
        limit = min(self.page_events, int(str(parameters.get("limit", PAGE_EVENTS))))
        try:
            wanted = matcher(str(parameters.get("filterPattern", "")))
        except BadPattern as error:
            raise Refusal("InvalidParameterException", str(error)) from error
        streams = parameters.get("logStreamNames")
        index = self.events.first_at(first)
        if token is not None:
            index = max(index, self.events.first_after(token.after) if token.after else 0)
            first = max(first, token.then)
            index = max(index, self.events.first_at(first))
        found: list[StoredEvent] = []
        size = looked = 0
        after, then = (token.after if token else 0), first
        horizon = min(last, then + self.scan_span - 1)
        ended = False
        if trouble("empty"):
            return [], self._issue(parameters, now, after, then)
        while looked < self.scan_events and len(found) < limit:
            if index >= len(self.events) or (event := self.events[index]).time > horizon:
                ended, then = horizon >= last, horizon + 1
                break
            index += 1
            looked += 1
            if self.is_visible(event, now) and wanted(event.message) and (not streams or event.stream in streams):  # type: ignore[operator]
                size += len(event.message) + 26
                if size > PAGE_BYTES and found:
                    break
                found.append(event)
            after = event.key
        if ended:
            return found, None
        if token is not None and trouble("stuck"):
            return found, str(parameters["nextToken"])
        return found, self._issue(parameters, now, after, then)

    def _token(self, parameters: Parameters, now: float, trouble: Callable[[str], bool]) -> Token | None:
        name = parameters.get("nextToken")
        if name is None:
            return None
        token = self._tokens.get(str(name))
        plain = {key: value for key, value in parameters.items() if key != "nextToken"}
        if token is None or token.parameters != plain or now - token.issued > TOKEN_LIFE or trouble("bad_tokens"):
            raise Refusal("InvalidParameterException", "The specified nextToken is invalid.")
        return token

    def _issue(self, parameters: Parameters, now: float, after: int, then: int) -> str:
        name = f"Bxkq6kVGFtq2y_{secrets.token_urlsafe(48)}"
        plain = {key: value for key, value in parameters.items() if key != "nextToken"}
        with self._lock:
            self._tokens[name] = Token(plain, now, after, then)
            while len(self._tokens) > 5_000:
                self._tokens.pop(next(iter(self._tokens)))
        return name
