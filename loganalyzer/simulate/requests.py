"""Make-believe requests, one after another: what each one logs, and the truth about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from loganalyzer.errors import UsageError
from loganalyzer.simulate.api import API, ROUTES, STAGE, Route
from loganalyzer.simulate.scenario import Scenario
from loganalyzer.simulate.scenarios import FAILURES, SUCCESSES
from loganalyzer.simulate.script import LEVELS, SEPARATOR, Script, script
from loganalyzer.simulate.values import Invention

START = 1_793_610_000_000
"""When the first request comes in: 2026-11-02T09:00:00Z."""

LEVEL_CHOICES = (*LEVELS, "mixed")

TRUNCATED_AT = 1000
"""A value is cut after so many characters, see
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-execution-logging.html."""

_MIXED = (0.88, 0.96, 1.0)
_CACHED = 0.5
_ODD = 0.05


@dataclass(frozen=True, slots=True)
class Truth:
    """What happened to a request and what its lines let anybody know of it.

    ``category`` is what happened, empty for a success; ``shown`` the categories that the visible lines allow, empty
    string for a success; ``outcome``, ``stopped_at``, ``status`` (None where no line tells it) and ``log_level`` are
    as the lines show them, ``client_status`` and ``authorizer`` as they were. ``level`` is the logging level in force
    (``trace | info | error``), ``lines`` how many events it printed: none for what goes well at level ERROR.
    """

    request_id: str
    extended_request_id: str
    category: str
    shown: tuple[str, ...]
    outcome: str
    stopped_at: str
    status: int | None
    client_status: int
    authorizer: str
    level: str
    log_level: str
    api_id: str
    api_stage: str
    method: str
    resource: str
    path: str
    lines: int


@dataclass(frozen=True, slots=True)
class Story:
    """How a request came about: what was played with which values, when it came in (ms since 1970), and how long (ms)
    its calls took: ``authorizer`` and ``endpoint``."""

    play: Script
    values: dict[str, str]
    at: int
    waits: dict[str, int]


@dataclass(frozen=True, slots=True)
class SimulatedRequest:
    """One request: the truth about it, its events in order as times (ms since 1970) and messages, and its story."""

    truth: Truth
    times: list[int]
    messages: list[str]
    story: Story

    @property
    def lines(self) -> list[tuple[int, bytes]]:
        """The events in order: time in ms since 1970, message without the ``(request id)``."""
        return [(at, message.encode()) for at, message in zip(self.times, self.messages, strict=True)]


def _routes(scenario: Scenario) -> tuple[list[Route], list[int]]:
    fitting = [r for r in ROUTES if r.kind in scenario.on and r.traits >= set(scenario.needs)]
    return fitting, list(accumulate(r.weight for r in fitting))


class _Stock:
    """Scenarios to draw from by weight, each with the routes that it can happen on."""

    def __init__(self, scenarios: tuple[Scenario, ...]) -> None:
        self._scenarios = [(scenario, *_routes(scenario)) for scenario in scenarios]
        self._weights = list(accumulate(scenario.weight for scenario in scenarios))

    def draw(self, rng: Random) -> tuple[Scenario, Route]:
        scenario, routes, weights = rng.choices(self._scenarios, cum_weights=self._weights)[0]
        return scenario, rng.choices(routes, cum_weights=weights)[0]


def _outcome(play: Script) -> str:
    if "" in play.shown:
        return "succeeded"
    return "incomplete" if play.shown[0] == "INCOMPLETE" else "failed"


def _cut(message: str) -> str:
    """A message as the log prints it: its value ends after a thousand characters."""
    limit = message.index(": ") + 2 + TRUNCATED_AT if ": " in message else TRUNCATED_AT
    return message if len(message) <= limit else message[:limit] + " [TRUNCATED]"


class Gateway:
    """A make-believe gateway: the same requests in the same order for the same ``rng``."""

    def __init__(self, rng: Random, *, level: str = "mixed", failures: float = 0.075, odd_ids: bool = False) -> None:
        if level not in LEVEL_CHOICES:
            raise UsageError(f"unknown level {level!r}", tip=f"one of {', '.join(LEVEL_CHOICES)}")
        if not 0 <= failures <= 1:
            raise UsageError(f"{failures} is no share of failures", tip="give a number from 0 to 1, such as 0.075")
        self._rng = rng
        self._level = level
        self._share = failures
        self._odd_ids = odd_ids
        self._invention = Invention(rng)
        self._failures = _Stock(FAILURES)
        self._successes = _Stock(SUCCESSES)

    def request(self, at: int) -> SimulatedRequest:
        """Let one request come in at ``at`` (ms since 1970)."""
        rng = self._rng
        play = self._play()
        waits = {"authorizer": self._latency(), "endpoint": self._latency()}
        if play.scenario.wait[1]:
            waits[play.last_wait] = rng.randint(*play.scenario.wait)
        status = int(rng.choice(play.scenario.status if play.scenario.category else play.route.statuses))
        ids = self._ids()
        values = self._invention.values(play, ids, at=at, status=status, latency=waits["endpoint"])
        messages = (play.template % values).split(SEPARATOR) if play.count else []
        for n, message in enumerate(messages):
            if len(message) > TRUNCATED_AT:
                messages[n] = _cut(message)
        story = Story(play, values, at, waits)
        return SimulatedRequest(_truth(play, values), self._times(play, at, waits), messages, story)

    def _ids(self) -> tuple[str, str]:
        request_id, extended_id = self._invention.request_id(), self._invention.extended_id()
        if self._odd_ids and self._rng.random() < _ODD:
            request_id = extended_id if self._rng.random() < 0.5 else request_id + "_REPLACED_INVALID_REQUEST_ID"
        return request_id, extended_id

    def _play(self) -> Script:
        rng = self._rng
        stock = self._failures if rng.random() < self._share else self._successes
        scenario, route = stock.draw(rng)
        level = self._level
        if level == "mixed":
            level = rng.choices(LEVELS, cum_weights=_MIXED)[0]
        cached = scenario.authorizer == "cached" or (
            scenario.authorizer == "allow" and scenario.after != "authorizer_called" and rng.random() < _CACHED
        )
        return script(route, scenario, level, cached=cached)

    def _latency(self) -> int:
        return 4 + int(self._rng.lognormvariate(4.0, 0.8))

    def _times(self, play: Script, at: int, waits: dict[str, int]) -> list[int]:
        """Times of the lines: many share a millisecond, calls take their time."""
        steps = [0] * play.count
        for _ in range(3 if play.count > 3 else 0):
            steps[int(self._rng.random() * play.count)] = 1
        for position, call in play.waits:
            steps[position] += waits[call]
        times = []
        for step in steps:
            at += step
            times.append(at)
        return times


def _truth(play: Script, values: dict[str, str]) -> Truth:
    status = int(values["status"])
    return Truth(
        request_id=values["id"],
        extended_request_id=values["extended_id"],
        category=play.scenario.category,
        shown=play.shown,
        outcome=_outcome(play),
        stopped_at=play.stopped_at.name,
        status=status if play.closed else None,
        client_status=status,
        authorizer=play.authorizer,
        level=play.level,
        log_level=play.log_level,
        api_id=API,
        api_stage=STAGE,
        method=play.route.verb,
        resource=play.route.resource,
        path=values["path"],
        lines=play.count,
    )


def make_requests(
    count: int,
    *,
    seed: int = 0,
    level: str = "mixed",
    failures: float = 0.075,
    odd_ids: bool = False,
    start: int = START,
) -> Iterator[SimulatedRequest]:
    """Make up ``count`` requests, 40 ms apart on average from ``start`` on; the same ones for the same ``seed``."""
    rng = Random(f"requests {seed}")
    gateway = Gateway(rng, level=level, failures=failures, odd_ids=odd_ids)
    for _ in range(count):
        yield gateway.request(start)
        start += int(rng.expovariate(1 / 40))
