"""Requests of one log stream, written line by line as they come: several are in flight at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from random import Random

from loganalyzer.simulate.requests import SimulatedRequest

IN_FLIGHT = 6
"""So many requests of one stream are open at most."""

MEAN_GAP = 40
"""Milliseconds between the arrivals of two requests of one stream, on average."""

_MS = tuple(f"{ms:03d}Z (" for ms in range(1000))

_Open = tuple[int, int, int, str, int, SimulatedRequest]


class Clock:
    """Writes times as the log has them: ``2026-11-02T09:00:00.000Z (``, remembering the second it is in."""

    def __init__(self) -> None:
        self._second = -1
        self._text = ""

    def prefix(self, ms: int) -> str:
        """The beginning of a line at ``ms`` (since 1970)."""
        second = ms // 1000
        if second != self._second:
            self._second = second
            self._text = time.strftime("%Y-%m-%dT%H:%M:%S.", time.gmtime(second))
        return self._text + _MS[ms % 1000]


def interleaved(next_request: Callable[[int], SimulatedRequest | None], rng: Random, *, start: int) -> Iterator[str]:
    """Lines of the requests that ``next_request`` gives for a time of arrival, until it gives None.

    Lines stand in order of time; those of one request keep their order, those of several in the same millisecond mix.
    """
    clock = Clock()
    flying: list[_Open] = []
    arrival: int | None = start
    limit = IN_FLIGHT
    count = 0
    while flying or arrival is not None:
        while arrival is not None and len(flying) < limit and (not flying or arrival <= flying[0][0]):
            request = next_request(arrival)
            if request is None:
                arrival = None
                break
            count += 1
            if request.times:
                heappush(flying, (request.times[0], rng.getrandbits(16), count, _address(request), 0, request))
            arrival += int(rng.expovariate(1 / MEAN_GAP))
            if rng.random() < 0.02:
                limit = rng.randint(1, IN_FLIGHT)
        if not flying:
            continue
        now, _, number, address, position, request = heappop(flying)
        yield f"{clock.prefix(now)}{address}{request.messages[position]}\n"
        position += 1
        if position < len(request.times):
            heappush(flying, (request.times[position], rng.getrandbits(16), number, address, position, request))
        elif arrival is not None and arrival < now and len(flying) + 1 >= limit:
            arrival = now


def _address(request: SimulatedRequest) -> str:
    return f"{request.truth.request_id}) "
