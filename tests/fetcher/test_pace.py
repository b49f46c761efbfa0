"""How calls are spaced: worked through call by call, on a clock of its own."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from random import Random

import pytest

from loganalyzer.fetcher.pace import Pace, quota_of
from tests.aws import SimulatedTime
from tests.aws.server import Bucket


@dataclass
class Played:
    """What some callers did: when calls reached AWS, and how many it refused."""

    calls: list[float] = field(default_factory=list)
    throttled: int = 0

    @property
    def rate(self) -> float:
        """Calls a second that AWS answered, after the first ten seconds."""
        late = [call for call in self.calls if call > 10]
        return len(late) / (late[-1] - 10)


def play(quota: float, *, server: float, callers: int, latency: float = 0.4, seconds: float = 120.0) -> Played:
    """Let callers share a pace of ``quota`` calls a second before a server that takes ``server`` a second."""
    clock = SimulatedTime(0.0)
    pace, bucket, rng, played = Pace(quota, clock=clock), Bucket(server, server), Random(7), Played()
    ready = [(rng.random(), number) for number in range(callers)]
    heapq.heapify(ready)
    while ready[0][0] < seconds:
        moment, number = heapq.heappop(ready)
        clock = SimulatedTime(moment)
        pace._clock = clock
        pace.wait()
        arrived = clock.now()
        if bucket.take(arrived):
            played.calls.append(arrived)
            heapq.heappush(ready, (arrived + latency * (0.5 + rng.random()), number))
        else:
            played.throttled += 1
            pace.slow_down()
            heapq.heappush(ready, (arrived + latency + rng.random(), number))
    return played


@pytest.mark.parametrize("quota", [5, 10, 25])
def test_the_quota_is_used_and_never_exceeded(quota: int) -> None:
    """Enough callers use all of the quota, and no second sees more calls than it allows."""
    played = play(quota, server=quota, callers=16)
    assert played.throttled == 0
    assert played.rate >= 0.95 * quota
    assert max(sum(start <= call < start + 1 for call in played.calls) for start in played.calls) <= quota


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_what_others_leave_is_found_out(share: float) -> None:
    """Where others use a part of the quota, most of the rest is used, and few calls are throttled for it."""
    played = play(25, server=25 * share, callers=16)
    assert played.rate >= 0.85 * 25 * share
    assert played.throttled < 0.15 * len(played.calls)


def test_quotas_by_region() -> None:
    """The table of AWS's quotas: some regions allow less, one allows more."""
    regions = ("us-east-1", "eu-central-1", "eu-west-1")
    assert [quota_of("filter_log_events", region) for region in regions] == [25, 5, 10]
    assert quota_of("start_query", "us-east-1") == 10
