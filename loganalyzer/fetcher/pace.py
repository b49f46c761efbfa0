"""How many calls a second AWS takes, and keeping to it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
"""

from __future__ import annotations

from threading import Lock

from loganalyzer.fetcher.clock import Clock

_SLOW = ("ap-northeast-3", "ap-southeast-3", "ca-west-1", "eu-central-1", "il-central-1")
_FILTER = {"us-east-1": 25.0, **dict.fromkeys(_SLOW, 5.0)}
_USUAL = 10.0

_SHARE = 0.97
"""Calls spread on their way: spaced for the whole quota, a second would now and then see one too many."""
_LEAST = 0.05
_CUT = 0.7
_BACK_IN_SECONDS = 20.0
_APART_SECONDS = 1.0


def quota_of(operation: str, region: str) -> float:
    """Calls a second that an account may make in a region; ``operation`` as ``filter_log_events``."""
    if operation == "filter_log_events":
        return _FILTER.get(region, _USUAL)
    return _USUAL


class Pace:
    """Spaces calls evenly, a little fewer than ``quota`` a second; fewer still for a while where AWS throttles them.

    The quota is one of the account: somebody else may be using a part of it. Any number of threads may share a pace.
    """

    def __init__(self, quota: float, *, clock: Clock) -> None:
        self.ceiling = self.rate = quota * _SHARE
        self._clock = clock
        self._lock = Lock()
        self._next = clock.ticks()
        self._changed = self._next

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        with self._lock:
            now = self._clock.ticks()
            self._recover(now)
            turn = max(self._next, now)
            self._next = turn + 1 / self.rate
        if turn > now:
            self._clock.sleep_until(turn)

    def slow_down(self) -> None:
        """AWS has throttled a call."""
        with self._lock:
            now = self._clock.ticks()
            # Calls that were under way together are throttled together: they tell the same thing once.
            if self.rate == self.ceiling or now - self._changed >= _APART_SECONDS:
                self.rate = max(self.rate * _CUT, self.ceiling * _LEAST)
                self._changed = now

    def _recover(self, now: float) -> None:
        """Get faster again, step by step."""
        if self.rate < self.ceiling and now - self._changed >= _APART_SECONDS:
            self.rate = min(self.ceiling, self.rate + self.ceiling * (now - self._changed) / _BACK_IN_SECONDS)
            self._changed = now
