"""Calls to one service of one region: paced, and made again where AWS or the way to it falters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

from loganalyzer.fetcher.clock import Clock
from loganalyzer.fetcher.events import read_quickly
from loganalyzer.fetcher.pace import Pace, quota_of
from loganalyzer.fetcher.refusals import FAILED, THROTTLED, UNREACHABLE, AwsRefused
from loganalyzer.fetcher.session import ask

if TYPE_CHECKING:
    from botocore.client import BaseClient

PATIENCE = {THROTTLED: 60, FAILED: 10, UNREACHABLE: 8}
"""How often a call is made again, by the kind of refusal. Throttling passes, so there is no hurry to give up."""

EXPECTED = {"filter_log_events": "events", "start_query": "queryId", "get_query_results": "status"}
"""What an answer must hold. botocore takes one that was cut off on the way for an empty one, and an empty page without
a token is the end of a scan."""

_FIRST_WAIT = 0.2
_LONGEST_WAIT = 20.0


class Caller:
    """Asks AWS; any number of threads may share one. ``calls`` counts what was asked, by operation."""

    def __init__(self, source: BaseClient, *, clock: Clock, rng: Random | None = None) -> None:
        self.region: str = source.meta.region_name or ""
        self.calls: Counter[str] = Counter()
        self._source = source
        self.clock = clock
        self._rng = rng or Random()  # noqa: S311 - spreads calls, hides nothing
        self._paces: dict[str, Pace] = {}
        self._lock = Lock()
        read_quickly(source)

    def pace(self, operation: str) -> Pace:
        """The pace of an operation."""
        with self._lock:
            found = self._paces.get(operation)
            if found is None:
                found = self._paces[operation] = Pace(quota_of(operation, self.region), clock=self.clock)
            return found

    def __call__(self, operation: str, parameters: Mapping[str, object]) -> dict[str, Any]:
        """The answer to one call (``operation`` as ``filter_log_events``).

        Raises :class:`AwsRefused` for what waiting does not mend, and where patience has run out.
        """
        pace = self.pace(operation)
        tries: Counter[str] = Counter()
        while True:
            pace.wait()
            with self._lock:
                self.calls[operation] += 1
            try:
                return _whole(ask(self._source, operation, parameters), operation)
            except AwsRefused as refused:
                kind = _kind_of(refused)
                tries[kind] += 1
                if tries[kind] > PATIENCE.get(kind, 0):
                    raise
                if kind == THROTTLED:
                    pace.slow_down()
            self._back_off(tries.total())

    def _back_off(self, tries: int) -> None:
        """Wait longer each time, and not as long as the others do."""
        longest = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(tries, 10))
        self.clock.sleep_until(self.clock.ticks() + longest * self._rng.random())


def _kind_of(refused: AwsRefused) -> str:
    """The kind of a refusal; one whose reason was cut off, so that only the HTTP status is left, is no answer."""
    return UNREACHABLE if refused.code.isdecimal() and refused.code.startswith("4") else refused.kind


def _whole(answer: dict[str, Any], operation: str) -> dict[str, Any]:
    """The answer; :class:`AwsRefused` if it was cut off."""
    expected = EXPECTED.get(operation)
    if expected is not None and expected not in answer:
        raise AwsRefused(f"the answer to {operation} was cut off on its way", kind=UNREACHABLE, tip="try again")
    return answer
